"""The one reconciling task, and the loop that looks for drift."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.ports import Provider, ProviderError
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.reporter import Reporter
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import StoreChange
from catalyst_dns_sync.control.workqueue import QueueShutDownError, WorkQueue
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.names import DnsName

STALE_RETRY = 0.2
"""Seconds until a name that was not as we thought is planned anew."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often to look, in seconds: at serials, at whole zones, and at the server's start."""

    drift: float = 15.0
    resync: float = 300.0
    restart: float = 60.0


class Worker:
    """Takes zones off the queue, one after the other, and puts failures back."""

    def __init__(
        self,
        *,
        queue: WorkQueue[DnsName],
        reconciler: Reconciler,
        board: StatusBoard,
        observer: Observer,
        jitter: Callable[[], float],
        backoff: Backoff,
    ) -> None:
        self.queue = queue
        self._reconciler = reconciler
        self._board = board
        self._observer = observer
        self._reporter = Reporter()
        self._jitter = jitter
        self._backoff = backoff
        self._failures: dict[DnsName, int] = {}
        self._event_at: dict[DnsName, float] = {}
        self._begun = False

    def store_changed(self, change: StoreChange) -> None:
        """Ask for the zones that a Store's change concerns; to be a Store's listener."""
        for zone in self._reconciler.note(change):
            if change.names:
                self._event_at.setdefault(zone, _now())
            if self._begun:
                self.queue.add(zone)

    def begin(self) -> None:
        """Ask for every zone; until then nothing is worked on."""
        self._begun = True
        for zone in self._board.zones:
            self.queue.add_after(zone, 0)

    def stop(self) -> None:
        """Finish what is under way, and begin nothing more."""
        self._reconciler.stopping = True
        self.queue.shut_down()

    async def run(self) -> None:
        """Work until `stop` is called."""
        while True:
            try:
                zone = await self.queue.get()
            except QueueShutDownError:
                return
            await self.work_on(zone)

    async def work_on(self, zone: DnsName) -> bool:
        """Make one pass over a zone; returns whether it made all of its plan."""
        began = _now()
        event_at = self._event_at.pop(zone, None)
        self._board.working_since = began
        try:
            outcome = await self._reconciler.reconcile(zone)
        except ProviderError as error:
            self._board.failed(zone, str(error))
            self._reporter.pass_failed(zone, error)
            self._observer.pass_failed(zone, error, _now() - began)
            self._retry(zone)
            if event_at is not None:
                self._event_at.setdefault(zone, event_at)
            return False
        finally:
            self._board.working_since = None
        self._board.succeeded(zone, outcome)
        self._reporter.pass_ended(zone, outcome)
        self._observer.pass_ended(outcome)
        if outcome.waiting:
            self.queue.add_at(zone, max(min(outcome.waiting.values()), _now()))
        if outcome.is_settled:
            self._failures.pop(zone, None)
            if event_at is not None and outcome.applied:
                self._observer.propagated(_now() - event_at)
        elif outcome.is_merely_unfinished:
            self._go_on(zone)
        elif outcome.is_merely_stale and zone not in self._failures:
            self._failures[zone] = 0
            self.queue.add_after(zone, STALE_RETRY)
        else:
            self._retry(zone)
        return outcome.is_settled

    def _go_on(self, zone: DnsName) -> None:
        # While the daemon is paused or stops there is nothing to go on with.
        self._failures.pop(zone, None)
        if not self._reconciler.paused:
            self.queue.add_after(zone, 0)

    def _retry(self, zone: DnsName) -> None:
        self._failures[zone] = self._failures.get(zone, 0) + 1
        delay = self._backoff.delay(self._failures[zone], self._jitter())
        self.queue.add_after(zone, delay)


class DriftWatch:
    """Looks whether others changed a zone: one cheap call for all zones, and now and then more."""

    def __init__(
        self,
        *,
        provider: Provider,
        reconciler: Reconciler,
        queue: WorkQueue[DnsName],
        board: StatusBoard,
        request_lists: Callable[[], None],
        intervals: Intervals,
    ) -> None:
        self._provider = provider
        self._reconciler = reconciler
        self._queue = queue
        self._board = board
        self._request_lists = request_lists
        self._intervals = intervals
        self._started_at: datetime | None = None

    async def run(self) -> None:
        """Look for ever."""
        resynced, restart_checked = _now(), float("-inf")
        while True:
            await asyncio.sleep(self._intervals.drift)
            if _now() - resynced >= self._intervals.resync:
                resynced = _now()
                self._request_lists()
                self._reconciler.invalidate()
                self._ask_for_all()
            failing = any(status.error for status in self._board.zones.values())
            try:
                if failing or _now() - restart_checked >= self._intervals.restart:
                    restart_checked = _now()
                    await self._check_for_restart()
                await self._check_serials()
            except ProviderError:
                # The next pass of each zone says so, and retries with backoff.
                self._ask_for_all()

    async def _check_serials(self) -> None:
        hosted = await self._provider.zones()
        for zone in self._board.zones:
            found = hosted.get(zone)
            if found is None or found.stamp != self._reconciler.stamp(zone):
                self._queue.add_after(zone, 0)

    async def _check_for_restart(self) -> None:
        # A killed server forgets the writes that it acknowledged in its last 5 s, and its serials
        # with them; they can even come to look the same again.
        started_at = await self._provider.started_at()
        if self._started_at is not None and started_at != self._started_at:
            self._reconciler.invalidate()
            self._ask_for_all()
        self._started_at = started_at

    def _ask_for_all(self) -> None:
        for zone in self._board.zones:
            self._queue.add_after(zone, 0)


def _now() -> float:
    return asyncio.get_running_loop().time()
