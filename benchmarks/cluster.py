"""What is measured with: the servers' process, and the two programs that keep them in step."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Any

import aiohttp

from benchmarks import objects
from benchmarks.processes import BenchError, Process, free_port, running
from benchmarks.resolver import Answer, Resolver, connected

CHECKED_AT_MOST = 10_000
QUIET = 1.0
"""Seconds without a write after which all names are looked at."""

ASK_AGAIN = 0.003
START_WITHIN = 180.0


class Program(StrEnum):
    """Who keeps the zone in step."""

    OURS = "catalyst_dns_sync"
    NAIVE = "benchmarks.naive"

    @property
    def command(self) -> tuple[str, ...]:
        """How it is started."""
        arguments = ("run",) if self is Program.OURS else ()
        return (sys.executable, "-m", self.value, *arguments)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the ledger; see `benchmarks.world.Ledger`."""

    calls: dict[str, int]
    objects: dict[str, int]
    writes: int
    listed_at: float | None
    wrote_at: float | None


@dataclass(frozen=True, slots=True)
class World:
    """Both servers, with so many objects of one name each."""

    where: dict[str, Any]
    size: int
    zones: int
    folder: Path
    session: aiohttp.ClientSession
    resolver: Resolver

    @property
    def names(self) -> Sequence[str]:
        """The names of the objects that were there at the start; of very many, every so many."""
        step = max(1, self.size // CHECKED_AT_MOST)
        # The zones take turns: each must have names among those that are chosen.
        step += step > 1 and step % self.zones == 0
        return [objects.host(number, self.zones) for number in range(0, self.size, step)]

    async def page(self) -> Page:
        """Return what the ledger says now."""
        async with self.session.get(f"{self.where['side']}/ledger") as response:
            return Page(**await response.json())

    async def turn_page(self) -> None:
        """Begin a new page of the ledger."""
        async with self.session.delete(f"{self.where['side']}/ledger") as response:
            await response.read()

    async def create(self, number: int) -> None:
        """Create the object with this number."""
        body = json.dumps(objects.raw_object(number, self.zones))
        await self._send("POST", objects.path(number), body, "application/json")

    async def retarget(self, number: int, address: str) -> None:
        """Let the object with this number want another address."""
        body = json.dumps({"metadata": {"annotations": {objects.TARGET_ANNOTATION: address}}})
        path = f"{objects.path(number)}/app-{number}"
        await self._send("PATCH", path, body, "application/merge-patch+json")

    async def answered(self, name: str, wanted: Answer) -> None:
        """Return once DNS answers so."""
        while True:
            if await self.resolver.ask(name) == wanted:
                return
            await asyncio.sleep(ASK_AGAIN)

    async def in_step(self, process: Process, target: str, within: float) -> Page:
        """Return the ledger's page once the names have the target and nothing is written any more.

        Raises `BenchError` when that takes too long, or the process has ended.
        """
        missing = "nothing was written, or it was not over"
        try:
            async with asyncio.timeout(within):
                while True:
                    page = await self.page()
                    if page.wrote_at is not None and monotonic() - page.wrote_at >= QUIET:
                        wrong = await self.resolver.wrong(self.names, target)
                        if not wrong:
                            return page
                        missing = f"{wrong} of {len(self.names)} names are not in step"
                    process.check()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            words = f"its last words: {process.last_words()}"
            raise BenchError(f"after {within:.0f} s {missing}; {words}") from None

    @asynccontextmanager
    async def kept_by(
        self,
        program: Program,
        target: str,
        probes: int | None = None,
        command: Sequence[str] = (),
        more: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Process]:
        """Run a program on the servers during the block; it begins a new page of the ledger."""
        await self.turn_page()
        environment = {
            "KUBECONFIG": self.where["kubeconfig"],
            "DNS_SERVER_URL": self.where["technitium"],
            "DNS_API_TOKEN": self.where["token"],
            "DNS_ZONES": ",".join(objects.zone_names(self.zones)),
            "DNS_IP_ADDRESS": target,
            "METRICS_BIND_ADDRESS": f"127.0.0.1:{free_port()}",
            "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{probes or free_port()}",
            "CONTROL_SOCKET": str(self.folder / "daemon.sock"),
            **(more or {}),
        }
        started = running(
            program.name.lower(), command or program.command, environment, self.folder
        )
        async with started as process:
            yield process

    async def _send(self, method: str, path: str, body: str, content_type: str) -> None:
        url = self.where["kubernetes"] + path
        headers = {"Content-Type": content_type}
        async with self.session.request(method, url, data=body, headers=headers) as response:
            answer = await response.read()
            if response.status >= 300:
                raise BenchError(f"{method} {path}: {response.status} {answer[:200]!r}")


@asynccontextmanager
async def serving(size: int, zones: int, parent: Path) -> AsyncIterator[World]:
    """Serve so many objects and zones during the block, in a process of their own."""
    folder = Path(mkdtemp(dir=parent))
    numbers = ("--objects", str(size), "--zones", str(zones), "--folder", str(folder))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.world", *numbers), stdin=pipe, stdout=pipe
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("they were asked for as pipes")
    try:
        async with asyncio.timeout(START_WITHIN):
            line = await process.stdout.readline()
        if not line:
            raise BenchError("the servers did not start; their error is above")
        where = json.loads(line)
        timeout = aiohttp.ClientTimeout(total=60)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            connected(where["dns"]) as resolver,
        ):
            yield World(where, size, zones, folder, session, resolver)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
