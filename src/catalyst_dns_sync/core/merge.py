"""Many objects, one name: origins united, conflicts decided and reported."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from catalyst_dns_sync.core.custom import is_custom
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.objects import NO_NAMES, Claim, WatchedObject
from catalyst_dns_sync.core.ownership import Marker, is_origin, origin_texts
from catalyst_dns_sync.core.records import Endpoint, ObjectRef, Targets
from catalyst_dns_sync.core.skips import Skip, SkipReason
from catalyst_dns_sync.core.targets import Answer, ServiceTarget, Table, TargetStep, row_for

T = TypeVar("T")

Interest: TypeAlias = tuple[WatchedObject, Claim]
"""One object, and one of the names that it claims."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a claim gets that says nothing itself; no step at all means the object's own status.

    ``service`` is None where the settings name none.
    """

    targets: Targets = ()
    ttl: int = 300
    table: Table = ()
    service: ServiceTarget | None = None
    preview_ttl: int = 60


@dataclass(frozen=True, slots=True)
class Keepers:
    """Objects that exist but claim nothing, and for whose sake records are kept.

    Found by a name that they may mean, or by the origin that a marker names; ``pairs`` are kept
    only where a marker names just this origin at just this name.
    """

    names: Mapping[DnsName, ObjectRef] = field(default_factory=dict)
    origins: Mapping[str, ObjectRef] = field(default_factory=dict)
    pairs: Mapping[tuple[DnsName, str], ObjectRef] = field(default_factory=dict)

    def find(self, name: DnsName, origins: Iterable[str]) -> ObjectRef | None:
        """Return the object for whose sake the name is kept, or None."""
        if name in self.names:
            return self.names[name]
        for text in origins:
            if ref := self.origins.get(text) or self.pairs.get((name, text)):
                return ref
        return None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for one object's sake.

    ``names``, whoever made their records; ``own`` names, where a marker names the object; and with
    ``whole`` whatever a marker says to be the object's.
    """

    names: frozenset[DnsName] = NO_NAMES
    own: frozenset[DnsName] = NO_NAMES
    whole: bool = False

    def origins(self, ref: ObjectRef) -> frozenset[str]:
        """Return the texts of markers for which all is kept."""
        return frozenset(origin_texts(ref)) if self.whole else frozenset()

    def pairs(self, ref: ObjectRef) -> frozenset[tuple[DnsName, str]]:
        """Return names with the texts of markers that keep them."""
        if not self.own:
            return frozenset()
        return frozenset((name, text) for name in self.own for text in origin_texts(ref))


@dataclass(frozen=True, slots=True)
class Demand:
    """Everything that the cluster wants of one zone.

    ``unresolved`` are names that are claimed but have no target now: what they have stays. So do
    the names of ``faulty`` objects, and of objects that the settings leave out (``filtered``).
    ``ended`` are names that are still claimed, each with the kinds of objects that were seen to
    give it up, and with the texts by which a marker may name those.
    """

    endpoints: Mapping[DnsName, Endpoint] = field(default_factory=dict)
    unresolved: Mapping[DnsName, ObjectRef] = field(default_factory=dict)
    faulty: Keepers = field(default_factory=Keepers)
    filtered: Keepers = field(default_factory=Keepers)
    skips: tuple[Skip, ...] = ()
    ended: Mapping[DnsName, frozenset[str]] = field(default_factory=dict)

    def claims(self, name: DnsName) -> bool:
        """Tell whether some object wants the name."""
        return name in self.endpoints or name in self.unresolved


@dataclass(frozen=True, slots=True)
class _Bid:
    """One object's claim of one name, with the target that it comes to."""

    obj: WatchedObject
    claim: Claim
    targets: Targets
    step: TargetStep

    @property
    def ref(self) -> ObjectRef:
        return self.obj.ref


