"""Moving in from elsewhere and out again: shown first, and then done name by name."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.takeover import Opening, Place, check_all_done
from catalyst_dns_sync.control.ports import Applied
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.external_dns import Affixes, Handover, handover, removable
from catalyst_dns_sync.core.hostsmove import from_hosts, hosts_in
from catalyst_dns_sync.core.leaving import from_owner, without_markers
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.records import Zone
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.settings.model import SettingsError

Choice: TypeAlias = Callable[[Demand, Zone, Identity], Handover]
"""Says what is taken over of one zone."""
Question: TypeAlias = Callable[[Handover], Awaitable[bool]]
"""Is shown everything, of all zones, and says whether to go on."""


@dataclass(frozen=True, slots=True)
class Registry:
    """external-dns's registry: the owner whose names are taken over, and how its TXT are named."""

    owner: str
    affixes: Affixes

    def choose(self, demand: Demand, zone: Zone, identity: Identity) -> Handover:
        """Return what is taken over of one zone."""
        return handover(demand, zone, identity, owner=self.owner, affixes=self.affixes)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to, in names and in TXT records."""

    names: int = 0
    texts: int = 0
    refusals: tuple[Refusal, ...] = ()


def owner_choice(owner: str) -> Choice:
    """Return the choice of all that another owner id of ours has."""

    def choose(demand: Demand, zone: Zone, identity: Identity) -> Handover:
        changes, refusals = from_owner(demand, zone, identity, owner)
        return Handover(changes, refusals)

    return choose


def hosts_file_choice(text: str) -> Choice:
    """Return the choice of the names that a hosts file has."""
    return partial(from_hosts, hosts=hosts_in(text))


def outside(text: str, zones: Collection[DnsName]) -> list[DnsName]:
    """Return the names of a hosts file that lie in none of the zones."""
    return sorted(name for name in hosts_in(text) if zone_of(name, zones) is None)


def leaving(_demand: Demand, zone: Zone, identity: Identity) -> Handover:
    """Choose all that is ours, to be nobody's."""
    return Handover(without_markers(zone, identity))


async def move(
    opened: Opening,
    choose: Choice,
    confirm: Question,
    *,
    remove_texts: Registry | None = None,
) -> Moved:
    """Carry out what ``choose`` says where ``confirm`` says so; raises `NotAllDoneError`.

    With ``remove_texts`` the registry's records go of names that the zone, read again, shows to be
    ours. What broke off is gone on with by another call.
    """
    async with opened() as parts:
        shown = await _chosen(parts, choose)
    refusals = tuple(one for found in shown.values() for one in found.refusals)
    whole = Handover(
        tuple(change for found in shown.values() for change in found.changes),
        refusals,
        tuple(name for found in shown.values() for name in found.owned),
        tuple(text for found in shown.values() for text in found.texts) if remove_texts else (),
        frozenset(owner for found in shown.values() for owner in found.others),
    )
    if not await confirm(whole):
        return Moved(0, 0, refusals)
    async with opened() as parts:
        applied = await _carry_out(parts, shown, await _chosen(parts, choose))
        check_all_done({zone: found.changes for zone, found in shown.items()}, applied)
        texts = await _remove_texts(parts, shown, remove_texts) if remove_texts else 0
    return Moved(len(applied), texts, refusals)


async def _chosen(parts: Parts, choose: Choice) -> dict[Place, Handover]:
    found: dict[Place, Handover] = {}
    for lane in parts.lanes:
        for zone in lane.board.zones:
            contents = (await lane.reconciler.propose(zone)).contents
            demand = lane.reconciler.demands.demand(contents)
            found[lane.name, zone] = choose(demand, contents, lane.reconciler.identity)
    return found


async def _carry_out(
    parts: Parts, shown: Mapping[Place, Handover], now: Mapping[Place, Handover]
) -> list[Applied]:
    applied: list[Applied] = []
    lanes = {lane.name: lane for lane in parts.lanes}
    for (server, zone), found in shown.items():
        still = {change.name: change for change in now[server, zone].changes}
        due: Sequence[Change] = [one for one in found.changes if still.get(one.name) == one]
        applied += [one async for one in lanes[server].provider.apply(zone, due)]
    return applied


async def _remove_texts(parts: Parts, shown: Mapping[Place, Handover], registry: Registry) -> int:
    lanes = {lane.name: lane for lane in parts.lanes}
    removed = 0
    for (server, zone), found in shown.items():
        provider = lanes[server].provider
        if not isinstance(provider, TechnitiumProvider):
            raise SettingsError(["only Technitium has TXT records to remove"])
        reading = await provider.read(zone)
        names = [*(change.name for change in found.changes), *found.owned]
        owner, affixes = registry.owner, registry.affixes
        identity = parts.reconciler.identity
        texts = removable(names, reading, identity, owner=owner, affixes=affixes)
        for text in texts:
            removed += await provider.remove_text(zone, text.name, text.text)
    return removed
