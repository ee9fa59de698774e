"""An event loop without sockets, threads or real time: waiting costs nothing, and is exact."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


SPINS = 100_000


class StalledError(Exception):
    """Every task waits for something that nobody will do, or none ever waits."""


class _NoEvents:
    """Stands where the loop expects its selector: instead of waiting it moves the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        self._spins = 0

    def select(self, timeout: float | None) -> tuple[()]:
        self._spins = 0 if timeout else self._spins + 1
        if timeout is None or self._spins > SPINS:
            raise StalledError
        self._loop.now += max(timeout, 0.0)
        return ()


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs tasks in the order in which they became ready; ``now`` is its time in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _NoEvents(self)

    def time(self) -> float:
        return self.now

    def _process_events(self, event_list: tuple[()]) -> None:
        """Take what the selector found: nothing."""

    def _write_to_self(self) -> None:
        """Wake the selector, which never sleeps."""


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()
