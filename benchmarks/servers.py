"""How fast the embedded servers are, each row beside a baseline of the same run.

    python -m benchmarks.servers [--json FILE] [--markdown FILE]

Each server runs in a process of its own, and so does the baseline.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import aiohttp
import dns.zone

if __package__ is None:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.children import MAX_BODY, ZONE, main
from benchmarks.measure import child, delay, per_second, queries_per_second, seconds

OBJECTS = 10_000
CREATES = 3_000
QUERIES = 20_000
DISTINCT = 10_000
DOCS = Path(__file__).parent.parent / "docs"
ROUTES = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"


class Unit(StrEnum):
    """What a value counts; of times less is better, of the rest more."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    PER_SECOND = "/s"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, the baseline beside it, and what is asked for."""

    what: str
    value: float
    unit: Unit
    baseline: str
    baseline_value: float
    wanted: float | None

    @property
    def cost(self) -> float:
        """How many times the baseline's time it takes."""
        if self.unit is Unit.PER_SECOND:
            return self.baseline_value / self.value
        return self.value / self.baseline_value

    @property
    def is_met(self) -> bool | None:
        """Whether it is as fast as is asked for."""
        if self.wanted is None:
            return None
        return (self.value > self.wanted) is (self.unit is Unit.PER_SECOND)


@dataclass(frozen=True, slots=True)
class Bench:
    """The clients of one run."""

    session: aiohttp.ClientSession
    kubernetes: str
    technitium: dict[str, Any]
    baseline: dict[str, Any]

    async def post(self, url: str, body: bytes) -> bytes:
        """Post JSON, and return the answer's body."""
        headers = {"Content-Type": "application/json"}
        async with self.session.post(url, data=body, headers=headers) as response:
            answer = await response.read()
            _check(response.status < 300, answer)
            return answer

    async def get(self, url: str) -> bytes:
        """Return the answer's body."""
        async with self.session.get(url) as response:
            answer = await response.read()
            _check(response.status == 200, answer)
            return answer

    async def call(self, path: str, **parameters: str) -> bytes:
        """Make a call of Technitium's API."""
        form = {"token": self.technitium["token"]} | parameters
        async with self.session.post(f"{self.technitium['url']}/api/{path}", data=form) as response:
            answer = await response.read()
            _check(b'"status":"ok"' in answer, answer)
            return answer

    def ready_bytes(self, size: int) -> Callable[[int], Awaitable[bytes]]:
        """Return a call for so many ready bytes."""
        return lambda _number: self.get(f"{self.baseline['url']}/bytes/{size}")


async def measure() -> list[Row]:
    """Measure everything, from few objects to many."""
    async with _bench() as bench:
        return [
            await event_to_watcher(bench),
            await creates(bench),
            await kubernetes_list(bench),
            await adds(bench),
            await import_of_lines(bench),
            await technitium_list(bench),
            await queries(bench, "of one name", ["r0.bench.test"]),
            await queries(
                bench,
                f"of {DISTINCT:,} names, each once",
                [f"r{number}.bench.test" for number in range(DISTINCT)],
                DISTINCT,
            ),
        ]


async def event_to_watcher(bench: Bench) -> Row:
    """Measure from before a create is sent until a watcher has read the event."""
    url = bench.kubernetes + ROUTES
    own = f"{bench.baseline['url']}/stream"
    async with (
        bench.session.get(url, params={"watch": "1"}) as watch,
        bench.session.get(own) as stream,
    ):
        value = await delay(watch.content, lambda n: bench.post(url, _route(f"watched-{n}")))
        line = b"x" * 800
        base = await delay(stream.content, lambda _n: bench.post(own, line))
    text = "an aiohttp handler that writes the posted bytes into a stream"
    return Row(
        "Kubernetes: an event reaches a watcher, from before the create is sent",
        value * 1000,
        Unit.MILLISECONDS,
        text,
        base * 1000,
        10,
    )


