"""A zone as external-dns leaves it, with its registry; and whether a name stopped answering."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import ip_address

from catalyst_dns_sync.app.moving import Moved, Registry, move
from catalyst_dns_sync.app.passes import NotSyncedError, settled
from catalyst_dns_sync.app.takeover import NotAllDoneError
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.external_dns import Affixes, Handover
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.sandbox.technitium import Fault, Kind, Record
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node, Nodes
from catalyst_dns_sync.sandbox.technitium.model.rdata import Address, Text
from fakes.world import TARGET, ZONE, Shown, World

OLD_TARGET = "10.0.0.9"
MARKER = "catalyst-dns-sync/v1 owner=default "


@dataclass(frozen=True, slots=True)
class Size:
    """How many names a zone has, by what becomes of them.

    Of the owner's names some say what the cluster wants, some something else, and some are claimed
    by nobody; the rest are another owner's, and made by hand.
    """

    wanted: int = 430
    moved: int = 10
    idle: int = 10
    others: int = 50
    foreign: int = 20


@dataclass
class ExternalDnsZone:
    """What is in the zone, by what should become of it; names are whole ones."""

    wanted: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def left_alone(self, shown: Mapping[str, list[Shown]]) -> dict[str, list[Shown]]:
        """Return all that no takeover may change, with its TXT records."""
        names = [*self.reported, *self.untouched]
        names += [text for name in names for text in self.texts.get(name, ())]
        return {name: shown[name] for name in names}


class WatchedNodes(Nodes):
    """The nodes of a zone, and each name that stopped answering, be it for a moment."""

    def __init__(self, apex: str, nodes: Iterable[tuple[str, Node]]) -> None:
        super().__init__(apex)
        for key, node in nodes:
            super().put(key, node)
        self.lost: list[str] = []

    def put(self, key: str, node: Node | None) -> None:
        """Store a node, and look whether its addresses are gone."""
        before = self.get(key)
        if before is not None and "A" in before and (node is None or "A" not in node):
            self.lost.append(key)
        super().put(key, node)


def fill(here: World, size: Size, affixes: Affixes = Affixes()) -> ExternalDnsZone:  # noqa: B008 (frozen)
    """Fill the zone: TXT of the new form, of the old one, or both, in turn."""
    made, records = ExternalDnsZone(), []
    for kind, count in (
        ("wanted", size.wanted),
        ("moved", size.moved),
        ("idle", size.idle),
        ("other", size.others),
        ("foreign", size.foreign),
    ):
        for number in range(count):
            name = f"{kind}{number}.{ZONE}"
            address = OLD_TARGET if kind == "moved" else TARGET
            records.append(Record(name, "A", 60, Address(ip_address(address))))
            if kind != "idle":
                here.ingress(f"{kind}{number}", name)
            if kind != "foreign":
                owner = "prod" if kind == "other" else "k8s"
                made.texts[name] = _text_names(name, number, affixes)
                text = Text((heritage(owner, f"{kind}{number}"),))
                records += [Record(at, "TXT", 300, text) for at in made.texts[name]]
            _list_of(made, kind).append(name)
    zone = here.dns.zones.find(ZONE)
    assert zone is not None
    zone.fill(records)
    zone.nodes = WatchedNodes(ZONE, zone.nodes.items())
    return made


def heritage(owner: str, label: str) -> str:
    """Return the text of a record of the registry."""
    resource = f"external-dns/resource=ingress/default/{label}"
    return f'"heritage=external-dns,external-dns/owner={owner},{resource}"'


def lost_names(here: World) -> list[str]:
    """Return the names that stopped answering at any moment since the zone was filled."""
    zone = here.dns.zones.find(ZONE)
    assert zone is not None
    assert isinstance(zone.nodes, WatchedNodes)
    return zone.nodes.lost


def not_taken(here: World, made: ExternalDnsZone) -> list[str]:
    """Return the wanted names that are not ours, or of whose registry something is left."""
    shown = here.shown()
    good = [Shown("A", TARGET, 60, MARKER, disabled=False)]
    return [
        name
        for name in made.wanted
        if [replace(one, comment=one.comment[: len(MARKER)]) for one in shown[name]] != good
        or any(text != name and text in shown for text in made.texts[name])
    ]


async def take_over(here: World, registry: Registry) -> Moved | None:
    """Run `adopt --from external-dns --remove-txt --yes`; None where it broke off."""
    opened = partial(settled, here.settings(dns_timeout=0.5))
    done: Moved | None = None
    try:
        done = await move(opened, registry.choose, _yes, remove_texts=registry)
    except* (NotAllDoneError, ProviderError, NotSyncedError):
        done = None
    return done


async def _yes(_found: Handover) -> bool:
    return True


def die_after(here: World, calls: int) -> None:
    """Let the next calls go well, the one behind be done and not answered, and none after it."""
    here.dns_faults.add(Fault(Kind.LOSE_ANSWER, after=calls))
    here.dns_faults.add(Fault(Kind.RESET, times=None, after=calls))


def _text_names(name: str, number: int, affixes: Affixes) -> list[str]:
    new, old = affixes.names(parse_name(name), "A")
    return [[str(new)], [str(old)], [str(new), str(old)]][number % 3]


def _list_of(made: ExternalDnsZone, kind: str) -> list[str]:
    match kind:
        case "wanted":
            return made.wanted
        case "moved" | "idle":
            return made.reported
        case _:
            return made.untouched
