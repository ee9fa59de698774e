"""Two ways to a zone's plan: kept name by name, or made from everything at each pass."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from catalyst_dns_sync.control.evidence import Ledger
from catalyst_dns_sync.control.origins import Origins
from catalyst_dns_sync.control.slices import SLICE
from catalyst_dns_sync.control.sources import Sources, SourcesState
from catalyst_dns_sync.core.contents import Holdings, holdings_of
from catalyst_dns_sync.core.draft import Draft
from catalyst_dns_sync.core.hostsplan import as_in_hosts_file, expressible
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan, make_plan, our_markers
from catalyst_dns_sync.core.records import Endpoint, Zone
from catalyst_dns_sync.core.terms import Rules

MAX_RESTARTS = 3
"""A plan that was begun anew so often, because sources come and go, is made in one go."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it rests on: the sources' state is that of the moment of the plan."""

    plan: Plan
    contents: Zone
    holdings: Holdings
    sources: SourcesState
    endpoint: Callable[[DnsName], Endpoint | None]


class Planner(Protocol):
    """Makes the plan of one zone, as often as it is asked."""

    def touch(self, names: Iterable[DnsName], origins: Iterable[str] = ()) -> None:
        """Take what a change of an object concerns: names, and origins that markers may have."""

    async def plan(self, contents: Zone, rules_of: Callable[[SourcesState], Rules]) -> Planned:
        """Return what to do, as of now."""

    async def settle(self) -> None:
        """Decide anew what was just carried out."""


class KeptPlanner:
    """Decides only names that something touched; lets others work meanwhile if they are many."""

    def __init__(self, draft: Draft, sources: Sources) -> None:
        self._draft = draft
        self._sources = sources
        self._rules: Rules | None = None

    def touch(self, names: Iterable[DnsName], origins: Iterable[str] = ()) -> None:
        """Take what a change of an object concerns: names, and origins that markers may have."""
        self._draft.touch(names, origins)

    async def plan(self, contents: Zone, rules_of: Callable[[SourcesState], Rules]) -> Planned:
        """Return what to do, as of now."""
        rules, restarts = None, 0
        while True:
            # What happened while others had their turn counts too: so the end of the last slice
            # is the one moment that all of the plan is of.
            sources = self._sources.state()
            before, rules = rules, rules_of(sources)
            restarts += before is not None and before != rules
            if self._draft.work(rules, SLICE if restarts <= MAX_RESTARTS else None):
                break
            await asyncio.sleep(0)
        draft, self._rules = self._draft, rules
        return Planned(draft.plan(), contents, draft.holdings, sources, draft.endpoint)

    async def settle(self) -> None:
        """Decide anew what was just carried out: the next event shall find nothing left to do."""
        while True:
            if self._rules is None or self._draft.work(self._rules, SLICE):
                return
            await asyncio.sleep(0)


class FreshPlanner:
    """Plans everything each time, where the provider keeps no markers: for a hosts file.

    ``demand_of`` returns what the cluster wants, given what the zone holds.
    """

    def __init__(
        self, demand_of: Callable[[Zone], Demand], ledger: Ledger, sources: Sources
    ) -> None:
        self._demand_of = demand_of
        self._ledger = ledger
        self._sources = sources
        self._origins = Origins()

    def touch(self, names: Iterable[DnsName], origins: Iterable[str] = ()) -> None:
        """Do nothing: all is looked at anyway."""

    async def plan(self, contents: Zone, rules_of: Callable[[SourcesState], Rules]) -> Planned:
        """Return what to do, as of now."""
        sources = self._sources.state()
        rules = rules_of(sources)
        contents = self._origins.recalled(contents)
        demand = expressible(self._demand_of(contents))
        contents = self._origins.learned(contents, demand, rules)
        plan = as_in_hosts_file(
            make_plan(demand, contents, rules), self._ledger.kinds, sources.lost_kinds
        )
        holdings = _holdings(contents, demand, rules)
        return Planned(plan, contents, holdings, sources, demand.endpoints.get)

    async def settle(self) -> None:
        """Do nothing: all is decided anew anyway."""


def _holdings(contents: Zone, demand: Demand, rules: Rules) -> Holdings:
    found = our_markers(contents, rules.identity)
    living = demand.endpoints
    return holdings_of(
        set(marker.kinds).intersection(living[name].kinds if name in living else marker.kinds)
        for name, marker in found.items()
    )
