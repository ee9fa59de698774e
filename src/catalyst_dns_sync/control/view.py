"""What we know of one zone between two readings of it."""

import asyncio
from collections.abc import Iterable, Mapping

from catalyst_dns_sync.control.ports import (
    Applied,
    HostedZone,
    Provider,
    ProviderRejectedError,
    Verdict,
)
from catalyst_dns_sync.control.slices import in_slices
from catalyst_dns_sync.core.contents import Contents
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import Identity, answering, is_ours
from catalyst_dns_sync.core.plan import is_our_name, our_marker
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
        self.contents = Contents(name)
        self._must_read = True
        # Whether ``contents`` is what the zone would hold if nobody but us had written to it.
        self._is_model = False
        self.went_back = False
        self.reading_took = 0.0

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
    def known(self) -> Zone:
        """All that the zone holds as far as we know, with the stamp that goes with it."""
        return Zone(self.name, self._stamp, self.contents.names)

    def ours(self, names: Iterable[DnsName], identity: Identity) -> frozenset[DnsName]:
        """Return those of the names that hold a record of ours.

        Where we do not know which cluster is ours, those of any count.
        """
        held, zone = self.contents.names, self.name
        found = {name: held[name] for name in names if name in held}
        return frozenset(
            name
            for name, records in found.items()
            if our_marker(name, records, zone, identity) is not None
            or (identity.cluster is None and is_our_name(name, records, zone, identity))
        )

    def managed(self, identity: Identity) -> Mapping[str, int]:
        """Count our records by type; those of another cluster with our owner are not ours."""
        self.contents.identify(identity)
        return self.contents.managed

    async def current(self, hosted: HostedZone, identity: Identity) -> tuple[Zone, list[Drift]]:
        """Return the zone, read again if it changed, and what others did to our records."""
        self.contents.identify(identity)
        drift: list[Drift] = []
        if self.stamp != hosted.stamp:
            began = asyncio.get_running_loop().time()
            fresh = await self._provider.read(self.name)
            before = await self._replace(fresh)
            if self._is_model:
                drift = _drift(before, self.contents, identity)
            self.went_back = fresh.stamp.serial < self._stamp.serial
            self._stamp = fresh.stamp
            self._must_read = False
            self.reading_took = asyncio.get_running_loop().time() - began
        self._is_model = True
        return self.known, drift

    async def read_ahead(self, hosted: HostedZone, identity: Identity) -> None:
        """Read the zone before the first pass, which then has only to read it if it changed."""
        await self.current(hosted, identity)
        # Until that pass an instance that ends may still write: what it does is no drift.
        self._is_model = False

    async def _replace(self, fresh: Zone) -> Mapping[DnsName, Records]:
        found = self.contents.changes_to(fresh.names)
        before = {name: self.contents.names.get(name, ()) for name, _ in found}
        async for name, records in in_slices(found):
            self.contents.put(name, records)
        return before

    def take(self, applied: Applied) -> None:
        """Take in what one change did."""
        if applied.verdict is Verdict.FAILED or applied.records is None:
            # The call may have been carried out all the same: only a new reading can tell.
            self.distrust()
            return
        self.contents.put(applied.change.name, applied.records)
        self._stamp = ZoneStamp(self._stamp.serial + applied.writes, self._stamp.last_modified)
        if applied.verdict is Verdict.STALE:
            self._must_read = True

    def confirm(self, hosted: HostedZone) -> None:
        """Compare the serial with what our writes predict; a difference means that others wrote."""
        if self._stamp.serial == hosted.stamp.serial:
            self._stamp = hosted.stamp
        else:
            self._must_read = True


def _drift(before: Mapping[DnsName, Records], now: Contents, identity: Identity) -> list[Drift]:
    found: list[Drift] = []
    for name in sorted(before):
        if our_marker(name, before[name], now.zone, identity) is None:
            continue
        old = answering(before[name], name, now.zone)
        new = answering(now.names.get(name, ()), name, now.zone)
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
