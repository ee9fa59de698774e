"""Carries a plan out, as long as each of its changes is still right to begin."""

from collections.abc import Callable
from dataclasses import dataclass, field

from catalyst_dns_sync.control.evidence import Ledger
from catalyst_dns_sync.control.ports import Applied, Provider, ProviderError, Verdict
from catalyst_dns_sync.control.review import Reviewed
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.view import ZoneView, usable
from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.names import DnsName

PASS_SECONDS = 5.0
"""After so long a pass begins nothing more: what came in meanwhile is planned with the rest."""


@dataclass(frozen=True, slots=True)
class Executed:
    """What was carried out, how many changes were not begun, and what broke it off."""

    applied: tuple[Applied, ...] = ()
    left: int = 0
    error: ProviderError | None = None


@dataclass(slots=True)
class _Gate:
    """Asked before each change is begun; counts those that it turns away."""

    sources: Sources
    is_halted: Callable[[], bool]
    clock: Callable[[], float]
    until: float
    turned_away: int = 0
    _claimed: frozenset[DnsName] = frozenset()
    _as_of: int = field(default=-1)

    def lets_begin(self, change: Change) -> bool:
        """Tell whether the change may be begun now."""
        late = self.clock() >= self.until
        if late or self.is_halted() or (isinstance(change, Delete) and not self._may_go(change)):
            self.turned_away += 1
            return False
        return True

    def _may_go(self, delete: Delete) -> bool:
        # The plan may be some seconds old, and somebody may have claimed the name since.
        if self._as_of != self.sources.changes:
            self._as_of = self.sources.changes
            self._claimed = self.sources.claimed_names()
        return delete.name not in self._claimed and self.sources.state().synced


async def carry_out(
    reviewed: Reviewed,
    *,
    view: ZoneView,
    ledger: Ledger,
    sources: Sources,
    provider: Provider,
    clock: Callable[[], float],
    is_halted: Callable[[], bool],
    untidy: bool = False,
) -> Executed:
    """Carry a reviewed plan out, and let view and ledger know; raises no `ProviderError`.

    A zone that is ``untidy`` is put in order even where no change is planned.
    """
    plan = reviewed.plan
    if not plan.changes and (not untidy or is_halted()):
        return Executed()
    gate = _Gate(sources, is_halted, clock, clock() + PASS_SECONDS)
    done: list[Applied] = []
    try:
        async for applied in provider.apply(plan.zone, plan.changes, gate.lets_begin):
            done.append(applied)
            view.take(applied)
            if applied.verdict is Verdict.DONE and isinstance(applied.change, Delete):
                seen = applied.change.name not in reviewed.inferred
                ledger.deleted(applied.change, clock(), seen=seen)
        if done:
            view.confirm(usable(plan.zone, await provider.zones()))
    except ProviderError as error:
        # What was sent last may have been carried out: only a new reading can tell.
        view.distrust()
        return Executed(tuple(done), gate.turned_away, error)
    return Executed(tuple(done), gate.turned_away)
