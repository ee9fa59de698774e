"""What became of one pass over one zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalyst_dns_sync.control.ports import Applied, ProviderError, Verdict
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Drift:
    """Records of ours that somebody else changed since we last looked; ``kind`` says how."""

    name: DnsName
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass planned, did and left alone.

    ``error`` is what broke off the carrying out of the plan as a whole.
    ``waiting`` are deletes whose time has not come, with the loop's time at which each is looked
    at again; ``managed`` counts our records by type.
    """

    plan: Plan
    applied: tuple[Applied, ...] = ()
    error: ProviderError | None = None
    waiting: Mapping[DnsName, float] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    managed: Mapping[str, int] = field(default_factory=dict)
    began: float = 0.0
    ended: float = 0.0

    @property
    def is_settled(self) -> bool:
        """Tell whether every planned change was made."""
        return self.error is None and all(one.verdict is Verdict.DONE for one in self.applied)

    @property
    def is_merely_stale(self) -> bool:
        """Tell whether nothing failed, and only the zone was not as we thought."""
        failed = any(one.verdict is Verdict.FAILED for one in self.applied)
        return self.error is None and not failed and not self.is_settled
