"""Which kinds of change are allowed at all."""

from dataclasses import replace
from enum import StrEnum

from catalyst_dns_sync.core.changes import Change, Create, Delete, describe
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.skips import Skip, SkipReason


class Policy(StrEnum):
    """``sync`` does everything; ``upsert-only`` deletes nothing; ``create-only`` only creates."""

    SYNC = "sync"
    UPSERT_ONLY = "upsert-only"
    CREATE_ONLY = "create-only"

    def allows(self, change: Change) -> bool:
        """Tell whether the policy allows the change."""
        match self:
            case Policy.SYNC:
                return True
            case Policy.UPSERT_ONLY:
                return not isinstance(change, Delete)
            case Policy.CREATE_ONLY:
                return isinstance(change, Create)


def under_policy(plan: Plan, policy: Policy) -> Plan:
    """Return the plan with what the policy forbids turned into skips."""
    allowed = tuple(change for change in plan.changes if policy.allows(change))
    refused = tuple(
        Skip(SkipReason.POLICY, change.name, f"{policy} forbids {describe(change)}")
        for change in plan.changes
        if not policy.allows(change)
    )
    return replace(plan, changes=allowed, skips=plan.skips + refused)
