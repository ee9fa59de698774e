"""Reads Gateways and routes as the API server sends them; total over any JSON."""

from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any, TypeAlias

from catalyst_dns_sync.core.gateway.model import (
    ANY,
    Acceptance,
    GatewayObject,
    Listener,
    Parent,
    Route,
    RoutedObject,
)
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.records import (
    InvalidTargetError,
    ObjectRef,
    Targets,
    parse_targets,
    targets_of,
)

Json: TypeAlias = Mapping[str, Any]

GROUP = "gateway.networking.k8s.io"
_NAME_LABEL = "kubernetes.io/metadata.name"
_HTTP = frozenset({"HTTPRoute", "GRPCRoute"})
_BY_PROTOCOL: Mapping[str, frozenset[str]] = {
    "HTTP": _HTTP,
    "HTTPS": _HTTP,
    "TLS": frozenset({"TLSRoute"}),
    "TCP": frozenset(),
    "UDP": frozenset(),
}
_EVERY_KIND = _HTTP | {"TLSRoute"}
"""What a protocol of an implementation's own may take: its controller knows."""


def gateway_object(raw: object) -> GatewayObject | None:
    """Return what matters of a Gateway, None for what has no name."""
    if not isinstance(raw, dict):
        return None
    metadata = _map(raw, "metadata")
    name, namespace = _text(metadata, "name"), intern(_text(metadata, "namespace"))
    if not name:
        return None
    listeners = (_listener(one, namespace) for one in _maps(_map(raw, "spec"), "listeners"))
    return GatewayObject(
        ObjectRef("Gateway", namespace, name),
        listeners=tuple(one for one in listeners if one is not None),
        addresses=_addresses(_map(raw, "status")),
    )


def routed(
    raw: Json, obj: WatchedObject, *, is_selected: bool, require_accepted: bool
) -> RoutedObject:
    """Return a route that waits for its Gateways; ``obj`` has the claims of all it lists."""
    spec = _map(raw, "spec")
    hosts = spec.get("hostnames")
    texts = [one for one in hosts if isinstance(one, str)] if isinstance(hosts, list) else []
    names = {name for text in texts if (name := _name(text)) is not None}
    parents = _parents(raw, obj.ref.namespace, require_accepted=require_accepted)
    route = Route(
        obj.claims,
        frozenset(names) if texts else frozenset({ANY}),
        tuple(parents),
        obj.faults,
        obj.holds - {ANY},
        is_selected,
    )
    claims = tuple(claim for claim in obj.claims if claim.name != ANY)
    return RoutedObject(obj.ref, obj.created, claims, route=route)


def _listener(raw: Json, namespace: str) -> Listener | None:
    text, port = _text(raw, "hostname"), raw.get("port")
    hostname = _name(text) if text else None
    if text and hostname is None:
        # A hostname that is none takes no request; without it the listener would take all.
        return None
    allowed = _map(raw, "allowedRoutes")
    only, never = _namespaces(_map(allowed, "namespaces"), namespace)
    kinds = _BY_PROTOCOL.get(_text(raw, "protocol"), _EVERY_KIND)
    if said := list(_maps(allowed, "kinds")):
        kinds &= {_text(one, "kind") for one in said if one.get("group", GROUP) == GROUP}
    number = port if isinstance(port, int) else 0
    return Listener(intern(_text(raw, "name")), number, hostname, kinds, only, never)


