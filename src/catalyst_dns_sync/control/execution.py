"""Carries a plan out, as long as each of its changes is still right to begin."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from catalyst_dns_sync.control.evidence import Ledger
from catalyst_dns_sync.control.ports import Applied, Provider, ProviderError, Verdict
from catalyst_dns_sync.control.review import Reviewed
from catalyst_dns_sync.control.view import ZoneView, usable
from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.names import DnsName

PASS_SECONDS = 5.0
"""After so long a pass begins nothing more: what came in meanwhile is planned with the rest."""

RESULTS_A_SLICE = 100
"""An import has thousands of results at once: others get their turn on the loop in between."""


@dataclass(frozen=True, slots=True)
class Executed:
    """What was carried out, how many changes were not begun, and what broke it off."""

    applied: tuple[Applied, ...] = ()
    left: int = 0
    error: ProviderError | None = None


@dataclass(slots=True)
class _Gate:
    """Asked before each change is begun; counts those that it turns away."""

    may_go: Callable[[DnsName], bool]
    is_halted: Callable[[], bool]
    clock: Callable[[], float]
    until: float
    turned_away: int = 0
    begun: set[DnsName] = field(default_factory=set)

    def lets_begin(self, change: Change) -> bool:
        """Tell whether the change may be begun now, or, asked again, may still be made."""
        late = change.name not in self.begun and self.clock() >= self.until
        # The plan may be some seconds old, and somebody may have claimed the name since.
        kept = isinstance(change, Delete) and not self.may_go(change.name)
        if late or self.is_halted() or kept:
            self.turned_away += 1
            return False
        self.begun.add(change.name)
        return True


async def carry_out(
    reviewed: Reviewed,
    *,
    view: ZoneView,
    ledger: Ledger,
    may_go: Callable[[DnsName], bool],
    provider: Provider,
    clock: Callable[[], float],
    is_halted: Callable[[], bool],
    untidy: bool = False,
) -> Executed:
    """Carry a reviewed plan out, and let view and ledger know; raises no `ProviderError`.

    ``may_go`` tells whether a name may still be deleted, just before that is begun. A zone that is
    ``untidy`` is put in order even where no change is planned.
    """
    plan = reviewed.plan
    if not plan.changes and (not untidy or is_halted()):
        return Executed()
    gate = _Gate(may_go, is_halted, clock, clock() + PASS_SECONDS)
    done: list[Applied] = []
    try:
        results = provider.apply(plan.zone, plan.changes, gate.lets_begin, view.known)
        async for result in results:
            applied = _sharing(result)
            done.append(applied)
            view.take(applied)
            if applied.verdict is Verdict.DONE and isinstance(applied.change, Delete):
                seen = applied.change.name not in reviewed.inferred
                ledger.deleted(applied.change, clock(), seen=seen)
            if applied.verdict is Verdict.FAILED:
                ledger.unsure(applied.change.name, clock())
            if len(done) % RESULTS_A_SLICE == 0:
                await asyncio.sleep(0)
        if done:
            view.confirm(usable(plan.zone, await provider.zones()))
    except ProviderError as error:
        # What was sent last may have been carried out: only a new reading can tell.
        view.distrust()
        return Executed(tuple(done), gate.turned_away, error)
    return Executed(tuple(done), gate.turned_away)


def _sharing(applied: Applied) -> Applied:
    # What the server told is what we sent: so one of the two is enough.
    goal, held = applied.change.goal, applied.records
    return replace(applied, records=goal) if held is not goal and held == goal else applied
