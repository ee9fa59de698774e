"""Short builders of the values that tests speak of: names, objects, records, zones, demands."""

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import Claim, WatchedObject
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.records import (
    Endpoint,
    ObjectRef,
    Record,
    Targets,
    Zone,
    ZoneStamp,
    parse_targets,
)
from catalyst_dns_sync.core.terms import Coverage, Rules

ZONE = parse_name("lab.test")
CLUSTER = "3f2a91c0"
US = Identity("default", CLUSTER)
KINDS = frozenset({"Ingress", "IngressRoute", "IngressRouteTCP"})
RULES = Rules(US, Coverage(KINDS))


def host(label: str) -> DnsName:
    """Return a name in `ZONE`; an empty label is its apex."""
    return parse_name(f"{label}.{ZONE}" if label else ZONE)


def ref(text: str) -> ObjectRef:
    """Return the object that ``kind/namespace/name`` names."""
    kind, *namespace, name = text.split("/")
    return ObjectRef(kind, "/".join(namespace), name)


def marker(
    origin: str = "IngressRoute/web/app",
    kinds: str = "IngressRoute",
    *,
    owner: str = "default",
    cluster: str | None = CLUSTER,
    tail: str = "",
) -> str:
    """Return the comment of a record, written by hand."""
    where = f" cluster={cluster}" if cluster else ""
    return f"catalyst-dns-sync/v1 owner={owner}{where} origin={origin} kinds={kinds}{tail}"


def a(value: str = "192.168.1.54", ttl: int = 300, comment: str = "", **rest: Any) -> Record:
    """Return an A record, by hand unless it has a comment."""
    return Record("A", value, ttl, comment, **rest)


def ours(value: str = "192.168.1.54", ttl: int = 300, **rest: Any) -> Record:
    """Return an A record with our marker."""
    return a(value, ttl, marker(), **rest)


def ordered(label: str, value: str = "10.0.0.9", ttl: int = 300, kinds: str = "Custom") -> Record:
    """Return an A record that a person ordered for a name of `ZONE`."""
    return a(value, ttl, marker(f"Custom/{host(label)}", kinds))


def zone(names: Mapping[str, Iterable[Record]], serial: int = 1, name: DnsName = ZONE) -> Zone:
    """Return a zone that holds these records, by label."""
    held = {
        parse_name(f"{label}.{name}" if label else name): tuple(sorted(records))
        for label, records in names.items()
    }
    return Zone(name, ZoneStamp(serial, str(serial)), held)


def endpoint(
    label: str,
    targets: str = "192.168.1.54",
    ttl: int = 300,
    origins: str = "IngressRoute/web/app",
) -> Endpoint:
    """Return what objects want of one name; origins are divided by blanks."""
    return Endpoint(host(label), parse_targets(targets), ttl, tuple(map(ref, origins.split())))


def demand(*endpoints: Endpoint, **rest: Any) -> Demand:
    """Return a demand of these endpoints."""
    return Demand({one.name: one for one in endpoints}, **rest)


def obj(
    origin: str,
    *labels: str,
    target: str = "",
    status: str = "",
    ttl: int | None = None,
    created: str = "2026-01-01T00:00:00Z",
) -> WatchedObject:
    """Return an object that claims these names of `ZONE`."""
    targets: Targets | None = parse_targets(target) if target else None
    own = parse_targets(status) if status else ()
    claims = tuple(Claim(host(label), targets, ttl, own) for label in labels)
    return WatchedObject(ref(origin), created, claims)


def delete(label: str, kinds: str = "IngressRoute") -> Delete:
    """Return the delete of one record of ours."""
    record = a(comment=marker(kinds=kinds))
    return Delete(host(label), (record,), frozenset(kinds.split(",")))


def after(before: Zone, changes: Iterable[Change]) -> Zone:
    """Return the zone as it is when the changes were carried out.

    Fails where a change was planned on something else than what the zone holds.
    """
    names = dict(before.names)
    for change in changes:
        held = names.get(change.name, ())
        assert set(change.before) <= set(held)
        left = tuple(sorted((*(set(held) - set(change.before)), *change.goal)))
        if left:
            names[change.name] = left
        else:
            names.pop(change.name, None)
    return Zone(before.name, before.stamp, names)


ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Any text that a JSON string can hold, lone surrogates included."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=15,
)
"""Any JSON."""