async def creates(bench: Bench) -> Row:
    """Measure creates of IngressRoutes, and have as many as the list is to be long."""
    url = bench.kubernetes + ROUTES
    size = len(await bench.post(url, _route("one")))
    own = f"{bench.baseline['url']}/bytes/{size}"
    base = await per_second(lambda _n: bench.post(own, _route("x")), CREATES)
    value = await per_second(lambda n: bench.post(url, _route(f"route-{n}")), CREATES)
    have = len(json.loads(await bench.get(url))["items"])
    await per_second(lambda n: bench.post(url, _route(f"more-{n}")), OBJECTS - have)
    return Row(
        "Kubernetes: creates of an IngressRoute by one client",
        value,
        Unit.PER_SECOND,
        _ready("read and answered"),
        base,
        1000,
    )


async def kubernetes_list(bench: Bench) -> Row:
    """Measure a list without pages."""
    url = bench.kubernetes + ROUTES
    body = await bench.get(url)
    _check(len(json.loads(body)["items"]) == OBJECTS, b"not all objects are there")
    value = await seconds(lambda _number: bench.get(url))
    base = await seconds(bench.ready_bytes(len(body)))
    what = f"Kubernetes: list of {OBJECTS:,} IngressRoutes, {len(body) / 1e6:.1f} MB"
    return Row(what, value, Unit.SECONDS, _ready("of that size"), base, 1.0)


async def adds(bench: Bench) -> Row:
    """Measure adds of A records."""

    async def add(number: int) -> bytes:
        name = f"a{number}.{ZONE}"
        path = "zones/records/add"
        return await bench.call(path, zone=ZONE, domain=name, type="A", ipAddress="192.0.2.1")

    size = len(await add(CREATES))
    own = f"{bench.baseline['url']}/bytes/{size}"
    base = await per_second(lambda _n: bench.post(own, b"x" * 150), CREATES)
    value = await per_second(add, CREATES)
    return Row(
        "Technitium: adds of an A record by one client",
        value,
        Unit.PER_SECOND,
        _ready("read and answered"),
        base,
        1000,
    )


async def import_of_lines(bench: Bench) -> Row:
    """Measure an import of a zone file, which leaves as many records as it has lines."""
    text = "".join(f"r{number} 300 IN A 192.0.2.{number % 250}\n" for number in range(OBJECTS))
    query = f"zone={ZONE}&overwriteZone=true&token={bench.technitium['token']}"
    url = f"{bench.technitium['url']}/api/zones/import?{query}"

    async def send(_number: int) -> None:
        headers = {"Content-Type": "text/plain"}
        async with bench.session.post(url, data=text.encode(), headers=headers) as response:
            answer = await response.read()
            _check(b'"status":"ok"' in answer, answer)

    async def parse(_number: int) -> None:
        dns.zone.from_text(text, f"{ZONE}.", check_origin=False)

    what = f"Technitium: import of {OBJECTS:,} lines"
    base = await seconds(parse)
    return Row(
        what, await seconds(send), Unit.SECONDS, "dns.zone.from_text of the same lines", base, 1.0
    )


async def technitium_list(bench: Bench) -> Row:
    """Measure a list of a whole zone, which the import has filled."""

    async def fetch(_number: int) -> bytes:
        return await bench.call("zones/records/get", zone=ZONE, domain=ZONE, listZone="true")

    async def dump(_number: int) -> str:
        return json.dumps(answer)

    body = await fetch(0)
    answer = json.loads(body)
    found = len(answer["response"]["records"])
    _check(found > OBJECTS, b"not all records are there")
    value, base = await seconds(fetch), await seconds(dump)
    what = f"Technitium: list of {found:,} records, {len(body) / 1e6:.1f} MB"
    return Row(what, value, Unit.SECONDS, "json.dumps of the same data", base, 0.5)


