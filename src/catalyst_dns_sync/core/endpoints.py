"""From one raw object of the cluster to the names that it claims; total over any JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from sys import intern
from typing import TypeAlias

from catalyst_dns_sync.core.annotations import (
    InvalidPriorityError,
    annotation,
    host_annotations,
    is_ignored,
    misread,
    read_extras,
    those_read,
    wants_hosts_of_rules,
)
from catalyst_dns_sync.core.dnsendpoints import Wish, read_wishes
from catalyst_dns_sync.core.findings import Findings
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.objects import (
    ANY,
    NO_EXTRAS,
    NO_NAMES,
    Balancer,
    Claim,
    Extras,
    WatchedObject,
)
from catalyst_dns_sync.core.rawjson import Json, labels_of, map_at, maps_at, text_at, texts_at
from catalyst_dns_sync.core.records import (
    InvalidTargetError,
    InvalidTtlError,
    ObjectRef,
    Targets,
    parse_targets,
    parse_ttl,
    told_targets,
)
from catalyst_dns_sync.core.rules import Protocol, RuleError, Syntax, names_of
from catalyst_dns_sync.core.selectors import LabelSelector
from catalyst_dns_sync.core.skips import SkipReason

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
KINDS_WITH_CLASS = frozenset({"Ingress", "IngressRoute", "IngressRouteTCP"})


@dataclass(frozen=True, slots=True)
class ObjectOptions:
    """What the settings say of reading objects.

    ``syntax`` is Traefik's ``core.defaultRuleSyntax``; ``ingress_classes`` empty means all, and
    ``selector`` None too. ``ways`` are the entry points and classes that `DNS_TARGETS` names, and
    ``compat`` says that annotations of external-dns are read too, ``notes`` that there is a place
    for what objects tell people. With ``require_accepted`` a route of the Gateway API counts only
    where its Gateway accepted it.
    """

    syntax: Syntax = Syntax.V3
    ingress_classes: frozenset[str] = frozenset()
    selector: LabelSelector | None = None
    ways: frozenset[str] = frozenset()
    compat: bool = False
    require_accepted: bool = True
    notes: bool = True


DEFAULT_OPTIONS = ObjectOptions()


@dataclass(slots=True)
class _Findings(Findings):
    """What was found in an object so far."""

    names: dict[DnsName, str] = field(default_factory=dict)
    wishes: Mapping[DnsName, Wish] = field(default_factory=dict)

    def add_host(self, text: str, where: str) -> None:
        try:
            self.names.setdefault(parse_name(text), f"{where} {text}")
        except InvalidNameError as error:
            self.fault(SkipReason.INVALID_HOST, text, str(error))

    def add_misread(self, annotations: Json) -> None:
        for text, why in misread(annotations):
            self.fault(SkipReason.INVALID_ANNOTATION, text, why, costs_names=False)

    def add_rule(self, rule: str, syntax: Syntax, protocol: Protocol) -> None:
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


_Reader: TypeAlias = Callable[[Json, ObjectOptions, _Findings], None]


def watched_object(
    raw: object, kind: str, options: ObjectOptions = DEFAULT_OPTIONS, *, legacy: bool = False
) -> WatchedObject | None:
    """Return what matters of an object as the API server sent it.

    ``kind`` is the kind of the resource that was asked for; ``legacy`` says that the group is
    ``traefik.containo.us``, whose rules are always of v2. Returns None for what has no name.
    """
    if not isinstance(raw, dict):
        return None
    metadata = map_at(raw, "metadata")
    name = text_at(metadata, "name")
    if not name:
        return None
    # Thousands of objects share these two texts.
    ref = ObjectRef(kind, intern(text_at(metadata, "namespace")), name)
    created = intern(text_at(metadata, "creationTimestamp"))
    annotations = those_read(map_at(metadata, "annotations"))
    if is_ignored(annotations, compat=options.compat):
        return WatchedObject(ref, created)
    found = _Findings()
    found.add_misread(annotations)
    spec = map_at(raw, "spec")
    if legacy:
        options = replace(options, syntax=Syntax.V2)
    if wants_hosts_of_rules(annotations, compat=options.compat):
        _READERS[kind](spec, options, found)
    if kind not in _WITHOUT_HOSTNAMES:
        for host, key in host_annotations(annotations, compat=options.compat):
            found.add_host(host, f"annotation {key}:")
    if kind == "Service":
        _keep_balancers(spec, found)
    is_selected = _is_selected(metadata, spec, options, has_class=kind in KINDS_WITH_CLASS)
    if kind in ROUTES:
        extras = _extras(found, annotations, (), options)
        obj = WatchedObject(ref, created, _claims(found, annotations, (), extras, options))
        return _routed(raw, obj, found, options, is_selected=is_selected)
    if not is_selected:
        names = frozenset(found.names) | found.holds or NO_NAMES
        return WatchedObject(ref, created, filtered=names)
    ways = list(_ways(metadata, spec)) if options.ways else ()
    extras = _extras(found, annotations, ways, options)
    status = _status_targets(raw) if kind in _WITH_STATUS else ()
    claims = _claims(found, annotations, status, extras, options)
    if kind == "Service":
        claims = tuple(_on_own_address(claim) for claim in claims)
    holds = frozenset(found.holds - {claim.name for claim in claims}) or NO_NAMES
    return WatchedObject(ref, created, claims, tuple(found.faults), holds)


def balancer(raw: object, kind: str) -> Balancer | None:
    """Return the addresses of an object's load balancer, or None for what has no name."""
    if not isinstance(raw, dict) or not (name := text_at(map_at(raw, "metadata"), "name")):
        return None
    ref = ObjectRef(kind, text_at(map_at(raw, "metadata"), "namespace"), name)
    return Balancer(ref, addresses=_status_targets(raw))


