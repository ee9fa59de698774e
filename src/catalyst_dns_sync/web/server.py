"""Serves an aiohttp application as an async context manager, on a port or a Unix socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from catalyst_dns_sync.connection import Connection, logger
from catalyst_dns_sync.web.problems import problem

_log = logger(__name__)

GRACE = 1.0
"""Seconds that answers under way may take at the end."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_Listen = Callable[[Callable[[], Connection]], Awaitable[asyncio.Server]]


class _Connection(Connection):
    """Answers programs with a problem where a handler has a bug; the log has its traceback."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a request that could not be answered."""
        answer = super().handle_error(request, status, exc, message)
        if not request.path.startswith("/api/"):
            return answer
        told = problem(status, "that is a fault of this program: its log says more")
        told.force_close()
        return told


@asynccontextmanager
async def serve(app: web.Application, host: str | None, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port. Port 0 takes a free one.

    No host means every interface. Raises OSError where the address is in use.
    """
    loop = asyncio.get_running_loop()
    async with _served(
        app, lambda connections: loop.create_server(connections, host, port)
    ) as listener:
        yield listener.sockets[0].getsockname()[1]


@asynccontextmanager
async def serve_at(app: web.Application, path: Path) -> AsyncIterator[None]:
    """Serve on a Unix socket while the block runs; raises OSError where that can't be made."""
    loop = asyncio.get_running_loop()
    async with _served(app, lambda connections: loop.create_unix_server(connections, str(path))):
        yield


@asynccontextmanager
async def _served(app: web.Application, listen: _Listen) -> AsyncIterator[asyncio.Server]:
    runner = web.AppRunner(app, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        server = runner.server
        if server is None:
            raise AssertionError("the runner was set up just now")
        # A dictionary, because aiohttp's types do not know that None means no access log.
        options: dict[str, Any] = {"access_log": None, "logger": _log}
        loop = asyncio.get_running_loop()
        listener = await listen(lambda: _Connection(server, loop=loop, **options))
        try:
            yield listener
        finally:
            listener.close()
    finally:
        await runner.cleanup()
