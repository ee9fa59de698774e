"""What it takes to put the records of a backup back, and what has changed since it was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalyst_dns_sync.core.backup import KIND, Backup, Names
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import (
    Identity,
    Marker,
    answering,
    bars_cname,
    is_ours,
    parse_marker,
    render_marker,
)
from catalyst_dns_sync.core.records import (
    Endpoint,
    ObjectRef,
    Record,
    Records,
    RecordType,
    Target,
    Zone,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A name that is left as it is, and why."""

    name: DnsName
    reason: str


def restoration(
    wanted: Names, zone: Zone, owner: str, *, restore_markers: bool = False
) -> tuple[list[Change], list[Refusal]]:
    """Return the changes that put the records back, and the names that stay as they are.

    What is ours in the zone and not in the backup is in neither. With ``restore_markers`` records
    without a marker that still say the same get theirs back, as after a secondary was promoted,
    which had no comments; their TTL and what people wrote stay.
    """
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for name in sorted(wanted):
        held = zone.names.get(name, ())
        current, goal = answering(held, name, zone.name), wanted[name]
        if current == goal:
            continue
        if restore_markers and _says(current, goal, owner):
            goal = _marked(current, goal)
        elif reason := _objection(current, goal, held, owner, is_apex=zone.name == name):
            refusals.append(Refusal(name, reason))
            continue
        endpoint = endpoint_of(name, goal)
        changes.append(Update(endpoint, current, goal) if current else Create(endpoint, goal))
    return changes, refusals


def _objection(
    current: Records, goal: Records, held: Records, owner: str, *, is_apex: bool
) -> str | None:
    identity = Identity(owner)
    foreign = [record for record in current if not is_ours(record, identity)]
    if foreign:
        return f"it holds what is not ours: {_texts(foreign)}"
    if any(record.disabled and record not in goal for record in current):
        return f"a person disabled it: {_texts(current)}"
    clusters = {marker.cluster for one in goal if (marker := parse_marker(one.comment))}
    others = [
        marker.cluster
        for one in current
        if (marker := parse_marker(one.comment)) and marker.cluster not in clusters
    ]
    if others:
        return f"it is of cluster {others[0]} now"
    beside = [one for one in held if one not in current and bars_cname(one)]
    if goal[0].type == RecordType.CNAME and (is_apex or beside):
        return "a CNAME can't stand beside other records or at a zone's apex"
    return None


def _says(current: Records, goal: Records, owner: str) -> bool:
    """Tell whether records have the values of the backup, and some of them no marker.

    The others have ours: such an import broke off half-way. What was disabled is not expected: a
    zone transfer leaves it out.
    """
    if any(one.disabled or one.expiry for one in current):
        return False
    markers = [parse_marker(one.comment) for one in current]
    if None not in markers or any(one is not None and one.owner != owner for one in markers):
        return False
    enabled = [(one.type, one.value) for one in goal if not one.disabled]
    return [(one.type, one.value) for one in current] == enabled


def _marked(current: Records, goal: Records) -> Records:
    ttls = {one.type: one.ttl for one in current}
    marked = [replace(one, ttl=ttls.get(one.type, one.ttl)) for one in goal if one.disabled]
    enabled = [one for one in goal if not one.disabled]
    for here, was in zip(current, enabled, strict=True):
        marker = parse_marker(was.comment)
        if marker is None or parse_marker(here.comment) is not None:
            marked.append(here)
            continue
        comment = was.comment
        if here.comment and not marker.human:
            comment = render_marker(replace(marker, human=here.comment))
        marked.append(replace(here, comment=comment))
    return tuple(sorted(marked))


def endpoint_of(name: DnsName, goal: Records) -> Endpoint:
    """Return what records say, as if an object wanted it: the one that their marker names."""
    targets = tuple(sorted(Target(RecordType(one.type), one.value) for one in goal))
    marker = parse_marker(goal[0].comment)
    return Endpoint(name, targets, goal[0].ttl, (_origin(marker),))


def _origin(marker: Marker | None) -> ObjectRef:
    parts = marker.origin.split("/") if marker is not None else []
    return ObjectRef(*parts) if len(parts) == 3 else ObjectRef(KIND, "", "")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a name had in the one, and has in the other."""

    name: DnsName
    before: Records
    after: Records


def differences(backup: Backup, zones: Mapping[DnsName, Names]) -> list[Difference]:
    """Return what is not the same any more, for the zones that are given."""
    found: list[Difference] = []
    for zone, now in sorted(zones.items()):
        before = backup.zones.get(zone, {})
        found += [
            Difference(name, before.get(name, ()), now.get(name, ()))
            for name in sorted(before.keys() | now.keys())
            if before.get(name, ()) != now.get(name, ())
        ]
    return found


def after_changes(names: Names, changes: Iterable[Change]) -> dict[DnsName, Records]:
    """Return our records as they are once the changes are made."""
    found = dict(names)
    for change in changes:
        if isinstance(change, Delete):
            found.pop(change.name, None)
        else:
            found[change.name] = change.goal
    return found


def _texts(records: Iterable[Record]) -> str:
    return ", ".join(f"{record.type} {record.value[:80]}" for record in records)
