"""What the spec of each kind says of names; total over any JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from catalyst_dns_sync.core.annotations import misread
from catalyst_dns_sync.core.dnsendpoints import Wish, read_wishes
from catalyst_dns_sync.core.findings import Findings
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.objects import ANY
from catalyst_dns_sync.core.rawjson import Json, maps_at, text_at, texts_at
from catalyst_dns_sync.core.rules import Protocol, RuleError, Syntax, names_of
from catalyst_dns_sync.core.skips import SkipReason

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})
"""The routes of the Gateway API that name hosts."""


@dataclass(slots=True)
class Found(Findings):
    """What was found in an object so far."""

    names: dict[DnsName, str] = field(default_factory=dict)
    wishes: Mapping[DnsName, Wish] = field(default_factory=dict)

    def add_host(self, text: str, where: str) -> None:
        """Take a host name; ``where`` says where it stands."""
        try:
            self.names.setdefault(parse_name(text), f"{where} {text}")
        except InvalidNameError as error:
            self.fault(SkipReason.INVALID_HOST, text, str(error))

    def add_misread(self, annotations: Json) -> None:
        """Take what annotations of ours say that nobody reads."""
        for text, why in misread(annotations):
            self.fault(SkipReason.INVALID_ANNOTATION, text, why, costs_names=False)

    def add_rule(self, rule: str, syntax: Syntax, protocol: Protocol) -> None:
        """Take the hosts that a rule of Traefik's names."""
        try:
            found = names_of(rule, syntax, protocol)
        except RuleError as error:
            where = f"{error.error_class} error at character {error.position + 1}"
            self.fault(SkipReason.INVALID_RULE, rule, f"{where}: {error.message}")
            return
        for name in found.hosts:
            self.names.setdefault(name, rule)
        for left_out in found.skipped:
            if left_out.broken:
                self.fault(SkipReason.INVALID_HOST, left_out.value, left_out.reason)


_Reader: TypeAlias = Callable[[Json, Syntax, Found], None]


def read_spec(kind: str, spec: Json, default: Syntax, found: Found) -> None:
    """Find the names in an object's spec; ``default`` is the syntax of rules that name none."""
    _READERS[kind](spec, default, found)


def drop_unbalanced(spec: Json, found: Found) -> None:
    """Take the names away from a Service that asks for no load balancer, so for no address."""
    kind = text_at(spec, "type") or "ClusterIP"
    if kind != "LoadBalancer":
        for name in found.names:
            detail = f"the Service is of type {kind}; only LoadBalancer has an address of its own"
            found.fault(SkipReason.UNSUPPORTED, name, detail, costs_names=False)
        found.names.clear()


def _read_ingress(spec: Json, _default: Syntax, found: Found) -> None:
    for rule in maps_at(spec, "rules"):
        if host := text_at(rule, "host"):
            found.add_host(host, "host")


def _read_ingressroute(spec: Json, default: Syntax, found: Found) -> None:
    # Routers below a parent do not get Traefik's default syntax: they are v3 unless they say v2.
    default = Syntax.V3 if any(maps_at(spec, "parentRefs")) else default
    for route in maps_at(spec, "routes"):
        if text_at(route, "kind") in ("", "Rule") and (match := text_at(route, "match")):
            found.add_rule(match, _syntax(route, default), Protocol.HTTP)


def _read_ingressroutetcp(spec: Json, default: Syntax, found: Found) -> None:
    has_tls = isinstance(spec.get("tls"), dict)
    for route in maps_at(spec, "routes"):
        match = text_at(route, "match")
        if not match:
            continue
        if has_tls:
            found.add_rule(match, _syntax(route, default), Protocol.TCP)
        else:
            _check_plain_tcp(match, _syntax(route, default), found)


def _check_plain_tcp(match: str, syntax: Syntax, found: Found) -> None:
    # Traefik refuses a router with a host name in HostSNI and no TLS: the name is not served.
    trial = Found()
    trial.add_rule(match, syntax, Protocol.TCP)
    found.faults += trial.faults
    found.holds |= trial.holds | set(trial.names)
    for name in trial.names:
        detail = "HostSNI with a name needs spec.tls; tls: {} is enough"
        found.fault(SkipReason.INVALID_RULE, name, detail)


def _read_service(_spec: Json, _default: Syntax, _found: Found) -> None:
    """Find nothing: only the annotation names a Service."""


def _read_dnsendpoint(spec: Json, _default: Syntax, found: Found) -> None:
    wishes = read_wishes(maps_at(spec, "endpoints"))
    found.names |= {name: wish.rule for name, wish in wishes.names.items()}
    found.wishes = wishes.names
    found.holds |= wishes.holds
    found.faults += wishes.faults


def _read_route(spec: Json, _default: Syntax, found: Found) -> None:
    texts = texts_at(spec, "hostnames")
    for text in texts:
        found.add_host(text, "hostname")
    if not texts:
        found.names[ANY] = "its listeners' hostnames"


def _syntax(route: Json, default: Syntax) -> Syntax:
    text = text_at(route, "syntax")
    if not text:
        return default
    return Syntax.V2 if text == "v2" else Syntax.V3


_READERS: dict[str, _Reader] = {
    "Ingress": _read_ingress,
    "IngressRoute": _read_ingressroute,
    "IngressRouteTCP": _read_ingressroutetcp,
    "Service": _read_service,
    "DNSEndpoint": _read_dnsendpoint,
    **dict.fromkeys(ROUTES, _read_route),
}
