"""What people may do with the running daemon, whichever way they say so, and what came of it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from catalyst_dns_sync.control.orders import OrderFailedError, OrderRefusedError
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.core.changes import Change, action_of, describe
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.orders import (
    AddCustom,
    AdoptRecord,
    DeleteRecord,
    Objection,
    Order,
    Refused,
    RemoveCustom,
)
from catalyst_dns_sync.core.ownership import CUSTOM, answering, parse_marker
from catalyst_dns_sync.core.records import Records, Targets
from catalyst_dns_sync.core.skips import SkipReason

if TYPE_CHECKING:
    from catalyst_dns_sync.core.explain import Answer

log = logging.getLogger(__name__)

RESYNCS = 3
"""So many resyncs may be asked for within a minute: each reads whole zones, and all objects."""
MINUTE = 60.0
TESTS_AT_ONCE = 8

T = TypeVar("T")

AskServer: TypeAlias = "Callable[[DnsName], Awaitable[Answer | None]]"
"""Asks the DNS server for a name; None where there is none to ask."""
AskSystem: TypeAlias = "Callable[[DnsName], Awaitable[Answer]]"


@dataclass(frozen=True, slots=True)
class Acted:
    """What an order came to; ``action`` is empty where all was as ordered already."""

    name: DnsName
    action: str
    change: str


@dataclass(frozen=True, slots=True)
class CustomRecord:
    """A name that a person ordered; ``shared`` are the kinds of objects that claim it as well."""

    name: DnsName
    records: Records
    shared: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Adoptable:
    """A name whose records say what an object wants and are nobody's."""

    name: DnsName
    zone: DnsName
    records: Records
    origin: str


@dataclass(frozen=True, slots=True)
class DnsTest:
    """What the DNS server and the system's resolver answer for a name.

    ``agree`` is None where one of the two gave no answer.
    """

    name: DnsName
    server: "Answer | None"
    resolver: "Answer"
    agree: bool | None


