"""What a route claims, by what is known of its Gateways."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from catalyst_dns_sync.core.gateway.hostnames import intersection
from catalyst_dns_sync.core.gateway.model import (
    Acceptance,
    GatewayObject,
    Parent,
    RoutedObject,
)
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import ANY, NO_NAMES, Claim, Fault
from catalyst_dns_sync.core.records import ObjectRef, RecordType, Target, Targets
from catalyst_dns_sync.core.skips import SkipReason


@dataclass(slots=True)
class _Served:
    """What the Gateways serve of a route."""

    names: dict[DnsName, tuple[Claim, frozenset[Target]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, name: DnsName, claim: Claim, addresses: Targets) -> None:
        first, known = self.names.get(name, (claim, frozenset()))
        self.names[name] = (first, known | frozenset(addresses))

    def fault(self, reason: SkipReason, parent: Parent, detail: str, *, costs_names: bool) -> None:
        self.faults.append(Fault(reason, str(parent), detail, costs_names))


def attached(
    obj: RoutedObject, gateway_of: Callable[[ObjectRef], GatewayObject | None]
) -> RoutedObject:
    """Return the route with what it claims now.

    A Gateway that is not known, or whose controller has not judged the route as it is, costs no
    name: what it may serve is held. What no listener serves, or is refused, is not claimed.
    """
    route, served = obj.route, _Served()
    for parent in route.parents:
        gateway = gateway_of(parent.gateway)
        if parent.acceptance is Acceptance.REFUSED:
            served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=False)
        elif gateway is None:
            detail = "this Gateway is not there, or not known yet: names stay as they are"
            served.fault(SkipReason.GATEWAY_UNKNOWN, parent, detail, costs_names=True)
        elif parent.acceptance is Acceptance.PENDING:
            served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=True)
        else:
            _serve(obj, parent, gateway, served)
    claims = tuple(
        replace(claim, name=name, status=_targets(known))
        for name, (claim, known) in served.names.items()
    )
    names = frozenset(served.names)
    if not route.is_selected:
        filtered = names | route.names or NO_NAMES
        faults = tuple(one for one in served.faults if one.costs_names and not filtered)
        return replace(obj, claims=(), faults=faults, holds=NO_NAMES, filtered=filtered)
    faults = (*route.faults, *served.faults)
    meant = route.holds | (route.names if any(one.costs_names for one in faults) else NO_NAMES)
    return replace(obj, claims=claims, faults=faults, holds=meant - names or NO_NAMES)


def _serve(obj: RoutedObject, parent: Parent, gateway: GatewayObject, served: _Served) -> None:
    listeners = [one for one in gateway.listeners if one.takes(obj.ref, parent)]
    hostnames = [one.hostname for one in listeners]
    met = False
    for claim in obj.route.claims:
        if claim.name in obj.route.listed:
            found = list(_meets(claim, hostnames))
            met = met or bool(found)
        else:
            found = [claim.name] if listeners else []
        for name in found:
            served.add(name, claim, gateway.addresses)
    if not listeners:
        detail = "no listener of it takes this kind from this namespace"
        served.fault(SkipReason.NO_LISTENER, parent, detail, costs_names=False)
    elif not met and ANY not in obj.route.listed and obj.route.listed:
        known = ", ".join(sorted(one for one in hostnames if one is not None))
        detail = f"none of its hostnames meets a listener's: {known}"
        served.fault(SkipReason.NO_LISTENER, parent, detail, costs_names=False)


def _meets(claim: Claim, hostnames: list[DnsName | None]) -> Iterator[DnsName]:
    if claim.name == ANY:
        yield from (one for one in hostnames if one is not None)
        return
    for hostname in hostnames:
        if (name := intersection(claim.name, hostname)) is not None:
            yield name


def _targets(known: frozenset[Target]) -> Targets:
    # A name may have many addresses, but only one CNAME, and that alone.
    addresses = tuple(sorted(one for one in known if one.type is not RecordType.CNAME))
    return addresses or tuple(sorted(known)[:1])
