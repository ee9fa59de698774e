"""The last outcome of each zone, for probes, pages and logs."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.core.names import DnsName


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """What is known of one zone; times are the loop's, in seconds.

    ``error`` is empty where the last pass reached the zone and failed nowhere; ``last_error`` stays
    when that is over. ``succeeded_at`` is when the zone was last seen to be what the cluster wants:
    a pass made all of its plan, or nobody changed the zone since.
    """

    zone: DnsName
    outcome: Outcome | None = None
    error: str = ""
    since: float = 0.0
    succeeded_at: float | None = None
    last_error: str = ""
    last_error_at: float | None = None


class StatusBoard:
    """Keeps the status of each zone; ``working_since`` is None while the worker waits for work.

    ``patience`` is how many seconds the DNS server may be silent before that is trouble;
    ``server`` is its name, where there are several.
    """

    def __init__(
        self,
        zones: Iterable[DnsName],
        clock: Callable[[], float],
        patience: float = 60.0,
        server: str = "",
    ) -> None:
        self.server = server
        self._clock = clock
        now = clock()
        self._zones = {zone: ZoneStatus(zone, since=now) for zone in zones}
        self.working_since: float | None = None
        self.patience = patience
        self.started_at = now
        self.answered_at: float | None = None
        self.answering_since = now
        self._first_passes = asyncio.Event()

    @property
    def zones(self) -> Mapping[DnsName, ZoneStatus]:
        """The status of each managed zone."""
        return self._zones

    def answered(self) -> None:
        """Take that the DNS server answered just now."""
        now = self._clock()
        if self.answered_at is None or now - self.answered_at >= self.patience:
            self.answering_since = now
        self.answered_at = now

    async def wait_first_passes(self) -> None:
        """Wait until a pass over each zone ended, well or not."""
        await self._first_passes.wait()

    def succeeded(self, zone: DnsName, outcome: Outcome) -> None:
        """Take the outcome of a pass that reached the zone."""
        self.answered()
        old, now = self._zones[zone], self._clock()
        failed = [one for one in outcome.applied if one.error is not None]
        error = str(outcome.error or (failed[0].error if failed else ""))
        self._zones[zone] = replace(
            old,
            outcome=outcome.without_done(),
            error=error,
            since=old.since if bool(error) == bool(old.error) and old.outcome else now,
            succeeded_at=now if outcome.is_settled else old.succeeded_at,
            last_error=error or old.last_error,
            last_error_at=now if error else old.last_error_at,
        )
        self._check_first_passes()

    def failed(self, zone: DnsName, error: str) -> None:
        """Take that a pass could not be made."""
        old, now = self._zones[zone], self._clock()
        since = old.since if old.error else now
        self._zones[zone] = replace(
            old, error=error, since=since, last_error=error, last_error_at=now
        )
        self._check_first_passes()

    def confirmed(self, zones: Iterable[DnsName]) -> None:
        """Take that nobody changed these zones since their last pass."""
        now = self._clock()
        for zone in zones:
            old = self._zones[zone]
            if old.outcome is not None and not old.error and old.outcome.is_settled:
                self._zones[zone] = replace(old, succeeded_at=now)

    def in_step_at(self) -> float | None:
        """Return when every zone was last what the cluster wants; None where one never was."""
        return _oldest([status.succeeded_at for status in self._zones.values()])

    def _check_first_passes(self) -> None:
        if all(status.outcome or status.error for status in self._zones.values()):
            self._first_passes.set()


def all_in_step_at(boards: Iterable[StatusBoard]) -> float | None:
    """Return when every zone of all servers was last in step; None where one never was."""
    return _oldest([board.in_step_at() for board in boards])


def _oldest(times: Sequence[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return min(known, default=None) if len(known) == len(times) else None