async def queries(bench: Bench, which: str, names: Sequence[str], total: int = QUERIES) -> Row:
    """Measure DNS queries over UDP."""
    base = await queries_per_second(bench.baseline["dns"], names, total)
    value = await queries_per_second(bench.technitium["dns"], names, total)
    what = f"Technitium: DNS queries {which}"
    return Row(what, value, Unit.PER_SECOND, "a UDP echo of the same queries", base, None)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table, and what one must know to read it."""
    lines = [
        "# How fast the embedded servers are",
        "",
        "Made by `python -m benchmarks.servers`; do not edit. Each server ran in a process of its",
        "own, and the client in another one. Each row has its baseline from the same run: what",
        "aiohttp, or a bare socket, costs on this machine for the same bytes. *Cost* is how many",
        "times the baseline's time it takes. The cost carries over to other machines; the times",
        "do not.",
        "",
        f"{_machine()}",
        "",
        "| | measured | wanted | baseline | | cost |",
        "|---|---:|---:|---|---:|---:|",
    ]
    lines += [
        f"| {row.what} | {_shown(row.value, row.unit)} | {_wanted(row)} | {row.baseline} "
        f"| {_shown(row.baseline_value, row.unit)} | {row.cost:.1f} |"
        for row in rows
    ]
    return "\n".join([*lines, ""])


def as_json(rows: Sequence[Row]) -> str:
    """Return the rows for machines."""
    found = [asdict(row) | {"cost": row.cost, "met": row.is_met} for row in rows]
    return json.dumps({"machine": _machine(), "rows": found}, indent=2) + "\n"


def _wanted(row: Row) -> str:
    if row.wanted is None:
        return ""
    sign = "≥" if row.unit is Unit.PER_SECOND else "<"
    met = "" if row.is_met else " **not met**"
    return f"{sign} {_shown(row.wanted, row.unit)}{met}"


def _shown(value: float, unit: Unit) -> str:
    if unit is Unit.PER_SECOND:
        return f"{value:,.0f} /s"
    return f"{value:.3g} {unit}"


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    today = datetime.now(UTC).date().isoformat()
    version = f"Python {platform.python_version()}, aiohttp {aiohttp.__version__}"
    return f"{today}, {platform.machine()}, {cores} cores{load}, {version}."


def _ready(how: str) -> str:
    return f"an aiohttp handler's ready bytes, {how}"


def _route(name: str) -> bytes:
    rule = {
        "kind": "Rule",
        "match": f"Host(`{name}.lab.test`) && PathPrefix(`/`)",
        "services": [{"name": "web", "port": 80}],
    }
    body = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": name, "labels": {"app": "bench"}},
        "spec": {"entryPoints": ["websecure"], "routes": [rule]},
    }
    return json.dumps(body).encode()


def _check(is_well: bool, answer: bytes) -> None:  # noqa: FBT001 (it stands where assert would)
    if not is_well:
        raise SystemExit(f"a server answered something else: {answer[:300]!r}")


@asynccontextmanager
async def _bench() -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        found = [
            await stack.enter_async_context(child(sys.executable, __file__, "--serve", name))
            for name in ("kubernetes", "technitium", "baseline")
        ]
        kubernetes, technitium, baseline = found
        session = await stack.enter_async_context(
            aiohttp.ClientSession(read_bufsize=MAX_BODY, connector=aiohttp.TCPConnector(limit=50))
        )
        yield Bench(session, kubernetes["url"], technitium, baseline)


def _write() -> None:
    parser = argparse.ArgumentParser(description="Measure the embedded servers.")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, default=DOCS / "performance-servers.json")
    parser.add_argument("--markdown", type=Path, default=DOCS / "performance-servers.md")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(main(options.serve))
        return
    rows = asyncio.run(measure())
    options.json.write_text(as_json(rows), encoding="utf-8")
    table = as_markdown(rows)
    options.markdown.write_text(table, encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    _write()
