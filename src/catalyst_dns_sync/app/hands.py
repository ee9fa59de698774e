"""What people do through the pages, told to the lane of the DNS server that it is about."""

from collections.abc import Callable, Collection, Sequence

from catalyst_dns_sync.app.controls import controls_of
from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.control.actions import DnsTest
from catalyst_dns_sync.control.controls import release, set_paused
from catalyst_dns_sync.control.orders import OrderRefusedError
from catalyst_dns_sync.core.changes import describe
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.orders import Objection, Order, Refused


class DaemonHands:
    """Tells the lanes of a daemon that runs; an order without a server goes to the first.

    ``leader`` says which other instance does the work, and nothing where this one does.
    """

    def __init__(self, lanes: Sequence[Lane], leader: Callable[[], str] = lambda: "") -> None:
        self._lanes = tuple(lanes)
        self._leader = leader

    @property
    def leader(self) -> str:
        """Which other instance does the work; empty where this one does."""
        return self._leader()

    def foresee(self, order: Order, server: str) -> str:
        """Return what an order would come to, as a text; empty where to nothing."""
        change = self._lane(order.name, server).actions.foresee(order)
        return describe(change) if change is not None else ""

    async def carry_out(self, order: Order, server: str, *, who: str, shown: str | None) -> str:
        """Carry an order out, and return what was done; ``shown`` is what the person agreed to."""
        actions = self._lane(order.name, server).actions
        return (await actions.carry_out(order, who=who, shown=shown)).change

    def release(self, names: Collection[DnsName], *, who: str) -> Collection[DnsName]:
        """Let exactly these withheld deletes go, on every server, and return those that were."""
        return release(controls_of(self._lanes), self._look_again, names, who=who)

    def resync(self, *, who: str) -> None:
        """Read all zones anew, and list the cluster's objects."""
        for lane in self._lanes:
            lane.actions.resync(who=who)

    def set_paused(self, *, paused: bool, who: str) -> None:
        """Begin no more changes at any server, or end that."""
        set_paused(controls_of(self._lanes), self._look_again, paused=paused, who=who)

    async def test_dns(self, name: DnsName) -> Sequence[tuple[str, DnsTest]]:
        """Ask each DNS server that has the name's zone, or the first, and the system's resolver."""
        lanes = [lane for lane in self._lanes if _has(lane, name)] or self._lanes[:1]
        return [(lane.name, await lane.actions.test_dns(name)) for lane in lanes]

    def _look_again(self) -> None:
        for lane in self._lanes:
            lane.worker.begin()

    def _lane(self, name: DnsName, server: str) -> Lane:
        for lane in self._lanes:
            if _has(lane, name) and server in ("", lane.name):
                return lane
        raise OrderRefusedError(Refused(Objection.ABSENT, f"{name} is in none of DNS_ZONES"))


def _has(lane: Lane, name: DnsName) -> bool:
    return zone_of(name, lane.board.zones) is not None