def _namespaces(raw: Json, namespace: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the namespaces that routes may come from (None: all), and those they may not.

    Of a selector only the label that holds the namespace's own name is looked at. Of other labels
    the controller is believed, who says in the route's status whether it was accepted.
    """
    match _text(raw, "from") or "Same":
        case "All":
            return None, frozenset()
        case "Same":
            return frozenset({namespace}), frozenset()
        case "Selector":
            return _selected(_map(raw, "selector"))
        case _:
            return frozenset(), frozenset()


def _selected(selector: Json) -> tuple[frozenset[str] | None, frozenset[str]]:
    name = _text(_map(selector, "matchLabels"), _NAME_LABEL)
    only = frozenset({name}) if name else None
    never: frozenset[str] = frozenset()
    for term in _maps(selector, "matchExpressions"):
        listed = term.get("values")
        values = frozenset(
            one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, str)
        )
        match _text(term, "key"), _text(term, "operator"):
            case (key, "In") if key == _NAME_LABEL:
                only = values if only is None else only & values
            case (key, "NotIn") if key == _NAME_LABEL:
                never |= values
            case _:
                continue
    return only, never


def _addresses(status: Json) -> Targets:
    entries = list(_maps(status, "addresses"))
    if addresses := targets_of(_of_type("IPAddress", entries)):
        return addresses
    for text in _of_type("Hostname", entries):
        try:
            return parse_targets(text)
        except InvalidTargetError:
            continue
    return ()


def _of_type(wanted: str, entries: list[Json]) -> list[str]:
    return [_text(one, "value") for one in entries if one.get("type", "IPAddress") == wanted]


def _parents(raw: Json, namespace: str, *, require_accepted: bool) -> Iterator[Parent]:
    said = list(_maps(_map(raw, "status"), "parents"))
    generation = _map(raw, "metadata").get("generation")
    for ref in _maps(_map(raw, "spec"), "parentRefs"):
        group, kind, of, name, section, port = _identity(ref, namespace)
        if (group, kind) != (GROUP, "Gateway") or not name:
            continue
        acceptance, detail = Acceptance.ACCEPTED, ""
        if require_accepted:
            own = [
                one
                for one in said
                if _identity(_map(one, "parentRef"), namespace) == _identity(ref, namespace)
            ]
            acceptance, detail = _acceptance(own, generation)
        gateway = ObjectRef("Gateway", intern(of), name)
        yield Parent(gateway, section, port, acceptance, detail)


def _identity(ref: Json, namespace: str) -> tuple[str, str, str, str, str, int | None]:
    port = ref.get("port")
    return (
        _text(ref, "group") if "group" in ref else GROUP,
        _text(ref, "kind") or "Gateway",
        _text(ref, "namespace") or namespace,
        _text(ref, "name"),
        _text(ref, "sectionName"),
        port if isinstance(port, int) else None,
    )


def _acceptance(statuses: list[Json], generation: object) -> tuple[Acceptance, str]:
    """Return what the controllers say; one that accepts it is enough."""
    found = [
        _verdict(condition, generation)
        for status in statuses
        for condition in _maps(status, "conditions")
        if _text(condition, "type") == "Accepted"
    ]
    if not found:
        return Acceptance.PENDING, "its controller says nothing of the route yet"
    return min(found, key=lambda one: list(Acceptance).index(one[0]))


def _verdict(condition: Json, generation: object) -> tuple[Acceptance, str]:
    seen = condition.get("observedGeneration")
    if isinstance(seen, int) and isinstance(generation, int) and 0 < seen < generation:
        return Acceptance.PENDING, "its controller has not looked at the route as it is now"
    match _text(condition, "status"):
        case "True":
            return Acceptance.ACCEPTED, ""
        case "False":
            said = f"{_text(condition, 'reason')}: {_text(condition, 'message')}"
            return Acceptance.REFUSED, f"it refuses the route: {said[:200]}"
        case _:
            return Acceptance.PENDING, "its controller has not decided about the route yet"


def _name(text: str) -> DnsName | None:
    try:
        return parse_name(text)
    except InvalidNameError:
        return None


def _map(value: Json, key: str) -> Json:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _maps(value: Json, key: str) -> Iterator[Json]:
    inner = value.get(key)
    return (item for item in (inner if isinstance(inner, list) else ()) if isinstance(item, dict))


def _text(value: Json, key: str) -> str:
    inner = value.get(key)
    return inner if isinstance(inner, str) else ""
