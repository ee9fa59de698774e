"""Runs what people want done after each write, such as emptying a resolver's cache."""

import logging
import subprocess
from collections.abc import Sequence

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that the command may take; then it is killed."""


def run_after_write(command: Sequence[str], *, patience: float = PATIENCE) -> None:
    """Run a command, without a shell, and wait for it; where it fails the log says so, no more."""
    try:
        ended = subprocess.run(  # noqa: S603 (it is what the user set in HOSTS_POST_WRITE)
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except (OSError, ValueError) as error:
        _complain(command, str(error))
    except subprocess.TimeoutExpired:
        _complain(command, f"it did not end within {patience:.0f} s")
    else:
        if ended.returncode:
            said = (ended.stderr + ended.stdout).decode("utf-8", "replace").strip().splitlines()
            reason = said[-1][:200] if said else "it said nothing"
            _complain(command, f"exit code {ended.returncode}: {reason}")


def _complain(command: Sequence[str], error: str) -> None:
    extra = {"command": command[0], "error": error}
    log.warning("the command after a write failed", extra=extra)
