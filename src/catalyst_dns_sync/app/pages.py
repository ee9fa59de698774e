"""What the pages read of the running daemon, put together when it is asked for."""

import asyncio
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from catalyst_dns_sync import __version__
from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.control.happenings import Happening, Happenings
from catalyst_dns_sync.control.orders import OrderRefusedError
from catalyst_dns_sync.control.slices import slices_of
from catalyst_dns_sync.core.custom import with_custom
from catalyst_dns_sync.core.explain import Answer, Case, explain
from catalyst_dns_sync.core.names import ROOT, DnsName, zone_of
from catalyst_dns_sync.core.ownership import (
    answering,
    origin_and_kinds,
    parse_marker,
    seems_of,
    words_of_origin,
)
from catalyst_dns_sync.core.records import Records
from catalyst_dns_sync.core.skips import ABOUT_OBJECTS, ADVICE, Skip, SkipReason
from catalyst_dns_sync.settings.model import DnsProvider
from catalyst_dns_sync.web.ui.model import (
    NameCard,
    Overview,
    Query,
    Row,
    SourceRow,
    State,
    Table,
    Withheld,
    namespace_of,
)

if TYPE_CHECKING:
    from catalyst_dns_sync.app.lanes import Lane
    from catalyst_dns_sync.app.parts import Parts
    from catalyst_dns_sync.core.certificates import Certificate
    from catalyst_dns_sync.core.previews import Preview

_Key: TypeAlias = tuple[int, tuple[float | None, ...]]

SLICE = 300
"""Names that are looked at in one go, which takes a few milliseconds at most."""

PAGE = 50
"""Names on one page of the table."""

KEEP = 30.0
"""Seconds that the list of all names is kept after somebody looked at it."""

_OF_OBJECTS = ABOUT_OBJECTS | {SkipReason.CONFLICT, SkipReason.UNSUPPORTED}
"""What of an object is left alone while its name may well be in step for another one."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name, or one thing that is left alone, before a row is made of it."""

    name: str
    zone: str
    state: State
    server: str = ""
    records: Records = ()
    skip: Skip | None = None
    detail: str = ""


