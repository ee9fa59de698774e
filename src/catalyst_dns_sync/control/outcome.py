"""What became of one pass over one zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalyst_dns_sync.control.ports import Applied, Verdict
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

    ``waiting`` are deletes whose time has not come, with the loop's time at which each is looked
    at again; ``managed`` counts our names by the type of their records.
    """

    plan: Plan
    applied: tuple[Applied, ...] = ()
    waiting: Mapping[DnsName, float] = field(default_factory=dict)
    withheld: Mapping[DnsName, str] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    managed: Mapping[str, int] = field(default_factory=dict)
    began: float = 0.0
    ended: float = 0.0

    @property
    def failures(self) -> tuple[Applied, ...]:
        """The changes that failed."""
        return tuple(one for one in self.applied if one.verdict is Verdict.FAILED)

    @property
    def is_settled(self) -> bool:
        """Tell whether every planned change was made."""
        return all(one.verdict is Verdict.DONE for one in self.applied)
