"""Which path is which call; all of them take GET and POST alike."""

from collections.abc import Mapping

from catalyst_dns_sync.sandbox.technitium.api import metrics, records, users, zone_files, zones
from catalyst_dns_sync.sandbox.technitium.api.call import Handler

OPEN_CALLS: Mapping[str, Handler] = {
    "/api/user/login": users.log_in,
    "/api/user/createtoken": users.create_token,
    "/api/sso/status": metrics.sso_status,
}
"""Calls that need no token, by lower-case path: ASP.NET's routing ignores case."""

CALLS: Mapping[str, Handler] = {
    "/api/user/logout": users.log_out,
    "/api/user/createsingleusetoken": users.create_single_use_token,
    "/api/user/session/get": users.get_session,
    "/api/admin/sessions/createtoken": users.create_token_for,
    "/api/admin/sessions/delete": users.delete_session,
    "/api/admin/users/create": users.create_user,
    "/api/admin/users/list": users.list_users,
    "/api/admin/users/delete": users.delete_user,
    "/api/admin/permissions/get": users.get_section_permissions,
    "/api/admin/permissions/set": users.set_section_permissions,
    "/api/dashboard/metrics/json": metrics.metrics_json,
    "/api/dashboard/metrics/text": metrics.metrics_text,
    "/api/zones/list": zones.list_zones,
    "/api/zones/create": zones.create,
    "/api/zones/delete": zones.delete,
    "/api/zones/enable": zones.enable,
    "/api/zones/disable": zones.disable,
    "/api/zones/options/get": zones.options,
    "/api/zones/permissions/get": zones.get_permissions,
    "/api/zones/permissions/set": zones.set_permissions,
    "/api/zones/import": zone_files.import_zone,
    "/api/zones/export": zone_files.export_zone,
    "/api/zones/records/get": records.get,
    "/api/zones/records/add": records.add,
    "/api/zones/records/update": records.update,
    "/api/zones/records/delete": records.delete,
}

SINCE_15 = frozenset(
    {
        "/api/sso/status",
        "/api/user/createsingleusetoken",
        "/api/dashboard/metrics/json",
        "/api/dashboard/metrics/text",
    }
)
"""Calls that older releases do not know."""
