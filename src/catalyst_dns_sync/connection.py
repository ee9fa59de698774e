"""What every HTTP server of ours needs beside aiohttp: calm about requests that are none."""

import asyncio
import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_BAD_REQUESTS = (HttpProcessingError, web.RequestPayloadError)
_REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


HEAD_SECONDS = 20.0
"""Seconds that a new connection may take for the head of its first request."""


class Connection(web.RequestHandler):
    """One connection; what aiohttp cannot read is answered with 400.

    aiohttp 3.13 lets yarl's `ValueError` out for some request targets, such as ``http://[`` or
    ``http://a:b/``: the first ends in a traceback, the second in a connection that hangs.
    """

    __slots__ = ("_patience",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; aiohttp would wait for ever for the first request."""
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        self._patience: asyncio.TimerHandle | None = loop.call_later(HEAD_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        try:
            super().data_received(data)
        except ValueError:
            self._refuse()
        if self._patience is not None and (self._messages or self._current_request is not None):
            self._patience.cancel()
            self._patience = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        super().connection_lost(exc)

    async def start(self) -> None:
        """Answer requests until the connection ends."""
        try:
            await super().start()
        except ValueError:
            self._refuse()

    def _give_up(self) -> None:
        self._patience = None
        if self.transport is not None:
            self.transport.close()

    def _refuse(self) -> None:
        if self.transport is not None:
            self.transport.write(_REFUSAL)
        self.force_close()


def logger(name: str) -> logging.Logger:
    """Return a server's logger, without what aiohttp says of each request that is no HTTP."""
    log = logging.getLogger(name)
    log.addFilter(_is_about_us)
    return log


def _is_about_us(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], _BAD_REQUESTS))
