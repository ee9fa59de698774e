"""The servers that the cases are played on: embedded ones of three releases, or a real one."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp

from catalyst_dns_sync.sandbox.technitium import Record, Technitium, ZoneType, serve
from catalyst_dns_sync.sandbox.technitium.model.accounts import SessionType
from catalyst_dns_sync.sandbox.technitium.model.rdata import parse_address
from contract.technitium.cases import Case, Variables, release

VERSIONS = ("15.2", "14.3", "13.6")
REAL = "real"


@dataclass
class Clock:
    """The time of day of an embedded server, moved by hand."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """Return the time of day."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class Embedded:
    """An embedded server whose time passes at once."""

    server: Technitium
    clock: Clock
    url: str
    auth: str
    variables: Variables

    async def wait(self, seconds: float) -> None:
        """Move the server's clock."""
        self.clock.advance(seconds)


@dataclass
class Real:
    """A real server, for which time passes as it does for us."""

    url: str
    auth: str
    variables: Variables

    async def wait(self, seconds: float) -> None:
        """Wait as long."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def embedded(version: str, case: Case) -> AsyncIterator[Embedded]:
    """Run a fresh server of the release, prepared for the case."""
    clock = Clock()
    cluster = frozenset({"ns1.test.internal"}) if case.id.startswith("clus-002") else frozenset()
    server = Technitium(domain="ns1.test.internal", version=version, cluster=cluster, now=clock)
    async with serve(server, failed_login_delay=0) as ports:
        variables = {
            "BASE": ports.url,
            "TOKEN": server.create_token(name="cases"),
            "ADMIN_PASS": "admin",
            "SERVER": server.domain,
        }
        target = Embedded(server, clock, ports.url, _auth(version), variables)
        if case.id in PREPARATIONS:
            PREPARATIONS[case.id](target)
        yield target


@asynccontextmanager
async def real() -> AsyncIterator[Real]:
    """Speak to the server that TECHNITIUM_URL and TECHNITIUM_TOKEN name."""
    url, token = os.environ["TECHNITIUM_URL"].rstrip("/"), os.environ["TECHNITIUM_TOKEN"]
    async with aiohttp.ClientSession() as client:
        data = {"token": token}
        async with client.post(f"{url}/api/user/session/get", data=data) as answer:
            info = (await answer.json())["info"]
    variables = {
        "BASE": url,
        "TOKEN": token,
        "ADMIN_PASS": os.environ.get("TECHNITIUM_PASSWORD", "admin"),
        "SERVER": info["dnsServerDomain"],
        "VERSION": info["version"],
    }
    yield Real(url, _auth(info["version"]), variables)


def _auth(version: str) -> str:
    return "bearer" if release(version) >= (15, 0) else "form"


def _user_with_second_factor(target: Embedded) -> None:
    target.server.accounts.add_user("twofa", "right", totp_secret="JBSWY3DPEHPK3PXP")


def _expired_session(target: Embedded) -> None:
    accounts = target.server.accounts
    session = accounts.open_session(accounts.user("admin"), SessionType.STANDARD)
    target.variables["EXPIRED_SESSION"] = session.token
    target.clock.advance(1801)


def _secondary_zone(target: Embedded) -> None:
    zone = target.server.create_zone("secondary.example", ZoneType.SECONDARY)
    zone.fill([Record("existing.secondary.example", "A", 300, parse_address("192.0.2.1", "A"))])


PREPARATIONS: Mapping[str, Callable[[Embedded], None]] = {
    "auth-020": _user_with_second_factor,
    "auth-021": _expired_session,
    "type-003": _secondary_zone,
}
"""What the cases that a plain replay cannot play need beforehand."""
