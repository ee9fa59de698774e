"""`/api/zones/...` for whole zones: list, create, delete, enable, options, permissions."""

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call, Json
from catalyst_dns_sync.sandbox.technitium.api.permission_rows import (
    permission_json,
    set_permission,
)
from catalyst_dns_sync.sandbox.technitium.api.record_values import forward_of
from catalyst_dns_sync.sandbox.technitium.api.render import zone_json
from catalyst_dns_sync.sandbox.technitium.model.access import Access, zone_permission
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import (
    domain_of,
    idn_of,
    key_of,
    zone_name_of,
)
from catalyst_dns_sync.sandbox.technitium.model.values import parse_choice
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType

DEFAULT_PAGE = 10


def list_zones(call: Call) -> Answer:
    """List the zones that the caller may see, all of them or one page (Z:1449-1497)."""
    call.require("Zones", Access.VIEW)
    edition = call.server.edition
    seen = [zone for zone in call.server.zones if call.may(zone, Access.VIEW)]
    page = call.parameters.number("pageNumber")
    if page is None:
        return {"zones": [zone_json(zone, edition) for zone in seen]}
    size = call.parameters.number("zonesPerPage") or DEFAULT_PAGE
    pages = max(1, -(-len(seen) // size)) if size > 0 else 1
    page = pages if page < 0 or page > pages else max(page, 1)
    shown = seen[(page - 1) * size : page * size] if size > 0 else seen
    return {
        "pageNumber": page,
        "totalPages": pages,
        "totalZones": len(seen),
        "zones": [zone_json(zone, edition) for zone in shown],
    }


def create(call: Call) -> Answer:
    """Create a zone; the caller gets all rights on it."""
    call.require("Zones", Access.MODIFY)
    sent = call.parameters
    name = zone_name_of(sent.need("zone", "domain"))
    kind = ZoneType(parse_choice(sent.find("type") or ZoneType.PRIMARY, ZoneType))
    forward = None
    if kind is ZoneType.FORWARDER and sent.flag("initializeForwarder", default=True):
        forward = forward_of(sent)
    zone = call.server.zones.create(
        name, kind, date_scheme=sent.flag("useSoaSerialDateScheme"), forward=forward
    )
    zone.permission = zone_permission(call.user.name)
    return {"domain": name or "."}


def delete(call: Call) -> Answer:
    """Delete a zone with all its records."""
    call.require("Zones", Access.DELETE)
    zone = _named_zone(call, Access.DELETE)
    call.server.zones.remove(zone)
    return {}


def enable(call: Call) -> Answer:
    """Let the zone answer queries again."""
    return _set_disabled(call, disabled=False)


def disable(call: Call) -> Answer:
    """Let the zone answer no query; its records can still be changed."""
    return _set_disabled(call, disabled=True)


def options(call: Call) -> Answer:
    """Show the options of a zone; all of them are the defaults of a new one (Z:2978-3316)."""
    call.require("Zones", Access.MODIFY)
    zone = exact_zone(call)
    call.require_zone(zone, Access.VIEW)
    described = zone_json(zone, call.server.edition)
    out: Json = {"name": zone.name}
    if idn := idn_of(zone.name):
        out["nameIdn"] = idn
    shown = ("type", "internal", "dnssecStatus", "notifyFailed", "notifyFailedFor", "disabled")
    out |= {key: described[key] for key in shown if key in described}
    out |= {
        "catalog": None,
        "queryAccess": "Allow",
        "queryAccessNetworkACL": [],
        "zoneTransfer": "AllowOnlyZoneNameServers",
        "zoneTransferNetworkACL": [],
        "zoneTransferTsigKeyNames": [],
        "notify": "ZoneNameServers",
        "notifyNameServers": [],
        "update": "Deny",
        "updateNetworkACL": [],
        "updateSecurityPolicies": [],
    }
    if call.parameters.flag("includeAvailableCatalogZoneNames"):
        catalogs = [z.name for z in call.server.zones if z.kind is ZoneType.CATALOG]
        out["availableCatalogZoneNames"] = catalogs
    if call.parameters.flag("includeAvailableTsigKeyNames"):
        out["availableTsigKeyNames"] = []
    return out


def get_permissions(call: Call) -> Answer:
    """Show who may do what with the zone."""
    call.require("Zones", Access.MODIFY)
    zone = _named_zone(call, Access.VIEW)
    return permission_json("Zones", zone.permission, zone.name)


def set_permissions(call: Call) -> Answer:
    """Replace the users' rows of the zone, and the groups' if they are given."""
    call.require("Zones", Access.MODIFY)
    zone = _named_zone(call, Access.DELETE)
    set_permission(call, zone.permission)
    call.server.accounts.save()
    return permission_json("Zones", zone.permission, zone.name)


def exact_zone(call: Call) -> Zone:
    """Return the zone with exactly the name that the call gives."""
    name = domain_of(call.parameters.need("zone", "domain"))
    zone = call.server.zones.find(key_of(name))
    if zone is None:
        raise ApiError(f"No such zone was found: {name}")
    return zone


def _named_zone(call: Call, access: Access) -> Zone:
    zone = exact_zone(call)
    call.refuse_internal(zone)
    call.require_zone(zone, access)
    return zone


def _set_disabled(call: Call, *, disabled: bool) -> Answer:
    call.require("Zones", Access.MODIFY)
    _named_zone(call, Access.MODIFY).set_disabled(disabled=disabled)
    return {}
