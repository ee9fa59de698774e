"""A DNS server in memory, and the definitions of kinds, as the control loop's ports have them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from catalyst_dns_sync.control.ports import (
    Applied,
    HostedZone,
    KindState,
    ProviderError,
    ProviderRejectedError,
    Verdict,
    always,
)
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import answering
from catalyst_dns_sync.core.records import Record, Records, Zone, ZoneStamp
from fakes.values import ZONE, host


@dataclass
class Held:
    """One zone of the server."""

    names: dict[DnsName, Records] = field(default_factory=dict)
    serial: int = 1
    kind: str = "Primary"

    @property
    def stamp(self) -> ZoneStamp:
        return ZoneStamp(self.serial, f"day {self.serial}")


class FakeProvider:
    """Holds zones with a serial, as the `Provider` port says; counts what it is asked for.

    ``down`` is raised by every call; ``refused`` are the names whose changes fail.
    ``before_apply`` runs between planning and the first change; each change takes ``seconds``.
    """

    def __init__(self, *zones: DnsName) -> None:
        self.held = {name: Held() for name in zones or (ZONE,)}
        self.down: ProviderError | None = None
        self.refused: dict[DnsName, ProviderError] = {}
        self.before_apply: Callable[[], None] = lambda: None
        self.started: datetime | None = datetime(2026, 1, 1, tzinfo=UTC)
        self.seconds = 0.0
        self.calls: list[str] = []
        self.writes = 0

    def by_hand(self, label: str, *records: Record, zone: DnsName = ZONE) -> None:
        """Put records in the place of all that a name holds, as a person at the console does."""
        held = self.held[zone]
        held.names.pop(host(label), None)
        if records:
            held.names[host(label)] = tuple(sorted(records))
        held.serial += 1

    def shown(self, zone: DnsName = ZONE) -> dict[str, set[str]]:
        """Return the values of each name, by label."""
        return {
            name.removesuffix(f".{zone}"): {record.value for record in records}
            for name, records in self.held[zone].names.items()
        }

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        self._answer("zones")
        return {
            name: HostedZone(name, held.stamp, held.kind, held.kind == "Primary", disabled=False)
            for name, held in self.held.items()
        }

    async def started_at(self) -> datetime | None:
        self._answer("started_at")
        return self.started

    async def read(self, zone: DnsName) -> Zone:
        self._answer("read")
        if zone not in self.held:
            raise ProviderRejectedError(f"no such zone: {zone}")
        held = self.held[zone]
        return Zone(zone, held.stamp, dict(held.names))

    async def apply(
        self,
        zone: DnsName,
        changes: Sequence[Change],
        may_begin: Callable[[Change], bool] = always,
        seen: Zone | None = None,
    ) -> AsyncIterator[Applied]:
        del seen
        self.before_apply()
        for change in changes:
            if may_begin(change):
                await asyncio.sleep(self.seconds)
                self._answer("apply")
                yield self._applied(self.held[zone], zone, change)

    def _applied(self, held: Held, zone: DnsName, change: Change) -> Applied:
        if error := self.refused.get(change.name):
            return Applied(change, Verdict.FAILED, None, 0, error)
        found = held.names.get(change.name, ())
        current = answering(found, change.name, zone)
        if current != change.before:
            return Applied(change, Verdict.STALE, found, 0)
        others = tuple(record for record in found if record not in current)
        writes = len(set(change.goal) ^ set(change.before))
        held.names.pop(change.name, None)
        if left := tuple(sorted((*others, *change.goal))):
            held.names[change.name] = left
        held.serial += writes
        self.writes += writes
        return Applied(change, Verdict.DONE, left, writes)

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        if self.down is not None:
            raise self.down


@dataclass
class FakeInspector:
    """Says what became of each kind; ``meanwhile`` runs while it is being asked."""

    states: dict[str, KindState] = field(default_factory=dict)
    living: dict[str, str] = field(default_factory=dict)
    meanwhile: Callable[[], None] = lambda: None
    asked: list[tuple[str, frozenset[str | None]]] = field(default_factory=list)

    async def kind_state(self, kind: str, uids: Collection[str | None]) -> KindState:
        self.asked.append((kind, frozenset(uids)))
        self.meanwhile()
        if kind in self.living and set(uids) - {self.living[kind]}:
            return KindState.REMOVED
        return self.states.get(kind, KindState.SERVED)
