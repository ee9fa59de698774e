"""The one change that a person's order comes to, or why it comes to none."""

from dataclasses import replace

from catalyst_dns_sync.core.changes import Change, Create, Delete, Update, describe
from catalyst_dns_sync.core.custom import ORDERED, custom_object, custom_ref, targets_in
from catalyst_dns_sync.core.goal import goal_records
from catalyst_dns_sync.core.merge import Demand, decide
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.orders import (
    AddCustom,
    AdoptRecord,
    DeleteRecord,
    Objection,
    Order,
    Refused,
    RemoveCustom,
    Situation,
)
from catalyst_dns_sync.core.ownership import (
    CUSTOM,
    Marker,
    answering,
    make_marker,
    parse_marker,
    render_marker,
    renewed_marker,
)
from catalyst_dns_sync.core.plan import (
    cname_bars,
    is_adoptable,
    not_to_be_touched,
    out_of_reach,
    texts_of,
)
from catalyst_dns_sync.core.records import Endpoint, ObjectRef, Record, Records, RecordType, Targets
from catalyst_dns_sync.core.skips import ADVICE, Skip
from catalyst_dns_sync.core.takeover import adoptions


def step_of(order: Order, situation: Situation) -> Change | Refused | None:
    """Return what the order comes to now; None where all is as it should be."""
    case = _Case(order.name, situation)
    if skip := not_to_be_touched(order.name, case.endpoint, case.current, situation.rules):
        is_meant = isinstance(order, AdoptRecord) and case.is_adoptable
        if not is_meant:
            return _skipped(skip)
    match order:
        case AddCustom():
            step = _addition(order, case)
        case RemoveCustom():
            step = _removal(case)
        case DeleteRecord():
            step = _deletion(case)
        case AdoptRecord():
            step = _adoption(case)
    if step is None or isinstance(step, Refused) or situation.policy.allows(step):
        return step
    detail = f"POLICY={situation.policy} forbids {describe(step)}"
    return Refused(Objection.FORBIDDEN, detail)


