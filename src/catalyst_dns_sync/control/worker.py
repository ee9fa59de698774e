"""The one reconciling task."""

import asyncio
import logging
from collections.abc import Callable

from catalyst_dns_sync.control.activity import Activity
from catalyst_dns_sync.control.context import about
from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError, Verdict
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.reporter import Reporter
from catalyst_dns_sync.control.skipbook import SkipBook
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import StoreChange
from catalyst_dns_sync.control.workqueue import QueueShutDownError, WorkQueue
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.names import DnsName, in_order_of_passes

log = logging.getLogger(__name__)

STALE_RETRY = 0.2
"""Seconds until a name that was not as we thought is planned anew."""

LINES_A_SLICE = 100
"""So many log lines are written, in some milliseconds, before others get their turn on the loop."""


class Worker:
    """Takes zones off the queue, one after the other, and puts failures back."""

    def __init__(
        self,
        *,
        queue: WorkQueue[DnsName],
        reconciler: Reconciler,
        board: StatusBoard,
        observer: Observer,
        activity: Activity,
        jitter: Callable[[], float],
        backoff: Backoff,
        skips: SkipBook | None = None,
    ) -> None:
        self.queue = queue
        self._reconciler = reconciler
        self._board = board
        self._observer = observer
        self._activity = activity
        self.skips = skips or SkipBook()
        self._reporter = Reporter()
        self._jitter = jitter
        self._backoff = backoff
        self._failures: dict[DnsName, int] = {}
        self._event_at: dict[DnsName, float] = {}
        self._passes = 0
        self._begun = False
        self._stands_by = False

    def store_changed(self, change: StoreChange) -> None:
        """Ask for the zones that a Store's change concerns; to be a Store's listener."""
        for zone in in_order_of_passes(self._reconciler.note(change)):
            if change.names:
                self._event_at.setdefault(zone, _now())
            if self._begun:
                self.queue.add(zone)

    def prepare(self) -> None:
        """Let every zone be read, but none be changed, until `begin` is called."""
        self._ask_for_all()

    def begin(self) -> None:
        """Ask for every zone; until then nothing is worked on."""
        self._begun = True
        self._ask_for_all()

    def _ask_for_all(self) -> None:
        for zone in self._board.zones:
            self.queue.add_after(zone, 0)

    def ask(self, zone: DnsName) -> None:
        """Ask for one zone, as soon as there is anything to be begun."""
        if self._begun and not self._stands_by:
            self.queue.add_after(zone, 0)

    def stand_by(self) -> None:
        """Work on nothing until `lead` is called: another instance does it."""
        self._stands_by = True

    def lead(self) -> None:
        """Begin, or begin again; what another instance left is found out anew."""
        self._stands_by = False
        self._failures.clear()
        self._event_at.clear()
        self._reconciler.begin_term()
        self.begin()

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
            if self._stands_by:
                continue
            if not self._begun:
                await self._reconciler.read_ahead(zone)
                continue
            await self.work_on(zone)

    async def work_on(self, zone: DnsName) -> bool:
        """Make one pass over a zone; returns whether it made all of its plan."""
        self._passes += 1
        with about({"zone": zone, "pass": self._passes}):
            return await self._work_on(zone)

    async def _work_on(self, zone: DnsName) -> bool:
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
        for first in range(0, len(outcome.applied), LINES_A_SLICE):
            if first:
                await asyncio.sleep(0)
            some = outcome.applied[first : first + LINES_A_SLICE]
            self._reporter.changed(zone, outcome, some)
        self._reporter.pass_ended(zone, outcome)
        self._observer.pass_ended(outcome)
        self._take_skips(zone, outcome)
        numbers = {
            "seconds": round(outcome.ended - outcome.began, 4),
            "changes": len(outcome.applied),
        }
        log.debug("pass ended", extra={**numbers, "left": outcome.left})
        self._activity.note(sum(one.verdict is Verdict.DONE for one in outcome.applied))
        if outcome.waiting:
            self.queue.add_at(zone, max(min(outcome.waiting.values()), _now()))
        self._measure(zone, outcome, event_at)
        if outcome.is_settled:
            self._failures.pop(zone, None)
        elif outcome.is_merely_unfinished:
            self._go_on(zone)
        elif outcome.is_merely_stale and zone not in self._failures:
            self._failures[zone] = 0
            self.queue.add_after(zone, STALE_RETRY)
        else:
            self._retry(zone)
        await self._reconciler.settle(zone)
        for other in sorted(self._reconciler.take_concerned()):
            self.queue.add_after(other, 0)
        return outcome.is_settled

    def _take_skips(self, zone: DnsName, outcome: Outcome) -> None:
        change = self.skips.take(zone, outcome.plan.skips)
        if change:
            self._reporter.skips_changed(change)
            self._observer.skips_changed(change)

    def _measure(self, zone: DnsName, outcome: Outcome, event_at: float | None) -> None:
        if event_at is None:
            return
        if not outcome.is_settled or outcome.waiting:
            self._event_at[zone] = min(event_at, self._event_at.get(zone, event_at))
        elif outcome.applied:
            self._observer.propagated(_now() - event_at)

    def _go_on(self, zone: DnsName) -> None:
        # While the daemon is paused or stops there is nothing to go on with.
        self._failures.pop(zone, None)
        if not self._reconciler.is_halted:
            self.queue.add_after(zone, 0)

    def _retry(self, zone: DnsName) -> None:
        self._failures[zone] = self._failures.get(zone, 0) + 1
        delay = self._backoff.delay(self._failures[zone], self._jitter())
        self.queue.add_after(zone, delay)


def _now() -> float:
    return asyncio.get_running_loop().time()
