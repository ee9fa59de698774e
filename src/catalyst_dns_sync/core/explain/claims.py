"""Who claims the name; and where nobody does, what comes nearest to a claim."""

from collections.abc import Iterator

from catalyst_dns_sync.core.explain.bystanders import Bystander
from catalyst_dns_sync.core.explain.model import Case, Outcome, Stage, Step
from catalyst_dns_sync.core.explain.spelling import nearest
from catalyst_dns_sync.core.gateway.model import RoutedObject
from catalyst_dns_sync.core.merge import Interest
from catalyst_dns_sync.core.names import DnsName, ancestors, is_reverse
from catalyst_dns_sync.core.objects import ANY, WatchedObject
from catalyst_dns_sync.core.ownership import is_origin, parse_marker
from catalyst_dns_sync.core.plan import is_our_name
from catalyst_dns_sync.core.skips import ADVICE, SkipReason

_VAGUE = 3


def objects_step(case: Case) -> Step:
    """Return who claims the name, or why nobody does."""
    if case.interests:
        return _claimed(case)
    if is_reverse(case.name):
        return _unpointed(case)
    found = _faulty(case) or _barred(case) or _expired(case) or _unattached(case)
    return found or _unfit(case) or _stood_by(case) or _unclaimed(case)


def _unpointed(case: Case) -> Step:
    detail = "no name that an object wants has this address"
    if _is_ours(case):
        return Step(Stage.OBJECTS, Outcome.NOTE, f"{detail} any more")
    advice = "with DNS_PTR=true the first name that gets the address is what it points back to"
    return Step(Stage.OBJECTS, Outcome.STOPS, detail, (), advice)


def _claimed(case: Case) -> Step:
    first, *others = map(_claim, case.interests)
    complaints = [
        f"{obj.ref}: {fault.value!r}: {fault.detail}"
        for obj, _ in case.interests
        for fault in obj.faults
    ]
    if not complaints:
        return Step(Stage.OBJECTS, Outcome.OK, first, tuple(others))
    advice = ADVICE[next(obj.faults[0].reason for obj, _ in case.interests if obj.faults)]
    return Step(Stage.OBJECTS, Outcome.NOTE, first, (*others, *complaints), advice)


def _claim(interest: Interest) -> str:
    obj, claim = interest
    rule = f" by {claim.rule}" if claim.rule else ""
    return f"{obj.ref} claims it{rule}"


def _faulty(case: Case) -> Step | None:
    found = [obj for obj in case.objects if obj.is_faulty and _may_mean(obj, case)]
    if not found:
        return None
    fault = next(fault for fault in found[0].faults if fault.costs_names)
    more = tuple(f"{obj.ref} has a fault, too" for obj in found[1:])
    detail = f"{found[0].ref} has a fault: {fault.reason}: {fault.value!r}: {fault.detail}"
    return Step(Stage.OBJECTS, Outcome.STOPS, detail, more, ADVICE[fault.reason])


def _barred(case: Case) -> Step | None:
    found = [obj for obj in case.objects if case.name in obj.barred]
    if not found:
        return None
    reason = SkipReason.NOT_ALLOWED
    fault = next(one for one in found[0].faults if one.reason is reason and one.value == case.name)
    more = tuple(f"{obj.ref} may not, either" for obj in found[1:])
    detail = f"{found[0].ref} speaks of it, but {reason}: {fault.detail}"
    return Step(Stage.OBJECTS, Outcome.STOPS, detail, more, ADVICE[reason])


def _unattached(case: Case) -> Step | None:
    """Return why a route of the Gateway API that lists the name does not have it."""
    for obj in sorted(case.objects, key=lambda obj: obj.ref):
        if not isinstance(obj, RoutedObject) or case.name not in obj.route.names:
            continue
        if obj.faults:
            first, *others = obj.faults
            detail = f"{obj.ref} lists it, but {first.reason}: {first.value}: {first.detail}"
            more = tuple(f"{one.reason}: {one.value}: {one.detail}" for one in others)
            return Step(Stage.OBJECTS, Outcome.STOPS, detail, more, ADVICE[first.reason])
        if obj.route.is_selected:
            # Others of its hostnames are served, and so it has no fault.
            reason = SkipReason.NO_LISTENER
            detail = f"{obj.ref} lists it, but {reason}: no listener of its Gateways serves it"
            return Step(Stage.OBJECTS, Outcome.STOPS, detail, (), ADVICE[reason])
    return None