class _Case:
    """One name in its situation: who wants it, and what it holds."""

    def __init__(self, name: DnsName, situation: Situation) -> None:
        self.name = name
        self.situation = situation
        zone, identity = situation.zone, situation.rules.identity
        self.records = zone.names.get(name, ())
        self.current = answering(self.records, name, zone.name)
        self.is_custom = custom_object(name, self.current, identity) is not None
        self.markers = [mark for one in self.current if (mark := parse_marker(one.comment))]
        # The origin that a marker names keeps the name, as in each pass.
        marker = self.markers[0] if self.markers else None
        self.wish: Endpoint | ObjectRef | None = None
        if situation.interests:
            self.wish, _ = decide(name, situation.interests, situation.defaults, marker)

    @property
    def endpoint(self) -> Endpoint | None:
        """What objects want for the name, where they have a target for it."""
        return self.wish if isinstance(self.wish, Endpoint) else None

    @property
    def is_adoptable(self) -> bool:
        """Whether what is there is what objects want, and nobody's."""
        identity = self.situation.rules.identity
        return self.endpoint is not None and is_adoptable(self.current, self.endpoint, identity)

    def sharers(self, values: Targets) -> tuple[ObjectRef, ...]:
        """Return the objects that want just these targets."""
        found = [
            (obj, claim)
            for obj, claim in self.situation.interests
            if isinstance(
                wish := decide(self.name, [(obj, claim)], self.situation.defaults, None)[0],
                Endpoint,
            )
            and wish.targets == values
        ]
        return tuple(obj.ref for obj, _ in found)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of objects that the markers name."""
        return frozenset(kind for marker in self.markers for kind in marker.kinds) - {CUSTOM}


def _addition(order: AddCustom, case: _Case) -> Change | Refused | None:
    situation = case.situation
    if skip := out_of_reach(case.name, situation.zone, situation.rules, situation.cuts):
        return _skipped(skip)
    if refused := _rival(order, case):
        return refused
    shared = case.sharers(order.targets)
    ttl = order.ttl if order.ttl is not None else _ttl(order, case)
    origins = (custom_ref(case.name), *shared)
    endpoint = Endpoint(case.name, order.targets, ttl, origins, rule=ORDERED)
    if order.targets[0].type is RecordType.CNAME and (
        skip := cname_bars(endpoint, case.records, case.current, situation.zone)
    ):
        return _skipped(skip)
    goal = _ordered(order, endpoint, case)
    if not case.current:
        return Create(endpoint, goal)
    return None if goal == case.current else Update(endpoint, case.current, goal)


def _rival(order: AddCustom, case: _Case) -> Refused | None:
    situation, held, wanted = case.situation, targets_in(case.current), order.targets
    if case.is_custom:
        shared = case.sharers(held)
        if held != wanted and shared:
            return _conflict(f"{shared[0]} has it, too, and wants {texts_of(case.current)}")
        return None
    if case.current and held != wanted:
        whose = case.markers[0].origin if case.markers else "nobody"
        return _conflict(
            f"it has {texts_of(case.current)}, written for {whose}: delete that first, or order "
            "the same"
        )
    if situation.repeated or case.endpoint is None:
        return None
    if case.endpoint.targets != wanted:
        values = ",".join(target.value for target in case.endpoint.targets)
        return _conflict(f"{case.endpoint.origins[0]} claims it with {values}")
    return None


def _ttl(order: AddCustom, case: _Case) -> int:
    if case.current:
        return case.current[0].ttl
    if case.endpoint is not None and case.endpoint.targets == order.targets:
        return case.endpoint.ttl
    return case.situation.defaults.ttl


def _ordered(order: AddCustom, endpoint: Endpoint, case: _Case) -> Records:
    """Return what the name should hold; what is written into a marker by others is kept."""
    identity, origin = case.situation.rules.identity, endpoint.origins[0]
    old = {(record.type, record.value): record for record in case.current}
    fresh = make_marker(identity, origin, (CUSTOM,))
    goal: list[Record] = []
    for target in endpoint.targets:
        record = old.get((target.type, target.value))
        marker = parse_marker(record.comment) if record is not None else None
        base: Marker = marker or (case.markers[0] if case.markers else fresh)
        kinds = {CUSTOM, *case.kinds, *(ref.kind for ref in endpoint.origins)}
        marker = renewed_marker(base, identity, (origin,), kinds)
        marker = replace(marker, human=order.text or marker.human)
        comment = render_marker(marker)
        if record is None:
            goal.append(Record(target.type, target.value, endpoint.ttl, comment))
        else:
            ttl = record.ttl if order.ttl is None else order.ttl
            goal.append(replace(record, ttl=ttl, comment=comment))
    return tuple(sorted(goal))


def _removal(case: _Case) -> Change | Refused | None:
    if not case.is_custom:
        whose = f": it is written for {case.markers[0].origin}" if case.markers else ""
        return Refused(Objection.ABSENT, f"{case.name} is no custom record{whose}")
    if refused := _unsure(case):
        return refused
    heir = case.wish or _faulty(case)
    if heir is not None:
        return _left_to(heir, case)
    if absent := case.kinds & case.situation.rules.absent_kinds:
        detail = f"{', '.join(sorted(absent))} had it, too, and is not served: delete the record"
        return Refused(Objection.UNSURE, detail)
    return _doubtful(case) or _delete(case)


def _left_to(heir: Endpoint | ObjectRef, case: _Case) -> Change | Refused | None:
    """Return the change that leaves the name to who wants it besides."""
    situation = case.situation
    if isinstance(heir, ObjectRef):
        # It has no target now: so what is there is its last known one.
        targets, ttl = targets_in(case.current), case.current[0].ttl
        heir = Endpoint(case.name, targets, ttl, (heir,))
    if heir.targets[0].type is RecordType.CNAME and (
        skip := cname_bars(heir, case.records, case.current, situation.zone)
    ):
        return _skipped(skip)
    return Update(heir, case.current, goal_records(heir, case.current, situation.rules))


def _deletion(case: _Case) -> Change | Refused | None:
    if not case.current:
        return Refused(Objection.ABSENT, f"{case.name} has no record of ours")
    if refused := _unsure(case):
        return refused
    if case.wish is not None:
        ref = case.wish.origins[0] if isinstance(case.wish, Endpoint) else case.wish
        return _conflict(
            f"{ref} claims it: it would come back at once. Delete the object, or take the name out "
            "of it; disable the record in the DNS console to leave it as it is"
        )
    return _doubtful(case) or _delete(case)


def _adoption(case: _Case) -> Change | Refused | None:
    if case.endpoint is None or not case.is_adoptable:
        detail = f"{case.name} is not to be adopted: no object wants just what it has"
        return Refused(Objection.ABSENT, detail)
    situation = case.situation
    if skip := out_of_reach(case.name, situation.zone, situation.rules, situation.cuts):
        return _skipped(skip)
    demand = Demand({case.name: case.endpoint})
    found = adoptions(demand, situation.zone, situation.rules.identity)
    return found[0] if found else None


def _delete(case: _Case) -> Delete:
    kinds = frozenset(kind for marker in case.markers for kind in marker.kinds)
    return Delete(case.name, case.current, kinds)


def _faulty(case: _Case) -> ObjectRef | None:
    return case.situation.faulty.find(case.name, (marker.origin for marker in case.markers))


def _unsure(case: _Case) -> Refused | None:
    unknown = case.situation.unknown
    if not unknown:
        return None
    return Refused(
        Objection.UNSURE,
        f"not synced: {', '.join(unknown)}: whether an object claims it is not known now",
    )


def _doubtful(case: _Case) -> Refused | None:
    doubtful = case.kinds & case.situation.rules.unconfirmed_kinds
    if not doubtful:
        return None
    kinds = ", ".join(sorted(doubtful))
    return Refused(
        Objection.UNSURE,
        f"only one list says that no {kinds} claims it: a second one has to agree, in a minute",
    )


def _conflict(detail: str) -> Refused:
    return Refused(Objection.CONFLICT, detail)


def _skipped(skip: Skip) -> Refused:
    return _conflict(f"{skip.reason}: {skip.detail}; {ADVICE[skip.reason]}")
