"""The whole daemon between the two embedded servers, on real sockets and in virtual time."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.serving import Bound
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, Timings, kubeconfig
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.technitium import Faults, Ports, Record, Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_dns
from catalyst_dns_sync.sandbox.technitium.model.rdata import Address, Target, Text
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Secret

ZONE = "lab.test"
TARGET = "192.0.2.1"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TRAEFIK = "traefik.io/v1alpha1"


def virtual_now() -> datetime:
    """Return the date that belongs to the loop's virtual time."""
    return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as people see it."""

    type: str
    value: str
    ttl: int
    comment: str
    disabled: bool


@dataclass(slots=True)
class World:
    """A cluster and a DNS server, and what people do to them."""

    api: KubeApi
    dns: Technitium
    dns_faults: Faults
    ports: Ports
    token: str
    folder: Path

    def apply(self, manifest: dict[str, Any]) -> None:
        """Apply an object, in a namespace that is made if need be."""
        namespace = manifest["metadata"].get("namespace", "default")
        if self.api.find("namespaces", "v1", namespace) is None:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            self.api.create(body)
        self.api.apply(manifest)

    def route(self, name: str, match: str, namespace: str = "default", **metadata: Any) -> None:
        """Apply an IngressRoute."""
        self.apply(
            {
                "apiVersion": TRAEFIK,
                "kind": "IngressRoute",
                "metadata": {"name": name, "namespace": namespace, **metadata},
                "spec": {"routes": [{"kind": "Rule", "match": match}]},
            }
        )

    def ingress(self, name: str, host: str, namespace: str = "default", **metadata: Any) -> None:
        """Apply an Ingress."""
        self.apply(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": name, "namespace": namespace, **metadata},
                "spec": {"rules": [{"host": host}]},
            }
        )

    def delete_route(self, name: str, namespace: str = "default") -> None:
        """Delete an IngressRoute."""
        self.api.delete("ingressroutes", TRAEFIK, name, namespace)

    def delete_ingress(self, name: str, namespace: str = "default") -> None:
        """Delete an Ingress."""
        self.api.delete("ingresses", "networking.k8s.io/v1", name, namespace)

    async def console(self, path: str, **form: str) -> dict[str, Any]:
        """Do what a person does in the DNS console; the answer must be ok."""
        url = f"{self.ports.url}/api/{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data={"token": self.token, **form}) as response,
        ):
            body: dict[str, Any] = await response.json()
        assert body["status"] == "ok", body
        return body

    async def by_hand(self, name: str, address: str, zone: str = ZONE, **form: str) -> None:
        """Add an A record by hand."""
        await self.console(
            "zones/records/add", zone=zone, domain=name, type="A", ipAddress=address, **form
        )

    def shown(self, zone: str = ZONE) -> dict[str, list[Shown]]:
        """Return what the zone holds beside SOA and NS at the apex, by name."""
        found: dict[str, list[Shown]] = {}
        for record in self.dns.records(zone):
            if record.type not in ("SOA", "NS"):
                shown = Shown(
                    record.type, _value(record), record.ttl, record.comments, record.disabled
                )
                found.setdefault(record.name.lower(), []).append(shown)
        return found

    def names(self, zone: str = ZONE) -> set[str]:
        """Return the names that hold something beside SOA and NS."""
        return set(self.shown(zone))

    def addresses(self, name: str, zone: str = ZONE) -> set[str]:
        """Return the values of a name."""
        return {one.value for one in self.shown(zone).get(name, [])}

    @property
    def writes(self) -> int:
        """How many calls that change a zone were made, ours and people's."""
        return self.dns.traffic.write_calls

    def settings(self, **overrides: Any) -> Settings:
        """Return the settings of a daemon for this world."""
        values: dict[str, Any] = {
            "kubeconfig": self.folder / "kubeconfig",
            "dns_server_url": self.ports.url,
            "dns_api_token": Secret(self.token),
            "dns_zones": frozenset({parse_name(ZONE)}),
            "dns_ip_address": parse_targets(TARGET),
            "delete_grace": 0.0,
            "control_socket": self.folder / "control.sock",
            "metrics_bind_address": parsers.Address("127.0.0.1", 0),
            "health_probe_address": parsers.Address("127.0.0.1", 0),
        }
        return Settings(**values | overrides)


def _value(record: Record) -> str:
    match record.data:
        case Address(ip=ip):
            return str(ip)
        case Target(key=key):
            return key
        case Text(strings=strings):
            return "".join(strings)
        case data:
            return str(data)


@asynccontextmanager
async def world(*zones: str, timings: Timings = INSTANT) -> AsyncIterator[World]:
    """Serve a cluster and a DNS server, with nothing in them but the zones."""
    api = KubeApi(token="kube-token", now=virtual_now, timings=timings)
    dns = Technitium(now=virtual_now)
    for zone in zones or (ZONE,):
        dns.create_zone(zone)
    faults = Faults()
    async with AsyncExitStack() as stack:
        kube_port = await stack.enter_async_context(serve_kube(api))
        ports = await stack.enter_async_context(serve_dns(dns, faults=faults))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = kubeconfig(f"http://127.0.0.1:{kube_port}", "kube-token")
        (folder / "kubeconfig").write_text(config)
        yield World(api, dns, faults, ports, dns.create_token(), folder)


@dataclass(slots=True)
class Running:
    """A daemon that runs: its parts, and the ports of its metrics and probes."""

    parts: Parts
    bound: Bound

    async def get(self, path: str) -> tuple[int, str]:
        """Ask for ``/metrics`` or a probe."""
        port = self.bound.metrics if path == "/metrics" else self.bound.probes
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as response,
        ):
            return response.status, await response.text()


@asynccontextmanager
async def running(
    here: World, *, wait: bool = True, dry_run: bool = False, **overrides: Any
) -> AsyncIterator[Running]:
    """Run the daemon while the block runs; it begins after the first pass, or at once."""
    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    first_pass = asyncio.Event()

    def started(ports: Bound) -> None:
        bound.set_result(ports)

    async with (
        build(here.settings(**overrides), now=virtual_now, dry_run=dry_run) as parts,
        asyncio.TaskGroup() as tasks,
    ):
        task = tasks.create_task(
            daemon.run(parts, stop, lambda _bound: first_pass.set(), listening=started)
        )
        try:
            ports = await bound
            if wait:
                await first_pass.wait()
            yield Running(parts, ports)
        finally:
            stop.set()
        await task


async def settle(seconds: float = 60.0) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(seconds)
