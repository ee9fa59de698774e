"""Looks whether others changed a zone, or the server forgot what it had acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from catalyst_dns_sync.control.activity import Activity
from catalyst_dns_sync.control.memory import Memory
from catalyst_dns_sync.control.ports import Provider, ProviderError
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.resync import ResyncPace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often to look, in seconds: at serials, at the server's start, at the cluster's lists."""

    drift: float = 15.0
    restart: float = 60.0
    lists: float = 300.0
    resync: ResyncPace = field(default_factory=ResyncPace)


class DriftWatch:
    """One cheap call for all zones at each turn, and now and then more.

    ``request_lists`` makes the sources list again; ``reload_token`` reads the token again.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        memory: Memory,
        queue: WorkQueue[DnsName],
        board: StatusBoard,
        activity: Activity,
        intervals: Intervals,
        request_lists: Callable[[], None],
        reload_token: Callable[[], Awaitable[bool]],
    ) -> None:
        self._provider = provider
        self._memory = memory
        self._queue = queue
        self._board = board
        self._activity = activity
        self._intervals = intervals
        self._request_lists = request_lists
        self._reload_token = reload_token
        self._started_at: datetime | None = None
        self._restart_checked_at = float("-inf")

    async def run(self) -> None:
        """Look for ever."""
        resynced = listed = _now()
        await self._learn_start()
        while True:
            await asyncio.sleep(self._intervals.drift)
            await self._reload_token()
            if _now() - resynced >= self._resync_interval():
                resynced = _now()
                self._memory.invalidate()
                self._ask_for_all()
                if _now() - listed >= self._intervals.lists:
                    listed = _now()
                    self._request_lists()
            try:
                await self._look()
            except ProviderError:
                # The next pass of each zone says so, and retries with backoff.
                self._ask_for_all()

    def _resync_interval(self) -> float:
        activity = self._activity
        return self._intervals.resync.interval(
            activity.last_minute(), activity.quiet_for(), self._memory.reading_takes
        )

    async def _look(self) -> None:
        hosted = await self._provider.zones()
        self._board.answered()
        changed = [
            zone
            for zone in self._board.zones
            if zone not in hosted or hosted[zone].stamp != self._memory.stamp(zone)
        ]
        self._board.confirmed(zone for zone in self._board.zones if zone not in changed)
        failing = any(status.error for status in self._board.zones.values())
        due = _now() - self._restart_checked_at >= self._intervals.restart
        # A restart explains what else would look like somebody's edit, so it is looked for first.
        if changed or failing or due:
            await self._check_for_restart()
        for zone in changed:
            self._queue.add_after(zone, 0)

    async def _learn_start(self) -> None:
        # A restart before the first look would pass unnoticed else.
        try:
            self._started_at = await self._provider.started_at()
        except ProviderError:
            return

    async def _check_for_restart(self) -> None:
        # A killed server forgets the writes that it acknowledged in its last 5 s, and its serials
        # with them; they can even come to look the same again.
        self._restart_checked_at = _now()
        started_at = await self._provider.started_at()
        if self._started_at is not None and started_at != self._started_at:
            log.info("the DNS server was restarted, zones are read again")
            self._memory.server_restarted()
            self._ask_for_all()
        elif started_at == self._started_at:
            self._memory.server_still_runs()
        else:
            # It was not known when the server started: so it may have been restarted meanwhile.
            self._memory.server_may_have_restarted()
            self._ask_for_all()
        self._started_at = started_at

    def _ask_for_all(self) -> None:
        for zone in self._board.zones:
            self._queue.add_after(zone, 0)


def _now() -> float:
    return asyncio.get_running_loop().time()
