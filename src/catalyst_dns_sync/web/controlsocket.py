"""The Unix socket on which a daemon is told things: served by it, and asked by commands."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.web.server import serve_at


class NotRunningError(CatalystError):
    """No daemon answers on the control socket."""


class StandsByError(CatalystError):
    """The daemon that answers leaves the work to another one."""


@asynccontextmanager
async def serve_socket(app: web.Application, path: Path) -> AsyncIterator[None]:
    """Serve on a Unix socket that only its owner may use, while the block runs.

    A socket that a killed daemon left behind is replaced; one that somebody answers on, or a file
    of another sort, is left alone: OSError.
    """
    if await _is_alive(path):
        raise OSError(f"another daemon answers on {path}")
    await asyncio.to_thread(_remove_socket, path)
    stack = AsyncExitStack()
    # The mode must be right from the first moment: a later chmod would leave a gap.
    before = os.umask(0o177)
    try:
        await stack.enter_async_context(serve_at(app, path))
    finally:
        os.umask(before)
    async with stack:
        stack.push_async_callback(asyncio.to_thread, _remove_socket, path)
        yield


async def ask(
    path: Path,
    method: str,
    what: str,
    body: Mapping[str, Any] | None = None,
    seconds: float = 10.0,
) -> dict[str, Any]:
    """Tell the daemon something, and return its answer; raises `NotRunningError`."""
    connector = aiohttp.UnixConnector(path=str(path))
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.request(method, f"http://daemon/api/v1/{what}", json=body) as response,
        ):
            answer: dict[str, Any] = json.loads(await response.text())
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NotRunningError(
            f"no daemon answers on {path}: run this where the daemon runs (kubectl exec), or name "
            "its CONTROL_SOCKET"
        ) from error
    return answer


async def ask_leader(path: Path) -> dict[str, Any]:
    """Return the status of a daemon that does the work; raises `StandsByError` for another."""
    status = await ask(path, "GET", "status")
    if leader := status.get("leader"):
        raise StandsByError(
            f"this instance stands by, and {leader} leads: run this there (kubectl exec in the pod "
            "that the Lease names, up to the last _)"
        )
    return status


def _remove_socket(path: Path) -> None:
    if path.is_socket():
        path.unlink(missing_ok=True)


async def _is_alive(path: Path) -> bool:
    try:
        await ask(path, "GET", "status")
    except NotRunningError:
        return False
    return True
