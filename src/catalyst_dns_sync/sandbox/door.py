"""The port of one HTTP server, which can be shut while the server itself goes on."""

from aiohttp import web


class Door:
    """Shut, the port refuses connections, and those that were open have been reset.

    A server that is given a door opens it; whoever holds the door may shut it and open it again.
    """

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._host, self._port = "", 0

    async def hang(self, runner: web.AppRunner, host: str, port: int) -> int:
        """Open for the first time, at an address where port 0 takes a free one; return the port.

        Raises OSError where the port is taken.
        """
        self._runner, self._host, self._port = runner, host, port
        await self.open()
        self._port = runner.addresses[0][1]
        return self._port

    async def open(self) -> None:
        """Listen at the port, again; raises OSError where somebody else took it meanwhile."""
        if self._site is None and self._runner is not None:
            site = web.TCPSite(self._runner, self._host, self._port)
            await site.start()
            self._site = site

    async def shut(self) -> None:
        """Refuse connections, and reset those that are open."""
        if self._site is not None and self._runner is not None:
            await self._site.stop()
            self._site = None
            for connection in self._runner.server.connections if self._runner.server else ():
                if connection.transport is not None:
                    connection.transport.abort()
