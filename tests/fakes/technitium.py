"""A Technitium server with one zone, our provider on it over HTTP, and a person at its console."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

import dns.asyncquery
import dns.message

from catalyst_dns_sync.control.ports import Applied, always
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import (
    Endpoint,
    ObjectRef,
    Record,
    Records,
    RecordType,
    Target,
    Zone,
)
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.providers.technitium.zonefile import MAX_LINES
from catalyst_dns_sync.sandbox.technitium import Faults, Ports, Technitium, serve

ZONE = DnsName("lab.test")
NAME = DnsName("a.lab.test")
OURS = "catalyst-dns-sync/v1 owner=default origin=Ingress/ns/a kinds=Ingress"


@dataclass
class Notes:
    """An observer that counts, and that may do something after each call."""

    outcomes: list[tuple[str, str]] = field(default_factory=list)
    then: Callable[[str], None] = lambda _path: None

    def called(self, endpoint: str, method: str, outcome: str, seconds: float) -> None:
        assert method == "POST"
        assert seconds >= 0.0
        self.outcomes.append((endpoint, outcome))
        self.then(endpoint)


@dataclass
class Rig:
    """A server with one zone, our provider, and a person at the server's console."""

    server: Technitium
    ports: Ports
    faults: Faults
    notes: Notes
    token: str
    provider: TechnitiumProvider
    console: TechnitiumClient

    async def by_hand(self, name: str, record: Record, *, disable: bool = False) -> None:
        """Put a record into the zone as a person would."""
        key = {"CNAME": "cname", "TXT": "text"}.get(record.type, "ipAddress")
        form = {
            "zone": ZONE,
            "domain": name,
            "type": record.type,
            "ttl": str(record.ttl),
            "comments": record.comment,
            "expiryTtl": str(record.expiry),
            key: record.value,
        }
        await self.console.call("/api/zones/records/add", form)
        if disable:
            await self.console.call("/api/zones/records/update", form | {"disable": "true"})

    async def held(self, name: DnsName = NAME) -> Records:
        """Return all that the server holds at a name."""
        return (await self.provider.read(ZONE)).names.get(name, ())

    async def apply(
        self,
        *changes: Change,
        may_begin: Callable[[Change], bool] = always,
        seen: Zone | None = None,
    ) -> list[Applied]:
        results = self.provider.apply(ZONE, changes, may_begin, seen)
        return [applied async for applied in results]

    async def serial(self) -> int:
        return (await self.provider.zones())[ZONE].stamp.serial

    @property
    def write_calls(self) -> int:
        return self.server.traffic.write_calls

    async def query(self, name: str, kind: str) -> dns.message.Message:
        question = dns.message.make_query(name, kind)
        return await dns.asyncquery.udp(question, self.ports.host, port=self.ports.dns, timeout=5)


@contextlib.asynccontextmanager
async def running(
    *,
    concurrency: int = 8,
    rate: float = 1e6,
    token: str | None = None,
    version: str = "15.2",
    bulk_threshold: int = 0,
    chunk_lines: int = MAX_LINES,
) -> AsyncIterator[Rig]:
    """Serve a zone, and yield a provider for it."""
    server, faults, notes = Technitium(version=version), Faults(), Notes()
    server.create_zone(ZONE)
    ours = token or server.create_token()
    async with (
        serve(server, faults=faults) as ports,
        TechnitiumClient(ports.url, TokenSource(ours), observer=notes, timeout=2.0) as client,
        TechnitiumClient(ports.url, TokenSource(server.create_token())) as console,
    ):
        provider = TechnitiumProvider(
            client,
            concurrency=concurrency,
            rate=rate,
            bulk_threshold=bulk_threshold,
            chunk_lines=chunk_lines,
        )
        yield Rig(server, ports, faults, notes, ours, provider, console)


def a(last: int, ttl: int = 300, comment: str = OURS, expiry: int = 0) -> Record:
    return Record("A", f"192.0.2.{last}", ttl, comment, expiry=expiry)


def aaaa(last: int, ttl: int = 300) -> Record:
    return Record("AAAA", f"2001:db8::{last}", ttl, OURS)


def cname(value: str, ttl: int = 300) -> Record:
    return Record("CNAME", value, ttl, OURS)


def change(before: Iterable[Record], goal: Iterable[Record], name: DnsName = NAME) -> Change:
    """Return the change as a plan would have it."""
    old, new = tuple(sorted(before)), tuple(sorted(goal))
    if not new:
        return Delete(name, old, frozenset({"Ingress"}))
    targets = tuple(Target(RecordType(record.type), record.value) for record in new)
    endpoint = Endpoint(name, targets, new[0].ttl, (ObjectRef("Ingress", "ns", "a"),))
    return Update(endpoint, old, new) if old else Create(endpoint, new)
