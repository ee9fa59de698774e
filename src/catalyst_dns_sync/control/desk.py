"""Where people's orders for single names come in."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from catalyst_dns_sync.control.orders import OrderBook, OrderRefusedError, Placed
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.custom import custom_objects
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.ordering import step_of
from catalyst_dns_sync.core.orders import Objection, Order, Refused, Situation
from catalyst_dns_sync.core.ownership import Identity, answering
from catalyst_dns_sync.core.records import Records, Zone


class Passes(Protocol):
    """What the desk asks of who makes the passes."""

    identity: Identity

    @property
    def why_halted(self) -> str:
        """Why no change may be begun now; nothing where it may."""

    def contents(self, zone: DnsName) -> Zone:
        """Return what a zone holds, as far as it is known."""

    def situation(self, zone: DnsName, name: DnsName) -> Situation:
        """Return what bears on an order for a name now."""


class OrderDesk:
    """Takes orders, and hands them to the next pass over the zone of each."""

    def __init__(
        self,
        passes: Passes,
        zones: Collection[DnsName],
        clock: Callable[[], float],
        *,
        keeps_markers: bool,
    ) -> None:
        self._passes = passes
        self._keeps_markers = keeps_markers
        self._books = {zone: OrderBook(clock) for zone in zones}

    def book(self, zone: DnsName) -> OrderBook:
        """Return the orders for one zone."""
        return self._books[zone]

    def clear(self) -> None:
        """Forget all that was done: another instance has written since."""
        for book in self._books.values():
            book.clear()

    def place(self, order: Order, shown: str | None = None) -> Placed:
        """Take an order for the next pass over its zone.

        ``shown`` is the text of the change that was agreed to, None where none was shown. Raises
        `OrderRefusedError`.
        """
        zone = self._open_zone(order.name)
        return self._books[zone].place(order, shown)

    def withdraw(self, placed: Placed) -> None:
        """Let an order be that nobody waits for any more."""
        self._books[self.zone(placed.order.name)].withdraw(placed)

    def foresee(self, order: Order) -> Change | None:
        """Return what an order would come to, as far as the zone is known from the last pass.

        Raises `OrderRefusedError` where it would be refused.
        """
        zone = self._open_zone(order.name)
        step = step_of(order, self._passes.situation(zone, order.name))
        if isinstance(step, Refused):
            raise OrderRefusedError(step)
        return step

    def custom_records(self) -> Mapping[DnsName, Records]:
        """Return what people ordered, by name, as far as the zones are known."""
        found: dict[DnsName, Records] = {}
        for zone in sorted(self._books):
            contents = self._passes.contents(zone)
            for obj in custom_objects(contents, self._passes.identity):
                name = obj.claims[0].name
                found[name] = answering(contents.names[name], name, zone)
        return found

    def zone(self, name: DnsName) -> DnsName:
        """Return the zone of a name that can have an order; raises `OrderRefusedError`."""
        if not self._keeps_markers:
            detail = "a hosts file has no place for a marker, and so for no record of its own"
            raise OrderRefusedError(Refused(Objection.FORBIDDEN, detail))
        zone = zone_of(name, self._books)
        if zone is None:
            managed = ", ".join(sorted(self._books))
            detail = f"{name} lies in no zone of DNS_ZONES ({managed})"
            raise OrderRefusedError(Refused(Objection.CONFLICT, detail))
        return zone

    def _open_zone(self, name: DnsName) -> DnsName:
        zone = self.zone(name)
        if reason := self._passes.why_halted:
            raise OrderRefusedError(Refused(Objection.FORBIDDEN, reason))
        return zone
