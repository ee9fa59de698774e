"""Handing names over to another installation of ours, or to nobody: what becomes of markers."""

from dataclasses import replace

from catalyst_dns_sync.core.changes import Update
from catalyst_dns_sync.core.custom import handed_over
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import (
    Identity,
    answering,
    is_other_cluster,
    is_ours,
    parse_marker,
    render_marker,
    renewed_marker,
)
from catalyst_dns_sync.core.records import Endpoint, Record, Records, Zone
from catalyst_dns_sync.core.restoring import Refusal, endpoint_of


def from_owner(
    demand: Demand, zone: Zone, identity: Identity, owner: str
) -> tuple[tuple[Update, ...], tuple[Refusal, ...]]:
    """Return the changes that take over what another owner id of ours left behind.

    Only names that this cluster claims, or a person ordered, are taken; the others are told.
    """
    other = replace(identity, owner=owner)
    changes: list[Update] = []
    refusals: list[Refusal] = []
    for name, records in sorted(zone.names.items()):
        current = answering(records, name, zone.name)
        if not current or not all(is_ours(record, other) for record in current):
            continue
        endpoint = handed_over(demand.endpoints.get(name), name, current, owner)
        if any(record.disabled for record in current):
            refusals.append(Refusal(name, "a record of it is disabled"))
        elif endpoint is None:
            refusals.append(Refusal(name, "no object that is watched claims it"))
        else:
            goal = tuple(sorted(_moved(record, endpoint, identity) for record in current))
            changes.append(Update(endpoint, current, goal))
    return tuple(changes), tuple(refusals)


def without_markers(zone: Zone, identity: Identity) -> tuple[Update, ...]:
    """Return the changes that make our records anybody's: only what people wrote is kept.

    Left alone are those of another cluster, and those that a person disabled.
    """
    return tuple(
        Update(endpoint_of(name, current), current, tuple(sorted(map(_unmarked, current))))
        for name, current in _own(zone, identity)
    )


def _own(zone: Zone, identity: Identity) -> list[tuple[DnsName, Records]]:
    found = (
        (name, answering(records, name, zone.name)) for name, records in sorted(zone.names.items())
    )
    return [
        (name, current)
        for name, current in found
        if current and all(_is_own(record, identity) for record in current)
    ]


def _is_own(record: Record, identity: Identity) -> bool:
    marker = parse_marker(record.comment)
    is_our_own = marker is not None and not is_other_cluster(marker, identity)
    return is_our_own and is_ours(record, identity) and not record.disabled


def _unmarked(record: Record) -> Record:
    marker = parse_marker(record.comment)
    return record if marker is None else replace(record, comment=marker.human)


def _moved(record: Record, endpoint: Endpoint, identity: Identity) -> Record:
    marker = parse_marker(record.comment)
    if marker is None:
        return record
    renewed = renewed_marker(
        replace(marker, owner=identity.owner), identity, endpoint.origins, endpoint.kinds
    )
    return replace(record, comment=render_marker(renewed))
