"""What happens, told to programs as it happens: server-sent events.

Nothing is kept for a client but the number of what it was told last: one that missed what is not
kept any more is told so.
"""

import json
import secrets
from collections.abc import Iterator
from functools import lru_cache

from aiohttp import web

from catalyst_dns_sync.control.happenings import Happening
from catalyst_dns_sync.web.api import bodies
from catalyst_dns_sync.web.sse import OpenStreams
from catalyst_dns_sync.web.ui.model import Reader

STREAMS = 1000


class Streams:
    """Tells clients what happens; ids name this process, since another one counts anew."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._process = secrets.token_hex(4)
        full = f"{STREAMS} streams are open already: ask /api/v1/events from time to time"
        self._open = OpenStreams(reader.changed, STREAMS, full)

    def end(self) -> None:
        """End all streams: the daemon stops."""
        self._open.end()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Tell one client, until it leaves; raises `ProblemError` where there are too many."""
        last = request.headers.get("Last-Event-ID", "")
        process, _, number = last.partition("-")
        newest = next(iter(self._reader.happenings()), None)
        told = newest.number if newest is not None else 0
        first = b"retry: 3000\n\n"
        if last and process == self._process and number.isdecimal() and int(number) <= told:
            told = int(number)
        elif last:
            first += self._reload(told)

        def news(_seen: int) -> bytes:
            nonlocal told
            found = list(self._since(told))
            if not found:
                return b""
            # What was missed can't be told any more.
            lost = found[-1].number > told + 1
            text = b"".join(self._event(one) for one in reversed(found))
            told = found[0].number
            return self._reload(told) if lost else text

        return await self._open.answer(request, {"Cache-Control": "no-store"}, first, news)

    def _since(self, told: int) -> Iterator[Happening]:
        for one in self._reader.happenings():
            if one.number <= told:
                return
            yield one

    def _event(self, one: Happening) -> bytes:
        return f"id: {self._process}-{one.number}\nevent: happened\ndata: ".encode() + _data(one)

    def _reload(self, told: int) -> bytes:
        return f"id: {self._process}-{told}\nevent: reload\ndata: {{}}\n\n".encode()


@lru_cache(maxsize=256)
def _data(one: Happening) -> bytes:
    return json.dumps(bodies.event(one)).encode() + b"\n\n"
