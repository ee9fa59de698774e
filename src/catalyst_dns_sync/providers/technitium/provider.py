"""The Provider port on one Technitium server."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime

from catalyst_dns_sync.control.ports import Applied, HostedZone, ProviderError, Verdict, always
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Zone
from catalyst_dns_sync.providers.technitium.bulk import BulkWork
from catalyst_dns_sync.providers.technitium.client import SESSION_PATH, TechnitiumClient
from catalyst_dns_sync.providers.technitium.codec import server_of, zones_of
from catalyst_dns_sync.providers.technitium.errors import NameMovedError, RecordRefusedError
from catalyst_dns_sync.providers.technitium.pace import Pace
from catalyst_dns_sync.providers.technitium.work import (
    Course,
    carry_out,
    zone_asked_for,
    zone_form,
)
from catalyst_dns_sync.providers.technitium.zonefile import MAX_LINES, chunks, fits_an_import

log = logging.getLogger(__name__)

MAX_VAIN = 3
"""So many imports without answer and effect, one after the other, and no further is tried."""

CHANGES_A_SLICE = 500
"""So many changes are put into words before others get their turn on the loop."""


class TechnitiumProvider:
    """Reads and changes the zones of one server.

    ``concurrency`` is how many names are worked on at once, ``rate`` how many calls a second the
    changes may cost, readings of single names included. From ``bulk_threshold`` changes on that
    fit into a zone file they are imported, at most ``chunk_lines`` lines at once; 0 is never.
    ``version`` is the server's, known after the first contact.
    """

    def __init__(
        self,
        client: TechnitiumClient,
        *,
        concurrency: int = 8,
        rate: float = 50.0,
        bulk_threshold: int = 0,
        chunk_lines: int = MAX_LINES,
    ) -> None:
        self.version: str | None = None
        self._bulk_threshold = bulk_threshold
        self._chunk_lines = chunk_lines
        self._unfit: set[DnsName] = set()
        self._vain: dict[DnsName, int] = {}
        self._refused: dict[DnsName, set[DnsName]] = {}
        self._client = client
        self._writable: frozenset[DnsName] = frozenset()
        self._concurrency = concurrency
        self._pace = Pace(rate)

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        """List the zones that the token's user may see."""
        if self.version is None:
            await self.started_at()
        try:
            found = await self._hosted()
        except ProviderError:
            if self._client.primary is None or not await self._primary_moved():
                raise
            found = await self._hosted()
        lost = [zone for zone in self._writable if zone in found and not found[zone].writable]
        if lost and await self._primary_moved():
            found = await self._hosted()
        self._writable = frozenset(zone for zone in found if found[zone].writable)
        return found

    async def _hosted(self) -> Mapping[DnsName, HostedZone]:
        return zones_of(await self._client.call("/api/zones/list"))

    async def _primary_moved(self) -> bool:
        """Ask again which node is the primary of the cluster, and tell whether it is another."""
        before = self._client.primary
        await self._client.call(SESSION_PATH, flat=True)
        after = self._client.primary
        if after == before:
            return False
        log.warning(
            "another node is the primary of the DNS cluster",
            extra={"node": after or "the one of DNS_SERVER_URL"},
        )
        return True

    async def started_at(self) -> datetime | None:
        """Return when the server started, or, in a cluster, its primary node."""
        payload = await self._client.call(SESSION_PATH, flat=True)
        self.version, started = server_of(payload)
        if self._client.primary is not None:
            form = {"node": self._client.primary}
            _, started = server_of(await self._client.call(SESSION_PATH, form, flat=True))
        return started

    async def read(self, zone: DnsName) -> Zone:
        """Read the whole zone in one call."""
        payload = await self._client.call("/api/zones/records/get", zone_form(zone))
        return zone_asked_for(zone, payload)

    async def apply(
        self,
        zone: DnsName,
        changes: Sequence[Change],
        may_begin: Callable[[Change], bool] = always,
        seen: Zone | None = None,
    ) -> AsyncIterator[Applied]:
        """Carry the changes out, a few names at once, and yield what became of each.

        Many changes are imported first, and what an import can't do, or did not, is done singly.
        After a refused token or zone, or a server that stays silent, the rest fails at once.
        """
        course = Course(self._client, self._pace, zone)
        single = changes
        if seen is not None and (fit := await self._worth_an_import(zone, changes)):
            bulk = BulkWork(course, seen, may_begin)
            for applied in await bulk.carry_out(chunks(fit, self._chunk_lines)):
                yield applied
            self._learn(zone, bulk)
            single = left_of(changes, fit, bulk.left)
        # No task lives across a yield: whoever stops iterating, or is cancelled while it holds
        # one result, leaves nothing behind that goes on writing.
        for batch in batches(single, self._concurrency):
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(carry_out(change, course, may_begin))
                    for change in batch
                    if may_begin(change)
                ]
            for task in running:
                if (result := task.result()) is not None:
                    self._note(zone, result)
                    yield result

    async def remove_text(self, zone: DnsName, name: DnsName, text: str) -> bool:
        """Delete one TXT record, by its text; tell whether it was there."""
        form = {"zone": zone, "domain": name, "type": "TXT", "text": text}
        await self._pace.turn()
        try:
            await self._client.call("/api/zones/records/delete", form)
        except NameMovedError:
            return False
        return True

    async def _worth_an_import(self, zone: DnsName, changes: Sequence[Change]) -> list[Change]:
        if not 0 < self._bulk_threshold <= len(changes) or zone in self._unfit:
            return []
        refused = self._refused.get(zone, ())
        fit: list[Change] = []
        for number, change in enumerate(changes):
            if number % CHANGES_A_SLICE == CHANGES_A_SLICE - 1:
                await asyncio.sleep(0)
            if change.name not in refused and fits_an_import(change):
                fit.append(change)
        return fit if len(fit) >= self._bulk_threshold else []

    def _learn(self, zone: DnsName, bulk: BulkWork) -> None:
        """Remember where imports are refused, or never arrive."""
        self._vain[zone] = self._vain.get(zone, 0) + 1 if bulk.vain is not None else 0
        if bulk.denied is not None or self._vain[zone] == MAX_VAIN:
            self._unfit.add(zone)
            extra = {"zone": zone, "error": str(bulk.denied or bulk.vain)}
            log.warning("zone can't be imported, single calls from now on", extra=extra)

    def _note(self, zone: DnsName, applied: Applied) -> None:
        refused = self._refused.setdefault(zone, set())
        # A line that the server takes offence at keeps the lines behind it out: so once is enough.
        if isinstance(applied.error, RecordRefusedError):
            refused.add(applied.change.name)
        elif applied.verdict is not Verdict.FAILED:
            refused.discard(applied.change.name)


def left_of(
    changes: Sequence[Change], fit: Sequence[Change], left: Sequence[Change]
) -> list[Change]:
    """Return the changes, in their order, that do not fit an import or are left of one."""
    taken = {change.name for change in fit} - {change.name for change in left}
    return [change for change in changes if change.name not in taken]


def batches(changes: Sequence[Change], size: int) -> Iterator[list[Change]]:
    """Divide the changes, in their order, into batches that hold no name twice."""
    batch: dict[DnsName, Change] = {}
    for change in changes:
        if len(batch) == size or change.name in batch:
            yield list(batch.values())
            batch = {}
        batch[change.name] = change
    if batch:
        yield list(batch.values())
