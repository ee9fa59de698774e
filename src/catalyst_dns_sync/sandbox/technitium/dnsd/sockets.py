"""UDP and TCP sockets for the responder; protocols only, so no task outlives them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, cast


class Respond(Protocol):
    """Returns the answer to a message, if there is to be one."""

    def __call__(self, wire: bytes, *, is_tcp: bool) -> bytes | None: ...  # noqa: D102


TCP_IDLE = 10.0
"""Seconds after which a silent connection is closed (RFC 7766, 6.2.3)."""

_ATTEMPTS = 20
_LENGTH = 2


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # In Python 3.11 the loop's own transport is no subclass of that.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._respond(data, is_tcp=False)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


class _Tcp(asyncio.Protocol):
    """One connection: messages with their length before them, any number of them."""

    def __init__(self, respond: Respond, connections: set["_Tcp"]) -> None:
        self._respond = respond
        self._connections = connections
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (message := self._next()) is not None:
            answer = self._respond(message, is_tcp=True)
            if answer is None:
                self.abort()
                return
            if self._transport is not None:
                self._transport.write(len(answer).to_bytes(_LENGTH, "big") + answer)
        self._wait()

    def pause_writing(self) -> None:
        # A client that asks and never reads must not fill the memory.
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._connections.discard(self)
        if self._idle is not None:
            self._idle.cancel()

    def abort(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> bytes | None:
        if len(self._buffer) < _LENGTH:
            return None
        end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[_LENGTH:end])
        del self._buffer[:end]
        return message

    def _wait(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(TCP_IDLE, self.abort)


@asynccontextmanager
async def listen(respond: Respond, host: str, port: int) -> AsyncIterator[int]:
    """Answer on one port for UDP and TCP, and yield it; 0 takes a free one.

    Raises OSError when the port is in use.
    """
    loop = asyncio.get_running_loop()
    connections: set[_Tcp] = set()
    tcp, udp = await _bind(loop, (respond, connections), host, port)
    try:
        yield tcp.sockets[0].getsockname()[1]
    finally:
        udp.close()
        tcp.close()
        for connection in list(connections):
            connection.abort()
        await tcp.wait_closed()
        await asyncio.sleep(0)


async def _bind(
    loop: asyncio.AbstractEventLoop,
    parts: tuple[Respond, set[_Tcp]],
    host: str,
    port: int,
) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
    """Bind TCP, then UDP on the same port; with 0, again until a port is free for both."""
    respond, connections = parts
    for attempt in range(_ATTEMPTS):
        tcp = await loop.create_server(lambda: _Tcp(respond, connections), host, port)
        found = tcp.sockets[0].getsockname()[1]
        try:
            udp, _ = await loop.create_datagram_endpoint(
                lambda: _Udp(respond), local_addr=(host, found)
            )
        except OSError:
            tcp.close()
            if port or attempt == _ATTEMPTS - 1:
                raise
        else:
            return tcp, udp
    raise AssertionError("the loop above returns or raises")
