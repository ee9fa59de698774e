"""Faults on request for the HTTP API: the next calls to a path fail in a chosen way.

Nothing here is active unless `serve` is given a `Faults`; DNS is never touched.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

from aiohttp import web
from aiohttp.typedefs import Middleware

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Kind(Enum):
    """How a call fails."""

    STATUS = "answered with an HTTP status, nothing done"
    HANG = "accepted, never answered, nothing done"
    RESET = "the connection is reset, nothing done"
    CUT = "done, the answer's body ends half-way"
    LOSE_ANSWER = "done, the connection is reset instead of answered"
    DELAY = "done, answered late"
    PAUSE = "held until the fault ends, then done and answered"


@dataclass(slots=True, eq=False)
class Fault:
    """The next ``times`` calls whose path the pattern matches fail; None means all of them."""

    kind: Kind
    path: str = ".*"
    times: int | None = 1
    after: int = 0
    """Calls that go well before."""
    status: int = 503
    body: str = ""
    seconds: float = 1.0
    after_bytes: int | None = None
    """How much of a body that is cut is sent; None is half of it."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the fault has ended."""


@dataclass(slots=True)
class Faults:
    """The faults in force; the first that matches a call is used."""

    pending: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.pending.append(fault)

    def end(self, fault: Fault) -> None:
        """End a fault, and let go on what it holds up."""
        if fault in self.pending:
            self.pending.remove(fault)
        fault.over.set()

    def clear(self) -> None:
        """End all faults."""
        for fault in tuple(self.pending):
            self.end(fault)

    def take(self, path: str) -> Fault | None:
        """Return the fault that this call of the path meets, and count it."""
        for fault in self.pending:
            if not re.search(fault.path, path):
                continue
            if fault.after:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.pending.remove(fault)
            return fault
        return None

    @property
    def middleware(self) -> Middleware:
        """The aiohttp middleware that makes calls fail."""

        @web.middleware
        async def fail(request: web.Request, handler: _Handler) -> web.StreamResponse:
            fault = self.take(request.path)
            if fault is None:
                return await handler(request)
            return await _failed(fault, request, handler)

        return fail


async def _failed(fault: Fault, request: web.Request, handler: _Handler) -> web.StreamResponse:
    match fault.kind:
        case Kind.STATUS:
            return web.Response(status=fault.status, text=fault.body)
        case Kind.HANG:
            await asyncio.Event().wait()
            raise AssertionError("nobody sets that event")
        case Kind.RESET:
            return _reset(request)
        case Kind.CUT:
            return await _cut(request, await handler(request), fault.after_bytes)
        case Kind.LOSE_ANSWER:
            await handler(request)
            return _reset(request)
        case Kind.DELAY:
            # What was sent is done even where the client has hung up meanwhile.
            await request.read()
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        case Kind.PAUSE:
            await request.read()
            await fault.over.wait()
            return await handler(request)


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(
    request: web.Request, whole: web.StreamResponse, after_bytes: int | None
) -> web.StreamResponse:
    """Announce the whole body and send the first part of it."""
    body = whole.body if isinstance(whole, web.Response) else None
    octets = body if isinstance(body, bytes) else b""
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(octets)
    await part.prepare(request)
    await part.write(octets[: len(octets) // 2 if after_bytes is None else after_bytes])
    if request.transport is not None:
        request.transport.close()
    return part
