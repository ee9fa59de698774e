"""The port of one HTTP server, which can be shut while the server itself goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from catalyst_dns_sync.connection import Connection


class Door:
    """Shut, the port refuses connections, and those that were open have been reset.

    A server that is given a door opens it; whoever holds the door may shut it and open it again.
    """

    def __init__(self) -> None:
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._host, self._port = "", 0
        self._log = logging.getLogger(__name__)

    @asynccontextmanager
    async def opened(
        self, runner: web.AppRunner, host: str, port: int, log: logging.Logger
    ) -> AsyncIterator[int]:
        """Keep it open while the block runs; port 0 takes a free one, and the port is yielded.

        ``runner`` is set up, and it is cleaned up after the block. Raises OSError where the port
        is taken.
        """
        self._server, self._host, self._port, self._log = runner.server, host, port, log
        await self.open()
        try:
            yield self._port
        finally:
            self._server = None
            self._stop_listening()

    async def open(self) -> None:
        """Listen at the port, again; raises OSError where somebody else took it meanwhile."""
        server, loop = self._server, asyncio.get_running_loop()
        if server is None or self._listener is not None:
            return
        # A dictionary, because aiohttp's types do not know that None means no access log.
        options: dict[str, Any] = {"loop": loop, "access_log": None, "logger": self._log}
        self._listener = await loop.create_server(
            lambda: Connection(server, **options), self._host, self._port
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse connections, and reset those that are open."""
        self._stop_listening()
        for connection in self._server.connections if self._server else ():
            if connection.transport is not None:
                connection.transport.abort()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
