"""One change, carried out on one name: read it, make one call, read it again."""

from collections.abc import Callable, Mapping
from functools import partial

from catalyst_dns_sync.control.context import about
from catalyst_dns_sync.control.ports import (
    Applied,
    ProviderError,
    ProviderUnavailableError,
    Verdict,
    always,
)
from catalyst_dns_sync.core.changes import Change, Delete
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import answering
from catalyst_dns_sync.core.records import Records, RecordType, Zone, ZoneStamp
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.codec import (
    NOTHING_KNOWN,
    Payload,
    form_of,
    import_form,
    slimmed,
    zone_of,
    zones_of,
)
from catalyst_dns_sync.providers.technitium.errors import (
    NameMovedError,
    NotLeadingError,
    NotReachedError,
    TokenRefusedError,
    ZoneRefusedError,
)
from catalyst_dns_sync.providers.technitium.listing import Keep
from catalyst_dns_sync.providers.technitium.pace import Pace
from catalyst_dns_sync.providers.technitium.steps import Call, after, next_call

MAX_MISSES = 3
"""So many calls without any answer, one after the other, and the rest of the work is given up."""


class Course:
    """The calls that one ``apply`` makes in one zone, until they prove hopeless.

    ``broken`` is the error that would meet every further call too: a refused token or zone, or a
    server that does not answer.
    """

    def __init__(self, client: TechnitiumClient, pace: Pace, zone: DnsName) -> None:
        self.zone = zone
        self.broken: ProviderError | None = client.refusal
        self._client = client
        self._pace = pace
        self._misses = 0

    async def read(self, name: DnsName) -> Records:
        """Return all that the name holds now."""
        return _records_at(name, await self._read({"zone": self.zone, "domain": name}))

    async def read_zone(self, known: Mapping[DnsName, Records]) -> Zone:
        """Return all that the zone holds now; what is as ``known`` is the same object."""
        return await self._read(zone_form(self.zone), known)

    async def stamp(self) -> ZoneStamp:
        """Return the stamp that the server shows for the zone now."""
        hosted = zones_of(await self._call("/api/zones/list", {})).get(self.zone)
        if hosted is None:
            raise ProviderUnavailableError(f"zone {self.zone} is no longer listed")
        return hosted.stamp

    async def import_lines(self, lines: str, *, overwrite: bool) -> None:
        """Send lines of a zone file; with ``overwrite`` they replace whole RRsets."""
        await self._call("/api/zones/import", import_form(lines, self.zone, overwrite=overwrite))

    async def write(self, name: DnsName, call: Call) -> None:
        """Send one call that changes the name."""
        path, form = form_of(call, self.zone, name)
        await self._call(path, form)

    async def _read(
        self, form: Mapping[str, str], known: Mapping[DnsName, Records] = NOTHING_KNOWN
    ) -> Zone:
        keep = partial(slimmed, known=known)
        payload = await self._call("/api/zones/records/get", form, keep)
        try:
            return zone_asked_for(self.zone, payload, known)
        except ZoneRefusedError as error:
            self.broken = error
            raise

    async def _call(self, path: str, form: Mapping[str, str], keep: Keep = slimmed) -> Payload:
        await self._pace.turn()
        if self.broken is not None:
            raise self.broken
        try:
            payload = await self._client.call(path, form, keep=keep)
        except NotReachedError as error:
            self._misses += 1
            if self._misses >= MAX_MISSES:
                self.broken = error
            raise
        except (NotLeadingError, TokenRefusedError, ZoneRefusedError) as error:
            self.broken = error
            raise
        self._misses = 0
        return payload


async def carry_out(
    change: Change, course: Course, may_begin: Callable[[Change], bool] = always
) -> Applied | None:
    """Bring one name from ``change.before`` to ``change.goal``, or find out why not.

    Returns None for a delete that, once its name was read, ``may_begin`` no longer lets go.
    """
    if course.broken is not None:
        return Applied(change, Verdict.FAILED, None, 0, course.broken)
    work = _NameWork(change, course, may_begin)
    try:
        with about(_subject(change)):
            verdict, records = await work.run()
    except _KeptError:
        return None
    except ProviderError as error:
        return Applied(change, Verdict.FAILED, None, work.writes, error)
    return Applied(change, verdict, records, work.writes)


def _subject(change: Change) -> Mapping[str, object]:
    if isinstance(change, Delete):
        return {"dns_name": change.name}
    return {"dns_name": change.name, "resource": str(change.endpoint.origins[0])}


def zone_form(zone: DnsName) -> dict[str, str]:
    """Return the form of records/get that asks for a whole zone."""
    return {"zone": zone, "domain": zone, "listZone": "true"}


def zone_asked_for(
    zone: DnsName, payload: Payload, known: Mapping[DnsName, Records] = NOTHING_KNOWN
) -> Zone:
    """Read an answer of records/get, and make sure that it is about the zone that we mean.

    Technitium takes the closest zone at or above the one it is asked for.
    """
    found = zone_of(payload, known)
    if found.name != zone:
        raise ZoneRefusedError(
            f"the DNS server has no zone {zone}, only {found.name or 'the root'} above it:"
            f" create zone {zone} in the DNS console, or mend DNS_ZONES"
        )
    return found


class _KeptError(Exception):
    """The name may no longer be deleted."""


class _NameWork:
    """The work on one name; ``writes`` counts the calls that the server acknowledged."""

    def __init__(self, change: Change, course: Course, may_begin: Callable[[Change], bool]) -> None:
        self.writes = 0
        self._may_begin = may_begin
        self._change = change
        self._course = course
        self._name = change.name

    async def run(self) -> tuple[Verdict, Records]:
        """Read, compare with what must be there, make the next call; until there is none."""
        goal = tuple(sorted(self._change.goal))
        expected = {tuple(sorted(self._change.before))}
        if all(record.type == RecordType.PTR for record in self._change.before):
            # Technitium takes a PTR away itself, with the address record of its name.
            expected.add(())
        pardoned = False
        while True:
            held = await self._course.read(self._name)
            current = answering(held, self._name, self._course.zone)
            if current not in expected:
                return Verdict.STALE, held
            call = next_call(current, goal)
            if call is None:
                return Verdict.DONE, held
            # The reading may have taken seconds, and somebody may have claimed the name since.
            if isinstance(self._change, Delete) and not self._may_begin(self._change):
                raise _KeptError
            expected = {after(current, call)}
            try:
                await self._course.write(self._name, call)
            except NameMovedError:
                if pardoned:
                    return Verdict.STALE, await self._course.read(self._name)
                # Somebody, perhaps we in an earlier life, did the same: see what is there now.
                pardoned = True
                expected.add(current)
                continue
            self.writes += 1
            if next_call(after(current, call), goal) is None:
                return Verdict.DONE, after(held, call)


def _records_at(name: DnsName, zone: Zone) -> Records:
    if zone.names.keys() - {name}:
        raise ProviderUnavailableError(f"asked for {name}, the server answered for other names")
    return zone.names.get(name, ())
