"""PTR records that address records bring along: made on request, taken away unasked (T6)."""

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import (
    IpAddress,
    key_of,
    reverse_name,
    reverse_zone,
)
from catalyst_dns_sync.sandbox.technitium.model.rdata import Target
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType
from catalyst_dns_sync.sandbox.technitium.model.zones import Zones


def set_pointer(
    zones: Zones, address: IpAddress, record: Record, owner: str | None = None, *, create: bool
) -> Zone | None:
    """Set the address's PTR to the owner, by default the record's name.

    Returns the reverse zone if it was made for this, else None.

    It replaces every PTR of the address, with the record's TTL and expiry and no comment
    (Z:3817-3854), and asks for no permission on the reverse zone.
    """
    name = reverse_name(address)
    zone, made = zones.closest(name), None
    if zone is None:
        if not create:
            raise ApiError("No reverse zone available to add PTR record.")
        zone = made = zones.create(reverse_zone(address, 24 if address.version == 4 else 64))
    if zone.internal:
        raise ApiError(f"Reverse zone '{zone.name}' is an internal zone.")
    if zone.kind not in {ZoneType.PRIMARY, ZoneType.FORWARDER}:
        raise ApiError(f"Reverse zone '{zone.name}' is not a primary or forwarder zone.")
    target = Target.of(owner or record.name)
    zone.put(
        Record(
            name,
            "PTR",
            record.ttl,
            target,
            expiry_ttl=record.expiry_ttl,
            last_modified=record.last_modified,
        )
    )
    return made


def drop_pointer(zones: Zones, address: IpAddress, owner: str | None = None) -> None:
    """Delete the address's PTRs that point to ``owner``, or all of them without one."""
    name = reverse_name(address)
    zone = zones.closest(name)
    if zone is None or zone.internal or not zone.kind.is_writable:
        return
    for record in zone.nodes.records_at(name):
        if record.type != "PTR" or not isinstance(record.data, Target):
            continue
        if owner is None or record.data.key == key_of(owner):
            zone.delete(name, "PTR", record.data)
