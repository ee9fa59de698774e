"""An event loop without sockets, threads or real time: waiting costs nothing, and is exact."""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

PROCESS: ContextVar[object] = ContextVar("PROCESS", default=None)
"""Whose code runs: each task and timer inherits it from what made it."""

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
    """Runs tasks in the order in which they became ready; ``now`` is its time in seconds.

    A process, as `PROCESS` names it, can be stopped: nothing of it runs until it goes on, and
    then all at once that would have run meanwhile. That is what SIGSTOP and SIGCONT do.
    """

    _scheduled: list[asyncio.TimerHandle]
    _ready: Any

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _NoEvents(self)
        self._held: dict[object, list[asyncio.Handle]] = {}

    def stop_process(self, process: object) -> None:
        """Run nothing of a process until `go_on`."""
        timers = [one for one in self._scheduled if _of(one, process)]
        ready = [one for one in self._ready if _of(one, process)]
        self._held.setdefault(process, []).extend([*ready, *timers])
        self._scheduled[:] = [one for one in self._scheduled if not _of(one, process)]
        heapq.heapify(self._scheduled)
        for handle in ready:
            self._ready.remove(handle)

    def go_on(self, process: object) -> None:
        """Let a stopped process go on; what was due meanwhile is done at once."""
        for handle in self._held.pop(process, ()):
            if isinstance(handle, asyncio.TimerHandle):
                heapq.heappush(self._scheduled, handle)
            else:
                self._ready.append(handle)

    def call_soon(  # type: ignore[override]  # its type ties the arguments to the callback
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        for process, held in self._held.items():
            if _of(handle, process):
                self._ready.pop()
                held.append(handle)
                break
        return handle

    def time(self) -> float:
        return self.now

    def _process_events(self, event_list: tuple[()]) -> None:
        """Take what the selector found: nothing."""

    def _write_to_self(self) -> None:
        """Wake the selector, which never sleeps."""


def _of(handle: asyncio.Handle, process: object) -> bool:
    return handle._context.get(PROCESS) is process  # type: ignore[attr-defined]


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
