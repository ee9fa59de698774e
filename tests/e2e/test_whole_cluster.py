"""Every source, target and zone feature on one sandbox and one daemon, with real kubectl.

Two Technitium servers have the same two zones. The first follows a Service, the second has an
address of its own, so what is told of one must not be true of the other by chance.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from fakes.processes import COMMAND, RunningSandbox, cli, program, stage

pytestmark = pytest.mark.tool("kubectl")

OBJECTS = Path(__file__).parent.parent / "cases" / "whole-cluster.yaml"
OURS = "catalyst-dns-sync.io"
THEIRS = "external-dns.alpha.kubernetes.io"
TAILNET = {"100.64.0.7"}
FIRST, SECOND = 0, 1
NXDOMAIN = ("NXDOMAIN", set[str]())
ALL_SOURCES = (
    "ingress,ingressroute,ingressroutetcp,httproute,grpcroute,tlsroute,service,dnsendpoint"
)
SETTINGS = {
    "SOURCES": ALL_SOURCES,
    "DNS_TARGET_SERVICE": "traefik/traefik",
    "DNS_TARGETS": "websecure=192.168.1.54;tailscale=100.64.0.8",
    "COMPAT_ANNOTATIONS": "external-dns",
    "INGRESS_CLASS": "traefik",
    "LABEL_SELECTOR": "dns!=no",
    "EXCLUDE_NAMESPACE": "hid*",
    "EXCLUDE_HOSTS": "secret.home.arpa",
    "DNS_CLAIMS": "team-a: *.a.lab.home.arpa; default: *; pr-*: *",
    "PREVIEW_HOSTS": "pr-*.app.home.arpa",
    "PREVIEW_LIMIT": "2",
    "CERTIFICATES": "true",
    "WILDCARD_CERTIFICATE": "true",
    "CERTIFICATE_ISSUER": "ClusterIssuer/letsencrypt",
    "CERTIFICATE_NAMESPACE": "traefik",
    "EVENTS": "true",
    "DELETE_GRACE": "0.2",
    "DRIFT_INTERVAL": "0.5",
    "DEBOUNCE_QUIET": "0.1",
    "DEBOUNCE_MAX": "0.4",
    "DNS_TIMEOUT": "1",
    "LOG_LEVEL": "warning",
    "HEALTH_PROBE_ADDRESS": "127.0.0.1:0",
}


@dataclass
class House:
    """The sandbox, the daemon's pages, and what a web hook was told."""

    here: RunningSandbox
    client: aiohttp.ClientSession
    pages: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)

    async def kubectl(self, *args: str, stdin: str = "") -> str:
        config = ("--kubeconfig", self.here.printed["kubeconfig"])
        ended = await program("kubectl", *config, *args, stdin=stdin)
        assert ended.code == 0, (args, ended.err)
        return ended.out

    async def apply(self, *objects: dict[str, Any]) -> None:
        manifest = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        await self.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    async def annotate(self, name: str, *annotations: str) -> None:
        await self.kubectl("annotate", "--overwrite", *name.split("/"), *annotations)

    async def status(self, what: str, status: dict[str, Any], namespace: str = "default") -> None:
        patch = ("--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))
        await self.kubectl("patch", "-n", namespace, *what.split("/"), *patch)

    async def has(self, name: str, *values: str, kind: str = "A", server: int = FIRST) -> None:
        await self.here.wait_for(name, set(values), kind, server)

    async def explained(self, name: str) -> str:
        """Return the verdict of the daemon's explanation, and what else it says of objects."""
        async with self.client.get(f"{self.pages}/api/v1/records/{name}") as answer:
            body = await answer.json()
        more = [line for step in body["steps"] for line in (step["detail"], *step["more"])]
        return "\n".join([body["verdict"], *more])

    async def metric(self, series: str) -> float | None:
        async with self.client.get(f"{self.pages}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        found = [float(line.rpartition(" ")[2]) for line in lines if line.startswith(series)]
        return found[0] if found else None

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(10):
            while not await is_so():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)

    async def console(self, path: str, **form: str) -> dict[str, Any]:
        """Do something in the DNS console of the first server."""
        url = f"{self.here.printed['technitium_url']}/api/zones/records/{path}"
        data = {"token": self.here.printed["technitium_token"], **form}
        async with self.client.post(url, data=data) as answer:
            body: dict[str, Any] = await answer.json()
        assert body["status"] == "ok", body
        return body

    async def records(self, name: str) -> list[tuple[str, int, str]]:
        found = (await self.console("get", domain=name))["response"]["records"]
        return [(one["type"], one["ttl"], one["comments"]) for one in found]

    async def break_(self, call: str, **wanted: object) -> None:
        connector = aiohttp.UnixConnector(self.here.printed["break_socket"])
        async with (
            aiohttp.ClientSession(connector=connector) as client,
            client.post(f"http://sandbox/api/v1/{call}", json=wanted) as answer,
        ):
            assert answer.status == 200, await answer.text()


async def names_follow_the_service_without_a_failed_query(house: House) -> None:
    """And keep its last address when it has none."""
    await house.has("hello.home.arpa", "192.168.1.60")
    await house.has("hello.lab.home.arpa", *TAILNET, server=SECOND)
    seen: list[tuple[str, set[str]]] = []

    async def ask() -> None:
        while not seen or seen[-1] != ("NOERROR", {"192.168.1.61"}):
            seen.append(await house.here.dig("hello.home.arpa"))

    balanced = {"loadBalancer": {"ingress": [{"ip": "192.168.1.61"}, {"ip": "fd00::61"}]}}
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await house.status("service/traefik", balanced, "traefik")
    assert {code for code, values in seen if values} == {"NOERROR"}
    assert all(values for _, values in seen)
    await house.has("hello.home.arpa", "fd00::61", kind="AAAA")

    await house.kubectl("delete", "service", "traefik", "-n", "traefik")
    await house.kubectl(
        "create", "ingress", "late", "--class=traefik", "--rule=late.home.arpa/*=w:80"
    )
    await house.has("late.home.arpa", *TAILNET, server=SECOND)
    why = await house.explained("late.home.arpa")
    assert "DNS_TARGET_SERVICE traefik/traefik: there is no such Service" in why
    assert await house.here.dig("hello.home.arpa") == ("NOERROR", {"192.168.1.61"})
    assert await house.here.dig("late.home.arpa") == NXDOMAIN


async def twins_on_two_entry_points_have_the_first_row_of_the_table(house: House) -> None:
    await house.has("twin.home.arpa", "192.168.1.54")
    await house.kubectl("delete", "ingressroute", "secure")
    await house.has("twin.home.arpa", "100.64.0.8")
    assert "from DNS_TARGETS, row tailscale" in await house.explained("twin.home.arpa")


async def annotations_do_what_they_say(house: House) -> None:
    await house.has("noted.home.arpa", "fd00::70", kind="AAAA")
    (first, second) = await house.records("noted.home.arpa")
    assert [first[:2], second[:2]] == [("A", 120), ("AAAA", 120)]
    assert first[2].endswith(" | Says hello, owner: ops")
    await house.has("contested.home.arpa", "192.168.1.72")
    why = await house.explained("contested.home.arpa")
    assert "Ingress/default/old wants 192.168.1.71, but Ingress/default/urgent has" in why

    by_hand = {"ipAddress": "192.168.1.70", "newIpAddress": "10.9.9.9", "comments": first[2]}
    await house.console("update", domain="noted.home.arpa", type="A", ttl="120", **by_hand)

    async def is_told() -> bool:
        return await house.metric('catalyst_dns_sync_skips{reason="drift"}') == 1.0

    await house.until(is_told)
    assert await house.here.dig("noted.home.arpa") == ("NOERROR", {"10.9.9.9"})
    await house.annotate("ingress/noted", f"{OURS}/auto-remediate=true")
    await house.has("noted.home.arpa", "192.168.1.70")
    await house.annotate("ingress/noted", f"{OURS}/ignore=true")
    await house.has("noted.home.arpa")


async def annotations_of_external_dns_are_read(house: House) -> None:
    await house.has("compat.home.arpa", "192.168.1.80")
    await house.has("plain.home.arpa", "192.168.1.80")
    assert [ttl for _, ttl, _ in await house.records("compat.home.arpa")] == [77]
    await house.annotate("ingress/compat", f"{THEIRS}/ingress-hostname-source=annotation-only")
    await house.has("plain.home.arpa")
    await house.annotate("ingress/compat", f"{OURS}/target=192.168.1.81")
    await house.has("compat.home.arpa", "192.168.1.81")


async def what_the_filters_leave_out_has_no_name(house: House) -> None:
    for label in ("hidden", "secret", "unlabelled", "nginx"):
        assert await house.here.dig(f"{label}.home.arpa") == NXDOMAIN, label
    told = await cli("explain", "hidden.home.arpa", **house.settings)
    assert "Ingress/hidden/away claims it in namespace hidden, which EXCLUDE_NAMESPACE" in told.out


async def a_namespace_claims_what_the_table_lets_it(house: House) -> None:
    await house.has("x.a.lab.home.arpa", *TAILNET, server=SECOND)
    why = await house.explained("b.lab.home.arpa")
    assert "Ingress/team-a/barred speaks of it, but not-allowed: DNS_CLAIMS does not let" in why
    assert await house.here.dig("b.lab.home.arpa", server=SECOND) == NXDOMAIN

    async def is_told() -> bool:
        return "DNS_CLAIMS" in await house.kubectl("get", "events", "-n", "team-a")

    await house.until(is_told)


async def previews_come_and_go(house: House) -> None:
    """Name of the namespace: gone with it, one too many waits, one that ended is gone."""
    await house.apply(*preview("pr-1"), *preview("pr-2"))
    await house.has("pr-1.app.home.arpa", *TAILNET, server=SECOND)
    await house.has("pr-2.app.home.arpa", *TAILNET, server=SECOND)
    await house.apply(*preview("pr-3"))

    async def waits() -> bool:
        return "preview-limit" in await house.explained("pr-3.app.home.arpa")

    await house.until(waits)
    assert await house.metric("catalyst_dns_sync_preview_environments") == 2.0
    await house.annotate("ingress/web/-n/pr-2", f"{OURS}/expires-at=2020-01-01T00:00:00Z")
    await house.has("pr-2.app.home.arpa", server=SECOND)
    await house.has("pr-3.app.home.arpa", *TAILNET, server=SECOND)
    assert "expired: its time ended 2020-01-01T00:00:00Z" in await house.explained(
        "pr-2.app.home.arpa"
    )
    await house.kubectl("delete", "namespace", "pr-1", "pr-3", "--wait=false")
    await house.has("pr-1.app.home.arpa", server=SECOND)
    await house.has("pr-3.app.home.arpa", server=SECOND)
    assert await house.here.dig("pr-1.app.home.arpa", server=SECOND) == NXDOMAIN


async def certificates_are_told_of_and_wildcards_kept(house: House) -> None:
    ours, theirs = "certificate/wildcard-home.arpa", "certificate/wildcard-lab.home.arpa"

    async def names(what: str) -> str:
        path = (
            "jsonpath={.items[?(@.metadata.name=='" + what.partition("/")[2] + "')].spec.dnsNames}"
        )
        return await house.kubectl("get", "certificates", "-n", "traefik", "-o", path)

    async def is_kept() -> bool:
        return await names(ours) == '["home.arpa","*.home.arpa"]'

    spec = {"dnsNames": ["hello.home.arpa"], "secretName": "app-tls", "issuerRef": {"name": "x"}}
    await house.apply(
        {
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": "app", "namespace": "default"},
            "spec": spec,
        }
    )
    ready = {"type": "Ready", "status": "True"}
    await house.status(
        "certificate/app", {"notAfter": "2030-01-01T00:00:00Z", "conditions": [ready]}
    )
    label = '{name="app",namespace="default"}'

    async def is_told() -> bool:
        return await house.metric(f"catalyst_dns_sync_certificate_ready{label}") == 1.0

    await house.until(is_told)
    ends = await house.metric(f"catalyst_dns_sync_certificate_expiry_timestamp_seconds{label}")
    assert ends == 1893456000.0
    covered = "Certificate/default/app covers it until 2030-01-01"
    assert covered in await house.explained("hello.home.arpa")

    await house.until(is_kept)
    await house.kubectl("delete", "-n", "traefik", *ours.split("/"))
    await house.until(is_kept)
    wrong = ("--type=merge", "-p", '{"spec":{"dnsNames":["evil.example"]}}')
    await house.kubectl("patch", "-n", "traefik", *ours.split("/"), *wrong)
    await house.until(is_kept)
    assert await names(theirs) == '["mine.lab.home.arpa"]'


async def routes_have_what_their_listeners_serve(house: House) -> None:
    for label in ("wiki", "grpc", "a.tls"):
        await house.has(f"{label}.home.arpa", *TAILNET, server=SECOND)
    assert "no listener of its Gateways serves it" in await house.explained("b.home.arpa")
    assert await house.here.dig("b.home.arpa", server=SECOND) == NXDOMAIN
    why = await house.explained("only.lab.home.arpa")
    assert "HTTPRoute/default/open lists no hostname and waits for its Gateway: not-accepted" in why
    accepted = {"type": "Accepted", "status": "True"}
    parent = {"name": "gw", "sectionName": "lab"}
    judged = {"parentRef": parent, "controllerName": "example.com/me", "conditions": [accepted]}
    await house.status("httproute/open", {"parents": [judged]})
    await house.has("only.lab.home.arpa", *TAILNET, server=SECOND)

    await house.kubectl("delete", "crd", "grpcroutes.gateway.networking.k8s.io")

    async def is_kept() -> bool:
        why = await house.explained("grpc.home.arpa")
        return "the definition of GRPCRoute was removed" in why

    await house.until(is_kept)
    assert await house.here.dig("grpc.home.arpa", server=SECOND) == ("NOERROR", TAILNET)


async def services_endpoints_and_wildcards_are_sources(house: House) -> None:
    await house.has("any.thing.wild.home.arpa", *TAILNET, server=SECOND)
    assert "takes its own address alone" in await house.explained("nas.home.arpa")
    await house.status("service/nas", {"loadBalancer": {"ingress": [{"ip": "192.168.1.91"}]}})
    await house.has("nas.home.arpa", "192.168.1.91")
    endpoints = [
        {"dnsName": "printer.home.arpa", "recordType": "A", "targets": ["192.168.1.90"]},
        {"dnsName": "six.home.arpa", "recordType": "AAAA", "targets": ["fd00::90"]},
        {"dnsName": "print.home.arpa", "recordType": "CNAME", "targets": ["printer.home.arpa"]},
        {"dnsName": "text.home.arpa", "recordType": "TXT", "targets": ["hello"]},
    ]
    machines = {
        "apiVersion": "externaldns.k8s.io/v1alpha1",
        "kind": "DNSEndpoint",
        "metadata": {"name": "machines", "namespace": "default"},
    }
    await house.apply({**machines, "spec": {"endpoints": endpoints}})
    await house.has("print.home.arpa", "printer.home.arpa.", "192.168.1.90")
    await house.has("six.home.arpa", "fd00::90", kind="AAAA")
    assert "unsupported: text.home.arpa has recordType TXT" in await house.explained(
        "text.home.arpa"
    )
    await house.apply({**machines, "spec": {"endpoints": endpoints[:1]}})
    await house.has("print.home.arpa")
    await house.kubectl("delete", "service", "nas")
    await house.has("nas.home.arpa")


async def one_server_follows_while_the_other_hangs_or_is_gone(house: House) -> None:
    for number, what in enumerate(("half-open", "refuse")):
        name = f"outage-{number}.home.arpa"
        await house.break_("break", what=what, server="technitium-2")
        rule = ("--class=traefik", f"--rule={name}/*=web:80")
        target = ("--annotation", f"{OURS}/target=192.168.1.99")
        await house.kubectl("create", "ingress", f"outage-{number}", *rule, *target)
        await house.has(name, "192.168.1.99")
        assert await house.here.dig(name, server=SECOND) == NXDOMAIN
        await house.break_("mend")
        await house.has(name, "192.168.1.99", server=SECOND)


TOGETHER = (
    names_follow_the_service_without_a_failed_query,
    twins_on_two_entry_points_have_the_first_row_of_the_table,
    annotations_do_what_they_say,
    annotations_of_external_dns_are_read,
    what_the_filters_leave_out_has_no_name,
    a_namespace_claims_what_the_table_lets_it,
    previews_come_and_go,
    certificates_are_told_of_and_wildcards_kept,
    routes_have_what_their_listeners_serve,
    services_endpoints_and_wildcards_are_sources,
)
"""What is told at the same time; no two of them touch the same object."""


@pytest.mark.timeout(60)
async def test_each_feature_does_what_its_page_says() -> None:
    what: dict[str, Any] = {"breakable": True, "dns_servers": 2, "objects": (OBJECTS,)}
    async with (
        stage("home.arpa", "lab.home.arpa", **what) as here,
        aiohttp.ClientSession() as client,
    ):
        house = House(here, client)
        async with hook(house.told) as url, daemon(house, NOTIFY_URL=url):
            async with asyncio.TaskGroup() as tasks:
                for story in TOGETHER:
                    tasks.create_task(story(house), name=story.__name__)
            await one_server_follows_while_the_other_hangs_or_is_gone(house)

    notices = [notice for message in house.told for notice in message["notices"]]
    assert {
        "sort": "create",
        "zone": "home.arpa on technitium",
        "name": "contested.home.arpa",
        "text": "A 192.168.1.72, for Ingress/default/urgent",
    } in notices


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def preview(name: str) -> list[dict[str, Any]]:
    rules = [{"host": f"{name}.app.home.arpa"}]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web", "namespace": name},
            "spec": {"ingressClassName": "traefik", "rules": rules},
        },
    ]


