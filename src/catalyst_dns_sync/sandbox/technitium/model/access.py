"""Who may do what: sections and zones, users and groups."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Flag, auto

ADMINISTRATORS = "Administrators"
DNS_ADMINISTRATORS = "DNS Administrators"
EVERYONE = "Everyone"

SECTIONS = (
    "Dashboard", "Zones", "Cache", "Allowed", "Blocked", "Apps", "DnsClient", "Settings",
    "DhcpServer", "Administration", "Logs",
)  # fmt: skip

_SEEN_BY_EVERYONE = frozenset(
    {"Dashboard", "Zones", "Cache", "Allowed", "Blocked", "Apps", "DnsClient"}
)


class Access(Flag):
    """What a row of a permission table allows."""

    NONE = 0
    VIEW = auto()
    MODIFY = auto()
    DELETE = auto()
    ALL = VIEW | MODIFY | DELETE


@dataclass(slots=True)
class Permission:
    """The rows of one section, or of one zone; a caller has the union of those that fit."""

    users: dict[str, Access] = field(default_factory=dict)
    groups: dict[str, Access] = field(default_factory=dict)

    def of(self, user: str, groups: Iterable[str]) -> Access:
        """Return all that the user may do, by his own rows and those of his groups."""
        access = self.users.get(user, Access.NONE)
        for group in groups:
            access |= self.groups.get(group, Access.NONE)
        return access

    def replace_groups(self, rows: dict[str, Access]) -> None:
        """Set the groups' rows; the administrators always keep all rights."""
        self.groups = rows | dict.fromkeys((ADMINISTRATORS, DNS_ADMINISTRATORS), Access.ALL)


def zone_permission(creator: str | None = None) -> Permission:
    """Return the rows of a new zone: its creator and the administrators (Z:1617-1620)."""
    groups = dict.fromkeys((ADMINISTRATORS, DNS_ADMINISTRATORS), Access.ALL)
    return Permission({creator: Access.ALL} if creator else {}, groups)


def section_permissions() -> dict[str, Permission]:
    """Return the sections' rows on a fresh server (AM:694-731)."""
    sections = {}
    for section in SECTIONS:
        groups = {ADMINISTRATORS: Access.ALL}
        if section in _SEEN_BY_EVERYONE:
            groups[DNS_ADMINISTRATORS] = Access.ALL
            groups[EVERYONE] = Access.VIEW
        sections[section] = Permission(groups=groups)
    return sections
