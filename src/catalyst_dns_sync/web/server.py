"""Serves an aiohttp application as an async context manager."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serve(
    app: web.Application, host: str | None, port: int, *, grace: float = 1.0
) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port. Port 0 takes a free one.

    No host means every interface. Raises OSError where the address is in use.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=grace)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound: int = runner.addresses[0][1]
        yield bound
    finally:
        await runner.cleanup()