def _ways(metadata: Json, spec: Json) -> Iterator[str]:
    """Yield the entry points and classes by which an object says that it is reached.

    A route that names no entry point is on Traefik's default ones, which only Traefik knows.
    """
    yield from texts_at(spec, "entryPoints")
    annotations = map_at(metadata, "annotations")
    yield text_at(spec, "ingressClassName") or text_at(annotations, CLASS_ANNOTATION)


def _extras(
    found: _Findings, annotations: Json, ways: Sequence[str], options: ObjectOptions
) -> Extras:
    if not annotations and not ways:
        return NO_EXTRAS
    try:
        return read_extras(annotations, ways, options.ways, notes=options.notes)
    except InvalidPriorityError as error:
        text = annotation(annotations, "priority")
        found.fault(SkipReason.INVALID_ANNOTATION, text, f"priority: {error}", costs_names=False)
        rest = {key: value for key, value in annotations.items() if not key.endswith("/priority")}
        return read_extras(rest, ways, options.ways, notes=options.notes)


def _routed(
    raw: Json, obj: WatchedObject, found: _Findings, options: ObjectOptions, *, is_selected: bool
) -> WatchedObject:
    """Return a route of the Gateway API; what it claims is found out where its Gateways are."""
    # Imported where it is used: most clusters have none.
    from catalyst_dns_sync.core.gateway.reading import routed

    read = replace(obj, faults=tuple(found.faults), holds=frozenset(found.holds))
    return routed(raw, read, is_selected=is_selected, require_accepted=options.require_accepted)


def _claims(
    found: _Findings,
    annotations: Json,
    status: Targets,
    extras: Extras,
    options: ObjectOptions,
) -> tuple[Claim, ...]:
    names = found.names
    targets: Targets | None = None
    ttl: int | None = None
    if text := annotation(annotations, "target", compat=options.compat):
        try:
            targets = parse_targets(text)
        except InvalidTargetError as error:
            # Without its target no name of the object can be made, but those it has stay.
            found.fault(SkipReason.INVALID_ANNOTATION, text, f"target: {error}")
            found.holds.update(names)
            return ()
    if text := annotation(annotations, "ttl", compat=options.compat):
        try:
            ttl = parse_ttl(text)
        except InvalidTtlError as error:
            detail = f"ttl: {error}; the default is used"
            found.fault(SkipReason.INVALID_ANNOTATION, text, detail, costs_names=False)
    remediate = _remediate(annotations, found)
    claims = (
        Claim(name, targets, ttl, status, remediate, rule, extras) for name, rule in names.items()
    )
    return tuple(_as_wished(claim, found.wishes) for claim in claims)


def _as_wished(claim: Claim, wishes: Mapping[DnsName, Wish]) -> Claim:
    wish = wishes.get(claim.name)
    if wish is None:
        return claim
    ttl = claim.ttl if wish.ttl is None else wish.ttl
    return replace(claim, targets=wish.targets or claim.targets, ttl=ttl)


def _remediate(annotations: Json, found: _Findings) -> bool | None:
    text = annotation(annotations, "auto-remediate")
    match text.strip().lower():
        case "":
            return None
        case "true":
            return True
        case "false":
            return False
        case _:
            detail = "auto-remediate: true or false is wanted; DRIFT_POLICY is used"
            found.fault(SkipReason.INVALID_ANNOTATION, text, detail, costs_names=False)
            return None


