"""``adopt`` and ``purge``: shown first, and then carried out beside a running daemon."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias, TypeVar

from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.control.outcome import Proposal
from catalyst_dns_sync.control.ports import Applied, Verdict
from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.takeover import (
    adoptions,
    adoptions_from_cluster,
    orphan_deletes,
    own_deletes,
)


class NotAllDoneError(CatalystError):
    """Some of the changes were not made; the text has a line for each."""


Opening: TypeAlias = Callable[[], AbstractAsyncContextManager[Parts]]
"""Opens the parts, with sources that all have answered (see `settled`)."""
Question: TypeAlias = Callable[[Sequence[Change]], Awaitable[bool]]
"""Is shown the changes, and says whether to go on."""
Place: TypeAlias = tuple[str, DnsName]
"""A zone, and the name of its server."""
K = TypeVar("K")
_Gate: TypeAlias = Callable[[Change], bool]
_ChangesOf: TypeAlias = Callable[[Lane, Proposal], Sequence[Change]]


async def adopt(opened: Opening, cluster: str | None, confirm: Question) -> int:
    """Take records over that already say what is wanted, or that another cluster left.

    Returns how many were taken; raises `NotAllDoneError`.
    """

    def changes(lane: Lane, proposal: Proposal) -> Sequence[Change]:
        demand = lane.reconciler.demands.demand(proposal.contents)
        found = demand, proposal.contents, lane.reconciler.identity
        return adoptions_from_cluster(*found, cluster) if cluster else adoptions(*found)

    return await _carry_out(opened, changes, confirm)


async def purge_orphans(opened: Opening, confirm: Question) -> int:
    """Delete our records whose objects the settings do not cover any more.

    Returns how many names were deleted; raises `NotAllDoneError`.
    """

    def changes(_lane: Lane, proposal: Proposal) -> Sequence[Change]:
        return orphan_deletes(proposal.reviewed.plan, proposal.contents)

    return await _carry_out(opened, changes, confirm)


async def purge_all(opened: Opening, confirm: Question) -> int:
    """Delete all records of this installation, wanted or not: it is going away.

    Returns how many names were deleted; raises `NotAllDoneError`.
    """

    def changes(lane: Lane, proposal: Proposal) -> Sequence[Change]:
        return own_deletes(proposal.contents, lane.reconciler.identity)

    return await _carry_out(opened, changes, confirm, gate=_open_gate)


async def _carry_out(
    opened: Opening, changes_of: _ChangesOf, confirm: Question, gate: _Gate | None = None
) -> int:
    async with opened() as parts:
        shown = await _planned(parts, changes_of)
    if not await confirm([change for changes in shown.values() for change in changes]):
        return 0
    # A person takes time to answer, and the cluster goes on meanwhile: what was shown is done
    # where it would still be shown.
    applied: list[Applied] = []
    async with opened() as parts:
        planned = await _planned(parts, changes_of)
        lanes = {lane.name: lane for lane in parts.lanes}
        for (server, zone), changes in shown.items():
            still = set(planned[server, zone]).intersection(changes)
            due = [change for change in changes if change in still]
            may_begin = gate or _gate(parts)
            applied += [one async for one in lanes[server].provider.apply(zone, due, may_begin)]
    check_all_done(shown, applied)
    return len(applied)


async def _planned(parts: Parts, changes_of: _ChangesOf) -> dict[Place, Sequence[Change]]:
    return {
        (lane.name, zone): changes_of(lane, await lane.reconciler.propose(zone))
        for lane in parts.lanes
        for zone in lane.board.zones
    }


def _open_gate(_change: Change) -> bool:
    return True


def _gate(parts: Parts) -> _Gate:
    def may_begin(change: Change) -> bool:
        if not isinstance(change, Delete):
            return True
        sources = parts.sources
        return sources.state().synced and change.name not in sources.claimed_names()

    return may_begin


def check_all_done(shown: Mapping[K, Sequence[Change]], applied: Sequence[Applied]) -> None:
    """Raise `NotAllDoneError` where a change that was shown was not made."""
    done = {one.change.name for one in applied if one.verdict is Verdict.DONE}
    errors = {one.change.name: one.error for one in applied}
    reasons = [
        f"{change.name}: {errors.get(change.name) or 'it was changed meanwhile, try again'}"
        for changes in shown.values()
        for change in changes
        if change.name not in done
    ]
    if reasons:
        raise NotAllDoneError("\n".join(reasons))
