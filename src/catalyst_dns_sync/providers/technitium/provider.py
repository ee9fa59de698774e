"""The Provider port on one Technitium server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime

from catalyst_dns_sync.control.ports import Applied, HostedZone, always
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Zone
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.codec import server_of, zones_of
from catalyst_dns_sync.providers.technitium.pace import Pace
from catalyst_dns_sync.providers.technitium.work import Course, carry_out, zone_asked_for


class TechnitiumProvider:
    """Reads and changes the zones of one server.

    ``concurrency`` is how many names are worked on at once, ``rate`` how many calls a second the
    changes may cost, readings of single names included. ``version`` is the server's, known after
    the first contact.
    """

    def __init__(
        self, client: TechnitiumClient, *, concurrency: int = 8, rate: float = 50.0
    ) -> None:
        self.version: str | None = None
        self._client = client
        self._concurrency = concurrency
        self._pace = Pace(rate)

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        """List the zones that the token's user may see."""
        if self.version is None:
            await self.started_at()
        return zones_of(await self._client.call("/api/zones/list"))

    async def started_at(self) -> datetime | None:
        """Return when the server started."""
        payload = await self._client.call("/api/user/session/get", flat=True)
        self.version, started = server_of(payload)
        return started

    async def read(self, zone: DnsName) -> Zone:
        """Read the whole zone in one call."""
        form = {"zone": zone, "domain": zone, "listZone": "true"}
        payload = await self._client.call("/api/zones/records/get", form)
        return zone_asked_for(zone, payload)

    async def apply(
        self,
        zone: DnsName,
        changes: Sequence[Change],
        may_begin: Callable[[Change], bool] = always,
    ) -> AsyncIterator[Applied]:
        """Carry the changes out, a few names at once, and yield what became of each.

        After a refused token or zone, or a server that stays silent, the rest fails at once.
        """
        course = Course(self._client, self._pace, zone)
        bulk, single = split(changes)
        # No task lives across a yield: whoever stops iterating, or is cancelled while it holds
        # one result, leaves nothing behind that goes on writing.
        for batch in batches([*bulk, *single], self._concurrency):
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(carry_out(change, course))
                    for change in batch
                    if may_begin(change)
                ]
            for task in running:
                yield task.result()


def split(changes: Sequence[Change]) -> tuple[Sequence[Change], Sequence[Change]]:
    """Divide the changes into those worth an import of a zone file, and those made one by one."""
    return (), changes


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