@asynccontextmanager
async def hook(told: list[dict[str, Any]]) -> AsyncIterator[str]:
    """Receive what NOTIFY_URL is told, while the block runs."""

    async def hear(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/secret", hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/secret"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def daemon(house: House, **more: str) -> AsyncIterator[None]:
    """Run the daemon while the block runs; it must end cleanly, without a traceback."""
    printed = house.here.printed
    servers = Path(printed["dns_servers_file"])
    own = servers.with_name("mine.yaml")
    first = f"    targets: [{printed['target']}]\n"
    text = await asyncio.to_thread(servers.read_text)
    await asyncio.to_thread(own.write_text, text.replace(first, ""))
    port = free_port()
    house.pages = f"http://127.0.0.1:{port}"
    environment = house.here.environment | SETTINGS | more | {"DNS_SERVERS": str(own)}
    environment["METRICS_BIND_ADDRESS"] = f"127.0.0.1:{port}"
    for replaced in ("DNS_SERVER_URL", "DNS_API_TOKEN", "DNS_ZONES", "DNS_IP_ADDRESS"):
        del environment[replaced]
    house.settings = environment
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        await house.has("hello.home.arpa", "192.168.1.60")
        yield
    finally:
        process.terminate()
        out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (0, "")
    assert b"Traceback" not in out
