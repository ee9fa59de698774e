"""Every name that the pages have a row for, as it stands, kept while somebody looks at them."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from catalyst_dns_sync.control.happenings import Happenings
from catalyst_dns_sync.control.slices import slices_of
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.ownership import answering, seems_of
from catalyst_dns_sync.core.records import Records
from catalyst_dns_sync.core.skips import ABOUT_OBJECTS, Skip, SkipReason
from catalyst_dns_sync.web.ui.model import State

if TYPE_CHECKING:
    from catalyst_dns_sync.app.lanes import Lane
    from catalyst_dns_sync.app.parts import Parts

_Key: TypeAlias = tuple[int, tuple[float | None, ...]]

SLICE = 300
"""Names that are looked at in one go, which takes a few milliseconds at most."""

KEEP = 30.0
"""Seconds that the list of all names is kept after somebody looked at it."""

_OF_OBJECTS = ABOUT_OBJECTS | {SkipReason.CONFLICT, SkipReason.UNSUPPORTED}
"""What of an object is left alone while its name may well be in step for another one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name, or one thing that is left alone, before a row is made of it."""

    name: str
    zone: str
    state: State
    server: str = ""
    records: Records = ()
    skip: Skip | None = None
    detail: str = ""


class Entries:
    """All entries of a daemon that runs, kept for as long as somebody looks and nothing changes."""

    def __init__(self, parts: "Parts", happenings: Happenings) -> None:
        self._parts = parts
        self._happenings = happenings
        self._kept: tuple[_Key, list[Entry]] | None = None
        self._reading = asyncio.Lock()
        self._forgets: asyncio.TimerHandle | None = None

    async def all(self) -> list[Entry]:
        """Return everything that there is a row for; others have their turn meanwhile."""
        if self._forgets is not None:
            self._forgets.cancel()
        self._forgets = asyncio.get_running_loop().call_later(KEEP, self._forget)
        # Of many who ask at once, one puts the list together.
        async with self._reading:
            key = self._key()
            if self._kept is None or key is None or self._kept[0] != key:
                entries = await self._put_together()
                self._kept = None if key is None else (key, entries)
                return entries
            return self._kept[1]

    def _key(self) -> _Key | None:
        """Return what is another one when rows may have changed; None while passes change them.

        Happenings alone are no measure: they are told a while after a great pass made its changes.
        """
        boards = self._parts.boards
        if any(board.working_since is not None for board in boards):
            return None
        outcomes = (status.outcome for board in boards for status in board.zones.values())
        ends = tuple(None if outcome is None else outcome.ended for outcome in outcomes)
        return self._happenings.number, ends

    async def _put_together(self) -> list[Entry]:
        found = [
            one
            for lane in self._parts.lanes
            for zone in lane.board.zones
            async for some in slices_of(_zone_entries(lane, zone), SLICE)
            for one in some
        ]
        # A faulty object without a name is told of by each zone.
        unnamed = {(entry.skip, entry.name): entry for entry in found if not entry.zone}
        named = [entry for entry in found if entry.zone]
        return [*named, *unnamed.values()]

    def _forget(self) -> None:
        self._kept = None


def _zone_entries(lane: "Lane", zone: DnsName) -> Iterator[Entry]:
    if lane.board.zones[zone].outcome is None:
        # The zone may have been read already, but what is in step only a pass can tell.
        return
    held, server = lane.reconciler.contents(zone).names, lane.name
    owner = lane.reconciler.identity.owner
    notes = {entry.name: entry for entry in _under_way(lane, zone)}
    for skip in _skips(lane, zone):
        name = skip.name or str(skip.origin or skip.detail)
        if skip.name is None:
            yield Entry(name, "", State.LEFT_ALONE, server, skip=skip)
        elif skip.reason in _OF_OBJECTS and ours_of(held.get(skip.name, ()), owner):
            yield Entry(name, zone, State.LEFT_ALONE, server, skip=skip)
        else:
            is_withheld = skip.reason is SkipReason.WITHHELD
            state = State.WITHHELD if is_withheld else State.LEFT_ALONE
            notes[name] = Entry(name, zone, state, server, skip=skip)
    # Others write to the zone while this waits for its turn.
    for name, records in list(held.items()):
        ours = ours_of(records, owner)
        note = notes.pop(name, None)
        if note is not None:
            yield replace(note, records=ours or answering(records, name, zone))
        elif ours:
            yield Entry(name, zone, State.IN_STEP, server, ours)
    yield from notes.values()


def _skips(lane: "Lane", zone: DnsName) -> Sequence[Skip]:
    outcome = lane.board.zones[zone].outcome
    return outcome.plan.skips if outcome is not None else ()


def _under_way(lane: "Lane", zone: DnsName) -> Iterator[Entry]:
    """Yield the names that a pass has still to do with, the last word on each last."""
    outcome, server = lane.board.zones[zone].outcome, lane.name
    if outcome is not None:
        for change in outcome.plan.changes:
            yield Entry(change.name, zone, State.CHANGING, server)
        for one in outcome.applied:
            if one.error is not None:
                name, detail = one.change.name, str(one.error)
                yield Entry(name, zone, State.FAILING, server, detail=detail)
    for waiting, left in lane.reconciler.waiting().items():
        if zone_of(waiting, lane.board.zones) == zone:
            detail = f"its object is gone: deleted in {left:.0f} s unless it comes back"
            yield Entry(waiting, zone, State.WAITING, server, detail=detail)


def ours_of(records: Records, owner: str) -> Records:
    """Return those of the records whose marker names the owner, as far as a glance tells."""
    return tuple(one for one in records if seems_of(one.comment, owner))
