"""People order records of their own: what was promised to them, and what may end it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catalyst_dns_sync.control.orders import OrderFailedError, OrderRefusedError
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.orders import AddCustom, DeleteRecord, Order, RemoveCustom
from catalyst_dns_sync.core.records import parse_targets
from simulation.bounds import INFERRED
from simulation.dns import Dns, value_of
from simulation.marks import answering, mark_of
from simulation.objects import Value, values_of

if TYPE_CHECKING:
    from simulation.life import Life
    from simulation.script import Writer

CUSTOM = "Custom"
FORCE = 200.0
"""Seconds in which an order that was carried out may be carried out again."""
UNSAVED = 10.0
"""A killed server forgets what it acknowledged in so many seconds, at most."""
NOTICED = 300.0
"""A server that was killed is noticed within so many seconds, and then some."""
ZONE = "lab.test"
NAMES = ("h0.lab.test", "h1.lab.test", "h2.lab.test", "own.lab.test", "*.own.lab.test")
TARGETS = ("192.0.2.1", "192.0.2.7", "203.0.113.9", "203.0.113.9,203.0.113.10", "2001:db8::9")


@dataclass(slots=True)
class Ordered:
    """One order that somebody gave; ``values`` is empty where it ends a record."""

    values: frozenset[Value]
    at: float
    done_at: float | None = None


@dataclass(slots=True)
class Promise:
    """What a person was told is there, and by whom; it may be lost until ``fragile``."""

    values: frozenset[Value]
    life: "Life"
    at: float
    fragile: float = 0.0


@dataclass
class Customs:
    """What people ordered of all daemons."""

    dns: Dns
    clock: Callable[[], float]
    show: Callable[[str], None]
    ever: set[tuple[str, Value]]
    promised: dict[str, Promise] = field(default_factory=dict)

    async def order(self, life: "Life", what: str, name: str, target: str) -> None:
        """Give an order, and take what is answered."""
        values = values_of(target) if what == "add" else frozenset[Value]()
        self.ever |= {(name, value) for value in values}
        ordered = Ordered(values, self.clock())
        life.orders.setdefault(name, []).append(ordered)
        try:
            acted = await life.parts.actions.carry_out(_order(what, name, target), who="a person")
        except OrderRefusedError as error:
            self.show(str(error))
            life.orders[name].remove(ordered)
            return
        except OrderFailedError as error:
            self.show(str(error))
            # It may be carried out, or not.
            ordered.done_at = self.clock()
            self.promised.pop(name, None)
            return
        self.show(acted.change)
        ordered.done_at = self.clock()
        if what == "add":
            self.promised[name] = Promise(values, life, self.clock())
        else:
            self.promised.pop(name, None)

    def edited(self, name: str) -> None:
        """Take that a person changed the name in the console."""
        self.promised.pop(name, None)

    def zone_gone(self, zone: str) -> None:
        for name in [name for name in self.promised if f".{name}".endswith(f".{zone}")]:
            del self.promised[name]

    def crashed(self) -> None:
        """Take that the server was killed: what was not saved yet is for the daemon to do again."""
        now = self.clock()
        for name, promise in list(self.promised.items()):
            if now - promise.at < UNSAVED and not promise.life.is_alive:
                del self.promised[name]
            elif now - promise.at < UNSAVED:
                promise.fragile = now + NOTICED

    def ended(self, life: "Life") -> None:
        """Take that a daemon ended: what it had to do again is forgotten."""
        now = self.clock()
        for name, promise in list(self.promised.items()):
            if promise.life is life and now < promise.fragile:
                del self.promised[name]

    def came_late(self, life: "Life", name: str) -> None:
        """Take that a call was carried out that a daemon had given up."""
        promise = self.promised.get(name)
        if promise is not None and (promise.life is not life or not life.is_alive):
            del self.promised[name]

    def broken(self, zones: tuple[str, ...]) -> list[str]:
        """Return the promises that are not kept."""
        found: list[str] = []
        for name, promise in sorted(self.promised.items()):
            zone = max((one for one in zones if f".{name}".endswith(f".{one}")), key=len)
            records = answering(self.dns.nodes(zone).get(name, {}), name, zone)
            held = {
                value_of(record)
                for record in records
                if (mark := mark_of(record.comments)) is not None and CUSTOM in mark.kinds
            }
            if held != promise.values:
                found.append(f"{name} has {sorted(held)}, promised: {sorted(promise.values)}")
        return found


def _order(what: str, name: str, target: str) -> Order:
    match what:
        case "add":
            return AddCustom(parse_name(name), parse_targets(target))
        case "remove":
            return RemoveCustom(parse_name(name))
        case _:
            return DeleteRecord(parse_name(name))


def orders_in_force(orders: list[Ordered], now: float) -> list[Ordered]:
    """Return the orders that a write may belong to: those under way, and the last that was done."""
    under_way = [one for one in orders if one.done_at is None]
    done = [one for one in orders if one.done_at is not None and now - one.done_at < FORCE]
    return under_way + done[-1:]


def give_orders(writer: "Writer", trouble: Callable[["Writer"], None]) -> None:
    """Write another profile's script, and people's orders at any moment of it."""
    trouble(writer)
    rng, end = writer.rng, writer.at
    slots = len(writer.script.daemons)
    for _ in range(rng.randrange(4, 14)):
        writer.at = rng.uniform(4.0, end + 60.0)
        order(writer, rng.randrange(slots))
    writer.at = end


def order(writer: "Writer", slot: int = 0) -> None:
    """Let a person add, change, remove or delete a record; at times something goes wrong then."""
    rng = writer.rng
    what = rng.choice(("add", "add", "add", "remove", "remove", "delete"))
    name, target = rng.choice(NAMES), rng.choice(TARGETS)
    writer.add("order", slot, what, name, target, settles=INFERRED, lasts=20.0)
    began = writer.at
    dice = rng.random()
    if dice < 0.1:
        writer.at += rng.choice((0.005, 0.02, 1.0))
        writer.add("kill", slot)
        writer.at += 2.0
        writer.add("start", slot, settles=INFERRED + 10.0)
    elif dice < 0.2:
        writer.at += rng.choice((0.05, 1.0, 4.0))
        writer.add("dns_crash", 0.0, settles=120.0)
    elif dice < 0.3:
        writer.at += rng.choice((1.0, 8.0, 90.0))
        edit = rng.choice(("take", "clear", "ttl", "note", "disable", "garble", "strip", "text"))
        extra: tuple[Any, ...] = ("203.0.113.77",) if edit == "take" else ()
        writer.add("person", edit, name, ZONE, *extra, settles=INFERRED)
    elif dice < 0.35:
        kind = rng.choice(("after-lost", "after-hang", "lost", "500"))
        writer.at -= 0.5
        writer.add(
            "fault", "dns", rng.choice(("add", "delete", "update", "")), kind, 3.0, 1.0, 1,
            rng.choice((0.02, 3.0, 20.0)), settles=INFERRED + 45.0, lasts=45.0,
        )  # fmt: skip
    writer.at = began
