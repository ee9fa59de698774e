"""Records of ours that somebody else changed: what is repaired, and what is only reported."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Endpoint
from catalyst_dns_sync.core.skips import Skip, SkipReason


class DriftPolicy(StrEnum):
    """``repair`` makes it what the cluster wants; ``report`` leaves it and says so."""

    REPAIR = "repair"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Drift:
    """One name of ours that others changed; ``kind`` says how: removed, changed or taken."""

    name: DnsName
    kind: str


def under_drift_policy(
    plan: Plan, drifted: Mapping[DnsName, Endpoint], policy: DriftPolicy
) -> Plan:
    """Return the plan with repairs that are not wanted turned into skips.

    ``drifted`` are the names that others changed, with what the cluster wanted of them when that
    was noticed. Once the cluster wants something else, that is done.
    """
    reported = {
        change.name
        for change in plan.changes
        if not isinstance(change, Delete) and _is_only_reported(change, drifted, policy)
    }
    skips = tuple(
        Skip(SkipReason.DRIFT, name, "somebody changed the record", drifted[name].origins[0])
        for name in sorted(reported)
    )
    changes = tuple(change for change in plan.changes if change.name not in reported)
    return replace(plan, changes=changes, skips=plan.skips + skips)


def _is_only_reported(
    change: Change, drifted: Mapping[DnsName, Endpoint], policy: DriftPolicy
) -> bool:
    if isinstance(change, Delete) or drifted.get(change.name) != change.endpoint:
        return False
    return not repairs(change.endpoint, policy)


def repairs(endpoint: Endpoint, policy: DriftPolicy) -> bool:
    """Tell whether what others change at the endpoint is put right again."""
    if endpoint.remediate is not None:
        return endpoint.remediate
    return policy is DriftPolicy.REPAIR
