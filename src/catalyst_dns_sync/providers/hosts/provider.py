"""The Provider port on a hosts file."""

import asyncio
import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from catalyst_dns_sync.control.ports import (
    Applied,
    HostedZone,
    ProviderRejectedError,
    ProviderUnavailableError,
    Verdict,
    always,
)
from catalyst_dns_sync.core import hostsfile
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.hostsfile import Entries, HostsFile
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.ownership import Marker, parse_marker, render_marker
from catalyst_dns_sync.core.records import (
    Record,
    Records,
    RecordType,
    Target,
    Targets,
    Zone,
    ZoneStamp,
)
from catalyst_dns_sync.providers.hosts.files import FileMovedError, HostsFileStore, Reading

log = logging.getLogger(__name__)

QUIET = 0.2
"""Seconds since somebody's last write after which that is taken to be finished."""

TRIES = 10

KIND = "hosts file"


async def _nothing() -> None:
    return None


class HostsFileProvider:
    """Reads and changes the managed block of one file.

    The block's entries are records without a TTL, with the shortest marker that says that they
    are ours; lines outside are records without a marker. Of those only the names in ``wanted`` are
    looked at. ``zones`` divide the names of the one file. ``after_write`` is awaited after each
    write.
    """

    def __init__(
        self,
        store: HostsFileStore,
        *,
        owner: str,
        zones: Collection[DnsName],
        after_write: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self.wanted: Callable[[], Collection[DnsName]] = frozenset
        self._store = store
        self._marker = render_marker(Marker(owner, None, "", ()))
        self._zones = zones
        self._after_write = after_write
        self._names: frozenset[DnsName] = frozenset()
        self._reading: Reading | None = None
        self._own: bytes | None = None
        self._file = HostsFile({}, {}, is_tidy=True)
        self._serial = 1
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Have the file for ourselves while the block runs; raises `ProviderError`."""
        await asyncio.to_thread(self._store.acquire)
        try:
            yield
        finally:
            await asyncio.to_thread(self._store.release)

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        """List the zones; their serial moves when the file says something else of our names."""
        await self._look()
        stamp, untidy = self._stamp(), not self._file.is_tidy
        return {
            zone: HostedZone(zone, stamp, KIND, writable=True, disabled=False, untidy=untidy)
            for zone in self._zones
        }

    async def started_at(self) -> datetime | None:
        """Return None: a file forgets nothing."""
        return None

    async def read(self, zone: DnsName) -> Zone:
        """Return the names of the block, and those of the wanted ones that stand outside."""
        await self._look()
        names = {*self._file.entries, *self._file.outside}
        held = {name: self._records(name) for name in names if zone_of(name, self._zones) == zone}
        return Zone(zone, self._stamp(), held)

    async def apply(
        self,
        zone: DnsName,  # noqa: ARG002 (one write serves all zones of the file)
        changes: Sequence[Change],
        may_begin: Callable[[Change], bool] = always,
        seen: Zone | None = None,  # noqa: ARG002 (the file is read again before each write)
    ) -> AsyncIterator[Applied]:
        """Carry all changes out in one write, and put the block in order; yield each change.

        Without changes the block is put in order, where it is not.
        """
        for _ in range(TRIES):
            reading = await self._quiet_reading()
            begun = [change for change in changes if may_begin(change)]
            entries, applied = self._applied(begun)
            content = hostsfile.replace(reading.text, entries)
            if content == reading.text:
                break
            try:
                await self._write(reading, content, entries)
            except FileMovedError:
                continue
            await self._after_write()
            break
        else:
            raise ProviderUnavailableError(f"{self._store.path} does not come to rest")
        for one in applied:
            yield one

    def _applied(self, changes: Iterable[Change]) -> tuple[Entries, list[Applied]]:
        entries, applied = dict(self._file.entries), list[Applied]()
        for change in changes:
            found = self._records(change.name)
            if _values(found) != _values(change.before):
                applied.append(Applied(change, Verdict.STALE, found, 0))
            elif change.name in self._file.outside:
                applied.append(Applied(change, Verdict.FAILED, None, 0, self._not_ours(change)))
            else:
                old, targets = entries.pop(change.name, ()), _targets(change.goal)
                if targets:
                    entries[change.name] = targets
                left = tuple(self._record(target, ours=True) for target in targets)
                # However many they are, it is one write.
                is_first = old != targets and not any(one.writes for one in applied)
                applied.append(Applied(change, Verdict.DONE, left, int(is_first)))
        return entries, applied

    def _not_ours(self, change: Change) -> ProviderRejectedError:
        return ProviderRejectedError(
            f"{change.name} stands outside the block of {self._store.path}: "
            "delete that line by hand if the cluster should have the name"
        )

    async def _quiet_reading(self) -> Reading:
        """Return the file as it is, once nobody else seems to be writing it."""
        for _ in range(TRIES):
            reading = await self._look()
            age = datetime.now(UTC).timestamp() - reading.changed_at
            if not 0 <= age < QUIET or reading.content == self._own:
                return reading
            await asyncio.sleep(QUIET - age)
        return reading

    async def _write(self, reading: Reading, content: bytes, entries: Entries) -> None:
        async with self._turn:
            await asyncio.to_thread(self._store.write, reading, content)
            # What we wrote, and not what stands there now: that may be somebody's next edit.
            self._reading, self._own = Reading(content, (), 0.0), content
            self._says(replace(self._file, entries=entries, is_tidy=True))

    async def _look(self) -> Reading:
        """Read the file, and take what it says where it or the wanted names changed."""
        # The drift watch looks while a pass works.
        async with self._turn:
            return await self._look_at_once()

    async def _look_at_once(self) -> Reading:
        names = frozenset(self.wanted())
        reading = await asyncio.to_thread(self._store.read)
        known = self._reading
        if known is None or known.content != reading.content or self._names != names:
            file = await asyncio.to_thread(hostsfile.read, reading.text, names)
            if file.stray and file.stray != self._file.stray:
                lines = ",".join(map(str, file.stray))
                extra = {"file": str(self._store.path), "lines": lines}
                log.warning("markers without a partner; what follows counts as yours", extra=extra)
            self._says(file)
            self._names = names
        self._reading = reading
        return reading

    def _says(self, file: HostsFile) -> None:
        if file != self._file:
            self._serial += 1
        self._file = file

    def _stamp(self) -> ZoneStamp:
        return ZoneStamp(self._serial, "")

    def _records(self, name: DnsName) -> Records:
        if (outside := self._file.outside.get(name)) is not None:
            return tuple(sorted(self._record(target, ours=False) for target in outside))
        targets = self._file.entries.get(name, ())
        return tuple(sorted(self._record(target, ours=True) for target in targets))

    def _record(self, target: Target, *, ours: bool) -> Record:
        return Record(target.type.value, target.value, 0, self._marker if ours else "")


def _targets(records: Records) -> Targets:
    return tuple(sorted(Target(RecordType(record.type), record.value) for record in records))


def _values(records: Records) -> list[tuple[str, str, bool]]:
    """Return what a hosts file can say of records: their values, and whether they are ours."""
    return sorted(
        (record.type, record.value, parse_marker(record.comment) is not None) for record in records
    )
