"""Tells a running sandbox what to break, over the socket of `sandbox --breakable`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalyst_dns_sync.app.sandbox_options import SandboxError, break_socket
from catalyst_dns_sync.settings.model import SettingsError
from catalyst_dns_sync.web.controlsocket import NotRunningError, ask


async def tell(
    socket: Path | None, port_base: int, method: str, call: str, body: Mapping[str, Any] | None
) -> list[str]:
    """Make one call of the sandbox's control API, and return the lines that it answers.

    Raises `SandboxError` where no sandbox answers, and `SettingsError` for what it refuses to do.
    """
    path = socket or break_socket(port_base)
    try:
        answer = await ask(path, method, call, body)
    except NotRunningError as error:
        raise SandboxError(
            f"no sandbox answers on {path}: start one with `sandbox --breakable`, or name its "
            "--port-base or the --socket that it printed"
        ) from error
    if "lines" not in answer:
        raise SettingsError(str(answer.get("error", "no sandbox's answer")).splitlines())
    lines: list[str] = answer["lines"]
    return lines