class DaemonReader:
    """Reads the parts of a daemon that runs."""

    def __init__(self, parts: "Parts", happenings: Happenings, clock: Callable[[], float]) -> None:
        self._parts = parts
        self._happenings = happenings
        self._clock = clock
        self._kept: tuple[_Key, list[_Entry]] | None = None
        self._reading = asyncio.Lock()
        self._forgets: asyncio.TimerHandle | None = None

    @property
    def features(self) -> Collection[str]:
        """The pages that are there because their feature is switched on, by their addresses."""
        parts = self._parts
        built = {"previews": parts.previews, "certificates": parts.certificates}
        return {address for address, part in built.items() if part is not None}

    async def overview(self) -> Overview:
        """Return the whole at one glance."""
        entries = await self._entries()
        parts, now = self._parts, self._clock()
        counts = dict.fromkeys(State, 0)
        for entry in entries:
            counts[entry.state] += 1
        times = [board.in_step_at() for board in parts.boards]
        known = [time for time in times if time is not None]
        return Overview(
            parts=parts.readiness(now),
            counts=counts,
            withheld=self._withheld(),
            skips=self._rows(one for one in entries if one.state is State.LEFT_ALONE),
            lately=list(self._happenings)[:8],
            last_pass=now - min(known) if len(known) == len(times) else None,
            paused=parts.reconciler.paused,
            leader=parts.other_leader,
            version=__version__,
        )

    async def table(self, query: Query) -> Table:
        """Return one page of the names; others have their turn meanwhile."""
        entries = await self._entries()
        key = _SORT[query.sort.removeprefix("-")]
        keyed = [
            (key(entry), number)
            async for some in slices_of(enumerate(entries), SLICE)
            for number, entry in some
            if _is_asked_for(entry, query)
        ]
        keyed.sort(reverse=query.sort.startswith("-"))
        found = [entries[number] for _, number in keyed]
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(1, query.page), pages)
        refs = [ref for store in self._parts.sources.stores for ref in store.objects]
        return Table(
            rows=self._rows(found[(page - 1) * PAGE : page * PAGE]),
            found=len(found),
            total=len(entries),
            page=page,
            pages=pages,
            zones=sorted({zone for board in self._parts.boards for zone in board.zones}),
            namespaces=sorted({ref.namespace for ref in refs}),
            kinds=sorted({ref.kind for ref in refs}),
        )

    async def card(self, name: DnsName, patience: float | None = None) -> NameCard:
        """Return all that is known of one name; asks DNS, and waits at most ``patience`` for it.

        Where several servers have its zone, the first one's answer is explained.
        """
        lane = next(
            (one for one in self._parts.lanes if zone_of(name, one.board.zones)),
            self._parts.lanes[0],
        )
        awaited, server, resolver = False, None, None
        try:
            async with asyncio.timeout(patience):
                server, resolver = await _answers(lane, name)
        except TimeoutError:
            awaited = True
        case = self._case(lane, name, server, resolver)
        # It goes through all objects: in a thread, so that the daemon has its turn meanwhile.
        told, interests = await asyncio.to_thread(lambda: (explain(case), case.interests))
        named = self._rows(entry for entry in await self._entries() if entry.name == name)
        return NameCard(
            name=name,
            row=named[0] if named else None,
            rules=[(str(obj.ref), claim.rule) for obj, claim in interests],
            explanation=told,
            lately=[one for one in self._happenings if one.name == name][:10],
            awaited=awaited,
        )

    def sources(self) -> Sequence[SourceRow]:
        """Return each watch."""
        now = self._clock()
        return [
            SourceRow(
                source=store.source,
                namespace=store.namespace or "",
                state=store.state.value,
                objects=len(store.objects),
                since=now - store.since,
                last_event=None if store.last_event_at is None else now - store.last_event_at,
                restarts=store.restarts,
                error=store.error,
                last_error=store.last_error,
                last_error_ago=None if store.last_error_at is None else now - store.last_error_at,
            )
            for store in self._parts.sources.stores
        ]

    async def previews(self) -> "Sequence[Preview]":
        """Return each name of a preview environment, the oldest first."""
        from catalyst_dns_sync.core.previews import previews_of

        parts = self._parts
        if parts.previews is None:
            return ()
        objects = [one for one in parts.sources.objects() if one.term is not None]
        now, ttl = parts.previews.now(), parts.settings.preview_ttl
        return await asyncio.to_thread(previews_of, objects, now, ttl)

    def certificates(self) -> "Sequence[Certificate]":
        """Return the certificates that cover something in our zones."""
        watch = self._parts.certificates
        return watch.certificates() if watch is not None else ()

    def happenings(self) -> Sequence[Happening]:
        """Return what happened lately, the newest first."""
        return list(self._happenings)

    async def changed(self, seen: int) -> int:
        """Wait until the number of the newest change is another than ``seen``, and return it."""
        return await self._happenings.changed(seen)

    async def _entries(self) -> list[_Entry]:
        """Return everything that there is a row for, by name."""
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

    async def _put_together(self) -> list[_Entry]:
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

    def _rows(self, entries: Iterable[_Entry]) -> list[Row]:
        """Return the rows, each with when something happened to its name, if that is known yet."""
        lately = {one.name: one.at for one in reversed(list(self._happenings)) if one.name}
        return [_row(entry, lately.get(entry.name)) for entry in entries]

    def _forget(self) -> None:
        self._kept = None

    def _withheld(self) -> list[Withheld]:
        found = [one for lane in self._parts.lanes for one in _withheld_by(lane)]
        return sorted(found, key=lambda one: one.name)

    def _case(
        self, lane: "Lane", name: DnsName, server: Answer | None, resolver: Answer | None
    ) -> Case:
        parts, reconciler = self._parts, lane.reconciler
        zone = zone_of(name, lane.board.zones)
        status = lane.board.zones[zone] if zone is not None else None
        outcome = status.outcome if status is not None else None
        contents = reconciler.contents(zone) if zone is not None and outcome is not None else None
        objects = tuple(parts.sources.objects())
        if contents is not None:
            # It lives on, and what is explained must not change on the way.
            contents = replace(contents, names=dict(contents.names))
            objects = with_custom(objects, name, contents, reconciler.identity)
            objects = (*objects, *reconciler.pointing(name))
        waiting = reconciler.waiting()
        return Case(
            name=name,
            zones=frozenset(lane.board.zones),
            objects=objects,
            unknown=parts.sources.troubles(),
            defaults=reconciler.defaults_in(zone or ROOT),
            identity=reconciler.identity,
            contents=contents,
            plan=outcome.plan if outcome is not None else None,
            trouble="" if outcome is not None or status is None else status.error or _UNREAD,
            waiting=frozenset(waiting),
            withheld=reconciler.releasable(),
            graced=waiting,
            paused=reconciler.paused,
            answer=server,
            resolver=resolver,
            in_hosts_file=lane.settings.dns_provider is DnsProvider.HOSTS,
            certificates=tuple(self.certificates()) if "certificates" in self.features else None,
            now=now_utc().timestamp(),
        )


_UNREAD = "the zone was not read yet"


def _zone_entries(lane: "Lane", zone: DnsName) -> Iterator[_Entry]:
    held, server = lane.reconciler.contents(zone).names, lane.name
    owner = lane.reconciler.identity.owner
    notes = {entry.name: entry for entry in _under_way(lane, zone)}
    for skip in _skips(lane, zone):
        name = skip.name or str(skip.origin or skip.detail)
        if skip.name is None:
            yield _Entry(name, "", State.LEFT_ALONE, server, skip=skip)
        elif skip.reason in _OF_OBJECTS and _ours(held.get(skip.name, ()), owner):
            yield _Entry(name, zone, State.LEFT_ALONE, server, skip=skip)
        else:
            is_withheld = skip.reason is SkipReason.WITHHELD
            state = State.WITHHELD if is_withheld else State.LEFT_ALONE
            notes[name] = _Entry(name, zone, state, server, skip=skip)
    # Others write to the zone while this waits for its turn.
    for name, records in list(held.items()):
        ours = _ours(records, owner)
        note = notes.pop(name, None)
        if note is not None:
            yield replace(note, records=ours or answering(records, name, zone))
        elif ours:
            yield _Entry(name, zone, State.IN_STEP, server, ours)
    yield from notes.values()


