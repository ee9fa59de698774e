"""Whether what others changed in our records is mended."""

from collections.abc import Callable, Sequence

from catalyst_dns_sync.core.drift import Drift, DriftPolicy, under_drift_policy
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Endpoint


class Repairs:
    """The drift of one zone, kept in mind for as long as nobody mends it."""

    def __init__(self, policy: DriftPolicy) -> None:
        self._policy = policy
        self._drifted: dict[DnsName, Endpoint] = {}

    def allowed(
        self, plan: Plan, wanted: Callable[[DnsName], Endpoint | None], drift: Sequence[Drift]
    ) -> Plan:
        """Return the plan without the repairs that nobody wants; ``drift`` is what is new."""
        drifted = self._drifted
        drifted |= {one.name: endpoint for one in drift if (endpoint := wanted(one.name))}
        allowed = under_drift_policy(plan, drifted, self._policy)
        # What is as it should be again, or wanted otherwise, is forgotten.
        left = {skip.name for skip in allowed.skips}
        self._drifted = {
            name: endpoint
            for name, endpoint in drifted.items()
            if name in left and wanted(name) == endpoint
        }
        return allowed
