"""Which deletes may be carried out now: evidence, grace, and the guard against too many.

Losing records is the one thing that a program of this kind is hated for. So a delete needs that
the object's end was seen, or that two full lists agree on it; and even then an inferred one is
withheld where too many come together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.names import DnsName

ASK_AGAIN = 2.0
"""Seconds until a definition that could not be read is asked for again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say of deletes, in seconds and per cent.

    ``few`` deletes at a time never trip the guard, except where they empty a kind.
    """

    grace: float = 10.0
    confirm: float = 60.0
    quiet: float = 10.0
    window: float = 120.0
    max_percent: int = 20
    few: int = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delete that the plan wants, with what is known of the end of its claims.

    ``seen`` is true where every claim of the name was seen to end; ``at`` is when the last one
    ended, or when the name was first found unclaimed. ``removed`` are those of its kinds whose
    CRD is gone, or another one than that of its objects; ``unanswered`` those whose CRD could not
    be read just now. Times are the loop's, in seconds.
    """

    delete: Delete
    seen: bool
    at: float
    removed: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()

    @property
    def name(self) -> DnsName:
        """The name that would be deleted."""
        return self.delete.name


@dataclass(frozen=True, slots=True)
class Facts:
    """What a judgement needs to know beside its candidates.

    ``lists_began`` is when the oldest of the sources' newest full lists began. ``names`` counts our
    names in the zone, ``names_by_kind`` those of each kind. ``unreadable`` are the kinds whose CRD
    may not be read. ``carried_out`` are the kinds of each inferred delete that was carried out
    within the window, ``gone`` those of each delete that was, seen ones included, and ``withheld``
    those of each that is withheld already. ``last_end`` is when a claim of the kind last ended.
    """

    now: float
    lists_began: float
    names: int
    names_by_kind: Mapping[str, int]
    unreadable: frozenset[str] = frozenset()
    carried_out: tuple[frozenset[str], ...] = ()
    gone: tuple[frozenset[str], ...] = ()
    withheld: tuple[frozenset[str], ...] = ()
    last_end: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of the candidates.

    ``waiting`` says until when each waits; ``withheld`` why. ``lists_needed_after`` is the time
    at or after which a fresh full list of all sources must begin, or None.
    """

    due: tuple[Delete, ...] = ()
    waiting: Mapping[DnsName, float] = field(default_factory=dict)
    withheld: Mapping[DnsName, str] = field(default_factory=dict)
    lists_needed_after: float | None = None


def judge(candidates: Sequence[Candidate], facts: Facts, limits: Limits) -> Judgement:
    """Return which of the candidates are due, which wait, and which are withheld."""
    withheld = {
        candidate.name: f"the definition of {', '.join(sorted(candidate.removed))} was removed"
        for candidate in candidates
        if candidate.removed
    }
    withheld |= {
        candidate.name: "it was adopted once, and the end of its object was not seen"
        for candidate in candidates
        if candidate.delete.seen_only and not candidate.seen
    }
    rest = [candidate for candidate in candidates if candidate.name not in withheld]
    waiting = {
        candidate.name: until
        for candidate in rest
        if (until := _not_before(candidate, facts, limits)) is not None
    }
    ready = [candidate for candidate in rest if candidate.name not in waiting]
    withheld |= _guarded(ready, rest, facts, limits)
    unread = _unread([one for one in ready if one.name not in withheld], rest, facts, limits)
    withheld |= unread.withheld
    waiting |= {name: at for name, at in unread.waiting.items() if name not in withheld}
    lists = [candidate.at + limits.confirm for candidate in rest if not candidate.seen]
    lists = [*(at for at in lists if facts.lists_began < at), *unread.lists]
    return Judgement(
        tuple(c.delete for c in ready if c.name not in withheld and c.name not in waiting),
        waiting,
        withheld,
        min(lists, default=None),
    )


def _not_before(candidate: Candidate, facts: Facts, limits: Limits) -> float | None:
    if candidate.unanswered:
        return facts.now + ASK_AGAIN
    if candidate.seen:
        until = candidate.at + (0.0 if candidate.delete.preview else limits.grace)
        return until if facts.now < until else None
    until = candidate.at + max(limits.confirm, limits.grace)
    if facts.now < until:
        return until
    # The list that is still to come wakes the loop; this time is only a second chance.
    confirmed = facts.lists_began >= candidate.at + limits.confirm
    return None if confirmed else facts.now + limits.confirm


def _guarded(
    ready: Sequence[Candidate], all_: Sequence[Candidate], facts: Facts, limits: Limits
) -> dict[DnsName, str]:
    """Withhold inferred deletes that are too many, or that would leave a kind without a name."""
    inferred = [candidate for candidate in ready if not candidate.seen]
    if not inferred:
        return {}
    # Those that still wait count too: else a wave in slices would pass slice by slice.
    waves = [*facts.carried_out, *facts.withheld]
    waves += [candidate.delete.kinds for candidate in all_ if not candidate.seen]
    everywhere = _too_many(len(waves), facts.names + len(facts.carried_out), limits)
    withheld: dict[DnsName, str] = {}
    of_kinds: dict[str, str] = {}
    for candidate in inferred:
        reason = everywhere
        if not candidate.delete.kinds and len(ready) >= facts.names:
            reason = reason or "it would leave nothing, and what the names came from is not known"
        for kind in sorted(candidate.delete.kinds):
            if not reason and kind not in of_kinds:
                of_kinds[kind] = _too_many_of_kind(kind, waves, ready, facts, limits)
            reason = reason or of_kinds[kind]
        if reason:
            withheld[candidate.name] = reason
    return withheld


def _too_many_of_kind(
    kind: str,
    waves: Sequence[frozenset[str]],
    ready: Sequence[Candidate],
    facts: Facts,
    limits: Limits,
) -> str:
    held = facts.names_by_kind.get(kind, 0)
    going = _count(kind, (candidate.delete.kinds for candidate in ready))
    if going >= held:
        return f"it would leave {kind} without a name, and the end of its objects was not seen"
    before = held + _count(kind, facts.carried_out)
    reason = _too_many(_count(kind, waves), before, limits)
    return reason and f"{reason} of {kind}"


def _too_many(deletes: int, names: int, limits: Limits) -> str:
    if deletes <= limits.few or deletes * 100 <= limits.max_percent * names:
        return ""
    return f"{deletes} deletes were inferred, above {limits.max_percent} % of {names} names"


@dataclass(frozen=True, slots=True)
class _Unread:
    """What is held back for the sake of kinds whose CRD may not be read."""

    waiting: dict[DnsName, float] = field(default_factory=dict)
    withheld: dict[DnsName, str] = field(default_factory=dict)
    lists: list[float] = field(default_factory=list)


def _unread(
    ready: Sequence[Candidate], all_: Sequence[Candidate], facts: Facts, limits: Limits
) -> _Unread:
    """Hold back what might be the end of a kind whose CRD may not be read."""
    found = _Unread()
    for kind in sorted(facts.unreadable):
        going = [candidate for candidate in ready if kind in candidate.delete.kinds]
        held, gone = facts.names_by_kind.get(kind, 0), _count(kind, facts.gone)
        if not going:
            continue
        # A removed CRD takes its objects one by one, slowly if they are many: so not even one goes
        # until the kind is quiet and still served; and those that wait, or have just gone, count.
        coming = _count(kind, (candidate.delete.kinds for candidate in all_))
        empties = coming >= held
        until = facts.last_end.get(kind, float("-inf")) + limits.quiet
        if facts.lists_began < until:
            found.lists.append(until)
            again = until if facts.now < until else facts.now + limits.quiet
            found.waiting.update((candidate.name, again) for candidate in going)
        elif empties and coming + gone > limits.few:
            reason = f"it would leave {kind} without a name, and its definition may not be read"
            found.withheld.update((candidate.name, reason) for candidate in going)
    return found


def _count(kind: str, many: Iterable[Collection[str]]) -> int:
    return sum(1 for kinds in many if kind in kinds)
