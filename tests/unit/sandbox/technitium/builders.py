"""Values and servers for the tests of the embedded Technitium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from catalyst_dns_sync.sandbox.technitium import Faults, Ports, Record, Technitium, serve
from catalyst_dns_sync.sandbox.technitium.model.rdata import Target, parse_address, text_of
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone

ZONE = "lab.test"
START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A time of day that moves by hand."""

    moment: datetime = START

    def __call__(self) -> datetime:
        """Return the time of day."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class Api:
    """A client of one server, as the administrator."""

    server: Technitium
    ports: Ports
    client: aiohttp.ClientSession
    token: str = field(repr=False)

    async def __call__(self, path: str, **parameters: object) -> dict[str, Any]:
        """Make a call as a form, and return its JSON."""
        form = {"token": self.token} | {name: str(value) for name, value in parameters.items()}
        async with self.client.post(f"{self.ports.url}/api/{path}", data=form) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def add(self, name: str, address: str = "192.0.2.1", **more: object) -> dict[str, Any]:
        """Add an A record below the zone."""
        return await self(
            "zones/records/add", domain=f"{name}.{ZONE}", type="A", ipAddress=address, **more
        )


@asynccontextmanager
async def running(
    server: Technitium | None = None, faults: Faults | None = None
) -> AsyncIterator[Api]:
    """Serve a server with one zone on free ports, and yield a client of it."""
    server = server or Technitium()
    if server.zones.find(ZONE) is None:
        server.create_zone(ZONE)
    async with (
        serve(server, faults=faults, failed_login_delay=0) as ports,
        aiohttp.ClientSession() as client,
    ):
        yield Api(server, ports, client, server.create_token())


def lab(version: str = "15.2", clock: Clock | None = None) -> tuple[Technitium, Zone]:
    """Return a server, and its one zone."""
    server = Technitium(version=version, now=clock or Clock())
    return server, server.create_zone(ZONE)


def a(name: str, address: str = "192.0.2.1", ttl: int = 300, **more: Any) -> Record:
    """Return an A or AAAA record below the zone."""
    rtype = "AAAA" if ":" in address else "A"
    full = f"{name}.{ZONE}" if name else ZONE
    return Record(full, rtype, ttl, parse_address(address, rtype), **more)


def named(rtype: str, name: str, target: str, **more: Any) -> Record:
    """Return a CNAME, NS, PTR, ANAME or DNAME record below the zone."""
    return Record(f"{name}.{ZONE}" if name else ZONE, rtype, 300, Target.of(target), **more)


def txt(name: str, text: str) -> Record:
    """Return a TXT record below the zone."""
    return Record(f"{name}.{ZONE}", "TXT", 300, text_of(text, split=False))


def below_apex(zone: Zone) -> list[Record]:
    """Return the zone's records but those at its apex."""
    return [record for record in zone.nodes.all_records() if record.name != zone.name]
