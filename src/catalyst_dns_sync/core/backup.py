"""Our records as a document, `DNSRecordBackup`: written, and read with all faults together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_within, parse_name
from catalyst_dns_sync.core.ownership import Identity, is_ours, parse_marker
from catalyst_dns_sync.core.records import (
    MAX_TTL,
    InvalidTargetError,
    Record,
    Records,
    RecordType,
    Target,
    Zone,
    parse_targets,
)

API_VERSION = "catalyst-dns-sync.io/v1"
KIND = "DNSRecordBackup"

Names: TypeAlias = Mapping[DnsName, Records]
_KEYS = frozenset({"name", "type", "value", "ttl", "comment", "disabled", "expiry"})
_TOLD = 20


class BackupError(CatalystError):
    """A document that is no backup of ours; the text has a line for each fault."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The records of one owner, by zone and name."""

    owner: str
    zones: Mapping[DnsName, Names] = field(default_factory=dict)


def backup_of(zones: Iterable[Zone], owner: str) -> Backup:
    """Return all records of an owner, whichever cluster wrote them."""
    return Backup(owner, {zone.name: our_records(zone, owner) for zone in zones})


def our_records(zone: Zone, owner: str) -> dict[DnsName, Records]:
    """Return the records of a zone that carry the owner's marker."""
    identity = Identity(owner)
    found = {
        name: tuple(record for record in records if is_ours(record, identity))
        for name, records in zone.names.items()
    }
    return {name: records for name, records in found.items() if records}


def body_of(backup: Backup) -> dict[str, Any]:
    """Return the backup as values of JSON's types, always in the same order."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"owner": backup.owner},
        "spec": {
            "zones": [
                {
                    "name": str(zone),
                    "records": [
                        _record_body(name, record)
                        for name in sorted(names)
                        for record in sorted(names[name])
                    ],
                }
                for zone, names in sorted(backup.zones.items())
            ]
        },
    }


def _record_body(name: DnsName, record: Record) -> dict[str, Any]:
    body: dict[str, Any] = {"name": str(name), "type": str(record.type), "value": record.value}
    body |= {"ttl": record.ttl, "comment": record.comment}
    if record.disabled:
        body["disabled"] = True
    if record.expiry:
        body["expiry"] = record.expiry
    return body


def parse_backup(body: object, owner: str) -> Backup:
    """Return the backup that a document holds; raises `BackupError` with all faults together.

    A record that does not carry the owner's marker is a fault: it never was one of ours.
    """
    match body:
        case {"apiVersion": str(version), "kind": str(kind)} if kind == KIND:
            pass
        case _:
            raise BackupError(f"this is no {KIND}: its kind is missing or another one")
    if version != API_VERSION:
        raise BackupError(f"apiVersion is {version!r}, and this release reads {API_VERSION} only")
    match body:
        case {"spec": {"zones": list(zones)}}:
            reader = _Reader(owner)
            for number, zone in enumerate(zones):
                reader.read_zone(f"spec.zones[{number}]", zone)
        case _:
            raise BackupError("spec.zones is no list")
    if reader.faults:
        more = len(reader.faults) - _TOLD
        rest = [f"and {more} faults more"] if more > 0 else []
        raise BackupError("\n".join([*reader.faults[:_TOLD], *rest]))
    return Backup(owner, reader.zones)


class _Reader:
    """Reads zone by zone, and gathers all faults."""

    def __init__(self, owner: str) -> None:
        self.zones: dict[DnsName, dict[DnsName, Records]] = {}
        self.faults: list[str] = []
        self._identity = Identity(owner)

    def read_zone(self, where: str, body: object) -> None:
        match body:
            case {"name": str(text), "records": list(records)}:
                pass
            case _:
                self.faults.append(f"{where}: a name and a list of records are wanted")
                return
        try:
            zone = parse_name(text)
        except InvalidNameError as error:
            self.faults.append(f"{where}: {error}")
            return
        found: dict[DnsName, list[Record]] = {}
        for number, entry in enumerate(records):
            try:
                name, record = self._record(zone, entry)
                _check_fits(record, found.setdefault(name, []))
                found[name].append(record)
            except ValueError as error:
                self.faults.append(f"{where}.records[{number}]: {error}")
        if zone in self.zones:
            self.faults.append(f"{where}: zone {zone} is there twice")
        self.zones[zone] = {name: tuple(sorted(held)) for name, held in found.items()}

    def _record(self, zone: DnsName, body: object) -> tuple[DnsName, Record]:
        if not isinstance(body, dict) or isinstance(body.get("ttl"), bool):
            raise ValueError("name, type, value, ttl and comment are wanted")  # noqa: TRY004 (a fault of the document)
        match body:
            case {
                "name": str(text),
                "type": str(kind),
                "value": str(value),
                "ttl": int(ttl),
                "comment": str(comment),
            }:
                pass
            case _:
                raise ValueError("name, type, value, ttl and comment are wanted")
        if strange := sorted(map(str, set(body) - _KEYS)):
            raise ValueError(f"what {', '.join(strange)} means is not known to this release")
        name = parse_name(text)
        if not is_within(name, zone):
            raise ValueError(f"{name} does not lie in {zone}")
        if not 0 <= ttl <= MAX_TTL:
            raise ValueError(f"{name}: {ttl} is no TTL")
        # A PTR has the name of a host, as a CNAME has.
        told = RecordType.CNAME if kind == RecordType.PTR else RecordType(kind)
        if [Target(told, value)] != list(_targets(value)):
            raise ValueError(f"{name}: {value[:80]!r} is no value of {kind}")
        disabled, expiry = body.get("disabled", False), body.get("expiry", 0)
        if not isinstance(disabled, bool) or not isinstance(expiry, int):
            raise ValueError(f"{name}: disabled is true or false, and expiry a number")  # noqa: TRY004 (a fault of the document)
        record = Record(kind, value, ttl, comment, disabled, expiry)
        if not is_ours(record, self._identity):
            marker = parse_marker(comment)
            whose = f"it is of owner {marker.owner}" if marker else "it carries no marker"
            raise ValueError(f"{name}: {whose}, and ours is {self._identity.owner}")
        return name, record


def _targets(value: str) -> tuple[Target, ...]:
    try:
        return parse_targets(value)
    except InvalidTargetError:
        return ()


def _check_fits(record: Record, others: list[Record]) -> None:
    if any((one.type, one.value) == (record.type, record.value) for one in others):
        raise ValueError(f"{record.type} {record.value} is there twice")
    if any(RecordType.CNAME in (one.type, record.type) for one in others):
        raise ValueError("a CNAME stands alone (RFC 1034, 3.6.2)")
    if any(one.type == record.type and one.ttl != record.ttl for one in others):
        raise ValueError("records of one name and type have one TTL (RFC 2181, 5.2)")
