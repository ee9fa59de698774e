"""What the pages read of the running daemon, put together when it is asked for."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from catalyst_dns_sync import __version__
from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.entries import Entries, Entry, ours_of
from catalyst_dns_sync.app.rows import row_of, sought
from catalyst_dns_sync.control.happenings import Happening, Happenings
from catalyst_dns_sync.control.orders import OrderRefusedError
from catalyst_dns_sync.control.status import all_in_step_at
from catalyst_dns_sync.core.explain import Answer, Case, explain
from catalyst_dns_sync.core.names import ROOT, DnsName, zone_of
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
)

if TYPE_CHECKING:
    from catalyst_dns_sync.app.lanes import Lane
    from catalyst_dns_sync.app.parts import Parts
    from catalyst_dns_sync.core.certificates import Certificate
    from catalyst_dns_sync.core.previews import Preview

PAGE = 50
"""Names on one page of the table."""


class DaemonReader:
    """Reads the parts of a daemon that runs."""

    def __init__(self, parts: "Parts", happenings: Happenings, clock: Callable[[], float]) -> None:
        self._parts = parts
        self._happenings = happenings
        self._clock = clock
        self._entries = Entries(parts, happenings)

    @property
    def features(self) -> Collection[str]:
        """The pages that are there because their feature is switched on, by their addresses."""
        parts = self._parts
        built = {"previews": parts.previews, "certificates": parts.certificates}
        return {address for address, part in built.items() if part is not None}

    async def overview(self) -> Overview:
        """Return the whole at one glance."""
        entries = await self._entries.all()
        parts, now = self._parts, self._clock()
        counts = dict.fromkeys(State, 0)
        for entry in entries:
            counts[entry.state] += 1
        in_step_at = all_in_step_at(parts.boards)
        return Overview(
            parts=parts.readiness(now),
            counts=counts,
            withheld=self._withheld(),
            skips=self._rows(one for one in entries if one.state is State.LEFT_ALONE),
            lately=list(self._happenings)[:8],
            last_pass=None if in_step_at is None else now - in_step_at,
            paused=parts.reconciler.paused,
            dry_run=parts.actions.dry_run,
            leader=parts.other_leader,
            version=__version__,
        )

    async def table(self, query: Query) -> Table:
        """Return one page of the names; others have their turn meanwhile."""
        entries = await self._entries.all()
        found = await sought(entries, query)
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
        named = self._rows(entry for entry in await self._entries.all() if entry.name == name)
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

    def _rows(self, entries: Iterable[Entry]) -> list[Row]:
        """Return the rows, each with when something happened to its name, if that is known yet."""
        lately = {one.name: one.at for one in reversed(list(self._happenings)) if one.name}
        return [row_of(entry, lately.get(entry.name)) for entry in entries]

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
        if contents is not None:
            # It lives on, and what is explained must not change on the way.
            contents = replace(contents, names=dict(contents.names))
        waiting = reconciler.waiting()
        return Case(
            name=name,
            zones=frozenset(lane.board.zones),
            objects=reconciler.demands.objects(name, contents),
            unknown=parts.sources.troubles(),
            defaults=reconciler.demands.defaults_in(zone or ROOT),
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


def _withheld_by(lane: "Lane") -> Iterator[Withheld]:
    for name, reason in lane.reconciler.releasable().items():
        zone = zone_of(name, lane.board.zones)
        held = lane.reconciler.contents(zone).names.get(name, ()) if zone is not None else ()
        ours = ours_of(held, lane.reconciler.identity.owner)
        yield Withheld(name, reason, tuple(f"{one.type} {one.value}" for one in ours))


async def _answers(lane: "Lane", name: DnsName) -> tuple[Answer | None, Answer | None]:
    try:
        tested = await lane.actions.test_dns(name)
    except OrderRefusedError:
        return None, None
    return tested.server, tested.resolver
