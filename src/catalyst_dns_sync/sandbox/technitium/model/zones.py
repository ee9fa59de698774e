"""All zones of the server: which one hosts a name, expiry of records, crash and clean stop."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from catalyst_dns_sync.sandbox.technitium.model.disk import Disk
from catalyst_dns_sync.sandbox.technitium.model.edition import Edition
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import ancestors
from catalyst_dns_sync.sandbox.technitium.model.new_zones import INTERNAL_ZONES, first_records
from catalyst_dns_sync.sandbox.technitium.model.rdata import Forward
from catalyst_dns_sync.sandbox.technitium.model.records import Record, Usage
from catalyst_dns_sync.sandbox.technitium.model.values import RELOADED
from catalyst_dns_sync.sandbox.technitium.model.zone import Surroundings, Zone, ZoneType


class Zones:
    """The hosted zones by name; names are keys: lower case, without the trailing dot."""

    def __init__(self, server: str, edition: Edition, now: Callable[[], datetime]) -> None:
        self._server = server
        self._edition = edition
        self._now = now
        self._zones: dict[str, Zone] = {}
        self._expiring: list[tuple[datetime, int, Zone, Record]] = []
        self._order = count()
        self.disk = Disk()
        self._around = Surroundings(now, edition, self.disk, self._will_expire)
        for name in INTERNAL_ZONES:
            self._make(Zone(name, ZoneType.PRIMARY, self._around, internal=True), None)

    def __iter__(self) -> Iterator[Zone]:
        """Yield the zones in the order of their names."""
        return iter(sorted(self._zones.values(), key=lambda zone: zone.name))

    def find(self, name: str) -> Zone | None:
        """Return the zone with exactly this name, or None."""
        return self._zones.get(name)

    def closest(self, key: str) -> Zone | None:
        """Return the hosted zone at the name, or the nearest one above it (T10)."""
        return next((self._zones[name] for name in ancestors(key) if name in self._zones), None)

    def create(
        self,
        name: str,
        kind: ZoneType = ZoneType.PRIMARY,
        *,
        date_scheme: bool = False,
        forward: Forward | None = None,
    ) -> Zone:
        """Create a zone with its first records; the name is a key."""
        if name in self._zones:
            raise ApiError(f"Zone already exists: {name}")
        zone = Zone(name, kind, self._around, date_scheme=date_scheme)
        self.disk.before_change(zone, self._now(), is_new=True)
        return self._make(zone, forward)

    def remove(self, zone: Zone) -> None:
        """Delete the zone; its file is gone at once, so no crash brings it back."""
        del self._zones[zone.name]
        self.disk.forget(zone.name)

    def expire_due(self) -> None:
        """Delete the records whose `expiryTtl` is over, one serial step each."""
        now = self._now()
        while self._expiring and self._expiring[0][0] <= now:
            _, _, zone, record = heapq.heappop(self._expiring)
            if self._zones.get(zone.name) is zone:
                zone.delete_expired(record)

    def crash(self, forgotten: int | None = None) -> None:
        """Forget what was not saved, as a killed server does; serials go back (T11).

        With ``forgotten`` exactly so many changes are forgotten, the last ones, saved or not.
        Zones come back with the date of their file (M:226), records without a date in the form
        that it has in the file, and with no memory of when they were used.
        """
        self.disk.save_if_due(self._now())
        lost = self.disk.roll_back() if forgotten is None else self._undo(forgotten)
        for name in lost:
            self._zones.pop(name, None)
        for zone in self._zones.values():
            zone.last_modified = zone.saved_at
            for key, node in zone.nodes.items():
                dated = {rtype: tuple(map(_reloaded, rrset)) for rtype, rrset in node.items()}
                zone.nodes.put(key, dated)
        self._watch_expiries_again()

    def _undo(self, writes: int) -> list[str]:
        self.disk.save(self._now())
        return self.disk.undo(writes)

    def _make(self, zone: Zone, forward: Forward | None) -> Zone:
        zone.fill(first_records(zone, self._server, self._edition.default_ns_ttl, forward))
        self._zones[zone.name] = zone
        return zone

    def _will_expire(self, zone: Zone, record: Record) -> None:
        if record.last_modified is not None:
            due = record.last_modified + timedelta(seconds=record.expiry_ttl)
            heapq.heappush(self._expiring, (due, next(self._order), zone, record))

    def _watch_expiries_again(self) -> None:
        self._expiring.clear()
        for zone in self._zones.values():
            for record in zone.nodes.all_records():
                if record.expiry_ttl:
                    self._will_expire(zone, record)


def _reloaded(record: Record) -> Record:
    return replace(record, last_modified=record.last_modified or RELOADED, usage=Usage())
