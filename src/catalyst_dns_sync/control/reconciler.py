"""One pass over one zone: everything that the cluster wants, against what the zone holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalyst_dns_sync.control.outcome import Drift, Outcome
from catalyst_dns_sync.control.ports import (
    Applied,
    HostedZone,
    KindInspector,
    Provider,
    ProviderError,
    ProviderRejectedError,
    Verdict,
)
from catalyst_dns_sync.control.review import DeleteReview, Reviewed
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.store import StoreChange
from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.plan import Coverage, Rules, make_plan, our_markers
from catalyst_dns_sync.core.policy import Policy, under_policy
from catalyst_dns_sync.core.records import ZoneStamp


@dataclass(frozen=True, slots=True)
class Intent:
    """The settings that a pass needs."""

    zones: frozenset[DnsName]
    coverage: Coverage
    defaults: Defaults = field(default_factory=Defaults)
    policy: Policy = Policy.SYNC
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a pass would do now, and what others did to our records since the last one."""

    reviewed: Reviewed
    drift: tuple[Drift, ...] = ()


class Reconciler:
    """Makes zones what the cluster wants; remembers only evidence and the last readings.

    ``identity`` may change while it runs: the cluster's id is not always known at the start.
    ``clock`` returns the loop's time in seconds. Once ``stopping`` is set, a pass begins no more
    changes.
    """

    def __init__(
        self,
        *,
        sources: Sources,
        provider: Provider,
        inspector: KindInspector,
        intent: Intent,
        identity: Identity,
        clock: Callable[[], float],
    ) -> None:
        self.identity = identity
        self.stopping = False
        self._sources = sources
        self._provider = provider
        self._intent = intent
        self._clock = clock
        self._views = {zone: ZoneView(zone, provider) for zone in intent.zones}
        self._reviews = {
            zone: DeleteReview(sources, inspector, intent.limits) for zone in intent.zones
        }

    def note(self, change: StoreChange) -> frozenset[DnsName]:
        """Take what a Store saw; returns the zones that must be looked at again."""
        for end in change.ends:
            zone = zone_of(end.name, self._intent.zones)
            if zone is not None:
                self._reviews[zone].ledger.note([end])
        # An object without names may still have a fault to tell.
        if change.everywhere or not change.names:
            return self._intent.zones
        found = (zone_of(name, self._intent.zones) for name in change.names)
        return frozenset(zone for zone in found if zone is not None)

    def stamp(self, zone: DnsName) -> ZoneStamp | None:
        """Return the stamp that the server should show, None where the zone must be read."""
        return self._views[zone].stamp

    def invalidate(self) -> None:
        """Read every zone again at its next pass."""
        for view in self._views.values():
            view.invalidate()

    async def reconcile(self, zone: DnsName) -> Outcome:
        """Make one pass; raises `ProviderError` where the server or the zone as a whole fails."""
        began = self._clock()
        proposal = await self.propose(zone)
        applied, error = await self._apply(zone, proposal.reviewed)
        view, ledger = self._views[zone], self._reviews[zone].ledger
        ledger.tidy(view.names, self._clock())
        plan = proposal.reviewed.plan
        if self.stopping:
            # What was not begun any more is no part of what this pass did.
            plan = replace(plan, changes=tuple(one.change for one in applied))
        return Outcome(
            plan=plan,
            applied=applied,
            error=error,
            waiting=proposal.reviewed.waiting,
            drift=proposal.drift,
            managed=view.managed(self.identity),
            began=began,
            ended=self._clock(),
        )

    async def propose(self, zone: DnsName) -> Proposal:
        """Return what a pass would do now; it only reads."""
        hosted = await self._provider.zones()
        view, review = self._views[zone], self._reviews[zone]
        contents, drift = await view.current(_usable(zone, hosted), self.identity)
        markers = our_markers(contents, self.identity)
        sources = self._sources.state()
        demand = merge(
            self._sources.objects(),
            zone=zone,
            zones=self._intent.zones,
            defaults=self._intent.defaults,
            markers=markers,
        )
        review.ledger.forget_claimed([*demand.endpoints, *demand.unresolved])
        rules = Rules(
            self.identity,
            self._intent.coverage,
            frozenset(hosted),
            may_remark=sources.synced,
        )
        plan = under_policy(make_plan(demand, contents, rules), self._intent.policy)
        reviewed = await review.review(plan, markers, sources, self._clock())
        return Proposal(self._still_unclaimed(reviewed), tuple(drift))

    def _still_unclaimed(self, reviewed: Reviewed) -> Reviewed:
        # Definitions were read meanwhile, which can take long. What came in since asks for a
        # pass of its own, so that what is left out here is planned anew.
        plan = reviewed.plan
        if not any(isinstance(change, Delete) for change in plan.changes):
            return reviewed
        synced = self._sources.state().synced
        claimed = {name for obj in self._sources.objects() for name in obj.names}
        changes = tuple(
            change
            for change in plan.changes
            if not isinstance(change, Delete) or (synced and change.name not in claimed)
        )
        return replace(reviewed, plan=replace(plan, changes=changes))

    def _is_stopping(self) -> bool:
        return self.stopping

    async def _apply(
        self, zone: DnsName, reviewed: Reviewed
    ) -> tuple[tuple[Applied, ...], ProviderError | None]:
        changes: Sequence[Change] = reviewed.plan.changes
        if not changes:
            return (), None
        view, ledger = self._views[zone], self._reviews[zone].ledger
        done: list[Applied] = []
        try:
            async for applied in self._provider.apply(zone, changes, self._is_stopping):
                done.append(applied)
                view.take(applied)
                if applied.verdict is Verdict.DONE and isinstance(applied.change, Delete):
                    seen = applied.change.name not in reviewed.inferred
                    ledger.deleted(applied.change, self._clock(), seen=seen)
            view.confirm(_usable(zone, await self._provider.zones()))
        except ProviderError as error:
            # What was sent last may have been carried out: only a new reading can tell.
            view.distrust()
            return tuple(done), error
        return tuple(done), None


def _usable(zone: DnsName, hosted: Mapping[DnsName, HostedZone]) -> HostedZone:
    found = hosted.get(zone)
    if found is None:
        raise ProviderRejectedError(
            f"zone {zone} is not among the zones that the server shows: create it in the DNS "
            "console, give the token's user View, Modify and Delete on it, or mend DNS_ZONES"
        )
    if not found.writable:
        raise ProviderRejectedError(
            f"zone {zone} is a {found.kind} zone, which takes no changes: "
            "name its primary server in DNS_SERVER_URL"
        )
    return found
