"""Server-sent events (WHATWG HTML, 9.2): streams that tell of changes for as long as they are read.

Nothing is kept for a client: one that is slow misses what is not kept any more, and never holds
anybody up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from catalyst_dns_sync.web.problems import ProblemError

HEARTBEAT = 15.0

PULSE = 0.25
"""Seconds between two looks: a burst of changes is told at once."""

PATIENCE = 30.0
"""Seconds that a client may leave what it is told unread."""


class OpenStreams:
    """The streams that are open; ``changed`` waits until the number of changes is another one.

    Beyond the ``limit`` a client is told ``full``.
    """

    def __init__(self, changed: Callable[[int], Awaitable[int]], limit: int, full: str) -> None:
        self._changed = changed
        self._limit = limit
        self._full = full
        self._running: set[asyncio.Task[object]] = set()

    def end(self) -> None:
        """End all streams: the daemon stops."""
        for task in self._running:
            task.cancel()

    async def answer(
        self,
        request: web.Request,
        headers: Mapping[str, str],
        first: bytes,
        news: Callable[[int], bytes],
    ) -> web.StreamResponse:
        """Tell one client until it leaves: ``first``, and after each change what is ``news`` then.

        Raises `ProblemError` where too many are open.
        """
        task = asyncio.current_task()
        if task is None or len(self._running) >= self._limit:
            raise ProblemError(503, self._full, {"Retry-After": "30"})
        self._running.add(task)
        try:
            # nginx would gather the events, otherwise.
            fixed = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
            response = web.StreamResponse(headers={**fixed, **headers})
            try:
                await response.prepare(request)
                await self._tell(response, first, news)
            except (ConnectionError, TimeoutError):
                # The client left, or does not read.
                response.force_close()
            return response
        finally:
            self._running.discard(task)

    async def _tell(
        self, response: web.StreamResponse, first: bytes, news: Callable[[int], bytes]
    ) -> None:
        await _write(response, first)
        seen = -1
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    seen = await self._changed(seen)
            except TimeoutError:
                await _write(response, b": still here\n\n")
                continue
            if text := news(seen):
                await _write(response, text)
            await asyncio.sleep(PULSE)


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(data)