def merge(
    objects: Iterable[WatchedObject],
    *,
    zone: DnsName,
    zones: frozenset[DnsName],
    defaults: Defaults,
    markers: Mapping[DnsName, Marker],
) -> Demand:
    """Return what the objects want of ``zone``, one of the managed ``zones``.

    ``markers`` are those of our records: the origin written there keeps its name in a conflict;
    otherwise the oldest object wins, then kind, namespace and name decide. The order of the
    objects never matters.
    """
    known = sorted(objects, key=lambda obj: obj.ref)
    interests = _interests(known, zone, zones)
    skips = [skip for obj in known for skip in fault_skips(obj)]
    endpoints: dict[DnsName, Endpoint] = {}
    unresolved: dict[DnsName, ObjectRef] = {}
    for name in sorted(interests):
        verdict, losers = decide(name, interests[name], defaults, markers.get(name))
        skips += losers
        if isinstance(verdict, Endpoint):
            endpoints[name] = verdict
        else:
            unresolved[name] = verdict
    return Demand(
        endpoints,
        unresolved,
        faulty=_keepers(known, kept_for_faults),
        filtered=_keepers(known, kept_for_filters),
        skips=tuple(skips),
    )


def _interests(
    objects: Iterable[WatchedObject], zone: DnsName, zones: frozenset[DnsName]
) -> dict[DnsName, list[Interest]]:
    interests: dict[DnsName, list[Interest]] = {}
    for obj in objects:
        for claim in obj.claims:
            # What a person ordered is where it is, also if a closer zone is managed since.
            if is_custom(obj.ref) or zone_of(claim.name, zones) == zone:
                interests.setdefault(claim.name, []).append((obj, claim))
    return interests


def kept_for_faults(obj: WatchedObject) -> Kept:
    """Return what is kept because the object has a fault, or may not claim what it has."""
    return Kept(obj.holds if obj.is_faulty else NO_NAMES, obj.barred, whole=obj.is_faulty)


def kept_for_filters(obj: WatchedObject) -> Kept:
    """Return what is kept because the settings leave the object, or some names of it, out."""
    return Kept(obj.filtered, whole=bool(obj.filtered) and not obj.claims)


def _keepers(
    objects: Iterable[WatchedObject], kept_for: Callable[[WatchedObject], Kept]
) -> Keepers:
    names: dict[DnsName, ObjectRef] = {}
    origins: dict[str, ObjectRef] = {}
    pairs: dict[tuple[DnsName, str], ObjectRef] = {}
    for obj in objects:
        kept = kept_for(obj)
        for name in kept.names:
            names.setdefault(name, obj.ref)
        for origin in kept.origins(obj.ref):
            origins.setdefault(origin, obj.ref)
        for pair in kept.pairs(obj.ref):
            pairs.setdefault(pair, obj.ref)
    return Keepers(names, origins, pairs)


def answer_for(claim: Claim, defaults: Defaults) -> Answer:
    """Return what the first step of the chain says that answers, or that holds."""
    if claim.targets is not None:
        return Answer(TargetStep.OBJECT, claim.targets)
    if defaults.table and (row := row_for(claim.extras.ways, defaults.table)) is not None:
        return Answer(TargetStep.TABLE, defaults.table[row].targets, row)
    if defaults.targets:
        return Answer(TargetStep.ADDRESSES, defaults.targets)
    if defaults.service is not None:
        return Answer(TargetStep.SERVICE, defaults.service.targets)
    return Answer(TargetStep.STATUS, claim.status)


def answers_for(claims: Iterable[Claim], defaults: Defaults) -> list[Answer]:
    """Return the answer for each of several claims of one name.

    Those that the table answers share the first of their rows: to serve one host on several entry
    points is no conflict.
    """
    answers = [answer_for(claim, defaults) for claim in claims]
    rows = [answer.row for answer in answers if answer.row is not None]
    if len(rows) < 2:
        return answers
    first = Answer(TargetStep.TABLE, defaults.table[min(rows)].targets, min(rows))
    return [answer if answer.row is None else first for answer in answers]


def _usable(targets: Targets, name: DnsName) -> Targets:
    # A CNAME to itself, as the status of an object may suggest, is no target.
    return () if any(target.value == name for target in targets) else targets


