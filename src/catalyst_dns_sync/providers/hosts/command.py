"""Runs what people want done after each write, such as emptying a resolver's cache."""

import asyncio
import logging
from collections.abc import Sequence

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that the command may take."""


async def run_after_write(command: Sequence[str]) -> None:
    """Run a command, without a shell; where it fails the log says so, and that is all."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        _complain(command, str(error))
        return
    try:
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    except TimeoutError:
        _complain(command, f"it did not end within {PATIENCE:.0f} s")
        return
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        _complain(command, f"exit code {process.returncode}: {lines[-1][:200]}")


def _complain(command: Sequence[str], error: str) -> None:
    extra = {"command": command[0], "error": error}
    log.warning("the command after a write failed", extra=extra)
