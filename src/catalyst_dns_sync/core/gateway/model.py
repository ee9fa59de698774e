"""What is kept of Gateways, and of routes beside what they claim at the moment."""

from dataclasses import dataclass
from enum import StrEnum

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import ANY, NO_NAMES, Claim, Fault, WatchedObject
from catalyst_dns_sync.core.records import ObjectRef, Targets


class Acceptance(StrEnum):
    """What the Gateway's controller says of a route, in the condition ``Accepted``.

    PENDING: nothing yet, or nothing of the route as it is now.
    """

    ACCEPTED = "accepted"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Parent:
    """One Gateway that a route names, perhaps one listener of it, and whether that took it."""

    gateway: ObjectRef
    section: str = ""
    port: int | None = None
    acceptance: Acceptance = Acceptance.ACCEPTED
    detail: str = ""

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.gateway}/{self.section}" if self.section else str(self.gateway)


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener of a Gateway.

    ``kinds`` are the kinds of routes that it takes. ``only`` are the namespaces that it takes them
    from, None means all; never from ``never``.
    """

    name: str
    port: int
    hostname: DnsName | None
    kinds: frozenset[str]
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()

    def takes(self, route: ObjectRef, parent: Parent) -> bool:
        """Tell whether a route may attach to it, but for the hostnames."""
        return (
            parent.section in ("", self.name)
            and parent.port in (None, self.port)
            and route.kind in self.kinds
            and (self.only is None or route.namespace in self.only)
            and route.namespace not in self.never
        )


@dataclass(frozen=True, slots=True)
class GatewayObject(WatchedObject):
    """A Gateway: it claims nothing itself."""

    listeners: tuple[Listener, ...] = ()
    addresses: Targets = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A route as it is written, from which follows what it claims.

    ``claims`` are those of each name that it lists, and of ANY where it lists none; ``listed`` are
    those that have to meet a listener's hostname, the others come from an annotation.
    ``is_selected`` is false for what the settings leave out.
    """

    claims: tuple[Claim, ...] = ()
    listed: frozenset[DnsName] = NO_NAMES
    parents: tuple[Parent, ...] = ()
    faults: tuple[Fault, ...] = ()
    holds: frozenset[DnsName] = NO_NAMES
    is_selected: bool = True

    @property
    def names(self) -> frozenset[DnsName]:
        """Every name that stands in it."""
        return frozenset(claim.name for claim in self.claims) - {ANY}


@dataclass(frozen=True, slots=True)
class RoutedObject(WatchedObject):
    """A route with what it claims by what is known of its Gateways."""

    route: Route = Route()
