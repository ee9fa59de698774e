"""What is wrong in an object, gathered while it is read."""

from dataclasses import dataclass, field

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Fault
from catalyst_dns_sync.core.rules import mentioned_names
from catalyst_dns_sync.core.skips import SkipReason

LONGEST_VALUE = 200


@dataclass(slots=True)
class Findings:
    """The faults of an object, and the names that its broken parts seem to mean."""

    faults: list[Fault] = field(default_factory=list)
    holds: set[DnsName] = field(default_factory=set)

    def fault(
        self, reason: SkipReason, value: str, detail: str, *, costs_names: bool = True
    ) -> None:
        """Note what can't be used; the names that it may mean are held."""
        self.faults.append(Fault(reason, value[:LONGEST_VALUE], detail, costs_names))
        if costs_names:
            self.holds |= mentioned_names(value)
