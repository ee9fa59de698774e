"""`/api/zones/import` and `/api/zones/export` (technitium-api 8)."""

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call, PlainText
from catalyst_dns_sync.sandbox.technitium.api.zones import exact_zone
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.sandbox.technitium.model.edition import DEFAULT_TTL
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.zone_import import import_records
from catalyst_dns_sync.sandbox.technitium.model.zone_parser import parse_zone_file
from catalyst_dns_sync.sandbox.technitium.model.zone_writer import render_zone_file


def import_zone(call: Call) -> Answer:
    """Import a zone file; needs Modify on the section beside the zone's own permission."""
    call.require("Zones", Access.MODIFY)
    zone = exact_zone(call)
    call.refuse_internal(zone)
    call.require_zone(zone, Access.MODIFY)
    sent, edition = call.parameters, call.server.edition
    overwrite = sent.flag("overwrite", default=True)
    overwrite_zone = sent.flag("overwriteZone") and not edition.is_before_15
    overwrite_soa_serial = sent.flag("overwriteSoaSerial")
    if call.zone_file is None:
        raise ApiError("The zone file to import is missing.")
    dated = None if edition.is_before_15 else call.server.now()
    import_records(
        zone,
        parse_zone_file(call.zone_file, zone.name, DEFAULT_TTL, dated),
        overwrite=overwrite,
        overwrite_zone=overwrite_zone,
        overwrite_soa_serial=overwrite_soa_serial,
    )
    return {}


def export_zone(call: Call) -> Answer:
    """Return the zone as text."""
    call.require("Zones", Access.VIEW)
    zone = exact_zone(call)
    call.refuse_internal(zone)
    call.require_zone(zone, Access.VIEW)
    text = render_zone_file(zone.nodes.all_records(), zone.name)
    disposition = f"attachment;filename={zone.name}.zone"
    return PlainText(text, headers={"Content-Disposition": disposition})
