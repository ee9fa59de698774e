"""What we know of one zone between two readings of it."""

from collections import Counter
from collections.abc import Collection, Mapping

from catalyst_dns_sync.control.ports import (
    Applied,
    HostedZone,
    Provider,
    ProviderRejectedError,
    Verdict,
)
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import Identity, answering, is_ours
from catalyst_dns_sync.core.plan import our_markers
from catalyst_dns_sync.core.records import Records, Zone, ZoneStamp


class ZoneView:
    """The zone as it was last read, with our own writes since; read again only when it changed.

    ``went_back`` says that the last reading showed an older serial than we knew: a backup, or a
    server that was killed before it had saved.
    """

    def __init__(self, name: DnsName, provider: Provider) -> None:
        self.name = name
        self._provider = provider
        self._stamp = ZoneStamp(-1, "")
        self._names: dict[DnsName, Records] = {}
        self._must_read = True
        # Whether ``_names`` is what the zone would hold if nobody but us had written to it.
        self._is_model = False
        self.went_back = False

    @property
    def stamp(self) -> ZoneStamp | None:
        """The stamp that the server should show, or None where a new reading is due."""
        return None if self._must_read else self._stamp

    def invalidate(self) -> None:
        """Ask for a new reading at the next pass."""
        self._must_read = True

    def distrust(self) -> None:
        """Say that our own writes may have left something else than what we think."""
        self._must_read, self._is_model = True, False

    @property
    def names(self) -> Collection[DnsName]:
        """All names that hold records."""
        return self._names.keys()

    def managed(self, identity: Identity) -> Mapping[str, int]:
        """Count our records by type; those of another cluster with our owner are not ours."""
        held = Zone(self.name, self._stamp, self._names)
        return Counter(
            record.type
            for name in our_markers(held, identity)
            for record in answering(held.names[name], name, self.name)
            if is_ours(record, identity)
        )

    async def current(self, hosted: HostedZone, identity: Identity) -> tuple[Zone, list[Drift]]:
        """Return the zone, read again if it changed, and what others did to our records."""
        if self.stamp == hosted.stamp:
            return Zone(self.name, self._stamp, self._names), []
        fresh = await self._provider.read(self.name)
        old = Zone(self.name, self._stamp, self._names)
        drift = _drift(old, fresh, identity) if self._is_model else []
        self.went_back = fresh.stamp.serial < self._stamp.serial
        self._stamp, self._names = fresh.stamp, dict(fresh.names)
        self._must_read, self._is_model = False, True
        return Zone(self.name, self._stamp, self._names), drift

    def take(self, applied: Applied) -> None:
        """Take in what one change did."""
        if applied.verdict is Verdict.FAILED or applied.records is None:
            # The call may have been carried out all the same: only a new reading can tell.
            self.distrust()
            return
        _put(self._names, applied.change.name, applied.records)
        self._stamp = ZoneStamp(self._stamp.serial + applied.writes, self._stamp.last_modified)
        if applied.verdict is Verdict.STALE:
            self._must_read = True

    def confirm(self, hosted: HostedZone) -> None:
        """Compare the serial with what our writes predict; a difference means that others wrote."""
        if self._stamp.serial == hosted.stamp.serial:
            self._stamp = hosted.stamp
        else:
            self._must_read = True


def _put(names: dict[DnsName, Records], name: DnsName, records: Records) -> None:
    if records:
        names[name] = records
    else:
        names.pop(name, None)


def _drift(before: Zone, after: Zone, identity: Identity) -> list[Drift]:
    found: list[Drift] = []
    for name in sorted(our_markers(before, identity)):
        old = answering(before.names[name], name, before.name)
        new = answering(after.names.get(name, ()), name, after.name)
        if not new:
            found.append(Drift(name, "removed"))
        elif not any(is_ours(record, identity) for record in new):
            found.append(Drift(name, "taken"))
        elif new != old:
            found.append(Drift(name, "changed"))
    return found


def usable(zone: DnsName, hosted: Mapping[DnsName, HostedZone]) -> HostedZone:
    """Return the zone as the server lists it; raises where it is not there or takes no changes."""
    found = hosted.get(zone)
    if found is None:
        raise ProviderRejectedError(
            f"zone {zone} is not among the zones that the server shows: create it in the DNS "
            "console, give the token's user View, Modify and Delete on it, or mend DNS_ZONES"
        )
    if not found.writable:
        raise ProviderRejectedError(
            f"zone {zone} is a {found.kind} zone, which takes no changes: "
            "name its primary server in DNS_SERVER_URL"
        )
    return found
