"""One zone and the rules by which its records change.

The rules are those of section 16 of the API's description, which was read from AuthZone.cs and
PrimarySubDomainZone.cs of v15.2 and replayed on running servers. T1 to T16 are its traps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalyst_dns_sync.sandbox.technitium.model.access import Permission, zone_permission
from catalyst_dns_sync.sandbox.technitium.model.disk import Disk
from catalyst_dns_sync.sandbox.technitium.model.edition import Edition
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import is_within, key_of
from catalyst_dns_sync.sandbox.technitium.model.nodes import EMPTY, Node, Nodes, RRset
from catalyst_dns_sync.sandbox.technitium.model.rdata import Data, Soa, narrowed
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.serials import first_serial, next_serial

CNAME_CLASH = (
    "Cannot add record: a CNAME record cannot exists with other record types for the same name."
)
NO_SUCH_RECORD = "Cannot delete record: no such record exists."

ALONE = frozenset({"CNAME", "DNAME", "APP", "SOA"})
"""Types of which a name has one record: adding one is setting the RRset."""


class ZoneType(StrEnum):
    """What kind of zone it is, as the API writes it."""

    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    STUB = "Stub"
    FORWARDER = "Forwarder"
    SECONDARY_FORWARDER = "SecondaryForwarder"
    CATALOG = "Catalog"
    SECONDARY_CATALOG = "SecondaryCatalog"

    @property
    def is_writable(self) -> bool:
        """Tell whether records below the apex can be changed."""
        return self in {ZoneType.PRIMARY, ZoneType.FORWARDER, ZoneType.CATALOG}

    @property
    def label(self) -> str:
        """The type as error texts have it."""
        return {
            ZoneType.SECONDARY_FORWARDER: "Secondary Forwarder",
            ZoneType.SECONDARY_CATALOG: "Secondary Catalog",
        }.get(self, self.value)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a zone needs of the server around it."""

    now: Callable[[], datetime]
    edition: Edition
    disk: Disk
    expires: Callable[["Zone", Record], None]
    """Called with each stored record that has an expiry."""


