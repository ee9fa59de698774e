"""Custom records: names that a person ordered, for as long as no person takes the order back.

Nothing is remembered of the order but the record itself, whose marker says ``kinds=Custom``. So
what such a record says *is* what the person wants, also after it was edited in the DNS console.
"""

from collections.abc import Iterable, Iterator

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Claim, WatchedObject
from catalyst_dns_sync.core.ownership import (
    CUSTOM,
    Identity,
    answering,
    is_other_cluster,
    is_ours,
    parse_marker,
)
from catalyst_dns_sync.core.records import (
    Endpoint,
    ObjectRef,
    Record,
    Records,
    RecordType,
    Target,
    Targets,
    Zone,
)

ORDERED = "a person's order"
"""Stands where an object's claim has the text of its rule."""


def custom_ref(name: DnsName) -> ObjectRef:
    """Return what stands for the order of one name where objects stand for theirs."""
    return ObjectRef(CUSTOM, "", name)


def is_custom(ref: ObjectRef) -> bool:
    """Tell whether it stands for a person's order, and for no object of the cluster."""
    return ref.kind == CUSTOM


def has_custom(endpoint: Endpoint) -> bool:
    """Tell whether a person ordered the name, whoever claims it besides."""
    return any(map(is_custom, endpoint.origins))


def custom_object(name: DnsName, current: Records, identity: Identity) -> WatchedObject | None:
    """Return the order that the name's answering records carry, as if an object claimed it.

    All of them must be ours and this cluster's. One whose marker says it is enough: a change of
    several values may have broken off.
    """
    said = [record for record in current if CUSTOM in record.comment]
    if not said or any(record.type == RecordType.PTR for record in current):
        # A person orders names; what points back to one follows it.
        return None
    markers = [parse_marker(one.comment) for one in current if is_ours(one, identity)]
    ours = [marker for marker in markers if marker and not is_other_cluster(marker, identity)]
    if len(ours) < len(current) or not any(CUSTOM in marker.kinds for marker in ours):
        return None
    claim = Claim(name, targets_in(current), current[0].ttl, rule=ORDERED)
    return WatchedObject(custom_ref(name), claims=(claim,))


def with_custom(
    objects: tuple[WatchedObject, ...], name: DnsName, zone: Zone, identity: Identity
) -> tuple[WatchedObject, ...]:
    """Return the objects with the order that a name in the zone carries, where it carries one."""
    current = answering(zone.names.get(name, ()), name, zone.name)
    ordered = custom_object(name, current, identity)
    return objects if ordered is None else (*objects, ordered)


def custom_objects(zone: Zone, identity: Identity) -> Iterator[WatchedObject]:
    """Yield the orders that a zone carries, in no order."""
    for name, records in zone.names.items():
        if obj := custom_object(name, answering(records, name, zone.name), identity):
            yield obj


def handed_over(
    endpoint: Endpoint | None, name: DnsName, current: Records, owner: str
) -> Endpoint | None:
    """Return who has a name of another cluster, or of another owner, after it was taken over.

    A person's order counts for more than what objects want, here as there.
    """
    marker = next((found for one in current if (found := parse_marker(one.comment))), None)
    theirs = Identity(owner, marker.cluster if marker is not None else None)
    ordered = custom_object(name, current, theirs)
    if ordered is None:
        return endpoint
    targets = targets_in(current)
    origins: tuple[ObjectRef, ...] = (ordered.ref,)
    if endpoint is not None and endpoint.targets == targets:
        origins = (ordered.ref, *endpoint.origins)
    return Endpoint(name, targets, current[0].ttl, origins, rule=ORDERED)


def targets_in(records: Iterable[Record]) -> Targets:
    """Return what records of the types that we write point to."""
    return tuple(sorted({Target(RecordType(one.type), one.value) for one in records}))
