"""Each setting changes something that can be seen; none is parsed and then forgotten."""

import asyncio
import logging
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.certificates import Issuer
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.notices import Format
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.rules import Syntax
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.targets import parse_table
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.kube.errors import KubeConfigError
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.claims import rows
from catalyst_dns_sync.settings.model import ALL, DnsProvider, SettingsError
from catalyst_dns_sync.settings.parsers import (
    Address,
    Secret,
    host_patterns,
    namespace_patterns,
)
from catalyst_dns_sync.settings.serversfile import DnsServer
from catalyst_dns_sync.telemetry import logs
from catalyst_dns_sync.web.controlsocket import ask
from catalyst_dns_sync.web.server import serve
from fakes.world import TARGET, ZONE, Running, World, running, settle, world

pytestmark = pytest.mark.looptime

UI_TOKEN = "a token that is long enough"


async def names_with(here: World, **settings: Any) -> set[str]:
    """Run until all is settled, and return the names that were made."""
    async with running(here, **settings):
        await settle(5)
    return here.names()


async def kubeconfig(here: World) -> None:
    with pytest.raises(KubeConfigError):
        await names_with(here, kubeconfig=here.folder / "none")


async def kube_context(here: World) -> None:
    with pytest.raises(KubeConfigError, match="production"):
        await names_with(here, kube_context="production")


async def sources(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    here.ingress("b", "b.lab.test")
    assert await names_with(here, sources=("ingress",)) == {"b.lab.test"}


async def watch_namespaces(here: World) -> None:
    for namespace in ("one", "two", "three"):
        here.route("a", f"Host(`{namespace}.lab.test`)", namespace)
    found = await names_with(here, watch_namespaces=("one", "two"))
    assert found == {"one.lab.test", "two.lab.test"}


async def exclude_namespaces(here: World) -> None:
    for namespace in ("one", "two"):
        here.route("a", f"Host(`{namespace}.lab.test`)", namespace)
    found = await names_with(here, exclude_namespaces=namespace_patterns("t*"))
    assert found == {"one.lab.test"}


async def include_hosts(here: World) -> None:
    here.route("a", "Host(`a.lab.test`) || Host(`a.b.lab.test`)")
    found = await names_with(here, include_hosts=host_patterns("*.b.lab.test"))
    assert found == {"a.b.lab.test"}


async def exclude_hosts(here: World) -> None:
    here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)")
    assert await names_with(here, exclude_hosts=host_patterns("b.lab.test")) == {"a.lab.test"}


async def dns_claims(here: World) -> None:
    here.route("a", "Host(`a.lab.test`) || Host(`a.b.lab.test`)", "one")
    here.route("b", "Host(`b.lab.test`)", "two")
    assert await names_with(here, dns_claims=rows("one: *.b.lab.test")) == {"a.b.lab.test"}


async def label_selector(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)", labels={"dns": "yes"})
    here.route("b", "Host(`b.lab.test`)")
    found = await names_with(here, label_selector=parse_label_selector("dns=yes"))
    assert found == {"a.lab.test"}


async def ingress_classes(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)", annotations={"kubernetes.io/ingress.class": "inside"})
    here.route("b", "Host(`b.lab.test`)")
    assert await names_with(here, ingress_classes=("inside",)) == {"a.lab.test"}


async def gateway_require_accepted(here: World) -> None:
    listener = {"name": "web", "port": 80, "protocol": "HTTP"}
    specs = {
        "Gateway": {"gatewayClassName": "x", "listeners": [listener]},
        "HTTPRoute": {"parentRefs": [{"name": "a"}], "hostnames": ["a.lab.test"]},
    }
    version, about = "gateway.networking.k8s.io/v1", {"name": "a", "namespace": "default"}
    for kind, spec in specs.items():
        here.apply({"apiVersion": version, "kind": kind, "metadata": about, "spec": spec})
    routes = ("httproute",)
    assert await names_with(here, sources=routes) == set()
    found = await names_with(here, sources=routes, gateway_require_accepted=False)
    assert found == {"a.lab.test"}


