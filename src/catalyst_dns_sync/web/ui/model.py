"""What the pages show, and where they get it: nothing of a page is kept between two requests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from catalyst_dns_sync.control.actions import DnsTest
from catalyst_dns_sync.control.happenings import Happening
from catalyst_dns_sync.control.health import Part
from catalyst_dns_sync.core.explain import Explanation
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.orders import Order

if TYPE_CHECKING:
    from catalyst_dns_sync.core.certificates import Certificate
    from catalyst_dns_sync.core.previews import Preview


def namespace_of(origin: str) -> str:
    """Return the namespace in ``Kind/namespace/name``; nothing where there is none."""
    parts = origin.split("/")
    return parts[1] if len(parts) == 3 else ""


class State(StrEnum):
    """How a name is doing; the text is what people read."""

    IN_STEP = "in step"
    CHANGING = "changing"
    WAITING = "waiting"
    FAILING = "failing"
    WITHHELD = "withheld"
    LEFT_ALONE = "left alone"


@dataclass(frozen=True, slots=True)
class Row:
    """One name in the table.

    ``since`` is when something happened to it last, None where that is not known any more.
    ``values`` are texts such as ``192.0.2.1``; ``reason`` and ``advice`` say why it is as it is and
    what to do, where there is anything to say.
    """

    name: str
    zone: str
    state: State
    types: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ttl: int | None = None
    server: str = ""
    origin: str = ""
    kinds: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    advice: str = ""
    since: datetime | None = None

    @property
    def namespace(self) -> str:
        """The namespace of the object that decides."""
        return namespace_of(self.origin)


@dataclass(frozen=True, slots=True)
class Query:
    """What of the table is asked for; empty texts ask for all. Pages are counted from 1."""

    text: str = ""
    zone: str = ""
    state: str = ""
    namespace: str = ""
    kind: str = ""
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """One page of the rows that a query finds, and what can be chosen to filter by."""

    rows: Sequence[Row]
    found: int
    total: int
    page: int
    pages: int
    zones: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    kinds: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A delete that waits for a person: what would go, and why it was not done."""

    name: str
    reason: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One watch; times are seconds ago, None where it never was."""

    source: str
    namespace: str
    state: str
    objects: int
    since: float
    last_event: float | None
    restarts: int
    error: str = ""
    last_error: str = ""
    last_error_ago: float | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole at one glance; ``counts`` says how many names are in which state."""

    parts: Sequence[Part]
    counts: Mapping[State, int]
    withheld: Sequence[Withheld]
    skips: Sequence[Row]
    lately: Sequence[Happening]
    last_pass: float | None
    paused: bool = False
    dry_run: bool = False
    leader: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class NameCard:
    """One name: its row, the rules that speak of it, why it is as it is, what happened to it.

    ``awaited`` says that DNS was asked, and did not answer in the time that there was.
    """

    name: str
    row: Row | None
    rules: Sequence[tuple[str, str]]
    explanation: Explanation
    lately: Sequence[Happening]
    awaited: bool = False


class Reader(Protocol):
    """What the pages read of the running daemon."""

    @property
    def features(self) -> Collection[str]:
        """The pages that are there because their feature is switched on, by their addresses."""

    async def overview(self) -> Overview:
        """Return the whole at one glance."""

    async def table(self, query: Query) -> Table:
        """Return one page of the names."""

    async def card(self, name: DnsName, patience: float | None = None) -> NameCard:
        """Return all that is known of one name; asks DNS, and waits at most ``patience`` for it."""

    def sources(self) -> Sequence[SourceRow]:
        """Return each watch."""

    async def previews(self) -> "Sequence[Preview]":
        """Return each name of a preview environment, the oldest first."""

    def certificates(self) -> "Sequence[Certificate]":
        """Return the certificates that cover something in our zones."""

    def happenings(self) -> Sequence[Happening]:
        """Return what happened lately, the newest first."""

    async def changed(self, seen: int) -> int:
        """Wait until the number of the newest change is another than ``seen``, and return it."""


class Hands(Protocol):
    """What people do through the pages; ``server`` is empty where there is only one.

    Raises `OrderRefusedError` and `OrderFailedError`.
    """

    @property
    def leader(self) -> str:
        """Which other instance does the work; empty where this one does."""

    def foresee(self, order: Order, server: str) -> str:
        """Return what an order would come to, as a text; empty where to nothing."""

    async def carry_out(self, order: Order, server: str, *, who: str, shown: str | None) -> str:
        """Carry an order out, and return what was done; ``shown`` is what the person agreed to."""

    def release(self, names: Collection[DnsName], *, who: str) -> Collection[DnsName]:
        """Let exactly these withheld deletes go, and return those that were."""

    def resync(self, *, who: str) -> None:
        """Read all zones anew, and list the cluster's objects."""

    def set_paused(self, *, paused: bool, who: str) -> None:
        """Begin no more changes, or end that."""

    async def test_dns(self, name: DnsName) -> Sequence[tuple[str, DnsTest]]:
        """Ask each DNS server that has the name's zone, and the system's resolver."""
