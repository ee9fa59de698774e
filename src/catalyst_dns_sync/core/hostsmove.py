"""Coming from a hosts file: what of it is in DNS, what the cluster wants, and what is left."""

from collections.abc import Mapping

from catalyst_dns_sync.core.external_dns import Handover
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_within, parse_name
from catalyst_dns_sync.core.ownership import Identity, answering, is_ours
from catalyst_dns_sync.core.records import Records, Target, Zone, address_target
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.core.takeover import adoptions


def hosts_in(text: str) -> dict[DnsName, frozenset[Target]]:
    """Return the names of a hosts file with their addresses; what is neither is passed over."""
    found: dict[DnsName, frozenset[Target]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        target = address_target(address)
        if target is None:
            continue
        for word in names:
            try:
                name = parse_name(word)
            except InvalidNameError:
                continue
            found[name] = found.get(name, frozenset()) | {target}
    return found


def from_hosts(
    demand: Demand,
    zone: Zone,
    identity: Identity,
    *,
    hosts: Mapping[DnsName, frozenset[Target]],
) -> Handover:
    """Return what is taken over of the names that a hosts file has in this zone.

    A name is taken where its records say what the cluster wants; of the others it is said why not.
    """
    by_name = {change.name: change for change in adoptions(demand, zone, identity)}
    names = [name for name in sorted(hosts) if is_within(name, zone.name)]
    found = {name: _objection(name, hosts[name], demand, zone, identity) for name in names}
    return Handover(
        tuple(by_name[name] for name in names if name in by_name),
        tuple(
            Refusal(name, reason)
            for name, reason in found.items()
            if reason and name not in by_name
        ),
    )


def _objection(
    name: DnsName, hosts: frozenset[Target], demand: Demand, zone: Zone, identity: Identity
) -> str:
    endpoint = demand.endpoints.get(name)
    said = _texts(hosts)
    if endpoint is None:
        return f"no object that is watched claims it: keep the line ({said}), or make a record"
    current: Records = answering(zone.names.get(name, ()), name, zone.name)
    wanted = _texts(frozenset(endpoint.targets))
    if wanted != said:
        return f"the file says {said}, and the cluster wants {wanted}"
    if not current:
        return "it is not in DNS yet: the daemon makes it"
    if all(is_ours(record, identity) for record in current):
        return ""
    held = ", ".join(f"{record.type} {record.value}" for record in current)
    return f"the cluster wants {wanted}, and DNS has {held}"


def _texts(targets: frozenset[Target]) -> str:
    return ", ".join(f"{target.type} {target.value}" for target in sorted(targets))
