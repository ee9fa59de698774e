"""One plan, or one pass, and then the end: ``plan`` and ``run --once``."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.daemon import watching
from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.app.leading import is_elected
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.control.outcome import Proposal
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.settings.model import Settings, SettingsError

MAX_TRIES = 5
RETRY_AFTER = 1.0


class NotPlannedError(CatalystError):
    """There is no plan for a zone; the text says of which server, and why."""


class NotSyncedError(CatalystError):
    """A source did not answer, so that nothing can be said of what the cluster wants."""


Tell: TypeAlias = Callable[[str, int, int], None]
"""Is told what is done now, and how many of how many steps are behind."""


def _tell_nobody(_what: str, _done: int, _of: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Plans:
    """What was planned; ``errors`` say, each once, why there is no plan for other zones."""

    proposals: Sequence[Proposal]
    errors: Sequence[NotPlannedError] = ()


async def plan(
    settings: Settings, zones: Collection[DnsName] = (), tell: Tell = _tell_nobody
) -> Plans:
    """Return what a pass would do in these zones, or in each; changes nothing."""
    unmanaged = sorted(set(zones) - zones_of(settings))
    if unmanaged:
        raise SettingsError([f"--zone: {zone} is none of DNS_ZONES" for zone in unmanaged])
    tell("reading the cluster", 0, 1)
    async with settled(settings, dry_run=True) as parts:
        chosen = [
            (lane, zone)
            for lane in parts.lanes
            for zone in lane.board.zones
            if not zones or zone in zones
        ]
        proposals: list[Proposal] = []
        errors: dict[str, NotPlannedError] = {}
        for number, (lane, zone) in enumerate(chosen, start=1):
            tell(f"reading zone {lane.labels[zone]}", number, len(chosen) + 1)
            try:
                proposal = await lane.reconciler.propose(zone)
            except ProviderError as error:
                # A server that is away is no reason to say nothing of the others.
                text = f"server {lane.name}: {error}" if lane.name else str(error)
                errors[text] = NotPlannedError(text)
                continue
            proposals.append(replace(proposal, server=lane.name))
        return Plans(proposals, tuple(errors.values()))


async def once(settings: Settings, *, dry_run: bool) -> bool:
    """Make one pass over each zone, a few times where something fails; tell whether all is done.

    Raises `SettingsError` where an instance has to be elected first: one pass is no term.
    """
    if is_elected(settings, dry_run=dry_run):
        raise SettingsError(
            ["--once and LEADER_ELECTION don't go together: the leader makes its passes by itself"]
        )
    async with settled(settings, dry_run=dry_run) as parts, asyncio.TaskGroup() as tasks:
        passes = [tasks.create_task(_passes(lane)) for lane in parts.lanes]
    return all(one.result() for one in passes)


async def _passes(lane: Lane) -> bool:
    with lane.telling():
        return all([await _pass(lane, zone) for zone in lane.board.zones])


async def _pass(lane: Lane, zone: DnsName) -> bool:
    for attempt in range(MAX_TRIES):
        if attempt:
            await asyncio.sleep(RETRY_AFTER)
        if await lane.worker.work_on(zone):
            return True
    return False


@asynccontextmanager
async def settled(settings: Settings, *, dry_run: bool = False) -> AsyncIterator[Parts]:
    """Yield the parts, with sources that all have answered; raises `NotSyncedError`."""
    async with build(settings, dry_run=dry_run) as parts, answered(parts):
        yield parts


@asynccontextmanager
async def answered(parts: Parts) -> AsyncIterator[None]:
    """Keep the sources true while the block runs; raises `NotSyncedError` where one is silent."""
    async with watching(parts) as is_known:
        silent = [
            f"{store.source}: {store.error}" for store in parts.sources.stores if not store.answered
        ]
        if not is_known:
            silent.append("namespace kube-system: whose cluster it is could not be read")
        if silent:
            raise NotSyncedError("the cluster did not answer: " + "; ".join(silent))
        yield
