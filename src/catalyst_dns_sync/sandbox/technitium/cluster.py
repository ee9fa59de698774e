"""A cluster of embedded servers: one primary that takes changes, and copies on the others.

What the API's description says of v14.0 and later, section 11: zones of the cluster are Primary on
the primary node and Secondary elsewhere; a copy lags by a NOTIFY and has no comments; users and
tokens are the same on all nodes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from catalyst_dns_sync.sandbox.technitium.model.nodes import Nodes
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType
from catalyst_dns_sync.sandbox.technitium.server import Technitium

LAG = 5.0
"""Seconds until a copy follows: the delay of a NOTIFY."""


class Cluster:
    """Servers by their domain names; the first is the primary node until another is promoted."""

    def __init__(self, domain: str, servers: Sequence[Technitium]) -> None:
        self.domain = domain
        self.servers = {server.domain.lower(): server for server in servers}
        self.primary = servers[0]
        for server in servers:
            server.cluster = frozenset(self.servers)
            server.fellows = self
            server.accounts = self.primary.accounts
        self.copy()

    def node(self, name: str) -> Technitium | None:
        """Return the node with this name."""
        return self.servers.get(name.lower())

    def nodes(self, asked: Technitium) -> list[dict[str, object]]:
        """Return the nodes as the one that is asked shows them."""
        return [
            {
                "name": server.domain,
                "type": "Primary" if server is self.primary else "Secondary",
                "state": "Self" if server is asked else "Connected",
            }
            for server in self.servers.values()
        ]

    def promote(self, name: str) -> None:
        """Make another node the primary, with the copies that it has."""
        self.primary = self.servers[name.lower()]
        for server in self.servers.values():
            kind = ZoneType.PRIMARY if server is self.primary else ZoneType.SECONDARY
            for zone in _shared(server):
                zone.kind = kind

    def expel(self, name: str) -> None:
        """Take a node out of the cluster, as somebody does with one that is broken."""
        del self.servers[name.lower()]
        for server in self.servers.values():
            server.cluster = frozenset(self.servers)

    def follow(self) -> None:
        """Let the copies follow what changed long enough ago."""
        now = self.primary.now()
        for zone in _shared(self.primary):
            if (now - zone.last_modified).total_seconds() >= LAG:
                self._copy(zone)

    def copy(self) -> None:
        """Let the copies follow at once."""
        for zone in _shared(self.primary):
            self._copy(zone)

    def _copy(self, zone: Zone) -> None:
        for server in self.servers.values():
            if server is self.primary:
                continue
            held = server.zones.find(zone.name)
            if held is None:
                held = server.create_zone(zone.name, ZoneType.SECONDARY)
            elif held.serial == zone.serial:
                continue
            held.serial, held.last_modified = zone.serial, zone.last_modified
            held.nodes = Nodes(zone.name)
            for key, node in zone.nodes.items():
                held.nodes.put(key, {kind: _bare(rrset) for kind, rrset in node.items()})


def _shared(server: Technitium) -> Iterator[Zone]:
    members = (ZoneType.PRIMARY, ZoneType.SECONDARY)
    return (zone for zone in server.zones if not zone.internal and zone.kind in members)


def _bare(rrset: tuple[Record, ...]) -> tuple[Record, ...]:
    return tuple(replace(record, comments="") for record in rrset)
