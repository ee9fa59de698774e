"""Reads Gateways and routes as the API server sends them; total over any JSON."""

from collections.abc import Iterator, Mapping
from sys import intern

from catalyst_dns_sync.core.gateway.model import (
    Acceptance,
    GatewayObject,
    Listener,
    Parent,
    Route,
    RoutedObject,
)
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.objects import ANY, WatchedObject
from catalyst_dns_sync.core.rawjson import Json, map_at, maps_at, text_at, texts_at
from catalyst_dns_sync.core.records import (
    ObjectRef,
    Targets,
    told_targets,
)

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
    metadata = map_at(raw, "metadata")
    name, namespace = text_at(metadata, "name"), intern(text_at(metadata, "namespace"))
    if not name:
        return None
    listeners = (_listener(one, namespace) for one in maps_at(map_at(raw, "spec"), "listeners"))
    return GatewayObject(
        ObjectRef("Gateway", namespace, name),
        listeners=tuple(one for one in listeners if one is not None),
        addresses=_addresses(map_at(raw, "status")),
    )


def routed(
    raw: Json, obj: WatchedObject, *, is_selected: bool, require_accepted: bool
) -> RoutedObject:
    """Return a route that waits for its Gateways; ``obj`` has the claims of all it lists."""
    spec = map_at(raw, "spec")
    texts = texts_at(spec, "hostnames")
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
    text, port = text_at(raw, "hostname"), raw.get("port")
    hostname = _name(text) if text else None
    if text and hostname is None:
        # A hostname that is none takes no request; without it the listener would take all.
        return None
    allowed = map_at(raw, "allowedRoutes")
    only, never = _namespaces(map_at(allowed, "namespaces"), namespace)
    kinds = _BY_PROTOCOL.get(text_at(raw, "protocol"), _EVERY_KIND)
    if said := list(maps_at(allowed, "kinds")):
        kinds &= {text_at(one, "kind") for one in said if one.get("group", GROUP) == GROUP}
    number = port if isinstance(port, int) else 0
    return Listener(intern(text_at(raw, "name")), number, hostname, kinds, only, never)


def _namespaces(raw: Json, namespace: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the namespaces that routes may come from (None: all), and those they may not.

    Of a selector only the label that holds the namespace's own name is looked at. Of other labels
    the controller is believed, who says in the route's status whether it was accepted.
    """
    match text_at(raw, "from") or "Same":
        case "All":
            return None, frozenset()
        case "Same":
            return frozenset({namespace}), frozenset()
        case "Selector":
            return _selected(map_at(raw, "selector"))
        case _:
            return frozenset(), frozenset()


def _selected(selector: Json) -> tuple[frozenset[str] | None, frozenset[str]]:
    name = text_at(map_at(selector, "matchLabels"), _NAME_LABEL)
    only = frozenset({name}) if name else None
    never: frozenset[str] = frozenset()
    for term in maps_at(selector, "matchExpressions"):
        values = frozenset(texts_at(term, "values"))
        match text_at(term, "key"), text_at(term, "operator"):
            case (key, "In") if key == _NAME_LABEL:
                only = values if only is None else only & values
            case (key, "NotIn") if key == _NAME_LABEL:
                never |= values
            case _:
                continue
    return only, never


def _addresses(status: Json) -> Targets:
    entries = list(maps_at(status, "addresses"))
    return told_targets(_of_type("IPAddress", entries), _of_type("Hostname", entries))


def _of_type(wanted: str, entries: list[Json]) -> list[str]:
    return [text_at(one, "value") for one in entries if one.get("type", "IPAddress") == wanted]


def _parents(raw: Json, namespace: str, *, require_accepted: bool) -> Iterator[Parent]:
    said = list(maps_at(map_at(raw, "status"), "parents"))
    generation = map_at(raw, "metadata").get("generation")
    for ref in maps_at(map_at(raw, "spec"), "parentRefs"):
        group, kind, of, name, section, port = _identity(ref, namespace)
        if (group, kind) != (GROUP, "Gateway") or not name:
            continue
        acceptance, detail = Acceptance.ACCEPTED, ""
        if require_accepted:
            own = [
                one
                for one in said
                if _identity(map_at(one, "parentRef"), namespace) == _identity(ref, namespace)
            ]
            acceptance, detail = _acceptance(own, generation)
        gateway = ObjectRef("Gateway", intern(of), name)
        yield Parent(gateway, section, port, acceptance, detail)


def _identity(ref: Json, namespace: str) -> tuple[str, str, str, str, str, int | None]:
    port = ref.get("port")
    return (
        text_at(ref, "group") if "group" in ref else GROUP,
        text_at(ref, "kind") or "Gateway",
        text_at(ref, "namespace") or namespace,
        text_at(ref, "name"),
        text_at(ref, "sectionName"),
        port if isinstance(port, int) else None,
    )


def _acceptance(statuses: list[Json], generation: object) -> tuple[Acceptance, str]:
    """Return what the controllers say; one that accepts it is enough."""
    found = [
        _verdict(condition, generation)
        for status in statuses
        for condition in maps_at(status, "conditions")
        if text_at(condition, "type") == "Accepted"
    ]
    if not found:
        return Acceptance.PENDING, "its controller says nothing of the route yet"
    return min(found, key=lambda one: list(Acceptance).index(one[0]))


def _verdict(condition: Json, generation: object) -> tuple[Acceptance, str]:
    seen = condition.get("observedGeneration")
    if isinstance(seen, int) and isinstance(generation, int) and 0 < seen < generation:
        return Acceptance.PENDING, "its controller has not looked at the route as it is now"
    match text_at(condition, "status"):
        case "True":
            return Acceptance.ACCEPTED, ""
        case "False":
            said = f"{text_at(condition, 'reason')}: {text_at(condition, 'message')}"
            return Acceptance.REFUSED, f"it refuses the route: {said[:200]}"
        case _:
            return Acceptance.PENDING, "its controller has not decided about the route yet"


def _name(text: str) -> DnsName | None:
    try:
        return parse_name(text)
    except InvalidNameError:
        return None
