"""What a plan needs to know beside what is wanted and what the zone holds."""

from dataclasses import dataclass

from catalyst_dns_sync.core.admission import EVERYTHING, Scope
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import Identity, Marker, origin_namespace
from catalyst_dns_sync.core.targets import ServiceTarget


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the settings let us see: absence proves something only there.

    ``namespaces`` empty means all of them; ``scope`` leaves some of them out, and some hosts.
    ``pointed`` are the zones whose names have PTR records, None where none are made.
    """

    kinds: frozenset[str]
    namespaces: frozenset[str] = frozenset()
    scope: Scope = EVERYTHING
    pointed: frozenset[DnsName] | None = None

    def sees(self, marker: Marker) -> bool:
        """Tell whether we would see the objects that the marker speaks of."""
        namespace = origin_namespace(marker)
        in_namespace = namespace is None or (
            (not self.namespaces or namespace in self.namespaces)
            and self.scope.takes_namespace(namespace)
        )
        return in_namespace and self.kinds.issuperset(marker.kinds)


@dataclass(frozen=True, slots=True)
class Rules:
    """The terms of one plan.

    ``hosted`` are the names of all zones that the server lets us see. ``unknown_kinds`` are those
    whose sources are out of touch: what they hold may still be there. ``absent_kinds`` are those
    that the cluster does not serve, ``unconfirmed_kinds`` those of which only one list, or none
    since something was missing, tells what lives: records keep both in their markers.
    ``service`` is what the Service says now that names targets, if there is one.
    """

    identity: Identity
    coverage: Coverage
    hosted: frozenset[DnsName] = frozenset()
    unknown_kinds: frozenset[str] = frozenset()
    absent_kinds: frozenset[str] = frozenset()
    unconfirmed_kinds: frozenset[str] = frozenset()
    service: ServiceTarget | None = None
