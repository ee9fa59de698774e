"""What one pass over one zone would do, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalyst_dns_sync.control.ports import Applied, ProviderError, Verdict
from catalyst_dns_sync.control.review import Reviewed
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Zone


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a pass would do now, what it rests on, and what others did since the last one.

    ``untidy`` says that the zone's form has to be put in order, too; ``server`` whose zone it is,
    where there are several.
    """

    reviewed: Reviewed
    contents: Zone
    drift: tuple[Drift, ...] = ()
    untidy: bool = False
    server: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass planned, did and left alone.

    ``error`` is what broke off the carrying out of the plan as a whole; ``left`` counts changes
    that were not begun, because the pass took long, the daemon stops or is paused, or a name to be
    deleted was claimed meanwhile.
    ``inferred`` are due deletes whose end was not seen, ``released`` those that a person let go.
    ``ordered`` are names that a person gave an order for.
    ``waiting`` are deletes whose time has not come, with the loop's time at which each is looked
    at again; ``managed`` counts our records by type.
    """

    plan: Plan
    applied: tuple[Applied, ...] = ()
    error: ProviderError | None = None
    left: int = 0
    waiting: Mapping[DnsName, float] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    managed: Mapping[str, int] = field(default_factory=dict)
    inferred: frozenset[DnsName] = frozenset()
    released: frozenset[DnsName] = frozenset()
    ordered: frozenset[DnsName] = frozenset()
    began: float = 0.0
    ended: float = 0.0

    @property
    def is_settled(self) -> bool:
        """Tell whether every planned change was made."""
        done = all(one.verdict is Verdict.DONE for one in self.applied)
        return done and self.error is None and not self.left

    def without_done(self) -> "Outcome":
        """Return it without the changes that were made: ten thousand take megabytes."""
        left = tuple(one for one in self.applied if one.verdict is not Verdict.DONE)
        done = {one.change.name for one in self.applied if one.verdict is Verdict.DONE}
        changes = tuple(change for change in self.plan.changes if change.name not in done)
        return replace(self, plan=replace(self.plan, changes=changes), applied=left)

    @property
    def is_merely_stale(self) -> bool:
        """Tell whether nothing failed, and only the zone was not as we thought."""
        verdicts = {one.verdict for one in self.applied}
        return self.error is None and Verdict.STALE in verdicts and Verdict.FAILED not in verdicts

    @property
    def is_merely_unfinished(self) -> bool:
        """Tell whether all that was begun was done, and something is left."""
        return self.left > 0 and replace(self, left=0).is_settled