def _read_ingress(spec: Json, _options: ObjectOptions, found: _Findings) -> None:
    for rule in maps_at(spec, "rules"):
        if host := text_at(rule, "host"):
            found.add_host(host, "host")


def _read_ingressroute(spec: Json, options: ObjectOptions, found: _Findings) -> None:
    # Routers below a parent do not get Traefik's default syntax: they are v3 unless they say v2.
    default = Syntax.V3 if any(maps_at(spec, "parentRefs")) else options.syntax
    for route in maps_at(spec, "routes"):
        if text_at(route, "kind") in ("", "Rule") and (match := text_at(route, "match")):
            found.add_rule(match, _syntax(route, default), Protocol.HTTP)


def _read_ingressroutetcp(spec: Json, options: ObjectOptions, found: _Findings) -> None:
    has_tls = isinstance(spec.get("tls"), dict)
    for route in maps_at(spec, "routes"):
        match = text_at(route, "match")
        if not match:
            continue
        if has_tls:
            found.add_rule(match, _syntax(route, options.syntax), Protocol.TCP)
        else:
            _check_plain_tcp(match, _syntax(route, options.syntax), found)


def _check_plain_tcp(match: str, syntax: Syntax, found: _Findings) -> None:
    # Traefik refuses a router with a host name in HostSNI and no TLS: the name is not served.
    trial = _Findings()
    trial.add_rule(match, syntax, Protocol.TCP)
    found.faults += trial.faults
    found.holds |= trial.holds | set(trial.names)
    for name in trial.names:
        detail = "HostSNI with a name needs spec.tls; tls: {} is enough"
        found.fault(SkipReason.INVALID_RULE, name, detail)


def _read_service(_spec: Json, _options: ObjectOptions, _found: _Findings) -> None:
    """Find nothing: only the annotation names a Service."""


def _keep_balancers(spec: Json, found: _Findings) -> None:
    """Take the names of a Service that asks for no load balancer, and so for no address."""
    kind = text_at(spec, "type") or "ClusterIP"
    if kind != "LoadBalancer":
        for name in found.names:
            detail = f"the Service is of type {kind}; only LoadBalancer has an address of its own"
            found.fault(SkipReason.UNSUPPORTED, name, detail, costs_names=False)
        found.names.clear()


def _on_own_address(claim: Claim) -> Claim:
    """Return a Service's claim: its own address or none, never the one of an ingress controller."""
    return claim if claim.targets else replace(claim, targets=claim.status)


def _read_dnsendpoint(spec: Json, _options: ObjectOptions, found: _Findings) -> None:
    wishes = read_wishes(maps_at(spec, "endpoints"))
    found.names |= {name: wish.rule for name, wish in wishes.names.items()}
    found.wishes = wishes.names
    found.holds |= wishes.holds
    found.faults += wishes.faults


def _read_route(spec: Json, _options: ObjectOptions, found: _Findings) -> None:
    texts = texts_at(spec, "hostnames")
    for text in texts:
        found.add_host(text, "hostname")
    if not texts:
        found.names[ANY] = "its listeners' hostnames"


ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})
_WITH_STATUS = frozenset({"Ingress", "Service"})
_WITHOUT_HOSTNAMES = frozenset({"DNSEndpoint"})
_READERS: dict[str, _Reader] = {
    "Ingress": _read_ingress,
    "IngressRoute": _read_ingressroute,
    "IngressRouteTCP": _read_ingressroutetcp,
    "Service": _read_service,
    "DNSEndpoint": _read_dnsendpoint,
    **dict.fromkeys(ROUTES, _read_route),
}


def _syntax(route: Json, default: Syntax) -> Syntax:
    text = text_at(route, "syntax")
    if not text:
        return default
    return Syntax.V2 if text == "v2" else Syntax.V3


def _is_selected(metadata: Json, spec: Json, options: ObjectOptions, *, has_class: bool) -> bool:
    if options.selector is not None and not options.selector.matches(labels_of(metadata)):
        return False
    if not has_class or not options.ingress_classes:
        return True
    class_name = spec.get("ingressClassName")
    if not isinstance(class_name, str):
        class_name = text_at(map_at(metadata, "annotations"), CLASS_ANNOTATION)
    return class_name in options.ingress_classes


def _status_targets(raw: Json) -> Targets:
    entries = list(maps_at(map_at(map_at(raw, "status"), "loadBalancer"), "ingress"))
    ips, hosts = ([text_at(entry, key) for entry in entries] for key in ("ip", "hostname"))
    return told_targets(ips, hosts)
