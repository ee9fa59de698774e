"""What an import does to a zone, record by record (M:3109-3204): neither atomic nor reported."""

from collections.abc import Sequence
from dataclasses import replace

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import is_within, key_of
from catalyst_dns_sync.sandbox.technitium.model.rdata import Soa, narrowed
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import ALONE, Zone

_GLUE = {"A", "AAAA"}
_DNSSEC = {"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY"}


def import_records(
    zone: Zone,
    records: Sequence[Record],
    *,
    overwrite: bool,
    overwrite_zone: bool,
    overwrite_soa_serial: bool,
) -> None:
    """Import what belongs to the zone; a clash stops it half-way, what came before stays.

    With ``overwrite`` each RRset in the file replaces the stored one, in one step; without it
    each record is added, and one that is there already is passed over.
    """
    wanted = [record for record in records if _belongs(record, zone)]
    if overwrite_zone:
        zone.clear()
    for group in _groups(wanted) if overwrite else ([record] for record in wanted):
        if group[0].type == "SOA":
            zone.put(_soa(group[-1], keep_serial=not overwrite_soa_serial))
        elif overwrite or group[0].type in ALONE:
            zone.put(*(group[-1:] if group[0].type in ALONE else group))
        else:
            zone.add_quietly(group[0])


def _belongs(record: Record, zone: Zone) -> bool:
    """Leave out glue and DNSSEC's own records; refuse any other name outside the zone."""
    if record.type in _DNSSEC:
        return False
    if is_within(key_of(record.name), zone.name):
        return True
    if record.type in _GLUE:
        return False
    raise ApiError(
        f"Cannot import records: the domain name '{record.name}' "
        f"does not belong to the zone '{zone.name}'."
    )


def _groups(records: list[Record]) -> list[list[Record]]:
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((key_of(record.name), record.type), []).append(record)
    return list(groups.values())


def _soa(record: Record, *, keep_serial: bool) -> Record:
    if not keep_serial:
        return record
    return replace(record, data=narrowed(record.data, Soa).with_serial(0))
