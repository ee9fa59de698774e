"""A deduplicating, delaying set of keys: the semantics of client-go's workqueue that we need."""

import asyncio
from typing import Generic, TypeVar

from catalyst_dns_sync.core.debounce import Debounce

K = TypeVar("K")

_RESOLUTION = 0.001
"""Seconds; coarser than the clock of any event loop that we meet."""


class QueueShutDownError(Exception):
    """The queue was shut down; there is nothing more to do."""


class WorkQueue(Generic[K]):
    """Keys that ask to be worked on, each at most once at a time.

    A burst is one item; steady noise can't starve it; a key added during its own pass is handed
    out again. Among due keys the one that waited longest comes first, so that no key starves.
    """

    def __init__(self, debounce: Debounce) -> None:
        self._debounce = debounce
        self._first: dict[K, float] = {}
        self._due: dict[K, float] = {}
        self._changed = asyncio.Event()
        self._open = True

    def __len__(self) -> int:
        """Return the number of keys that wait."""
        return len(self._due)

    def overdue(self) -> float:
        """Return for how many seconds the key that waited longest has been due; 0: none is."""
        return max(0.0, _now() - min(self._due.values())) if self._due else 0.0

    def add(self, key: K) -> None:
        """Ask for ``key`` to be worked on as soon as its burst of events is over."""
        now = _now()
        first = self._first.setdefault(key, now)
        self._schedule(key, self._debounce.due_at(first, now))

    def add_at(self, key: K, due: float) -> None:
        """Ask for ``key`` at this time of the loop, or earlier where it waits for less."""
        if key not in self._due or due < self._due[key]:
            self._schedule(key, due)

    def add_after(self, key: K, delay: float) -> None:
        """Ask for ``key`` again in ``delay`` seconds, or earlier where it waits for less."""
        self.add_at(key, _now() + delay)

    async def get(self) -> K:
        """Wait for the next due key and take it off; raises `QueueShutDownError` at the end."""
        while self._open:
            self._changed.clear()
            key = min(self._due, key=self._due.__getitem__, default=None)
            if key is not None and self._due[key] <= _now():
                self._first.pop(key, None)
                del self._due[key]
                return key
            await self._change_or_time(None if key is None else self._due[key])
        raise QueueShutDownError

    def shut_down(self) -> None:
        """Hand out no more keys; who waits in `get` is woken."""
        self._open = False
        self._changed.set()

    def _schedule(self, key: K, due: float) -> None:
        self._due[key] = due
        self._changed.set()

    async def _change_or_time(self, due: float | None) -> None:
        try:
            # asyncio may wake us early by its clock's resolution; then we would spin until due.
            async with asyncio.timeout_at(None if due is None else due + _RESOLUTION):
                await self._changed.wait()
        except TimeoutError:
            pass


def _now() -> float:
    return asyncio.get_running_loop().time()
