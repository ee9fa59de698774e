"""What a zone of each type holds when it is new, and the zones that every server has."""

from datetime import datetime

from catalyst_dns_sync.sandbox.technitium.model.rdata import Data, Forward, Soa, Target, Text
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType

INTERNAL_ZONES = (
    "localhost",
    "0.in-addr.arpa",
    "127.in-addr.arpa",
    "255.in-addr.arpa",
    "1." + "0." * 31 + "ip6.arpa",
)
"""The zones of RFC 6303 that a fresh server hosts, and that nobody may change (M:250-283)."""

SOA_TTL = 900
NEW_SOA_MINIMUM = 900


def first_records(
    zone: Zone, server: str, ns_ttl: int, forward: Forward | None = None
) -> list[Record]:
    """Return the records of a zone just created (PZ:82-113)."""
    now = zone.last_modified
    soa = Soa(server, f"hostadmin@{zone.name}", zone.serial, minimum=NEW_SOA_MINIMUM)
    records = [_record(zone, "SOA", SOA_TTL, soa, now)]
    match zone.kind:
        case ZoneType.FORWARDER:
            if forward:
                records.append(_record(zone, "FWD", 0, forward, now))
        case ZoneType.CATALOG:
            records.append(_record(zone, "NS", 0, Target.of("invalid"), now))
            version = Record(f"version.{zone.name}", "TXT", 0, Text(("2",)), last_modified=now)
            records.append(version)
        case _:
            records.append(_record(zone, "NS", ns_ttl, Target.of(server), now))
    return records


def _record(zone: Zone, rtype: str, ttl: int, data: Data, now: datetime) -> Record:
    return Record(zone.name, rtype, ttl, data, last_modified=now)
