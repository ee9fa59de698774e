"""Permission tables as parameters and as JSON."""

from catalyst_dns_sync.sandbox.technitium.api.call import Call, Json
from catalyst_dns_sync.sandbox.technitium.model.access import Access, Permission
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.values import parse_bool

_CELLS = 4
_FLAGS = (Access.VIEW, Access.MODIFY, Access.DELETE)


def set_permission(call: Call, permission: Permission) -> None:
    """Replace the rows that the call gives: those of users, of groups, or of both."""
    users = call.parameters.raw("userPermissions")
    groups = call.parameters.raw("groupPermissions")
    if users is not None:
        rows = parse_rows(users)
        permission.users = {call.server.accounts.user(name).name: a for name, a in rows.items()}
    if groups is not None:
        permission.replace_groups(parse_rows(groups))


def parse_rows(text: str) -> dict[str, Access]:
    """Return the rows of ``name|view|modify|delete|name|...``."""
    cells = text.split("|") if text else []
    if len(cells) % _CELLS:
        raise ApiError("Index was outside the bounds of the array.")
    rows = {}
    for start in range(0, len(cells), _CELLS):
        name, *allowed = cells[start : start + _CELLS]
        access = Access.NONE
        for flag, cell in zip(_FLAGS, allowed, strict=True):
            access |= flag if parse_bool(cell) else Access.NONE
        rows[name] = access
    return rows


def permission_json(section: str, permission: Permission, zone: str | None = None) -> Json:
    """Return the tables of a section or a zone."""
    out: Json = {"section": section}
    if zone is not None:
        out["subItem"] = zone
    users = sorted(permission.users.items())
    groups = sorted(permission.groups.items())
    out["userPermissions"] = [{"username": name} | access_json(row) for name, row in users]
    out["groupPermissions"] = [{"name": name} | access_json(row) for name, row in groups]
    return out


def access_json(access: Access) -> dict[str, object]:
    """Return what may be done as three booleans."""
    return {
        "canView": Access.VIEW in access,
        "canModify": Access.MODIFY in access,
        "canDelete": Access.DELETE in access,
    }