def _unfit(case: Case) -> Step | None:
    """Return what is wrong with an object's word of the name that costs it nothing else."""
    for obj in sorted(case.objects, key=lambda obj: obj.ref):
        for fault in obj.faults:
            if not fault.costs_names and case.name in fault.value.split():
                detail = f"{obj.ref} speaks of it, but {fault.reason}: {fault.detail}"
                return Step(Stage.OBJECTS, Outcome.STOPS, detail, (), ADVICE[fault.reason])
    return None


def _may_mean(obj: WatchedObject, case: Case) -> bool:
    return case.name in obj.holds or _is_written_for(obj, case)


def _is_written_for(obj: WatchedObject, case: Case) -> bool:
    records = case.contents.names.get(case.name, ()) if case.contents is not None else ()
    markers = (parse_marker(record.comment) for record in records)
    return any(marker is not None and is_origin(marker, obj.ref) for marker in markers)


def _expired(case: Case) -> Step | None:
    for obj in case.objects:
        for fault in obj.faults if obj.term is not None else ():
            if fault.reason is SkipReason.EXPIRED and fault.value == case.name:
                detail = f"{obj.ref} speaks of it, but {fault.reason}: {fault.detail}"
                return Step(Stage.OBJECTS, Outcome.STOPS, detail, (), ADVICE[fault.reason])
    return None


def _stood_by(case: Case) -> Step | None:
    plain = [one for one in case.bystanders if not one.is_vague]
    if plain:
        first, *others = plain
        more = tuple(f"{one.ref} {one.why}" for one in others)
        return Step(Stage.OBJECTS, Outcome.STOPS, f"{first.ref} {first.why}", more, first.advice)
    filtered = next((obj.ref for obj in case.objects if case.name in obj.filtered), None)
    if filtered is None:
        return None
    detail = f"{filtered} claims it, but the filters of the settings leave it out"
    advice = "give it the class or the labels that the settings want"
    return Step(Stage.OBJECTS, Outcome.STOPS, detail, (), advice)


def _unclaimed(case: Case) -> Step:
    more = tuple(_hints(case))
    if _is_ours(case) and not case.unknown:
        return Step(Stage.OBJECTS, Outcome.NOTE, "no object claims it any more", more)
    advice = "make an Ingress or IngressRoute with this host"
    if case.unknown:
        detail = f"no object claims it as far as is known; not synced: {'; '.join(case.unknown)}"
        return Step(Stage.OBJECTS, Outcome.STOPS, detail, more, "mend the access to the cluster")
    vague = _vague_ones(case)
    if vague and len(more) == len(vague):
        advice = vague[0].advice
    return Step(Stage.OBJECTS, Outcome.STOPS, "no object claims it", more, advice)


def _hints(case: Case) -> Iterator[str]:
    claimed = {claim.name for obj in case.objects for claim in obj.claims}
    if wildcard := _covering(case, claimed):
        yield f"the wildcard {wildcard} answers for it"
    if near := nearest(case.name, claimed):
        yield f"nearest names that are claimed: {', '.join(near)}"
    yield from (f"{one.ref} {one.why}" for one in _vague_ones(case))


def _vague_ones(case: Case) -> list[Bystander]:
    """Return the first objects that may mean the name, among many."""
    open_routes = [
        Bystander(
            obj.ref,
            f"lists no hostname and waits for its Gateway: {fault.reason}: {fault.detail}",
            ADVICE[fault.reason],
            is_vague=True,
        )
        for obj in sorted(case.objects, key=lambda obj: obj.ref)
        if isinstance(obj, RoutedObject) and ANY in obj.route.listed
        for fault in obj.faults[:1]
    ]
    return [*open_routes, *(one for one in case.bystanders if one.is_vague)][:_VAGUE]


def _covering(case: Case, claimed: set[DnsName]) -> DnsName | None:
    """Return the wildcard that answers for a name that does not exist (RFC 4592, 3.3.1)."""
    held: set[DnsName] = set(case.contents.names) if case.contents is not None else set()
    existing = {above for name in held for above in ancestors(name)}
    for above in ancestors(case.name):
        # A name that exists ends the search: the wildcards above it do not reach past it.
        if above in existing:
            return None if above == case.name else _one_of(f"*.{above}", held | claimed)
        if above != case.name and (wildcard := _one_of(f"*.{above}", claimed)):
            return wildcard
    return None


def _one_of(text: str, names: set[DnsName]) -> DnsName | None:
    name = DnsName(text)
    return name if name in names else None


def _is_ours(case: Case) -> bool:
    if case.contents is None:
        return False
    records = case.contents.names.get(case.name, ())
    return is_our_name(case.name, records, case.contents.name, case.identity)
