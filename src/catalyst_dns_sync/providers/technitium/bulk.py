"""Many changes at once: zone files imported in chunks, and a reading that says what was done.

An import answers for the whole, stops half-way on a clash, and skips in silence what is there. So
its answer is believed only where it says that the server is through with it; what was done is
read. The serial, compared before each chunk, stands for the reading of each name before its call:
what others do between that comparison and the import is the window that remains.
"""

from collections.abc import Callable, Iterable, Sequence

from catalyst_dns_sync.control.ports import (
    Applied,
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
    Verdict,
)
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import answering
from catalyst_dns_sync.core.records import Zone, ZoneStamp
from catalyst_dns_sync.providers.technitium.errors import AccessDeniedError, NotNowError
from catalyst_dns_sync.providers.technitium.work import Course
from catalyst_dns_sync.providers.technitium.zonefile import Chunk, Entry

MAX_READINGS = 3
"""A zone that others change faster than it can be read is not for imports."""


class BulkWork:
    """The imports of one ``apply``, in one zone.

    ``seen`` is the reading that the changes were planned on. ``left`` are the changes that were not
    made, and not because of a call whose end we don't know: they are made one by one. ``denied`` is
    set where the token may not import, ``vain`` where an import had no answer and no effect.
    """

    def __init__(self, course: Course, seen: Zone, may_begin: Callable[[Change], bool]) -> None:
        self.left: list[Change] = []
        self.denied: AccessDeniedError | None = None
        self.vain: ProviderError | None = None
        self._course = course
        self._may_begin = may_begin
        self._known = seen
        self._expected = seen.stamp
        self._first = seen.stamp
        self._sent: list[tuple[Change, int]] = []
        self._lost: dict[DnsName, ProviderError] = {}
        self._is_over = False

    async def carry_out(self, chunks: Iterable[Chunk]) -> list[Applied]:
        """Import the chunks, read the zone, and return what became of what was sent."""
        for chunk in chunks:
            await self._carry_out(chunk)
            # The lines of thousands of records need not be there while the next are written.
            del chunk
        return await self._results() if self._sent else []

    async def _carry_out(self, chunk: Chunk) -> None:
        if self._is_over:
            self.left += [entry.change for entry in chunk.entries]
            return
        fitting = await self._fitting(chunk.entries)
        begun = [entry for entry in fitting if self._may_begin(entry.change)]
        if begun:
            await self._send(begun, overwrite=chunk.overwrite)
        elif fitting:
            # The pass is over, or paused: whoever asks for the others is told the same.
            self._is_over = True

    async def _fitting(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries whose names hold what the plan saw, and nothing beside it."""
        try:
            zone = await self._now()
        except ProviderError:
            # The single calls will meet the same trouble, and say so for each name.
            self._is_over = True
            self.left += [entry.change for entry in entries]
            return []
        fitting = [
            entry
            for entry in entries
            if zone.names.get(entry.change.name, ()) == entry.change.before
        ]
        if len(fitting) < len(entries):
            names = {entry.change.name for entry in fitting}
            self.left += [entry.change for entry in entries if entry.change.name not in names]
        return fitting

    async def _now(self) -> Zone:
        """Return what the zone holds but for what was sent, read again where its serial moved."""
        for _ in range(MAX_READINGS):
            if self._is_expected(await self._course.stamp()):
                return self._known
            self._known = await self._course.read_zone(self._known.names)
            self._expected = self._known.stamp
        raise ProviderUnavailableError(f"zone {self._course.zone} does not come to rest")

    def _is_expected(self, stamp: ZoneStamp) -> bool:
        # After a write of our own only the serial can be foretold.
        known = (self._expected.serial, self._expected.last_modified or stamp.last_modified)
        return known == (stamp.serial, stamp.last_modified)

    async def _send(self, entries: Sequence[Entry], *, overwrite: bool) -> None:
        lines = "".join(entry.text for entry in entries)
        try:
            await self._course.import_lines(lines, overwrite=overwrite)
        except AccessDeniedError as error:
            self.denied, self._is_over = error, True
            self.left += [entry.change for entry in entries]
            return
        except (ProviderRejectedError, NotNowError):
            # The server is through with it. What it did, if anything, has moved the serial.
            pass
        except ProviderError as error:
            # It may be at work still, and what it does not hold now it may hold in a moment.
            self._is_over = True
            self._lost = {entry.change.name: error for entry in entries}
            self.vain = error
        else:
            steps = sum(entry.steps for entry in entries)
            self._expected = ZoneStamp(self._expected.serial + steps, "")
        self._sent += [(entry.change, entry.steps) for entry in entries]

    async def _results(self) -> list[Applied]:
        try:
            goals = {change.name: change.goal for change, _ in self._sent}
            zone = await self._course.read_zone(goals)
        except ProviderError as error:
            self.vain = None
            return [Applied(change, Verdict.FAILED, None, 0, error) for change, _ in self._sent]
        total = sum(steps for _, steps in self._sent)
        is_all_ours = zone.stamp.serial == self._first.serial + total
        results: list[Applied] = []
        for change, steps in self._sent:
            name = change.name
            held = zone.names.get(name, ())
            if answering(held, name, zone.name) == tuple(sorted(change.goal)):
                # Where the serial went elsewhere, none of its steps is surely ours: whoever counts
                # them must come to another serial than the server's, and read the zone.
                writes = steps if is_all_ours else 0
                self.vain = None if name in self._lost else self.vain
                results.append(Applied(change, Verdict.DONE, held, writes))
            elif name in self._lost:
                results.append(Applied(change, Verdict.FAILED, None, 0, self._lost[name]))
            else:
                self.left.append(change)
        return results
