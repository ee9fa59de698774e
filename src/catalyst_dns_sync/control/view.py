"""What we know of one zone between two readings of it."""

from catalyst_dns_sync.control.outcome import Drift
from catalyst_dns_sync.control.ports import Applied, HostedZone, Provider, Verdict
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import Identity, answering, is_ours
from catalyst_dns_sync.core.plan import our_names
from catalyst_dns_sync.core.records import Records, Zone, ZoneStamp


class ZoneView:
    """The zone as it was last read, with our own writes since; read again only when it changed."""

    def __init__(self, name: DnsName, provider: Provider) -> None:
        self.name = name
        self._provider = provider
        self._zone: Zone | None = None
        self._stale = True

    @property
    def stamp(self) -> ZoneStamp | None:
        """The stamp that the server should show, or None where a new reading is due."""
        return None if self._zone is None or self._stale else self._zone.stamp

    def invalidate(self) -> None:
        """Ask for a new reading at the next pass."""
        self._stale = True

    async def current(self, hosted: HostedZone, identity: Identity) -> tuple[Zone, list[Drift]]:
        """Return the zone, read again if it changed, and what others did to our records."""
        if self._zone is not None and self.stamp == hosted.stamp:
            return self._zone, []
        known, trusted = self._zone, not self._stale
        self._zone = await self._provider.read(self.name)
        self._stale = False
        drift = _drift(known, self._zone, identity) if known is not None and trusted else []
        return self._zone, drift

    def take(self, applied: Applied) -> None:
        """Take in what one change did."""
        if self._zone is None:
            return
        if applied.verdict is Verdict.FAILED or applied.records is None:
            # The call may have been carried out all the same: only a new reading can tell.
            self._stale = True
            return
        names = dict(self._zone.names)
        _put(names, applied.change.name, applied.records)
        serial = self._zone.stamp.serial + applied.writes
        stamp = ZoneStamp(serial, self._zone.stamp.last_modified)
        self._zone = Zone(self.name, stamp, names)
        if applied.verdict is Verdict.STALE:
            self._stale = True

    def confirm(self, hosted: HostedZone) -> None:
        """Compare the serial with what our writes predict; a difference means that others wrote."""
        if self._zone is None or self._stale:
            return
        if hosted.stamp.serial == self._zone.stamp.serial:
            self._zone = Zone(self.name, hosted.stamp, self._zone.names)
        else:
            self._stale = True


def _put(names: dict[DnsName, Records], name: DnsName, records: Records) -> None:
    if records:
        names[name] = records
    else:
        names.pop(name, None)


def _drift(before: Zone, after: Zone, identity: Identity) -> list[Drift]:
    found: list[Drift] = []
    for name in sorted(our_names(before, identity)):
        old = answering(before.names[name], name, before.name)
        new = answering(after.names.get(name, ()), name, after.name)
        if not new:
            found.append(Drift(name, "removed"))
        elif not any(is_ours(record, identity) for record in new):
            found.append(Drift(name, "taken"))
        elif new != old:
            found.append(Drift(name, "changed"))
    return found