async def rule_syntax(here: World) -> None:
    here.route("a", "HostHeader(`a.lab.test`)")
    assert await names_with(here, rule_syntax=Syntax.V2) == {"a.lab.test"}


async def dns_provider(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    file = here.folder / "hosts"
    assert await names_with(here, dns_provider=DnsProvider.HOSTS, hosts_file=file) == set()
    assert b"192.0.2.1  a.lab.test\n" in file.read_bytes()


async def hosts_file(here: World) -> None:
    file = here.folder / "none" / "hosts"
    with pytest.raises(ProviderError, match="none"):
        await names_with(here, dns_provider=DnsProvider.HOSTS, hosts_file=file)


async def hosts_post_write(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    file, trace = here.folder / "hosts", here.folder / "trace"
    async with running(
        here,
        dns_provider=DnsProvider.HOSTS,
        hosts_file=file,
        hosts_post_write=("cp", str(file), str(trace)),
    ):
        await settle(5)
    assert trace.read_bytes() == file.read_bytes()


async def dns_server_url(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    assert await names_with(here, dns_server_url="http://127.0.0.1:1") == set()


async def dns_api_token(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    assert await names_with(here, dns_api_token=Secret("wrong")) == set()


async def dns_api_token_file(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    (here.folder / "token").write_text(f"{here.token}\n")
    token = {"dns_api_token": None, "dns_api_token_file": here.folder / "token"}
    assert await names_with(here, **token) == {"a.lab.test"}


async def dns_zones(here: World) -> None:
    here.dns.create_zone("other.test")
    here.route("a", "Host(`a.lab.test`) || Host(`a.other.test`)")
    assert await names_with(here, dns_zones=frozenset({parse_name("other.test")})) == set()
    assert here.names("other.test") == {"a.other.test"}


async def dns_zone_options(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    terms = {parse_name("lab.test"): ZoneTerms(parse_targets("192.0.2.9"), 60)}
    await names_with(here, dns_zone_options=terms)
    (shown,) = here.shown()["a.lab.test"]
    assert (shown.value, shown.ttl) == ("192.0.2.9", 60)


async def dns_ptr(here: World) -> None:
    here.dns.create_zone("192.in-addr.arpa")
    here.route("a", "Host(`a.lab.test`)")
    zones = frozenset({parse_name("lab.test"), parse_name("192.in-addr.arpa")})
    await names_with(here, dns_ptr=True, dns_zones=zones)
    assert here.names("192.in-addr.arpa") == {"1.2.0.192.in-addr.arpa"}


async def dns_servers(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    (here.folder / "token").write_text(here.token)
    zones = {parse_name("lab.test"): ZoneTerms()}
    one = DnsServer("one", here.ports.url, here.folder / "token", zones)
    alone = {"dns_server_url": None, "dns_api_token": None, "dns_zones": None}
    assert await names_with(here, **alone, dns_servers=(one,)) == {"a.lab.test"}
    with pytest.raises(SettingsError, match="DNS_ZONES and DNS_SERVERS"):
        await names_with(here, dns_servers=(one,))


async def dns_ip_address(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    await names_with(here, dns_ip_address=parse_targets("192.0.2.7,2001:db8::7"))
    assert here.addresses("a.lab.test") == {"192.0.2.7", "2001:db8::7"}


async def dns_target_service(here: World) -> None:
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}
    meta = {"name": "traefik", "namespace": "default"}
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    balancer = {"kind": "Service", "metadata": meta, "spec": spec, "status": status}
    here.apply({"apiVersion": "v1", **balancer})
    here.route("a", "Host(`a.lab.test`)")
    await names_with(here, dns_ip_address=None, dns_target_service=("default", "traefik"))
    assert here.addresses("a.lab.test") == {"192.0.2.7"}


async def dns_targets(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    await names_with(here, dns_targets=parse_table("*=192.0.2.7"))
    assert here.addresses("a.lab.test") == {"192.0.2.7"}


async def compat_annotations(here: World) -> None:
    theirs = {"external-dns.alpha.kubernetes.io/target": "192.0.2.7"}
    here.route("a", "Host(`a.lab.test`)", annotations=theirs)
    await names_with(here, compat_annotations="external-dns")
    assert here.addresses("a.lab.test") == {"192.0.2.7"}


async def preview_hosts(here: World) -> None:
    here.route("a", "Host(`pr-1.lab.test`) || Host(`a.lab.test`)")
    await names_with(here, preview_hosts=host_patterns("pr-*.lab.test"))
    assert ttls(here) == {"pr-1.lab.test": 60, "a.lab.test": 300}


async def preview_label(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)", labels={"preview": "yes"})
    here.route("b", "Host(`b.lab.test`)")
    await names_with(here, preview_label=parse_label_selector("preview=yes"))
    assert ttls(here) == {"a.lab.test": 60, "b.lab.test": 300}


async def preview_ttl(here: World) -> None:
    here.route("a", "Host(`pr-1.lab.test`)")
    await names_with(here, preview_hosts=host_patterns("pr-*.lab.test"), preview_ttl=42)
    assert ttls(here) == {"pr-1.lab.test": 42}


async def preview_limit(here: World) -> None:
    here.route("a", "Host(`pr-1.lab.test`) || Host(`pr-2.lab.test`)")
    patterns = host_patterns("pr-*.lab.test")
    found = await names_with(here, preview_hosts=patterns, preview_limit=1)
    assert found == {"pr-1.lab.test"}


def ttls(here: World) -> dict[str, int]:
    return {name: records[0].ttl for name, records in here.shown().items()}


async def dns_ttl_default(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    await names_with(here, dns_ttl_default=42)
    assert [record.ttl for record in here.shown()["a.lab.test"]] == [42]


async def dns_ca_file(here: World) -> None:
    (here.folder / "ca.pem").write_text("no certificate")
    with pytest.raises(CatalystError, match="DNS_CA_FILE"):
        await names_with(here, dns_ca_file=here.folder / "ca.pem")


async def dns_timeout(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    here.dns_faults.add(Fault(Kind.HANG, "records/add"))
    began = asyncio.get_running_loop().time()
    async with running(here, dns_timeout=3.0):
        assert asyncio.get_running_loop().time() - began == pytest.approx(3, abs=0.5)


async def dns_query_port(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with running(here, dns_query_port=here.ports.dns) as daemon:
        found = await daemon.parts.actions.test_dns(parse_name("a.lab.test"))
    assert found.server is not None
    assert found.server.values == (f"A {TARGET}",)


async def dns_concurrency(here: World) -> None:
    for number in range(6):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
    here.dns_faults.add(Fault(Kind.DELAY, "records/add", times=None, seconds=1.0))
    began = asyncio.get_running_loop().time()
    async with running(here, dns_concurrency=2):
        assert asyncio.get_running_loop().time() - began == pytest.approx(3, abs=0.5)


async def dns_rate_limit(here: World) -> None:
    for number in range(20):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
    began = asyncio.get_running_loop().time()
    async with running(here, dns_rate_limit=10):
        assert asyncio.get_running_loop().time() - began == pytest.approx(3, abs=0.5)


async def bulk_threshold(here: World) -> None:
    for number in range(4):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
    async with running(here, bulk_threshold=4):
        assert here.dns.traffic.calls["/api/zones/import"] == 1
    assert len(here.names()) == 4


async def owner_id(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    await names_with(here, owner_id="garage")
    assert " owner=garage " in here.shown()["a.lab.test"][0].comment


async def policy(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with running(here, policy=Policy.UPSERT_ONLY):
        here.delete_route("a")
        await settle(600)
    assert here.names() == {"a.lab.test"}


async def debounce_quiet(here: World) -> None:
    async with running(here, debounce_quiet=1.5):
        here.route("a", "Host(`a.lab.test`)")
        await settle(1.4)
        before = here.names()
        await settle(0.3)
    assert (before, here.names()) == (set(), {"a.lab.test"})


async def debounce_max(here: World) -> None:
    async with running(here, debounce_quiet=1.0, debounce_max=3.0):
        for number in range(8):
            here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
            await settle(0.5)
        assert len(here.names()) in (6, 7)


async def drift_interval(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with running(here, drift_interval=100.0):
        form = {"domain": "a.lab.test", "type": "A", "ipAddress": "192.0.2.1"}
        await here.console("zones/records/delete", zone="lab.test", **form)
        await settle(90)
        before = here.names()
        await settle(20)
    assert (before, here.names()) == (set(), {"a.lab.test"})


async def resync_interval(here: World) -> None:
    async with running(here, resync_interval=30.0):
        before = here.dns.traffic.calls["/api/zones/records/get"]
        await settle(100)
        readings = here.dns.traffic.calls["/api/zones/records/get"] - before
    assert readings == 3


async def drift_policy(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with running(here, drift_policy=DriftPolicy.REPORT):
        form = {"domain": "a.lab.test", "type": "A", "ipAddress": "192.0.2.1"}
        await here.console("zones/records/delete", zone="lab.test", **form)
        await settle(600)
    assert here.names() == set()


async def delete_grace(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with running(here, delete_grace=30.0):
        here.delete_route("a")
        await settle(29)
        before = here.names()
        await settle(2)
    assert (before, here.names()) == ({"a.lab.test"}, set())


async def confirm_seconds(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    here.route("b", "Host(`b.lab.test`)")
    await names_with(here)
    here.delete_route("a")
    async with running(here, confirm_seconds=20.0):
        await settle(19)
        before = here.names()
        await settle(2)
    assert (before, here.names()) == ({"a.lab.test", "b.lab.test"}, {"b.lab.test"})


async def quiet_seconds(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    here.api.forbid("get", "customresourcedefinitions")
    async with running(here, quiet_seconds=25.0):
        here.delete_route("a")
        await settle(24)
        before = here.names()
        await settle(3)
    assert (before, here.names()) == ({"a.lab.test"}, set())


async def max_delete_percent(here: World) -> None:
    for number in range(20):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
    await names_with(here)
    for number in range(8):
        here.delete_route(f"r{number}")
    async with running(here, max_delete_percent=50):
        await settle(70)
    assert len(here.names()) == 12


async def lease_of(here: World, **settings: Any) -> tuple[str, str, dict[str, Any]]:
    """Return namespace, name and content of the only Lease that an instance takes."""
    values: dict[str, Any] = {"leader_election": True, "lease_namespace": "kube-system"}
    async with running(here, **values | settings):
        ((namespace, name),) = here.api.names("leases", "coordination.k8s.io/v1")
        found = here.api.find("leases", "coordination.k8s.io/v1", name, namespace)
    assert found is not None
    return namespace, name, found["spec"]


async def leader_election(here: World) -> None:
    await names_with(here, leader_election=False)
    assert here.api.request_counts["create", "leases"] == 0
    await lease_of(here)


async def lease_name(here: World) -> None:
    assert (await lease_of(here, lease_name="mine"))[1] == "mine"


async def lease_namespace(here: World) -> None:
    assert (await lease_of(here, lease_namespace="default"))[0] == "default"


async def lease_duration(here: World) -> None:
    assert (await lease_of(here, lease_duration=30.0))[2]["leaseDurationSeconds"] == 30


async def pod_name(here: World) -> None:
    assert (await lease_of(here, pod_name="a-pod"))[2]["holderIdentity"].startswith("a-pod_")


async def grace(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    here.dns_faults.add(Fault(Kind.HANG, "records/get", times=None))
    async with running(here, wait=False, dns_timeout=600.0, grace=7.0):
        await settle(5)
        stopped = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopped == pytest.approx(7, abs=0.2)


async def metrics_bind_address(here: World) -> None:
    port = _free_port()
    async with running(here, metrics_bind_address=Address("127.0.0.1", port)) as daemon:
        assert daemon.bound.metrics == port


async def health_probe_address(here: World) -> None:
    port = _free_port()
    async with running(here, health_probe_address=Address("127.0.0.1", port)) as daemon:
        assert daemon.bound.probes == port


async def asked(daemon: Running, path: str, **headers: str) -> int:
    """Ask for a path where pages are served, and return the status of the answer."""
    url = f"http://127.0.0.1:{daemon.bound.ui}{path}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status


async def may_write(here: World, headers: dict[str, str], **settings: Any) -> bool:
    """Tell whether whoever sends these headers may change something."""
    async with running(here, wait=False, **settings) as daemon, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{daemon.bound.ui}/api/v1/session"
        async with session.get(url, headers=headers) as response:
            return bool((await response.json())["mayWrite"])


async def ui(here: World) -> None:
    async with running(here, wait=False, ui=False) as daemon:
        found = [await asked(daemon, path) for path in ("/ui/", "/api/v1/overview", "/metrics")]
    assert found == [404, 404, 200]


async def ui_bind_address(here: World) -> None:
    port = _free_port()
    address = Address("127.0.0.1", port)
    async with running(here, wait=False, ui_bind_address=address) as daemon:
        assert daemon.bound.ui == port
        assert [await asked(daemon, path) for path in ("/ui/", "/metrics")] == [200, 404]


async def ui_hosts(here: World) -> None:
    async with running(here, wait=False, ui_hosts=("dns.example.com",)) as daemon:
        names = ("dns.example.com:8080", "evil.example.com", f"dns-sync.{ZONE}")
        assert [await asked(daemon, "/ui/", Host=name) for name in names] == [200, 421, 200]


async def ui_token(here: World) -> None:
    with pytest.raises(SettingsError, match="UI_TOKEN_FILE are both set"):
        await names_with(here, ui_token=Secret(UI_TOKEN), ui_token_file=here.folder / "token")
    bearer = {"Authorization": f"Bearer {UI_TOKEN}"}
    assert await may_write(here, bearer, ui_token=Secret(UI_TOKEN))


async def ui_token_file(here: World) -> None:
    file = here.folder / "ui-token"
    file.write_text(f"{UI_TOKEN}\n")
    assert await may_write(here, {"Authorization": f"Bearer {UI_TOKEN}"}, ui_token_file=file)


async def ui_proxy_header(here: World) -> None:
    with pytest.raises(SettingsError, match="UI_PROXY_HEADER: name the proxy's addresses"):
        await names_with(here, ui_proxy_header="Remote-User")
    near = parsers.networks("127.0.0.0/8")
    settings = {"ui_proxy_header": "Remote-User", "ui_proxy_ranges": near}
    assert await may_write(here, {"Remote-User": "anna"}, **settings)


async def ui_proxy_ranges(here: World) -> None:
    far = parsers.networks("10.42.0.0/16,fd00::/8")
    settings = {"ui_proxy_header": "Remote-User", "ui_proxy_ranges": far}
    assert not await may_write(here, {"Remote-User": "anna"}, **settings)


async def control_socket(here: World) -> None:
    path = here.folder / "here.sock"
    async with running(here, control_socket=path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert await ask(path, "GET", "status") == {"paused": False, "releasable": {}}
    assert not path.exists()


async def events(here: World) -> None:
    here.route("app", "Host(`app.lab.test`)")
    async with running(here, events=True):
        await settle(5)
    assert len(here.api.names("events", "v1")) == 1


async def kept(here: World, **settings: Any) -> dict[str, Any] | None:
    """Return the wildcard Certificate that a daemon with these settings keeps."""
    here.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}})
    values: dict[str, Any] = {
        "certificates": True,
        "wildcard_certificate": True,
        "certificate_issuer": Issuer("Issuer", "acme"),
        "certificate_namespace": "default",
    }
    async with running(here, **values | settings):
        await settle(2)
    namespace = (values | settings)["certificate_namespace"]
    found = here.api.find("certificates", "cert-manager.io/v1", f"wildcard-{ZONE}", str(namespace))
    return dict(found) if found is not None else None


async def certificates(here: World) -> None:
    with pytest.raises(SettingsError, match="CERTIFICATES"):
        await kept(here, certificates=False)
    assert await kept(here) is not None


async def wildcard_certificate(here: World) -> None:
    assert await kept(here, wildcard_certificate=False) is None


async def certificate_issuer(here: World) -> None:
    found = await kept(here, certificate_issuer=Issuer("ClusterIssuer", "other"))
    assert found is not None
    assert found["spec"]["issuerRef"]["name"] == "other"


async def certificate_namespace(here: World) -> None:
    assert await kept(here, certificate_namespace="web") is not None


async def log_level(here: World) -> None:
    logs.configure("error", "json")
    assert logging.getLogger().level == logging.ERROR
    await names_with(here)


async def log_format(here: World) -> None:
    logs.configure("info", "text")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, logs.TextFormatter)
    await names_with(here)


@asynccontextmanager
async def web_hook() -> AsyncIterator[tuple[list[Any], str]]:
    bodies: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    async with serve(app, "127.0.0.1", 0) as port:
        yield bodies, f"http://127.0.0.1:{port}/hook"


async def notify_url(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with web_hook() as (bodies, url), running(here, notify_url=Secret(url)):
        await asyncio.sleep(5)
    assert [body["source"] for body in bodies] == ["catalyst-dns-sync"]


async def notify_url_file(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with web_hook() as (bodies, url):
        (here.folder / "hook").write_text(url + "\n")
        async with running(here, notify_url_file=here.folder / "hook"):
            await asyncio.sleep(5)
    assert [body["source"] for body in bodies] == ["catalyst-dns-sync"]


async def notify_format(here: World) -> None:
    here.route("a", "Host(`a.lab.test`)")
    async with (
        web_hook() as (bodies, url),
        running(here, notify_url=Secret(url), notify_format=Format.SLACK),
    ):
        await asyncio.sleep(5)
    assert [body.keys() for body in bodies] == [{"text"}]


CHECKS: dict[str, Callable[[World], Awaitable[None]]] = {
    check.__name__: check
    for check in (
        kubeconfig,
        kube_context,
        sources,
        watch_namespaces,
        exclude_namespaces,
        include_hosts,
        exclude_hosts,
        dns_claims,
        label_selector,
        ingress_classes,
        compat_annotations,
        rule_syntax,
        gateway_require_accepted,
        dns_provider,
        hosts_file,
        hosts_post_write,
        dns_server_url,
        dns_api_token,
        dns_api_token_file,
        dns_zones,
        dns_zone_options,
        dns_ptr,
        dns_servers,
        dns_ip_address,
        dns_target_service,
        dns_targets,
        preview_hosts,
        preview_label,
        preview_ttl,
        preview_limit,
        dns_ttl_default,
        dns_ca_file,
        dns_timeout,
        dns_query_port,
        dns_concurrency,
        dns_rate_limit,
        bulk_threshold,
        owner_id,
        policy,
        debounce_quiet,
        debounce_max,
        drift_interval,
        resync_interval,
        drift_policy,
        delete_grace,
        confirm_seconds,
        quiet_seconds,
        max_delete_percent,
        leader_election,
        lease_name,
        lease_namespace,
        lease_duration,
        pod_name,
        grace,
        metrics_bind_address,
        ui,
        ui_bind_address,
        ui_hosts,
        ui_token,
        ui_token_file,
        ui_proxy_header,
        ui_proxy_ranges,
        health_probe_address,
        control_socket,
        events,
        certificates,
        wildcard_certificate,
        certificate_issuer,
        certificate_namespace,
        notify_url,
        notify_url_file,
        notify_format,
        log_level,
        log_format,
    )
}


@pytest.fixture
def _root_logger() -> Any:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_root_logger")
@pytest.mark.parametrize("name", [info.name for info in ALL])
async def test_the_setting_changes_what_the_daemon_does(name: str) -> None:
    async with world() as here:
        await CHECKS[name](here)


async def test_missing_settings_are_refused_before_anything_is_asked() -> None:
    async with world() as here:
        with pytest.raises(SettingsError, match="DNS_ZONES"):
            async with build(here.settings(dns_zones=None)):
                pass
        assert here.api.request_counts.total() == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
