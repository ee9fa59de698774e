"""What an operator sets; the laws read it here and not in the daemon's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalyst_dns_sync.core.certificates import parse_issuer
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.targets import parse_table
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Secret
from catalyst_dns_sync.settings.serversfile import DnsServer
from simulation.issuing import ISSUER, NAMESPACE
from simulation.objects import DEFAULT_TARGET, DEFAULT_TTL, KINDS, PREVIEW_TTL, Spec

URL = "http://dns.test:5380"


@dataclass(frozen=True, slots=True)
class Server:
    """What is set of one DNS server, where there are several."""

    name: str
    zones: tuple[str, ...]
    target: str = DEFAULT_TARGET
    ttl: int = DEFAULT_TTL
    policy: str = "sync"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one daemon; with ``others`` there are more DNS servers than the first.

    ``table`` has rows of a way and its targets; ``service`` is the Service in namespace ``a``
    that names them. With ``certificates`` each zone is to have one. ``at`` returns the settings
    as they are for one of the servers, whose name is then ``server``.
    """

    owner: str = "default"
    zones: tuple[str, ...] = ("lab.test",)
    kinds: tuple[str, ...] = KINDS
    namespaces: tuple[str, ...] = ()
    klass: str = ""
    label: str = ""
    policy: str = "sync"
    elected: bool = False
    grace: float = 10.0
    confirm: float = 60.0
    bulk: int = 0
    chunk: int = 100
    previews: tuple[str, ...] = ()
    server: str = ""
    target: str = DEFAULT_TARGET
    ttl: int = DEFAULT_TTL
    others: tuple[Server, ...] = ()
    table: tuple[tuple[str, str], ...] = ()
    service: str = ""
    certificates: bool = False

    @property
    def servers(self) -> tuple[Server, ...]:
        """Every DNS server; the only one has no name."""
        name = "first" if self.others else self.server
        return (Server(name, self.zones, self.target, self.ttl, self.policy), *self.others)

    def at(self, number: int) -> "Config":
        """Return the settings as they are for one of the servers."""
        one = self.servers[number]
        return replace(
            self,
            server=one.name,
            zones=one.zones,
            target=one.target,
            ttl=one.ttl,
            policy=one.policy,
            others=(),
        )

    @property
    def labels(self) -> list[str]:
        """What metrics call the zones of all servers."""
        zones = [(zone, one.name) for one in self.servers for zone in one.zones]
        every = [zone for zone, _ in zones]
        return [f"{zone}@{name}" if every.count(zone) > 1 else zone for zone, name in zones]

    def row_of(self, spec: Spec) -> int | None:
        """Return which row of the table is for an object, None where none is."""
        ways = [way for way, _ in self.table]
        found = [number for number, way in enumerate(ways) if way in spec.ways]
        return found[0] if found else ways.index("*") if "*" in ways else None

    def grace_of(self, name: str) -> float:
        """Return for how long a name must be unclaimed before it goes."""
        return 0.0 if name in self.previews else self.grace

    @property
    def watched(self) -> tuple[str, ...]:
        """The kinds that the daemon lists: Gateways for the sake of routes."""
        return (*self.kinds, "Gateway") if "HTTPRoute" in self.kinds else self.kinds

    def sees(self, spec: Spec) -> bool:
        """Tell whether the filters pass an object."""
        return self.klass in ("", spec.klass) and self.label in ("", spec.label)

    def covers(self, kind: str, namespace: str) -> bool:
        return kind in self.kinds and (not self.namespaces or namespace in self.namespaces)

    def zone_of(self, name: str) -> str | None:
        """Return the longest of the zones that a name lies in, on a label's boundary."""
        inside = [zone for zone in self.zones if f".{name}".endswith(f".{zone}")]
        return max(inside, key=len, default=None)

    def settings(self) -> Settings:
        values: dict[str, Any] = {
            "sources": tuple(kind.lower() for kind in self.kinds),
            "watch_namespaces": self.namespaces or None,
            "ingress_classes": (self.klass,) if self.klass else None,
            "label_selector": parse_label_selector(f"tier={self.label}") if self.label else None,
            "owner_id": self.owner,
            # What happened is kept for people, names and all, up to a bound of its own.
            "ui": False,
            "policy": Policy(self.policy),
            "delete_grace": self.grace,
            "preview_hosts": tuple(map(parse_host_pattern, self.previews)) or None,
            "preview_ttl": PREVIEW_TTL,
            "confirm_seconds": self.confirm,
            "dns_ip_address": parse_targets(self.target) if self.target else None,
            "dns_ttl_default": self.ttl,
        }
        if any(zone.endswith("in-addr.arpa") for zone in self.zones):
            values["dns_ptr"] = True
        if self.table:
            values["dns_targets"] = parse_table(";".join(map("=".join, self.table)))
        if self.service:
            values["dns_target_service"] = ("a", self.service)
        if self.certificates:
            values |= {"certificates": True, "wildcard_certificate": True}
            values |= {"certificate_issuer": parse_issuer(ISSUER)}
            values |= {"certificate_namespace": NAMESPACE}
        if self.others:
            values["dns_servers"] = tuple(map(_in_file, self.servers))
        else:
            values["dns_server_url"] = URL
            values["dns_api_token"] = Secret("in the world's own token source")
            values["dns_zones"] = frozenset(map(parse_name, self.zones))
        return Settings(**values)


def _in_file(server: Server) -> DnsServer:
    """Return a server as the file ``DNS_SERVERS`` says it."""
    terms = ZoneTerms(policy=Policy(server.policy))
    return DnsServer(
        server.name,
        URL,
        Path("in the world's own token source"),
        {parse_name(zone): terms for zone in server.zones},
        targets=parse_targets(server.target),
        ttl=server.ttl,
    )


def changed(config: Config, changes: Mapping[str, Any]) -> Config:
    """Return settings that an operator changed."""
    return replace(config, **changes)