class Actions:
    """What people may do; ``who`` is for the log: who says so, and from where.

    All that changes a record raises `OrderRefusedError` or `OrderFailedError`.
    """

    def __init__(
        self,
        *,
        reconciler: Reconciler,
        worker: Worker,
        board: StatusBoard,
        request_lists: Callable[[], None],
        ask_server: AskServer,
        ask_system: AskSystem,
        patience: float,
        dry_run: bool = False,
    ) -> None:
        self._reconciler = reconciler
        self._worker = worker
        self._board = board
        self._request_lists = request_lists
        self._ask_server = ask_server
        self._ask_system = ask_system
        self._patience = patience
        self.dry_run = dry_run
        self._resynced: deque[float] = deque(maxlen=RESYNCS)
        self._testing = asyncio.Semaphore(TESTS_AT_ONCE)

    def resync(self, zone: DnsName | None = None, *, who: str) -> tuple[DnsName, ...]:
        """Read one zone anew, or all, and list the cluster's objects; returns the zones.

        Raises `OrderRefusedError` where that was asked for too often just now.
        """
        zones = tuple(self._board.zones) if zone is None else (zone,)
        if zone is not None and zone not in self._board.zones:
            raise OrderRefusedError(Refused(Objection.ABSENT, f"{zone} is not one of DNS_ZONES"))
        now = _now()
        if len(self._resynced) == RESYNCS and now - self._resynced[0] < MINUTE:
            left = MINUTE - (now - self._resynced[0])
            detail = f"{RESYNCS} resyncs a minute are enough: again in {left:.0f} s"
            raise OrderRefusedError(Refused(Objection.BUSY, detail))
        self._resynced.append(now)
        log.info("resync by a person", extra={"zones": ",".join(zones), "who": who})
        for one in zones:
            self._reconciler.memory.invalidate(one)
            self._worker.ask(one)
        self._request_lists()
        return zones

    def foresee(self, order: Order) -> Change | None:
        """Return what an order would come to; raises `OrderRefusedError` where to nothing."""
        self._check_not_dry()
        return self._reconciler.desk.foresee(order)

    async def delete(self, name: DnsName, *, who: str) -> Acted:
        """Delete a record of ours that no object claims."""
        return await self.carry_out(DeleteRecord(name), who=who)

    async def add_custom(
        self, name: DnsName, targets: Targets, ttl: int | None = None, text: str = "", *, who: str
    ) -> Acted:
        """Make a custom record, or let one have other targets."""
        return await self.carry_out(AddCustom(name, targets, ttl, text), who=who)

    async def remove_custom(self, name: DnsName, *, who: str) -> Acted:
        """End a custom record; where objects claim the name as well, it stays theirs."""
        return await self.carry_out(RemoveCustom(name), who=who)

    async def adopt(self, name: DnsName, *, who: str) -> Acted:
        """Take one record over that says already what an object wants."""
        return await self.carry_out(AdoptRecord(name), who=who)

    async def carry_out(self, order: Order, *, who: str, shown: str | None = None) -> Acted:
        """Carry an order out; ``shown`` is the change that the person agreed to, as a text."""
        fields = {"dns_name": order.name, "order": type(order).__name__, "who": who}
        try:
            change = await self._carry_out(order, shown)
        except (OrderRefusedError, OrderFailedError) as error:
            extra = {**fields, "error": str(error)}
            log.warning("a person's order was not carried out", extra=extra)
            raise
        text = describe(change) if change is not None else ""
        log.info("a person's order was carried out", extra={**fields, "change": text})
        return Acted(order.name, action_of(change) if change is not None else "", text)

    async def _carry_out(self, order: Order, shown: str | None) -> Change | None:
        self._check_not_dry()
        desk = self._reconciler.desk
        zone, placed = desk.zone(order.name), desk.place(order, shown)
        try:
            self._worker.ask(zone)
            async with asyncio.timeout(self._patience):
                return await placed.done
        except TimeoutError as error:
            raise OrderFailedError(self._too_late(zone)) from error
        finally:
            desk.withdraw(placed)
            # What is left alone, or can be released, is told by a pass that finds it done.
            self._worker.ask(zone)

    def _check_not_dry(self) -> None:
        if self.dry_run:
            raise OrderRefusedError(Refused(Objection.FORBIDDEN, "the daemon makes a dry run"))

    def custom_records(self) -> list[CustomRecord]:
        """Return all that people ordered, by name."""
        found = self._reconciler.desk.custom_records()
        return [_custom(name, found[name]) for name in sorted(found)]

    def adoptable(self) -> list[Adoptable]:
        """Return the names that could be adopted, as the last passes saw them."""
        return [
            Adoptable(skip.name, zone, self._records(zone, skip.name), str(skip.origin or ""))
            for zone, status in self._board.zones.items()
            for skip in (status.outcome.plan.skips if status.outcome is not None else ())
            if skip.reason is SkipReason.ADOPTABLE and skip.name is not None
        ]

    async def test_dns(self, name: DnsName) -> DnsTest:
        """Ask the DNS server and the system's resolver, both within a few seconds."""
        if self._testing.locked():
            detail = f"{TESTS_AT_ONCE} tests are under way: try again in a moment"
            raise OrderRefusedError(Refused(Objection.BUSY, detail))
        async with self._testing, asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(_awaited(self._ask_server(name)))
            other = tasks.create_task(_awaited(self._ask_system(name)))
        server, resolver = asked.result(), other.result()
        return DnsTest(name, server, resolver, _agree(server, resolver))

    def _records(self, zone: DnsName, name: DnsName) -> Records:
        return answering(self._reconciler.contents(zone).names.get(name, ()), name, zone)

    def _too_late(self, zone: DnsName) -> str:
        error = self._board.zones[zone].error
        why = f": {error}" if error else ""
        return f"it was not carried out within {self._patience:.0f} s{why}; it may be yet: look"


async def _awaited(answer: Awaitable[T]) -> T:
    return await answer


def _agree(server: "Answer | None", resolver: "Answer") -> bool | None:
    if server is None or server.error or resolver.error:
        return None
    return server.addresses == resolver.addresses


def _custom(name: DnsName, records: Records) -> CustomRecord:
    markers = [marker for one in records if (marker := parse_marker(one.comment)) is not None]
    kinds = {kind for marker in markers for kind in marker.kinds} - {CUSTOM}
    return CustomRecord(name, records, tuple(sorted(kinds)), markers[0].human)


def _now() -> float:
    return asyncio.get_running_loop().time()
