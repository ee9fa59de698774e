"""How fast the probes answer: at rest, while 10,000 names are synced, and while Technitium hangs.

    python -m benchmarks.probes

Each daemon is a process of its own, and so are the embedded servers; the probes are asked in turn,
as fast as they answer. Issue: under 100 ms at the 99th percentile.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from benchmarks.measure import child
from catalyst_dns_sync.sandbox.kube_api import KubeApi, kubeconfig
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.technitium import Faults, Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_technitium
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind

NAMES = 10_000
ZONE = "bench.test"
PROBES = ("/healthz", "/readyz")
SYNCS = 3
HANG_SECONDS = 12.0
LIMIT = 0.1


async def main() -> int:
    """Measure, print a row for each situation, and tell by the exit code whether all is well."""
    rows: dict[str, list[float]] = {}
    for _ in range(SYNCS):
        async with servers() as where, daemon(where) as here:
            await here.ask_until(here.is_synced)
            rows.setdefault(f"sync of {NAMES} names", []).extend(here.times)
            here.times.clear()
            await here.ask_for(1.0)
            rows.setdefault("at rest", []).extend(here.times)
    async with servers(hanging=True) as where, daemon(where) as here:
        await here.ask_for(HANG_SECONDS)
        rows["Technitium hangs"] = here.times
    for title, times in rows.items():
        say(title, times)
    return int(any(quantile(times, 0.99) > LIMIT for times in rows.values()))


@dataclass(slots=True)
class Daemon:
    """A daemon that runs, and how long its probes took."""

    session: aiohttp.ClientSession
    probes: int
    metrics: int
    times: list[float] = field(default_factory=list)

    async def ask_until(self, is_over: Callable[[], Awaitable[bool]]) -> None:
        """Ask the probes in turn until something is so, looked at four times a second."""
        while not await is_over():
            await self.ask_for(0.25)

    async def ask_for(self, seconds: float) -> None:
        """Ask the probes in turn for a while, a hundred times a second at most."""
        end = perf_counter() + seconds
        while perf_counter() < end:
            for path in PROBES:
                began = perf_counter()
                async with self.session.get(f"http://127.0.0.1:{self.probes}{path}") as answer:
                    await answer.read()
                self.times.append(perf_counter() - began)
            await asyncio.sleep(0.01)

    async def is_synced(self) -> bool:
        """Tell whether all names are made."""
        async with self.session.get(f"http://127.0.0.1:{self.metrics}/metrics") as answer:
            text = await answer.text()
        found = re.findall(r'managed_records\{type="A",zone="bench.test"\} (\S+)', text)
        return [float(value) for value in found] == [float(NAMES)]


@asynccontextmanager
async def daemon(where: dict[str, Any]) -> AsyncIterator[Daemon]:
    """Run a daemon while the block runs; it begins as soon as its ports are open."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KUBECONFIG": str(Path(folder) / "kubeconfig"),
            "DNS_SERVER_URL": where["dns"],
            "DNS_API_TOKEN": where["token"],
            "DNS_ZONES": ZONE,
            "DNS_IP_ADDRESS": "192.0.2.1",
            "METRICS_BIND_ADDRESS": f"127.0.0.1:{where['free'][0]}",
            "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{where['free'][1]}",
            "CONTROL_SOCKET": str(Path(folder) / "socket"),
            "LOG_LEVEL": "error",
        }
        _write(Path(environment["KUBECONFIG"]), kubeconfig(where["kube"], None))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "catalyst_dns_sync", "run", env=environment
        )
        try:
            async with aiohttp.ClientSession() as session:
                metrics, probes = where["free"]
                await _reached(session, f"http://127.0.0.1:{probes}/healthz")
                yield Daemon(session, probes, metrics)
        finally:
            process.terminate()
            await process.wait()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def _reached(session: aiohttp.ClientSession, url: str) -> None:
    while True:
        try:
            async with session.get(url):
                return
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def servers(*, hanging: bool = False) -> AsyncIterator[dict[str, Any]]:
    """Run both servers in a process while the block runs."""
    what = "hanging" if hanging else "well"
    async with child(sys.executable, "-m", "benchmarks.probes", what) as where:
        yield where


async def serve(*, hanging: bool) -> None:
    """Serve a cluster with many objects and a DNS server until stdin ends."""
    api, technitium, faults = KubeApi(), Technitium(), Faults()
    technitium.create_zone(ZONE)
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}})
    for number in range(NAMES):
        api.create(_ingress(number))
    if hanging:
        faults.add(Fault(Kind.HANG, times=None))
    async with serve_kube(api) as kube, serve_technitium(technitium, faults=faults) as ports:
        free = [_free_port(), _free_port()]
        where = {"kube": f"http://127.0.0.1:{kube}", "dns": ports.url, "free": free}
        sys.stdout.write(json.dumps(where | {"token": technitium.create_token()}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def _ingress(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": f"app-{number}", "namespace": "bench"},
        "spec": {"rules": [{"host": f"app-{number}.{ZONE}"}]},
    }


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def quantile(times: list[float], q: float) -> float:
    """Return what so great a part of the times is below."""
    return sorted(times)[min(len(times) - 1, int(q * len(times)))]


def say(title: str, times: list[float]) -> None:
    """Print a row."""
    figures = [f"{quantile(times, q) * 1000:.1f}" for q in (0.5, 0.99, 1.0)]
    text = f"p50 {figures[0]} ms, p99 {figures[1]} ms, longest {figures[2]} ms"
    sys.stdout.write(f"{title}: {text}, of {len(times)}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(hanging=sys.argv[1] == "hanging"))
    else:
        sys.exit(asyncio.run(main()))
