"""Takes the deletes of a plan and lets through only those whose evidence is good."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

from catalyst_dns_sync.control.evidence import Ledger
from catalyst_dns_sync.control.ports import KindInspector, KindState
from catalyst_dns_sync.control.sources import Sources, SourcesState
from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.contents import Holdings
from catalyst_dns_sync.core.guard import Candidate, Facts, Judgement, Limits, judge
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.skips import Skip, SkipReason

_Definitions: TypeAlias = list[tuple[str, str | None]]
"""Kinds, each with the uid that its CRD had when an object was listed."""

_RELEASABLE = frozenset({SkipReason.WITHHELD, SkipReason.SOURCE_ABSENT})


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan in which every delete is due; the rest is waiting, or among the skips.

    What waits for a second list to be given to another object is both.
    ``inferred`` are the due deletes whose end was not seen, ``released`` those that a person let
    go.
    """

    plan: Plan
    waiting: Mapping[DnsName, float] = field(default_factory=dict)
    inferred: frozenset[DnsName] = frozenset()
    released: frozenset[DnsName] = frozenset()


class DeleteReview:
    """Reviews the deletes of one zone, with the evidence that its ledger holds.

    ``releasable`` are the names that wait for a person, each with the reason; ``waiting`` those
    that wait for their time, each with when it is looked at again.
    """

    def __init__(self, sources: Sources, inspector: KindInspector, limits: Limits) -> None:
        self.ledger = Ledger()
        self.releasable: dict[DnsName, str] = {}
        self.waiting: Mapping[DnsName, float] = {}
        self._lists_from = float("-inf")
        self._sources = sources
        self._inspector = inspector
        self._limits = limits

    async def review(
        self, plan: Plan, holdings: Holdings, sources: SourcesState, now: float
    ) -> Reviewed:
        """Return the plan without the deletes that may not be carried out now.

        ``holdings`` are ours in the zone, ``now`` is the loop's time.
        """
        deletes = [change for change in plan.changes if isinstance(change, Delete)]
        missing = {one.name for one in deletes}
        self.ledger.note_missing(missing, now)
        before = sources.lists_began - self._limits.confirm
        self.ledger.confirm(self._sources.has, before, missing)
        held = self._held(plan, sources, now)
        if not deletes:
            self.releasable, self.waiting = {}, {}
            return Reviewed(plan, held)
        kept = {one.name: skip for one in deletes if (skip := self._keep(one, sources))}
        released = [one for one in deletes if self._is_released(one, sources)]
        # All evidence is taken before any definition is read: only then does what is read tell
        # whether the definition was removed before the objects were.
        found = [
            self.ledger.candidate(one, now)
            for one in deletes
            if one.name not in kept and one not in released
        ]
        candidates = await self._with_kinds_inspected(found)
        latched = tuple(one.kinds for one in deletes if self.ledger.withheld(one.name))
        facts = self._facts(holdings, sources, latched, candidates, now)
        judgement = judge([one for one, _ in candidates], facts, self._limits)
        self.ledger.withhold(judgement.withheld)
        # Set at once and not before: meanwhile people are shown what waited for them before.
        asked = {name: one.detail for name, one in kept.items() if one.reason in _RELEASABLE}
        self.releasable = {**judgement.withheld, **asked}
        self.waiting = judgement.waiting
        needed = judgement.lists_needed_after
        if needed is not None and needed <= now:
            self._sources.request_lists()
        reviewed = _reviewed(plan, kept, judgement, candidates, released)
        return replace(reviewed, waiting={**held, **reviewed.waiting})

    def _held(self, plan: Plan, sources: SourcesState, now: float) -> dict[DnsName, float]:
        """Return when to look again at names that another object may get, once it is sure.

        While a source is out of touch there is no such time: its return wakes the loop.
        """
        due = sources.doubted_at + self._limits.confirm
        if sources.unknown or sources.lists_began >= due:
            return {}
        held = [one.name for one in plan.skips if one.reason is SkipReason.SOURCE_UNKNOWN]
        if held and due <= now:
            self._sources.request_lists()
        again = due if now < due else now + self._limits.confirm
        return {name: again for name in held if name is not None}

    def require_lists(self, now: float) -> None:
        """Let nothing go until every source was listed again from now on."""
        self._lists_from = now
        self._sources.request_lists()

    def release(self, names: Collection[DnsName]) -> frozenset[DnsName]:
        """Let those of the names go that are withheld; returns them."""
        released = frozenset(self.releasable.keys() & set(names))
        for name in released:
            self.ledger.release(name)
            del self.releasable[name]
        return released

    def _is_released(self, delete: Delete, sources: SourcesState) -> bool:
        # A person knows what became of objects, but not what a source that is out of touch holds.
        return self.ledger.is_released(delete.name) and not sources.unknown

    def _keep(self, delete: Delete, sources: SourcesState) -> Skip | None:
        if self._is_released(delete, sources):
            return None
        if reason := self.ledger.withheld(delete.name):
            return Skip(SkipReason.WITHHELD, delete.name, reason)
        if sources.lists_began < self._lists_from:
            detail = "the zone or its server came back older: the sources are listed again first"
            return Skip(SkipReason.SOURCE_UNKNOWN, delete.name, detail)
        if sources.unknown:
            detail = f"not synced: {', '.join(sources.unknown)}"
            return Skip(SkipReason.SOURCE_UNKNOWN, delete.name, detail)
        if absent := delete.kinds & sources.absent_kinds:
            detail = f"not served: {', '.join(sorted(absent))}"
            return Skip(SkipReason.SOURCE_ABSENT, delete.name, detail)
        return None

    async def _with_kinds_inspected(
        self, candidates: Sequence[Candidate]
    ) -> list[tuple[Candidate, frozenset[str]]]:
        """Return the candidates with their removed kinds, and beside each its unreadable ones."""
        listed = [self._definitions(candidate) for candidate in candidates]
        # Each uid by itself: a name may have had objects of the old and of the new CRD.
        states = {
            (kind, uid): await self._inspector.kind_state(kind, [uid])
            for kind, uid in dict.fromkeys(chain.from_iterable(listed))
        }

        def kinds(of: _Definitions, state: KindState) -> frozenset[str]:
            return frozenset(kind for kind, uid in of if states[kind, uid] is state)

        return [
            (
                replace(
                    candidate,
                    removed=kinds(of, KindState.REMOVED),
                    unanswered=kinds(of, KindState.UNKNOWN),
                ),
                kinds(of, KindState.UNREADABLE),
            )
            for candidate, of in zip(candidates, listed, strict=True)
        ]

    def _definitions(self, candidate: Candidate) -> _Definitions:
        return [
            (kind, uid)
            for kind in sorted(candidate.delete.kinds)
            for uid in self.ledger.uids(candidate.name, kind) or self._sources.uids(kind)
        ]

    def _facts(
        self,
        holdings: Holdings,
        sources: SourcesState,
        latched: tuple[frozenset[str], ...],
        candidates: list[tuple[Candidate, frozenset[str]]],
        now: float,
    ) -> Facts:
        return Facts(
            now=now,
            lists_began=sources.lists_began,
            names=holdings.names,
            names_by_kind=holdings.by_kind,
            unreadable=frozenset(kind for _, unreadable in candidates for kind in unreadable),
            carried_out=self.ledger.carried_out(now, self._limits.window),
            gone=self.ledger.gone(now, self._limits.window),
            withheld=latched,
            last_end=self.ledger.last_end(),
        )


def _reviewed(
    plan: Plan,
    kept: Mapping[DnsName, Skip],
    judgement: Judgement,
    candidates: list[tuple[Candidate, frozenset[str]]],
    released: Sequence[Delete],
) -> Reviewed:
    withheld = [
        Skip(SkipReason.WITHHELD, name, reason)
        for name, reason in sorted(judgement.withheld.items())
    ]
    due = {delete.name for delete in (*judgement.due, *released)}
    changes = tuple(
        change for change in plan.changes if not isinstance(change, Delete) or change.name in due
    )
    skips = (*plan.skips, *kept.values(), *withheld)
    inferred = frozenset(one.name for one, _ in candidates if not one.seen and one.name in due)
    return Reviewed(
        replace(plan, changes=changes, skips=skips),
        judgement.waiting,
        inferred,
        frozenset(one.name for one in released),
    )
