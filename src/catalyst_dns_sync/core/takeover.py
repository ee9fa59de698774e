"""What a person may hand over or clear away with a command of their own, never by itself."""

from dataclasses import replace

from catalyst_dns_sync.core.changes import Delete, Update
from catalyst_dns_sync.core.custom import handed_over
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import (
    ADOPTED,
    Identity,
    answering,
    is_other_cluster,
    is_ours,
    make_marker,
    parse_marker,
    render_marker,
    renewed_marker,
)
from catalyst_dns_sync.core.plan import Plan, is_adoptable
from catalyst_dns_sync.core.records import Endpoint, Record, Zone
from catalyst_dns_sync.core.skips import SkipReason


def adoptions(demand: Demand, zone: Zone, identity: Identity) -> tuple[Update, ...]:
    """Return the changes that mark records as ours which already say what the cluster wants.

    Values and TTL stay, the old comment becomes the marker's human text, and the marker notes that
    the record was adopted: it is deleted later on seen evidence only.
    """
    found: list[Update] = []
    for name, endpoint in sorted(demand.endpoints.items()):
        current = answering(zone.names.get(name, ()), name, zone.name)
        if is_adoptable(current, endpoint, identity):
            goal = [_adopted(record, endpoint, identity) for record in current]
            found.append(Update(endpoint, current, tuple(sorted(goal))))
    return tuple(found)


def adoptions_from_cluster(
    demand: Demand, zone: Zone, identity: Identity, cluster: str
) -> tuple[Update, ...]:
    """Return the changes that take over what another cluster with our owner id left behind.

    Only names that this cluster claims, or a person ordered there, are taken; what nobody claims
    stays with its cluster's id.
    """
    found: list[Update] = []
    for name, records in sorted(zone.names.items()):
        current = answering(records, name, zone.name)
        endpoint = handed_over(demand.endpoints.get(name), name, current, identity.owner)
        if endpoint and current and all(_is_of(record, identity, cluster) for record in current):
            goal = [_moved(record, endpoint, identity) for record in current]
            found.append(Update(endpoint, current, tuple(sorted(goal))))
    return tuple(found)


def orphan_deletes(plan: Plan, zone: Zone) -> tuple[Delete, ...]:
    """Return the deletes of the names that the plan leaves alone as orphans."""
    names = {skip.name for skip in plan.skips if skip.reason is SkipReason.ORPHAN and skip.name}
    return tuple(_delete(name, zone) for name in sorted(names))


def own_deletes(zone: Zone, identity: Identity) -> tuple[Delete, ...]:
    """Return the deletes of all names that this installation made.

    Left alone are those of another cluster, those where any record was disabled by a person, and
    those that were adopted: somebody made them before us.
    """
    names = [
        name
        for name, records in sorted(zone.names.items())
        if (current := answering(records, name, zone.name))
        and all(_is_own(record, identity) for record in current)
    ]
    return tuple(_delete(name, zone) for name in names)


def _is_own(record: Record, identity: Identity) -> bool:
    marker = parse_marker(record.comment)
    return (
        marker is not None
        and is_ours(record, identity)
        and not is_other_cluster(marker, identity)
        and not record.disabled
        and ADOPTED not in marker.extra
    )


def _delete(name: DnsName, zone: Zone) -> Delete:
    current = answering(zone.names.get(name, ()), name, zone.name)
    markers = [marker for record in current if (marker := parse_marker(record.comment))]
    return Delete(name, current, frozenset(kind for one in markers for kind in one.kinds))


def _adopted(record: Record, endpoint: Endpoint, identity: Identity) -> Record:
    if parse_marker(record.comment) is not None:
        return record
    marker = make_marker(identity, endpoint.origins[0], endpoint.kinds)
    marker = replace(marker, extra=(ADOPTED,), human=record.comment)
    return replace(record, comment=render_marker(marker))


def _moved(record: Record, endpoint: Endpoint, identity: Identity) -> Record:
    marker = parse_marker(record.comment)
    if marker is None:
        return record
    renewed = renewed_marker(marker, identity, endpoint.origins, endpoint.kinds)
    return replace(record, comment=render_marker(renewed))


def _is_of(record: Record, identity: Identity, cluster: str) -> bool:
    marker = parse_marker(record.comment)
    return (
        marker is not None
        and not record.disabled
        and is_ours(record, identity)
        and is_other_cluster(marker, identity)
        and marker.cluster == cluster
    )
