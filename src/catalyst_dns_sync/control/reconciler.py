"""One pass over one zone: everything that the cluster wants, against what the zone holds."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from catalyst_dns_sync.control.demands import Demands
from catalyst_dns_sync.control.desk import OrderDesk
from catalyst_dns_sync.control.execution import carry_out
from catalyst_dns_sync.control.intent import Intent
from catalyst_dns_sync.control.memory import Memory
from catalyst_dns_sync.control.orders import OrderRefusedError
from catalyst_dns_sync.control.outcome import Outcome, Proposal
from catalyst_dns_sync.control.planning import FreshPlanner, KeptPlanner, Planned, Planner
from catalyst_dns_sync.control.ports import HostedZone, KindInspector, Provider, ProviderError
from catalyst_dns_sync.control.repairs import Repairs
from catalyst_dns_sync.control.review import DeleteReview
from catalyst_dns_sync.control.sources import Sources, SourcesState
from catalyst_dns_sync.control.store import StoreChange
from catalyst_dns_sync.control.view import ZoneView, usable
from catalyst_dns_sync.core.draft import Draft
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.orders import Objection, Refused, Situation
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.policy import under_policy
from catalyst_dns_sync.core.records import Zone
from catalyst_dns_sync.core.terms import Rules


class Reconciler:
    """Makes zones what the cluster wants.

    Who wants what is in ``demands``, what is remembered of the zones in ``memory``, and people's
    orders are in ``desk``.
    ``identity`` may change while it runs: the cluster's id is not always known at the start.
    ``clock`` returns the loop's time in seconds. While ``stopping`` or ``paused`` is set, or
    ``is_leader`` says no, a pass begins no more changes.
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
        self.paused = False
        self.is_leader: Callable[[], bool] = lambda: True
        self._term = 0
        self._hosted: frozenset[DnsName] = frozenset()
        self._sources = sources
        self._provider = provider
        self._intent = intent
        self._clock = clock
        self._views = {zone: ZoneView(zone, provider) for zone in intent.zones}
        self._reviews = {
            zone: DeleteReview(sources, inspector, intent.limits) for zone in intent.zones
        }
        self.demands = Demands(sources, intent, self._views, lambda: self.identity, self._touch)
        self._planners = {zone: self._planner(zone) for zone in intent.zones}
        sources.follow(self._object_changed)
        self.desk = OrderDesk(self, intent.zones, clock, keeps_markers=intent.keeps_markers)
        self.memory = Memory(self._views, self._reviews, self.desk, clock)
        self._repairs = {zone: Repairs(intent.drift_policy) for zone in intent.zones}

    def note(self, change: StoreChange) -> frozenset[DnsName]:
        """Take what a Store saw; returns the zones that must be looked at again."""
        for end in change.ends:
            zone = zone_of(end.name, self._intent.zones)
            if zone is not None:
                self._reviews[zone].ledger.note([end])
        found = (zone_of(name, self._intent.zones) for name in change.names)
        concerned = frozenset(zone for zone in found if zone is not None)
        # An object without a name in any zone may still have a fault to tell.
        return self._intent.zones if change.everywhere or not concerned else concerned

    @property
    def is_halted(self) -> bool:
        """Whether no change may be begun now."""
        return self.stopping or self.paused or not self.is_leader()

    def begin_term(self) -> None:
        """Take it that another instance wrote until now; what was planned before is void."""
        self._term += 1
        self.memory.another_led()

    @property
    def why_halted(self) -> str:
        """Why no change may be begun now; nothing where it may."""
        if not self.is_halted:
            return ""
        if not self.is_leader():
            return "this instance stands by, another one leads"
        return "the daemon stops" if self.stopping else "the daemon is paused: `resume` ends that"

    def situation(self, zone: DnsName, name: DnsName) -> Situation:
        """Return what bears on an order for a name; raises `OrderRefusedError` before a pass."""
        if not self._hosted:
            raise OrderRefusedError(Refused(Objection.UNSURE, "the zone was not read yet"))
        view, sources = self._views[zone], self._sources.state()
        return Situation(
            view.known,
            view.contents.cuts,
            self._rules(self._hosted, sources),
            interests=self.demands.interests(zone, name),
            defaults=self.demands.defaults_in(zone),
            faulty=self.demands.index.faulty,
            unknown=sources.unknown,
            policy=self._intent.policy_in(zone),
        )

    def contents(self, zone: DnsName) -> Zone:
        """Return what a zone holds, as far as it is known."""
        return self._views[zone].known

    async def reconcile(self, zone: DnsName) -> Outcome:
        """Make one pass; raises `ProviderError` where the server or the zone as a whole fails."""
        began, term = self._clock(), self._term
        book = self.desk.book(zone)
        try:
            proposal = await self.propose(zone)
        except ProviderError as error:
            book.fail(error)
            raise
        reviewed, ordered = book.impose(proposal.reviewed, partial(self.situation, zone))
        view, ledger = self._views[zone], self._reviews[zone].ledger
        executed = await carry_out(
            reviewed,
            view=view,
            ledger=ledger,
            may_go=self._may_go,
            provider=self._provider,
            clock=self._clock,
            is_halted=lambda: self.is_halted or self._term != term,
            untidy=proposal.untidy,
        )
        book.settle(executed, lambda: self.is_halted)
        ledger.tidy(view.ours(ledger.names, self.identity), self._clock())
        return Outcome(
            plan=reviewed.plan,
            applied=executed.applied,
            error=executed.error,
            left=executed.left,
            waiting=reviewed.waiting,
            drift=proposal.drift,
            managed=view.managed(self.identity),
            inferred=reviewed.inferred,
            released=reviewed.released,
            ordered=ordered,
            began=began,
            ended=self._clock(),
        )

    async def read_ahead(self, zone: DnsName) -> None:
        """Read a zone already, while the sources are still asked.

        Raises no `ProviderError`: the pass meets the same trouble, and says so.
        """
        try:
            hosted = await self._provider.zones()
            await self._views[zone].read_ahead(usable(zone, hosted), self.identity)
        except ProviderError:
            return

    async def settle(self, zone: DnsName) -> None:
        """Get ready for the next event, after a pass."""
        await self._planners[zone].settle()
        self.demands.hand_on()

    def take_concerned(self) -> frozenset[DnsName]:
        """Return the zones that must be looked at because of what was made, or found, in others."""
        return self.demands.take_concerned()

    async def propose(self, zone: DnsName) -> Proposal:
        """Return what a pass would do now; it only reads."""
        hosted = await self._provider.zones()
        self._hosted = frozenset(hosted)
        view, review = self._views[zone], self._reviews[zone]
        await self._plan_before(zone, hosted)
        contents, drift = await view.current(usable(zone, hosted), self.identity)
        drift = self.demands.excused(zone, drift)
        self.memory.heed_reading(zone)
        planned = await self._planned(zone, contents)
        review.ledger.forget_claimed(self.demands.wanted(zone, review.ledger.names))
        plan = under_policy(planned.plan, self._intent.policy_in(zone))
        plan = self._repairs[zone].allowed(plan, planned.endpoint, drift)
        reviewed = await review.review(plan, planned.holdings, planned.sources, self._clock())
        # A call that was given up may have undone what was ordered after it.
        self.desk.book(zone).repeat(partial(review.ledger.is_unsure, now=self._clock()))
        untidy = hosted[zone].untidy and self._intent.drift_policy is DriftPolicy.REPAIR
        return Proposal(reviewed, planned.contents, tuple(drift), untidy)

    async def _planned(self, zone: DnsName, contents: Zone) -> Planned:
        planned = await self._planners[zone].plan(contents, partial(self._rules, self._hosted))
        self.demands.planned(zone)
        return planned

    async def _plan_before(self, zone: DnsName, hosted: Mapping[DnsName, HostedZone]) -> None:
        """Plan what the first look at a zone of addresses rests on."""
        for other in self.demands.unplanned_before(zone):
            try:
                view = self._views[other]
                contents, _ = await view.current(usable(other, hosted), self.identity)
            except ProviderError:
                # Its own pass says so; what points to its names stays until then.
                continue
            await self._planned(other, contents)

    def _may_go(self, name: DnsName) -> bool:
        return not self.demands.is_wanted(name) and self._sources.state().synced

    def _planner(self, zone: DnsName) -> Planner:
        if not self._intent.keeps_markers:
            return FreshPlanner(self.demands.demand, self._reviews[zone].ledger, self._sources)
        contents = self._views[zone].contents
        seen_ends = self._reviews[zone].ledger.seen_ends
        defaults = self._intent.defaults_in(zone)
        demands = self.demands
        draft = Draft(contents, demands.index, defaults, seen_ends, demands.pointers)
        return KeptPlanner(draft, self._sources)

    def _object_changed(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        touched = self.demands.index.replace(old, new)
        for name in touched.names:
            zone = zone_of(name, self._intent.zones)
            if zone is not None:
                self._touch(zone, name)
        if touched.origins:
            for planner in self._planners.values():
                planner.touch((), touched.origins)

    def _touch(self, zone: DnsName, name: DnsName) -> None:
        self._planners[zone].touch((name,))

    def _rules(self, hosted: frozenset[DnsName], sources: SourcesState) -> Rules:
        return Rules(
            self.identity,
            self._intent.coverage,
            hosted,
            unknown_kinds=sources.unknown_kinds,
            absent_kinds=sources.absent_kinds,
            # What an earlier run knew is in markers only, and a hosts file keeps none.
            unconfirmed_kinds=sources.unconfirmed_kinds(self._intent.limits.confirm)
            if self._intent.keeps_markers
            else frozenset(),
            service=sources.service,
        )

    def releasable(self) -> dict[DnsName, str]:
        """Return the names whose deletes wait for a person, each with the reason."""
        return {
            name: reason
            for review in self._reviews.values()
            for name, reason in review.releasable.items()
        }

    def waiting(self) -> dict[DnsName, float]:
        """Return the names whose deletes wait for their time, with the seconds that are left."""
        now = self._clock()
        return {
            name: max(0.0, at - now)
            for review in self._reviews.values()
            for name, at in review.waiting.items()
        }

    def release(self, names: Collection[DnsName]) -> frozenset[DnsName]:
        """Let those of the names go that are withheld, and no others; returns them."""
        released = [review.release(names) for review in self._reviews.values()]
        return frozenset().union(*released)
