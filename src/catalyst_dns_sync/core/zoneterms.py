"""What holds in one zone, and not in the others."""

from dataclasses import dataclass

from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import Targets


@dataclass(frozen=True, slots=True)
class ZoneTerms:
    """What is said of one zone alone; what is not said is as for all."""

    targets: Targets = ()
    ttl: int | None = None
    policy: Policy | None = None
