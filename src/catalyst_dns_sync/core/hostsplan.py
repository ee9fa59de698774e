"""What is different about a plan where a hosts file stands for a zone."""

from collections.abc import Callable, Collection
from dataclasses import replace

from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName, is_wildcard
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Endpoint, RecordType
from catalyst_dns_sync.core.skips import Skip, SkipReason


def expressible(demand: Demand) -> Demand:
    """Return the demand without what a hosts file can't say, which becomes skips.

    Such a name counts as claimed without a target: what stands in the file for it stays.
    """
    faults = {
        name: fault
        for name, endpoint in demand.endpoints.items()
        if (fault := _inexpressible(endpoint))
    }
    if not faults:
        return demand
    skips = tuple(
        Skip(SkipReason.UNSUPPORTED, name, fault, demand.endpoints[name].origins[0])
        for name, fault in faults.items()
    )
    return replace(
        demand,
        endpoints={name: one for name, one in demand.endpoints.items() if name not in faults},
        unresolved={
            **demand.unresolved,
            **{name: demand.endpoints[name].origins[0] for name in faults},
        },
        skips=demand.skips + skips,
    )


def as_in_hosts_file(
    plan: Plan, kinds_of: Callable[[DnsName], Collection[str]], lost_kinds: frozenset[str]
) -> Plan:
    """Return a plan whose deletes name all kinds that may have held them.

    ``kinds_of`` are those whose objects are known to have claimed a name, ``lost_kinds`` those that
    the cluster served and does not serve any more: each name may have been theirs. A line outside
    of the block that says what is wanted is all that is needed, and no Skip.
    """
    changes = tuple(
        replace(change, kinds=change.kinds.union(kinds_of(change.name), lost_kinds))
        if isinstance(change, Delete)
        else change
        for change in plan.changes
    )
    skips = tuple(skip for skip in plan.skips if skip.reason is not SkipReason.ADOPTABLE)
    return replace(plan, changes=changes, skips=skips)


def _inexpressible(endpoint: Endpoint) -> str:
    if is_wildcard(endpoint.name):
        return "a hosts file has no wildcards"
    target = endpoint.targets[0]
    if target.type is RecordType.CNAME:
        return f"a hosts file has addresses only, and the target is the name {target.value}"
    return ""