class Zone:
    """A hosted zone; every change is one commit, which raises the serial and the date."""

    def __init__(
        self,
        name: str,
        kind: ZoneType,
        around: Surroundings,
        *,
        internal: bool = False,
        date_scheme: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.internal = internal
        self.date_scheme = date_scheme
        self.disabled = False
        self._around = around
        self.serial = first_serial(date_scheme=date_scheme, now=around.now())
        self.last_modified = self.saved_at = around.now()
        self.nodes = Nodes(name)
        self.permission: Permission = zone_permission()

    def fill(self, records: list[Record]) -> None:
        """Put the records of a new zone in place, without a commit."""
        for record in records:
            key = key_of(record.name)
            node = dict(self.nodes.get(key) or {})
            node[record.type] = (*node.get(record.type, ()), record)
            self.nodes.put(key, node)

    @property
    def soa(self) -> Soa:
        """The data of the SOA record."""
        return narrowed(self._soa_record().data, Soa)

    def check_name(self, name: str) -> str:
        """Return the key of a name of the zone; raise the server's error for any other."""
        key = key_of(name)
        if not is_within(key, self.name):
            raise ApiError(f"The domain name '{name}' does not belong to the zone: {self.name}")
        return key

    def add(self, record: Record) -> None:
        """Add a value to its RRset; raise where the server answers that it is there already."""
        if not self.add_quietly(record):
            raise ApiError("Cannot add record: record already exists.")

    def add_quietly(self, record: Record) -> bool:
        """Add a value and commit; return False, and do nothing, where it is there already."""
        key = self.check_name(record.name)
        self._check_writable("add record", key)
        added = self._add(key, record, "Cannot add record")
        if added:
            self._commit()
        return added

    def put(self, *records: Record) -> None:
        """Replace an RRset by the records; this commits even when nothing changes (T5)."""
        first = records[0]
        key = self.check_name(first.name)
        self._check_writable("set records", key)
        if first.type == "CNAME" and key == self.name:
            raise ApiError("Cannot set CNAME record at zone apex.")
        self._check_ttl(first, "Cannot set records")
        others = self._node(key).keys() - {first.type}
        if others if first.type == "CNAME" else "CNAME" in others:
            raise ApiError(CNAME_CLASH)
        self._store(key, first.type, records)
        self._commit(soa=first if first.type == "SOA" else None)

    def update(self, old: Data, new: Record) -> None:
        """Replace one value by another at the same name, with all its metadata (T4)."""
        key = self.check_name(new.name)
        node = self.nodes.get(key)
        if node is None:
            raise ApiError(f"Cannot update record: zone '{self.name}' does not exists.")
        self._check_writable("update record", key)
        self._check_ttl(new, "Cannot update record")
        if not self._remove(key, new.type, old):
            raise ApiError("Cannot update record: the record does not exists to be updated.")
        self._add(key, new, "Cannot update record")
        self._commit()

    def rename(self, name: str, old: Data, new: Record) -> None:
        """Move a value to another name: a delete and an add, two commits.

        The result of the add is not looked at: what is there already swallows the record.
        """
        if not self._delete(name, new.type, old):
            raise ApiError("Cannot update record: the old record does not exists.")
        self.add_quietly(new)

    def rename_set(self, name: str, new: Record) -> None:
        """Move the one record of a type that stands alone, such as a CNAME."""
        if not self._delete_set(name, new.type):
            raise ApiError("Cannot update record: the old record does not exists.")
        self.put(new)

    def delete(self, name: str, rtype: str, data: Data) -> None:
        """Delete one value; TTL, comment and disabled flag play no part in the match."""
        if not self._delete(name, rtype, data):
            raise ApiError(NO_SUCH_RECORD)

    def delete_set(self, name: str, rtype: str) -> None:
        """Delete a whole RRset, as the server does for CNAME and DNAME (T16)."""
        if not self._delete_set(name, rtype):
            raise ApiError(NO_SUCH_RECORD)

    def delete_expired(self, record: Record) -> None:
        """Delete a record if it is still the one stored: an update restarts its clock."""
        key = key_of(record.name)
        rrset = self._node(key).get(record.type, ())
        if any(kept is record for kept in rrset):
            self._remove(key, record.type, record.data)
            self._commit()

    def clear(self) -> None:
        """Delete everything but the SOA, the NS too (import with `overwriteZone`)."""
        for key, node in self.nodes.items():
            kept = {"SOA": node["SOA"]} if "SOA" in node else {}
            self._store_node(key, kept or None)
        self._commit()

    def set_disabled(self, *, disabled: bool) -> None:
        """Stop or start answering queries; the serial stays."""
        self._around.disk.before_change(self, self._around.now())
        self.disabled = disabled

    def _add(self, key: str, record: Record, action: str) -> bool:
        node = self._node(key)
        try:
            self._check_ttl(record, action)
        except ApiError:
            # A failed add leaves an empty node behind, which DNS then answers with NODATA.
            if key not in self.nodes:
                self._store_node(key, EMPTY)
            raise
        if "CNAME" in node:
            raise ApiError(CNAME_CLASH)
        rrset = node.get(record.type, ())
        twin = next((kept for kept in rrset if kept.data == record.data), None)
        if twin and (twin.ttl == record.ttl or not self._around.edition.add_retargets_ttl):
            return False
        siblings = tuple(r if r.ttl == record.ttl else r.retargeted(record.ttl) for r in rrset)
        self._store(key, record.type, siblings if twin else (*siblings, record))
        return True

    def _delete(self, name: str, rtype: str, data: Data) -> bool:
        key = self.check_name(name)
        if key not in self.nodes:
            return False
        self._check_writable("delete record", key)
        if rtype == "SOA":
            raise ApiError("Cannot delete SOA record.")
        removed = self._remove(key, rtype, data)
        if removed:
            self._commit()
        return removed

    def _delete_set(self, name: str, rtype: str) -> bool:
        key = self.check_name(name)
        if key not in self.nodes:
            return False
        self._check_writable("delete records", key)
        if rtype not in self._node(key):
            return False
        self._store(key, rtype, ())
        self._commit()
        return True

    def _remove(self, key: str, rtype: str, data: Data) -> bool:
        rrset = self._node(key).get(rtype, ())
        left = tuple(record for record in rrset if record.data != data)
        if len(left) == len(rrset):
            return False
        self._store(key, rtype, left)
        return True

    def _check_writable(self, action: str, key: str) -> None:
        if self.kind is ZoneType.STUB and key != self.name:
            raise ApiError("Zone cannot have sub domains.")
        if not self.kind.is_writable or (self.kind is ZoneType.CATALOG and key == self.name):
            raise ApiError(f"Cannot {action} in {self.kind.label} zone.")

    def _check_ttl(self, record: Record, action: str) -> None:
        if record.type != "SOA" and record.ttl > self.soa.expire:
            raise ApiError(f"{action}: TTL cannot be greater than SOA EXPIRE.")

    def _node(self, key: str) -> Node:
        return self.nodes.get(key) or EMPTY

    def _store(self, key: str, rtype: str, rrset: RRset) -> None:
        node = dict(self._node(key))
        known = node.pop(rtype, ())
        if rrset:
            node[rtype] = rrset
        self._store_node(key, node or None)
        for record in rrset:
            if record.expiry_ttl and not any(record is other for other in known):
                self._around.expires(self, record)

    def _store_node(self, key: str, node: Node | None) -> None:
        self._around.disk.before_change(self, self._around.now(), key)
        self.nodes.put(key, node)

    def _commit(self, soa: Record | None = None) -> None:
        """Raise the serial and the date, once for each change; internal zones never do."""
        if self.internal:
            return
        now = self._around.now()
        self._around.disk.before_change(self, now, self.name)
        self.last_modified = now
        wanted = narrowed(soa.data, Soa).serial if soa else 0
        following = next_serial(self.serial, date_scheme=self.date_scheme, now=now)
        self.serial = wanted if wanted > self.serial else following
        record = soa or self._soa_record()
        stored = record.with_data(narrowed(record.data, Soa).with_serial(self.serial), now)
        store = self.nodes.put if soa else self.nodes.swap
        store(self.name, {**self._node(self.name), "SOA": (stored,)})

    def _soa_record(self) -> Record:
        return self._node(self.name)["SOA"][0]
