"""The heart: what the cluster wants of a zone, against what the zone holds, as a value."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.goal import goal_records
from catalyst_dns_sync.core.merge import Demand, Keepers
from catalyst_dns_sync.core.names import DnsName, ancestors, zone_of
from catalyst_dns_sync.core.ownership import (
    ADOPTED,
    PREVIEW,
    Identity,
    Marker,
    answering,
    bars_cname,
    is_origin,
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
    Zone,
)
from catalyst_dns_sync.core.skips import Skip, SkipReason
from catalyst_dns_sync.core.terms import Rules
from catalyst_dns_sync.core.wildcards import notes_on_wildcards


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in one zone, and what is left alone; both in the order of the names.

    ``notes`` are side effects that a person should know of before the changes are made.
    """

    zone: DnsName
    changes: tuple[Change, ...]
    skips: tuple[Skip, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the plan of any one name rests on, beside what is wanted for it.

    ``cuts`` are the zone's `delegations`; ``faulty`` and ``filtered`` those of `Demand`.
    """

    zone: Zone
    rules: Rules
    cuts: Mapping[DnsName, str]
    faulty: Keepers
    filtered: Keepers


def make_plan(demand: Demand, zone: Zone, rules: Rules) -> Plan:
    """Return the changes that make the zone what the cluster wants.

    What is not ours is in no change. A second plan, made after the first was carried out, is empty.
    """
    ground = Ground(zone, rules, delegations(zone), demand.faulty, demand.filtered)
    wishes: Mapping[DnsName, Endpoint | ObjectRef] = {**demand.unresolved, **demand.endpoints}
    steps = [
        plan_name(name, wishes.get(name), demand.ended.get(name, frozenset()), ground)
        for name in sorted({*wishes, *our_names(zone, rules.identity)})
    ]
    changes = tuple(step for step in steps if step is not None and not isinstance(step, Skip))
    return Plan(
        zone.name,
        changes,
        demand.skips + tuple(step for step in steps if isinstance(step, Skip)),
        notes_on_wildcards(changes, zone),
    )


def plan_name(
    name: DnsName, wish: Endpoint | ObjectRef | None, ended: frozenset[str], ground: Ground
) -> Change | Skip | None:
    """Return what to do about one name; None where all is as it should be.

    ``wish`` is what it should have, or the object that claims it and has no target for it now;
    ``ended`` is what `Demand` says of the name.
    """
    zone, rules = ground.zone, ground.rules
    records = zone.names.get(name, ())
    current = answering(records, name, zone.name)
    endpoint = wish if isinstance(wish, Endpoint) else None
    if wish is not None and (skip := out_of_reach(name, zone, rules, ground.cuts)):
        return skip
    if skip := not_to_be_touched(name, endpoint, current, rules):
        return skip
    if endpoint is not None:
        # What an address points back to is only ever replaced when it is not true any more.
        is_pointer = endpoint.targets[0].type is RecordType.PTR
        if not is_pointer and (skip := _held(endpoint, current, ended, ground)):
            return skip
        goal = goal_records(endpoint, current, rules, ended)
        return _write(endpoint, current, goal, records, zone)
    if wish is not None or not current:
        return None
    return _delete(name, current, ground)


def our_names(zone: Zone, identity: Identity) -> Iterable[DnsName]:
    """Return the names at which some answering record carries our owner id."""
    return (
        name
        for name, records in zone.names.items()
        if is_our_name(name, records, zone.name, identity)
    )


def is_our_name(name: DnsName, records: Records, zone: DnsName, identity: Identity) -> bool:
    """Tell whether some record that answers at the name carries our owner id."""
    return any(is_ours(record, identity) for record in answering(records, name, zone))


def our_markers(zone: Zone, identity: Identity) -> dict[DnsName, Marker]:
    """Return the marker of each name that is ours and this cluster's."""
    found = (
        (name, our_marker(name, records, zone.name, identity))
        for name, records in zone.names.items()
    )
    return {name: marker for name, marker in found if marker is not None}


def our_marker(name: DnsName, records: Records, zone: DnsName, identity: Identity) -> Marker | None:
    """Return the marker of a name that is ours and this cluster's, or None."""
    for record in answering(records, name, zone):
        if is_ours(record, identity):
            marker = parse_marker(record.comment)
            if marker is not None and not is_other_cluster(marker, identity):
                return marker
    return None


def delegations(zone: Zone) -> dict[DnsName, str]:
    """Return the names below the apex at which a foreign NS or DNAME hands the answers over."""
    found = ((name, cut_at(name, records, zone.name)) for name, records in zone.names.items())
    return {name: cut for name, cut in found if cut is not None}


def cut_at(name: DnsName, records: Records, zone: DnsName) -> str | None:
    """Return the type of the record by which a name hands the answers over, or None."""
    cut: str | None = None
    for record in records:
        if not record.disabled and (
            record.type == "DNAME" or (record.type == "NS" and name != zone)
        ):
            cut = record.type
    return cut


def out_of_reach(
    name: DnsName, zone: Zone, rules: Rules, cuts: Mapping[DnsName, str]
) -> Skip | None:
    """Say why a record at the name would not be answered, or return None."""
    for above in ancestors(name):
        if above == zone.name and above not in cuts:
            break
        if above in rules.hosted and above != zone.name:
            return Skip(SkipReason.SHADOWED, name, f"the server also has the zone {above}")
        # An NS answers for its own name too; a DNAME only for what lies below (RFC 6672, 2.3).
        if above in cuts and (above != name or cuts[above] == "NS"):
            return Skip(SkipReason.DELEGATED, name, f"{above} has a {cuts[above]} record")
        if above == zone.name:
            break
    return None


def not_to_be_touched(
    name: DnsName, endpoint: Endpoint | None, current: Records, rules: Rules
) -> Skip | None:
    """Say why what answers at the name is not ours to change, or return None."""
    foreign = [record for record in current if not is_ours(record, rules.identity)]
    if foreign:
        if endpoint is not None and is_adoptable(current, endpoint, rules.identity):
            return Skip(SkipReason.ADOPTABLE, name, texts_of(foreign), endpoint.origins[0])
        detail = _texts_with_owners(foreign, rules.identity)
        return Skip(SkipReason.NOT_OURS, name, detail, _origin(endpoint))
    for record in current:
        marker = parse_marker(record.comment)
        if marker is not None and is_other_cluster(marker, rules.identity):
            detail = f"{record.type} {record.value} of cluster {marker.cluster}"
            return Skip(SkipReason.OTHER_CLUSTER, name, detail, _origin(endpoint))
    disabled = [record for record in current if record.disabled]
    if disabled:
        return Skip(SkipReason.HELD, name, texts_of(disabled), _origin(endpoint))
    return None


def _write(
    endpoint: Endpoint, current: Records, goal: Records, records: Records, zone: Zone
) -> Change | Skip | None:
    if endpoint.targets[0].type is RecordType.CNAME and (
        skip := cname_bars(endpoint, records, current, zone)
    ):
        return skip
    if not current:
        return Create(endpoint, goal)
    return None if goal == current else Update(endpoint, current, goal)


def _held(
    endpoint: Endpoint, current: Records, ended: frozenset[str], ground: Ground
) -> Skip | None:
    # Neither a slip of the pen, nor a source that is out of touch, nor one list that lacks an
    # object must hand a name, with another target, over to a rival.
    if not current or _values(current) == _goals(endpoint):
        return None
    rules = ground.rules
    for record in current:
        marker = parse_marker(record.comment)
        if marker is None or any(is_origin(marker, origin) for origin in endpoint.origins):
            continue
        held = f"has the name with {texts_of(current)}"
        if ref := ground.faulty.origins.get(marker.origin):
            detail = f"{ref} has a fault and {held}"
            return Skip(SkipReason.FAULTY_OBJECT, endpoint.name, detail, ref)
        kind = marker.origin.partition("/")[0]
        in_doubt = kind in rules.unconfirmed_kinds and marker.origin not in ended
        if kind in rules.unknown_kinds or in_doubt:
            detail = f"{marker.origin} may still be there and {held}"
            return Skip(SkipReason.SOURCE_UNKNOWN, endpoint.name, detail, endpoint.origins[0])
    return None


def cname_bars(endpoint: Endpoint, records: Records, current: Records, zone: Zone) -> Skip | None:
    """Say why the name can't have the endpoint's CNAME, or return None.

    ``records`` are all at the name, ``current`` those that answer.
    """
    if endpoint.name == zone.name:
        detail = "the zone's apex can't have a CNAME"
        return Skip(SkipReason.CNAME_BLOCKED, endpoint.name, detail, endpoint.origins[0])
    others = [record for record in records if bars_cname(record) and record not in current]
    if others:
        return Skip(SkipReason.CNAME_BLOCKED, endpoint.name, texts_of(others), endpoint.origins[0])
    return None


def _delete(name: DnsName, current: Records, ground: Ground) -> Delete | Skip:
    markers = [marker for record in current if (marker := parse_marker(record.comment))]
    is_pointer = all(record.type == RecordType.PTR for record in current)
    skip = (
        _pointer_stays(name, current, ground.rules.coverage.pointed)
        if is_pointer
        else _record_stays(name, current, markers, ground)
    )
    if skip is not None:
        return skip
    kinds = frozenset(kind for marker in markers for kind in marker.kinds)
    seen_only = any(ADOPTED in marker.extra for marker in markers)
    preview = not is_pointer and all(PREVIEW in marker.extra for marker in markers)
    return Delete(name, current, kinds, seen_only, preview, untrue=is_pointer)


def _record_stays(
    name: DnsName, current: Records, markers: Sequence[Marker], ground: Ground
) -> Skip | None:
    """Say why what nobody claims stays all the same, or return None."""
    coverage = ground.rules.coverage
    if not all(coverage.sees(marker) for marker in markers):
        detail = f"{texts_of(current)} from {markers[0].origin}, which the settings do not cover"
        return Skip(SkipReason.ORPHAN, name, detail)
    if not coverage.scope.takes_host(name):
        detail = f"{texts_of(current)}, whose name INCLUDE_HOSTS or EXCLUDE_HOSTS leave out"
        return Skip(SkipReason.ORPHAN, name, detail)
    origins = [marker.origin for marker in markers]
    if ref := ground.filtered.find(name, origins):
        return Skip(SkipReason.ORPHAN, name, f"{ref} is left out by the filters now", ref)
    if ref := ground.faulty.find(name, origins):
        return Skip(SkipReason.FAULTY_OBJECT, name, f"{ref} has a fault and may mean it", ref)
    return None


def _pointer_stays(
    name: DnsName, current: Records, pointed: Collection[DnsName] | None
) -> Skip | None:
    """Say why what points to names without the address stays all the same, or return None.

    It goes only where we would see that such a name has the address.
    """
    if pointed is None:
        detail = f"{texts_of(current)}, and DNS_PTR is off"
        return Skip(SkipReason.ORPHAN, name, detail)
    if not all(zone_of(DnsName(record.value), pointed) for record in current):
        detail = f"{texts_of(current)}, which lies in no zone of DNS_ZONES"
        return Skip(SkipReason.ORPHAN, name, detail)
    return None


def is_adoptable(current: Records, endpoint: Endpoint, identity: Identity) -> bool:
    """Tell whether unmarked records, none disabled or expiring, say what the endpoint wants.

    Some of them may be marked as adopted by us already: then an earlier adoption broke off.
    """
    if any(record.disabled or record.expiry for record in current):
        return False
    marked = [record for record in current if parse_marker(record.comment) is not None]
    if len(marked) == len(current) or not all(_is_adopted(one, identity) for one in marked):
        return False
    return _values(current) == _goals(endpoint)


def _is_adopted(record: Record, identity: Identity) -> bool:
    marker = parse_marker(record.comment)
    return (
        marker is not None
        and ADOPTED in marker.extra
        and is_ours(record, identity)
        and not is_other_cluster(marker, identity)
    )


def _values(records: Records) -> list[tuple[str, str]]:
    return sorted((record.type, record.value) for record in records)


def _goals(endpoint: Endpoint) -> list[tuple[str, str]]:
    return sorted((target.type, target.value) for target in endpoint.targets)


def _origin(endpoint: Endpoint | None) -> ObjectRef | None:
    return endpoint.origins[0] if endpoint is not None else None


def _texts_with_owners(foreign: Iterable[Record], identity: Identity) -> str:
    """Return types and values, and whose they are where a marker of another owner says it."""
    return ", ".join(
        f"{texts_of((record,))} of owner {marker.owner}"
        if (marker := parse_marker(record.comment)) and marker.owner != identity.owner
        else texts_of((record,))
        for record in foreign
    )


def texts_of(records: Iterable[Record]) -> str:
    """Return types and values, for people."""
    return ", ".join(
        f"{record.type} {record.value[:80]}{' (disabled)' if record.disabled else ''}"
        for record in records
    )
