"""The last outcome of each zone, for probes, pages and logs."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.core.names import DnsName


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """What is known of one zone; times are the loop's, in seconds.

    ``error`` is empty where the last pass reached the zone; ``succeeded_at`` is when a pass last
    made all of its plan.
    """

    zone: DnsName
    outcome: Outcome | None = None
    error: str = ""
    since: float = 0.0
    succeeded_at: float | None = None


class StatusBoard:
    """Keeps the status of each zone; ``working_since`` is None while the worker waits for work.

    ``patience`` is how many seconds the DNS server may be silent before that is trouble.
    """

    def __init__(
        self, zones: Iterable[DnsName], clock: Callable[[], float], patience: float = 60.0
    ) -> None:
        self._clock = clock
        now = clock()
        self._zones = {zone: ZoneStatus(zone, since=now) for zone in zones}
        self.working_since: float | None = None
        self.patience = patience
        self.started_at = now
        self.answered_at: float | None = None
        self._first_passes = asyncio.Event()

    @property
    def zones(self) -> Mapping[DnsName, ZoneStatus]:
        """The status of each managed zone."""
        return self._zones

    def answered(self) -> None:
        """Take that the DNS server answered just now."""
        self.answered_at = self._clock()

    async def wait_first_passes(self) -> None:
        """Wait until a pass over each zone ended, well or not."""
        await self._first_passes.wait()

    def succeeded(self, zone: DnsName, outcome: Outcome) -> None:
        """Take the outcome of a pass that reached the zone."""
        self.answered()
        old, now = self._zones[zone], self._clock()
        failed = [one for one in outcome.applied if one.error is not None]
        error = str(outcome.error or (failed[0].error if failed else ""))
        self._zones[zone] = ZoneStatus(
            zone,
            outcome,
            error,
            since=old.since if bool(error) == bool(old.error) and old.outcome else now,
            succeeded_at=now if outcome.is_settled else old.succeeded_at,
        )
        self._check_first_passes()

    def failed(self, zone: DnsName, error: str) -> None:
        """Take that a pass could not be made."""
        old = self._zones[zone]
        since = old.since if old.error else self._clock()
        self._zones[zone] = ZoneStatus(zone, old.outcome, error, since, old.succeeded_at)
        self._check_first_passes()

    def _check_first_passes(self) -> None:
        if all(status.outcome or status.error for status in self._zones.values()):
            self._first_passes.set()