def _skips(lane: "Lane", zone: DnsName) -> Sequence[Skip]:
    outcome = lane.board.zones[zone].outcome
    return outcome.plan.skips if outcome is not None else ()


def _under_way(lane: "Lane", zone: DnsName) -> Iterator[_Entry]:
    """Yield the names that a pass has still to do with, the last word on each last."""
    outcome, server = lane.board.zones[zone].outcome, lane.name
    if outcome is not None:
        for change in outcome.plan.changes:
            yield _Entry(change.name, zone, State.CHANGING, server)
        for one in outcome.applied:
            if one.error is not None:
                name, detail = one.change.name, str(one.error)
                yield _Entry(name, zone, State.FAILING, server, detail=detail)
    for waiting, left in lane.reconciler.waiting().items():
        if zone_of(waiting, lane.board.zones) == zone:
            detail = f"its object is gone: deleted in {left:.0f} s unless it comes back"
            yield _Entry(waiting, zone, State.WAITING, server, detail=detail)


def _ours(records: Records, owner: str) -> Records:
    return tuple(one for one in records if seems_of(one.comment, owner))


def _withheld_by(lane: "Lane") -> Iterator[Withheld]:
    for name, reason in lane.reconciler.releasable().items():
        zone = zone_of(name, lane.board.zones)
        held = lane.reconciler.contents(zone).names.get(name, ()) if zone is not None else ()
        ours = _ours(held, lane.reconciler.identity.owner)
        yield Withheld(name, reason, tuple(f"{one.type} {one.value}" for one in ours))


async def _answers(lane: "Lane", name: DnsName) -> tuple[Answer | None, Answer | None]:
    try:
        tested = await lane.actions.test_dns(name)
    except OrderRefusedError:
        return None, None
    return tested.server, tested.resolver


def _is_asked_for(entry: _Entry, query: Query) -> bool:
    if query.zone and entry.zone != query.zone:
        return False
    if query.state and entry.state != query.state:
        return False
    if query.text and not _has_text(entry, query.text.lower()):
        return False
    if not query.namespace and not query.kind:
        return True
    origin, kinds = _origin(entry) if entry.skip is not None else _glimpsed(entry)
    return (not query.namespace or namespace_of(origin) == query.namespace) and (
        not query.kind or query.kind in kinds
    )


def _has_text(entry: _Entry, text: str) -> bool:
    if text in entry.name:
        return True
    for one in entry.records:
        if text in one.value or text in words_of_origin(one.comment).lower():
            return True
    skip = entry.skip
    return skip is not None and (text in str(skip.origin or "").lower() or text in skip.reason)


def _glimpsed(entry: _Entry) -> tuple[str, Sequence[str]]:
    return origin_and_kinds(entry.records[0].comment if entry.records else "")


def _origin(entry: _Entry) -> tuple[str, Sequence[str]]:
    if entry.skip is not None and entry.skip.origin is not None:
        return str(entry.skip.origin), (entry.skip.origin.kind,)
    for record in entry.records:
        if (marker := parse_marker(record.comment)) is not None:
            return marker.origin, marker.kinds
    return "", ()


def _row(entry: _Entry, since: datetime | None) -> Row:
    origin, kinds = _origin(entry)
    skip = entry.skip
    return Row(
        name=entry.name,
        zone=entry.zone,
        server=entry.server,
        state=entry.state,
        since=since,
        types=tuple(dict.fromkeys(one.type for one in entry.records)),
        values=tuple(one.value for one in entry.records),
        ttl=entry.records[0].ttl if entry.records else None,
        origin=origin,
        kinds=tuple(kinds),
        reason=skip.reason.value if skip is not None else "",
        detail=skip.detail if skip is not None else entry.detail,
        advice=ADVICE[skip.reason] if skip is not None else "",
    )


def _first(entry: _Entry, what: str) -> str:
    return str(getattr(entry.records[0], what)) if entry.records else ""


_ORDER = {state: number for number, state in enumerate(State)}
_SORT: Mapping[str, Callable[[_Entry], tuple[str | int, str]]] = {
    "name": lambda entry: (entry.name, ""),
    "state": lambda entry: (_ORDER[entry.state], entry.name),
    "type": lambda entry: (_first(entry, "type"), entry.name),
    "target": lambda entry: (_first(entry, "value"), entry.name),
    "ttl": lambda entry: (entry.records[0].ttl if entry.records else -1, entry.name),
    "origin": lambda entry: (words_of_origin(_first(entry, "comment")).lower(), entry.name),
}
