"""Keeps one of several instances leading: the task that holds the Lease, and the gate of writes."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Never

from catalyst_dns_sync.control.ports import KeptLease, LeaseError, LeaseKeeper, LeaseTakenError
from catalyst_dns_sync.core.election import (
    LeaseRecord,
    Sighting,
    Timing,
    claimed,
    may_take,
    released,
    sighted,
)

log = logging.getLogger(__name__)

RELEASE_SECONDS = 2.0


class Leadership:
    """Whether this instance leads; asked before each write.

    ``clock`` is one that goes on while the process, or the machine, sleeps: so whoever wakes up
    after its time knows that it does not lead any more, before anybody told it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._until = float("-inf")
        self._changed = asyncio.Event()

    @property
    def is_leader(self) -> bool:
        """Tell whether this instance leads, at this moment."""
        return self.clock() < self._until

    @property
    def left(self) -> float:
        """Return for how many seconds more this instance leads."""
        return self._until - self.clock()

    def holds_until(self, until: float) -> None:
        """Take that this instance leads up to a time of the clock."""
        self._until = until
        self._changed.set()

    def ends(self) -> None:
        """Take that this instance leads no more."""
        self.holds_until(float("-inf"))

    async def wait_begun(self) -> None:
        """Wait until this instance leads."""
        while not self.is_leader:
            self._changed.clear()
            await self._changed.wait()

    async def wait_over(self) -> None:
        """Wait until this instance does not lead any more, be it only because its time is up."""
        while self.is_leader:
            self._changed.clear()
            try:
                # A little more, so that rounding can't make us wake before the time and spin.
                async with asyncio.timeout(self.left + 0.001):
                    await self._changed.wait()
            except TimeoutError:
                continue


class Elector:
    """Takes the Lease when it is free, and renews it, for ever.

    ``identity`` is this process's alone, also among those that ran in the same pod before it.
    """

    def __init__(
        self,
        *,
        keeper: LeaseKeeper,
        identity: str,
        leadership: Leadership,
        timing: Timing,
        jitter: Callable[[], float],
    ) -> None:
        self.identity = identity
        self.leadership = leadership
        self._keeper = keeper
        self._timing = timing
        self._jitter = jitter
        self._kept: KeptLease | None = None
        self._sighting: Sighting | None = None
        self._trouble = ""
        self._told: str | None = None

    @property
    def holder(self) -> str:
        """Return who holds the Lease, as far as is known; nothing where nobody does."""
        return self._sighting.record.holder if self._sighting is not None else ""

    async def run(self) -> Never:
        """Look, take, renew, for ever."""
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            await self._turn()
            self._tell()
            pause = self._timing.pause(self._jitter(), leads=self.leadership.is_leader)
            # A slow answer must not put the next renewal off as well.
            await asyncio.sleep(max(began + pause - clock(), pause / 10))

    async def release(self) -> None:
        """Give the Lease away at once, after the last write, where we have it."""
        kept, self._kept = self._kept, None
        leads = self.leadership.is_leader
        self.leadership.ends()
        if not leads or kept is None:
            return
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._keeper.replace(released(kept.record, _moment()), kept.version)
        except (LeaseError, TimeoutError) as error:
            extra = {"error": str(error) or "no answer in time"}
            log.warning(
                "leadership not released: another takes it when the lease ends", extra=extra
            )
        else:
            log.info("leadership released", extra={"identity": self.identity})

    async def _turn(self) -> None:
        """Make one attempt; a leader's ends when its time is up, so that this is told at once."""
        leadership = self.leadership
        at_most = min(self._timing.call, leadership.left if leadership.is_leader else float("inf"))
        try:
            async with asyncio.timeout(at_most):
                await self._try()
        except LeaseTakenError:
            self._kept = None
        except (LeaseError, TimeoutError) as error:
            # What was sent may have arrived all the same: only a new reading can tell.
            self._kept = None
            self._note_trouble(str(error) or "the API server did not answer in time")
        else:
            self._note_trouble("")

    async def _try(self) -> None:
        clock = self.leadership.clock
        if self._kept is not None and self.leadership.is_leader:
            await self._write(self._kept)
            return
        kept = await self._keeper.read()
        if kept is None:
            # Somebody deleted it: who held it goes on for a while, and may not know yet.
            if self._sighting is None or may_take(self._sighting, self.identity, clock()):
                await self._write(None)
            return
        self._sighting = sighted(self._sighting, kept.record, clock())
        if kept.record.holder != self.identity:
            # Whatever we thought: the Lease says who leads.
            self.leadership.ends()
        if may_take(self._sighting, self.identity, clock()):
            await self._write(kept)

    async def _write(self, kept: KeptLease | None) -> None:
        clock, old = self.leadership.clock, kept.record if kept is not None else None
        record = claimed(old, self.identity, int(self._timing.lease), _moment())
        sent_at = clock()
        if kept is None:
            self._kept = await self._keeper.create(record)
        else:
            self._kept = await self._keeper.replace(record, kept.version)
        self._see(self._kept.record, sent_at)

    def _see(self, record: LeaseRecord, sent_at: float) -> None:
        self._sighting = Sighting(record, self.leadership.clock())
        if record.holder == self.identity:
            self.leadership.holds_until(sent_at + self._timing.renew)

    def _tell(self) -> None:
        leads = self.leadership.is_leader
        holder = self.identity if leads else self.holder
        if holder == self._told:
            return
        if leads:
            log.info("this instance leads", extra={"identity": self.identity})
        elif self._told == self.identity:
            log.warning("this instance leads no more", extra={"holder": self.holder})
        else:
            log.info("standing by", extra={"identity": self.identity, "holder": holder})
        self._told = holder

    def _note_trouble(self, error: str) -> None:
        if error and not self._trouble:
            log.warning("the lease can't be had", extra={"error": error})
        elif self._trouble and not error:
            log.info("the lease can be had again")
        self._trouble = error


def _moment() -> str:
    """Return the present time as Kubernetes' MicroTime, with exactly six digits."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