def decide(
    name: DnsName, interests: Iterable[Interest], defaults: Defaults, marker: Marker | None
) -> tuple[Endpoint | ObjectRef, list[Skip]]:
    """Return what one name should have, or the object that has no target for it, and the losers.

    At least one object claims the name.
    """
    claimants = tuple(interests)
    if len(claimants) == 1:
        # So it is with nearly all names, and there may be thousands: there is nothing to rank.
        targets = _usable(answer_for(claimants[0][1], defaults).targets, name)
        if targets:
            return _endpoint(name, targets, claimants, claimants, defaults), []
    answers = answers_for((claim for _, claim in claimants), defaults)
    bids = [
        _Bid(obj, claim, _usable(answer.targets, name), answer.step)
        for (obj, claim), answer in zip(claimants, answers, strict=True)
    ]
    ranked = sorted(bids, key=lambda bid: _rank(bid, marker))
    first = ranked[0]
    if not first.targets and not (marker is not None and is_origin(marker, first.ref)):
        first = next((bid for bid in ranked if bid.targets), first)
    if not first.targets:
        return first.ref, [_lost(name, bid, first, defaults) for bid in ranked]
    winners = [bid for bid in ranked if bid.targets == first.targets]
    winners.sort(key=lambda bid: bid is not first)
    won = [(bid.obj, bid.claim) for bid in winners]
    losers = (bid for bid in ranked if bid.targets != first.targets)
    lost = [_lost(name, bid, first, defaults) for bid in losers]
    return _endpoint(name, first.targets, won, claimants, defaults), lost


def _endpoint(
    name: DnsName,
    targets: Targets,
    winners: Sequence[Interest],
    claimants: Sequence[Interest],
    defaults: Defaults,
) -> Endpoint:
    """Return what the winners want together; the first of them decides."""
    said = _united([claim for _, claim in winners])
    preview = all(obj.term is not None and name in obj.term.previews for obj, _ in claimants)
    ttl = said.ttl
    if ttl is None:
        ttl = defaults.preview_ttl if preview else defaults.ttl
    return Endpoint(
        name,
        targets,
        ttl,
        origins=tuple(dict.fromkeys([obj.ref for obj, _ in winners])),
        remediate=said.remediate,
        rule=said.rule,
        note=said.extras.note,
        quiet=said.extras.quiet,
        preview=preview,
    )


def _united(claims: Sequence[Claim]) -> Claim:
    """Return what several claims of one name say together: of each matter the first that does."""
    first, *others = claims
    if not others:
        return first
    extras = replace(
        first.extras,
        note=next((claim.extras.note for claim in claims if claim.extras.note), ""),
        quiet=any(claim.extras.quiet for claim in claims),
    )
    return replace(
        first,
        ttl=_first(claim.ttl for claim in claims),
        remediate=_first(claim.remediate for claim in claims),
        extras=extras,
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _rank(bid: _Bid, marker: Marker | None) -> tuple[bool, bool, int, str, ObjectRef]:
    # What a person ordered is there already, and only a person ends it.
    is_incumbent = marker is not None and is_origin(marker, bid.ref)
    # A number that anybody may write must not take a name away from who has it already.
    return (
        not is_custom(bid.ref),
        not is_incumbent,
        -bid.claim.extras.priority,
        bid.obj.created,
        bid.ref,
    )


def _lost(name: DnsName, bid: _Bid, winner: _Bid, defaults: Defaults) -> Skip:
    if not bid.targets:
        detail = "no address: neither settings, annotation nor status name one for this object"
        if bid.step is TargetStep.OBJECT:
            detail = "no address: it takes its own alone, and its load balancer gave it none yet"
        elif bid.step is TargetStep.SERVICE and defaults.service is not None:
            service = defaults.service
            detail = f"DNS_TARGET_SERVICE {service.name}: {service.trouble or 'names this name'}"
        return Skip(SkipReason.NO_TARGET, name, detail, bid.ref)
    values = ",".join(target.value for target in bid.targets)
    theirs = ",".join(target.value for target in winner.targets) or "its last known target"
    detail = f"wants {values}, but {winner.ref} has the name with {theirs}"
    return Skip(SkipReason.CONFLICT, name, detail, bid.ref)


def fault_skips(obj: WatchedObject) -> list[Skip]:
    """Return what is to be said of an object's faults."""
    return [
        Skip(fault.reason, None, f"{fault.value!r}: {fault.detail}", obj.ref)
        for fault in obj.faults
    ]


def without_shadowed_legacy(
    objects: Iterable[WatchedObject], legacy: Iterable[WatchedObject]
) -> list[WatchedObject]:
    """Return all objects; a legacy one with the namespace and name of a newer one is left out.

    Traefik 2.10 and 2.11 serve both groups and ignore the ``traefik.containo.us`` twin.
    """
    chosen = {obj.ref: obj for obj in legacy}
    chosen.update((obj.ref, obj) for obj in objects)
    return list(chosen.values())
