"""What happens, told to programs as it happens: server-sent events (WHATWG HTML, 9.2).

Nothing is kept for a client but the number of what it was told last: one that is slow misses what
is not kept any more, and is told so; it never holds anybody up.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from functools import lru_cache

from aiohttp import web

from catalyst_dns_sync.control.happenings import Happening
from catalyst_dns_sync.web.api import bodies
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.ui.model import Reader

HEARTBEAT = 15.0
PULSE = 0.25
"""Seconds between two looks: a burst is told at once."""

PATIENCE = 30.0
"""Seconds that a client may leave what it is told unread."""

STREAMS = 1000


class Streams:
    """Tells clients what happens; ids name this process, since another one counts anew."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._process = secrets.token_hex(4)
        self._running: set[asyncio.Task[object]] = set()

    def end(self) -> None:
        """End all streams: the daemon stops."""
        for task in self._running:
            task.cancel()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Tell one client, until it leaves; raises `ProblemError` where there are too many."""
        task = asyncio.current_task()
        if task is None or len(self._running) >= STREAMS:
            detail = f"{STREAMS} streams are open already: ask /api/v1/events from time to time"
            raise ProblemError(503, detail, {"Retry-After": "30"})
        self._running.add(task)
        try:
            return await self._answer(request)
        finally:
            self._running.discard(task)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            # nginx would gather the events, otherwise.
            "X-Accel-Buffering": "no",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            await self._tell(response, request.headers.get("Last-Event-ID", ""))
        except (ConnectionError, TimeoutError):
            # The client left, or does not read.
            response.force_close()
        return response

    async def _tell(self, response: web.StreamResponse, last: str) -> None:
        process, _, number = last.partition("-")
        newest = next(iter(self._reader.happenings()), None)
        told = newest.number if newest is not None else 0
        first = b"retry: 3000\n\n"
        if last and process == self._process and number.isdecimal() and int(number) <= told:
            told = int(number)
        elif last:
            first += self._reload(told)
        await _write(response, first)
        seen = -1
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    seen = await self._reader.changed(seen)
            except TimeoutError:
                await _write(response, b": still here\n\n")
                continue
            news = list(self._since(told))
            if news:
                # What was missed can't be told any more.
                lost = news[-1].number > told + 1
                text = b"".join(self._event(one) for one in reversed(news))
                told = news[0].number
                await _write(response, self._reload(told) if lost else text)
            await asyncio.sleep(PULSE)

    def _since(self, told: int) -> Iterator[Happening]:
        for one in self._reader.happenings():
            if one.number <= told:
                return
            yield one

    def _event(self, one: Happening) -> bytes:
        return f"id: {self._process}-{one.number}\nevent: happened\ndata: ".encode() + _data(one)

    def _reload(self, told: int) -> bytes:
        return f"id: {self._process}-{told}\nevent: reload\ndata: {{}}\n\n".encode()


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(data)


@lru_cache(maxsize=256)
def _data(one: Happening) -> bytes:
    return json.dumps(bodies.event(one)).encode() + b"\n\n"
