"""From one raw object of the cluster to the names that it claims; total over any JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from sys import intern

from catalyst_dns_sync.core.annotations import (
    InvalidPriorityError,
    annotation,
    host_annotations,
    is_ignored,
    read_extras,
    those_read,
    wants_hosts_of_rules,
)
from catalyst_dns_sync.core.dnsendpoints import Wish
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import (
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
from catalyst_dns_sync.core.rules import Syntax
from catalyst_dns_sync.core.selectors import LabelSelector
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.specs import ROUTES, Found, drop_unbalanced, read_spec

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
KINDS_WITH_CLASS = frozenset({"Ingress", "IngressRoute", "IngressRouteTCP"})
_WITH_STATUS = frozenset({"Ingress", "Service"})
_WITHOUT_HOSTNAMES = frozenset({"DNSEndpoint"})


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
    spec = map_at(raw, "spec")
    found = _found(kind, spec, annotations, options, legacy=legacy)
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


def _found(
    kind: str, spec: Json, annotations: Json, options: ObjectOptions, *, legacy: bool
) -> Found:
    """Return what an object says of names, and what is wrong in that."""
    found = Found()
    found.add_misread(annotations)
    if wants_hosts_of_rules(annotations, compat=options.compat):
        read_spec(kind, spec, Syntax.V2 if legacy else options.syntax, found)
    if kind not in _WITHOUT_HOSTNAMES:
        for host, key in host_annotations(annotations, compat=options.compat):
            found.add_host(host, f"annotation {key}:")
    if kind == "Service":
        drop_unbalanced(spec, found)
    return found


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


def _extras(found: Found, annotations: Json, ways: Sequence[str], options: ObjectOptions) -> Extras:
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
    raw: Json, obj: WatchedObject, found: Found, options: ObjectOptions, *, is_selected: bool
) -> WatchedObject:
    """Return a route of the Gateway API; what it claims is found out where its Gateways are."""
    # Imported where it is used: most clusters have none.
    from catalyst_dns_sync.core.gateway.reading import routed

    read = replace(obj, faults=tuple(found.faults), holds=frozenset(found.holds))
    return routed(raw, read, is_selected=is_selected, require_accepted=options.require_accepted)


def _claims(
    found: Found,
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


def _remediate(annotations: Json, found: Found) -> bool | None:
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


def _on_own_address(claim: Claim) -> Claim:
    """Return a Service's claim: its own address or none, never the one of an ingress controller."""
    return claim if claim.targets else replace(claim, targets=claim.status)


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
