"""`/api/zones/records/...`: get, add, update, delete (technitium-api 3 to 6)."""

import logging
from collections.abc import Iterable

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call
from catalyst_dns_sync.sandbox.technitium.api.record_values import new_value_of, value_of
from catalyst_dns_sync.sandbox.technitium.api.render import record_json, zone_json
from catalyst_dns_sync.sandbox.technitium.model.access import Access, zone_permission
from catalyst_dns_sync.sandbox.technitium.model.edition import DEFAULT_TTL
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import checked_domain, key_of
from catalyst_dns_sync.sandbox.technitium.model.pointers import drop_pointer, set_pointer
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    Address,
    Data,
    Target,
    narrowed,
    parse_type,
)
from catalyst_dns_sync.sandbox.technitium.model.records import Record, check_comment
from catalyst_dns_sync.sandbox.technitium.model.values import parse_ttl
from catalyst_dns_sync.sandbox.technitium.model.zone import ALONE, Zone

_log = logging.getLogger(__name__)


def get(call: Call) -> Answer:
    """List the records at a name, or of its whole zone; internal and disabled zones too."""
    domain, zone = _zone_of(call)
    call.require_zone(zone, Access.VIEW)
    found: Iterable[Record]
    if call.parameters.flag("listZone"):
        found = zone.nodes.all_records()
    else:
        found = zone.nodes.records_at(zone.check_name(domain))
    return {
        "zone": zone_json(zone, call.server.edition),
        "records": [record_json(record, zone) for record in found],
    }


def add(call: Call) -> Answer:
    """Add a value, or replace the RRset; the answer shows what was asked for (T3)."""
    domain, zone = _zone_to_change(call, Access.MODIFY)
    rtype = parse_type(call.parameters.need("type"))
    ttl, overwrite = _ttl(call, rtype), call.parameters.flag("overwrite")
    expiry = _expiry(call)
    record = _record(call, domain, ttl, expiry, (rtype, value_of(call, rtype)))
    zone.check_name(domain)
    _check_alone(zone, record, overwrite=overwrite)
    if isinstance(record.data, Address) and call.parameters.flag("ptr"):
        _set_pointer(call, record)
    if overwrite or rtype in ALONE:
        zone.put(record)
    else:
        zone.add(record)
    return {
        "zone": zone_json(zone, call.server.edition),
        "addedRecord": record_json(record, zone, stored=False),
    }


def update(call: Call) -> Answer:
    """Replace a value and all that is stored beside it (T4)."""
    domain, zone = _zone_to_change(call, Access.MODIFY)
    sent = call.parameters
    rtype = parse_type(sent.need("type"))
    new_domain = checked_domain(sent.find("newDomain") or domain)
    ttl, disabled, expiry = _ttl(call, rtype), sent.flag("disable"), _expiry(call)
    old = value_of(call, rtype)
    new = (rtype, new_value_of(call, rtype, old))
    record = _record(call, new_domain, ttl, expiry, new, disabled=disabled)
    zone.check_name(domain)
    zone.check_name(new_domain)
    if isinstance(old, Address) and isinstance(record.data, Address) and sent.flag("ptr"):
        drop_pointer(call.server.zones, old.ip)
        _set_pointer(call, record, owner=domain)
    _replace(zone, domain, old, record)
    return {
        "zone": zone_json(zone, call.server.edition),
        "updatedRecord": record_json(record, zone, stored=False),
    }


def delete(call: Call) -> Answer:
    """Delete one value; for a CNAME or DNAME, whatever is there (T16)."""
    domain, zone = _zone_to_change(call, Access.DELETE)
    rtype = parse_type(call.parameters.need("type"))
    zone.check_name(domain)
    if rtype == "SOA":
        raise ApiError("Cannot delete SOA record.")
    if rtype in ALONE:
        zone.delete_set(domain, rtype)
        return {}
    data = value_of(call, rtype)
    zone.delete(domain, rtype, data)
    if isinstance(data, Address):
        drop_pointer(call.server.zones, data.ip, owner=domain)
    return {}


def _zone_of(call: Call) -> tuple[str, Zone]:
    """Return the domain and its zone: the closest one above `zone`, else above the domain."""
    domain = checked_domain(call.parameters.need("domain"))
    above = checked_domain(call.parameters.find("zone") or domain)
    zone = call.server.zones.closest(key_of(above))
    if zone is None:
        raise ApiError(f"No such zone was found: {domain}")
    return domain, zone


def _zone_to_change(call: Call, access: Access) -> tuple[str, Zone]:
    domain, zone = _zone_of(call)
    call.refuse_internal(zone)
    call.require_zone(zone, access)
    return domain, zone


def _ttl(call: Call, rtype: str) -> int:
    text = call.parameters.find("ttl")
    if text is not None:
        return parse_ttl(text)
    return call.server.edition.default_ns_ttl if rtype == "NS" else DEFAULT_TTL


def _expiry(call: Call) -> int:
    text = call.parameters.find("expiryTtl")
    return parse_ttl(text) if text else 0


def _record(
    call: Call,
    domain: str,
    ttl: int,
    expiry: int,
    value: tuple[str, Data],
    *,
    disabled: bool = False,
) -> Record:
    comments = call.parameters.raw("comments") or ""
    check_comment(comments)
    modified = call.server.now()
    record = Record(domain, value[0], ttl, value[1], comments, disabled, expiry, modified)
    if record.is_too_long_for_disk():
        # The real server says so every 5 s, and loses the zone's changes at its next start.
        _log.warning("zone can not be saved: comment too long", extra={"dns_name": domain})
    return record


def _check_alone(zone: Zone, record: Record, *, overwrite: bool) -> None:
    """Refuse a second CNAME, DNAME or APP at a name, and an alias of itself."""
    if record.type not in {"CNAME", "DNAME", "APP"}:
        return
    there = zone.nodes.get(key_of(record.name)) or {}
    if not overwrite and record.type in there:
        raise ApiError(
            "Record already exists. Use overwrite option if you wish to overwrite existing record."
        )
    if isinstance(record.data, Target) and record.data.key == key_of(record.name):
        raise ApiError(f"{record.type} domain name cannot be same as that of the record name.")


def _replace(zone: Zone, domain: str, old: Data, new: Record) -> None:
    is_same_name = key_of(domain) == key_of(new.name)
    if new.type in ALONE:
        if is_same_name:
            zone.put(new)
        else:
            zone.rename_set(domain, new)
    elif is_same_name:
        zone.update(old, new)
    else:
        zone.rename(domain, old, new)


def _set_pointer(call: Call, record: Record, owner: str | None = None) -> None:
    """Set the address's PTR; an update's points to the old name, not to `newDomain`."""
    address = narrowed(record.data, Address)
    create = call.parameters.flag("createPtrZone")
    made = set_pointer(call.server.zones, address.ip, record, owner, create=create)
    if made:
        made.permission = zone_permission(call.user.name)
