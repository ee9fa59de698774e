"""Preview environments: there in a second, gone with their namespace, and never too many."""

import asyncio
from datetime import timedelta

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.core.selectors import parse_label_selector
from fakes.world import EPOCH, World, running, settle, virtual_now, world

pytestmark = pytest.mark.looptime

HOSTS = (parse_host_pattern("pr-*.app.lab.test"),)


def make_previews(here: World, count: int) -> None:
    for number in range(count):
        here.route(f"web-{number}", f"Host(`pr-{number}.app.lab.test`)", namespace="pr-all")


async def seconds_until_gone(here: World, bound: float) -> float:
    began = asyncio.get_running_loop().time()
    while any(name.startswith("pr-") for name in here.names()):
        assert asyncio.get_running_loop().time() - began < bound, here.names()
        await asyncio.sleep(0.5)
    return asyncio.get_running_loop().time() - began


async def rcode(here: World, name: str) -> str:
    query = dns.message.make_query(name, "A")
    reply = await dns.asyncquery.udp(query, here.ports.host, 5, here.ports.dns)
    return dns.rcode.to_text(reply.rcode()) if not reply.answer else str(reply.answer[0])


async def test_a_preview_answers_in_a_second_and_is_nxdomain_when_its_namespace_went() -> None:
    async with world() as here:
        here.route("other", "Host(`other.lab.test`)")
        async with running(here, preview_hosts=HOSTS, delete_grace=10.0):
            before = await rcode(here, "pr-1.app.lab.test")
            here.ingress("web", "pr-1.app.lab.test", namespace="pr-1")
            await settle(1)
            made = await rcode(here, "pr-1.app.lab.test")
            here.api.delete("namespaces", "v1", "pr-1")
            await settle(1)
            after = await rcode(here, "pr-1.app.lab.test")

    assert (before, after) == ("NXDOMAIN", "NXDOMAIN")
    assert made == "pr-1.app.lab.test. 60 IN A 192.0.2.1"


async def test_a_route_of_the_gateway_api_is_a_preview_once_its_gateway_is_known() -> None:
    group = "gateway.networking.k8s.io/v1"
    parent = {"name": "gw", "namespace": "pr-1"}
    condition = {"type": "Accepted", "status": "True", "reason": "Told"}
    said = {"parentRef": parent, "controllerName": "x.io/gw", "conditions": [condition]}
    spec = {"parentRefs": [parent], "hostnames": ["pr-1.app.lab.test"]}
    end = {"catalyst-dns-sync.io/ttl-after": "60s"}
    listener = {"name": "web", "port": 80, "protocol": "HTTP", "hostname": "*.app.lab.test"}
    async with (
        world() as here,
        running(here, preview_hosts=HOSTS, sources=("ingress", "httproute")),
    ):
        about = {"name": "web", "namespace": "pr-1", "annotations": end}
        here.apply({"apiVersion": group, "kind": "HTTPRoute", "metadata": about, "spec": spec})
        route = here.api.find("httproutes", group, "web", "pr-1")
        assert route is not None
        here.api.replace({**route, "status": {"parents": [said]}}, "status")
        await settle(2)
        early = here.names()
        gateway = {"gatewayClassName": "traefik", "listeners": [listener]}
        here.apply({"apiVersion": group, "kind": "Gateway", "metadata": parent, "spec": gateway})
        await settle(2)
        ((one,),) = here.shown().values()
        await settle(60)

    assert early == set()
    assert (one.ttl, one.comment.endswith("kinds=HTTPRoute preview=1")) == (60, True)
    assert here.names() == set()


async def test_two_hundred_previews_come_at_once_and_go_with_their_namespace() -> None:
    async with world() as here:
        here.route("other", "Host(`other.lab.test`)")
        async with running(here, preview_hosts=HOSTS, delete_grace=10.0) as daemon:
            make_previews(here, 200)
            await settle(3)
            made = here.names()
            (one,) = here.shown()["pr-7.app.lab.test"]
            _, metrics = await daemon.get("/metrics")
            here.api.delete("namespaces", "v1", "pr-all")
            await seconds_until_gone(here, 15.0)
            _, after = await daemon.get("/metrics")

        assert len(made) == 201
        assert one.ttl == 60
        assert one.comment.endswith("kinds=IngressRoute preview=1")
        assert "\ncatalyst_dns_sync_preview_environments 200.0" in metrics
        assert here.names() == {"other.lab.test"}
        assert "\ncatalyst_dns_sync_preview_environments 0.0" in after


async def test_other_names_keep_their_grace_beside_previews() -> None:
    async with world() as here:
        here.route("other", "Host(`other.lab.test`)")
        here.route("one", "Host(`one.lab.test`)", labels={"preview": "true"})
        label = parse_label_selector("preview=true")
        async with running(here, preview_label=label, delete_grace=10.0):
            here.delete_route("one")
            here.delete_route("other")
            await settle(5)
            early = here.names()
            await settle(6)

        assert (early, here.names()) == ({"other.lab.test"}, set())


async def test_a_name_is_gone_when_its_time_is_over_and_back_when_the_end_is_put_off() -> None:
    async with world() as here:
        key = "catalyst-dns-sync.io/expires-at"
        end = (virtual_now() + timedelta(seconds=120)).isoformat()
        here.route("web", "Host(`pr-1.app.lab.test`)", annotations={key: end})
        async with running(here, preview_hosts=HOSTS) as daemon:
            await settle(100)
            before = here.names()
            await settle(25)
            after = here.names()
            _, metrics = await daemon.get("/metrics")
            later = (EPOCH + timedelta(days=1)).isoformat()
            here.route("web", "Host(`pr-1.app.lab.test`)", annotations={key: later})
            await settle(2)

        assert (before, after) == ({"pr-1.app.lab.test"}, set())
        assert '\ncatalyst_dns_sync_skips{reason="expired"} 1.0' in metrics
        assert here.names() == {"pr-1.app.lab.test"}


async def test_the_oldest_previews_are_made_and_the_next_one_when_one_goes() -> None:
    async with world() as here:
        async with running(here, preview_hosts=HOSTS, preview_limit=2) as daemon:
            for number in range(3):
                here.route(f"web-{number}", f"Host(`pr-{number}.app.lab.test`)")
                await settle(2)
            full = here.names()
            _, metrics = await daemon.get("/metrics")
            writes = here.writes
            await settle(60)
            later = here.writes
            here.delete_route("web-0")
            await settle(2)

        assert full == {"pr-0.app.lab.test", "pr-1.app.lab.test"}
        assert '\ncatalyst_dns_sync_skips{reason="preview-limit"} 1.0' in metrics
        assert later == writes
        assert here.names() == {"pr-1.app.lab.test", "pr-2.app.lab.test"}


async def test_a_restart_with_a_lower_limit_takes_no_name_away() -> None:
    async with world() as here:
        make_previews(here, 4)
        async with running(here, preview_hosts=HOSTS):
            pass
        async with running(here, preview_hosts=HOSTS, preview_limit=2):
            await settle(150)

        assert len(here.names()) == 4


async def test_previews_that_went_while_nobody_looked_are_guarded_like_all_others() -> None:
    async with world() as here:
        make_previews(here, 10)
        async with running(here, preview_hosts=HOSTS):
            pass
        here.api.delete("namespaces", "v1", "pr-all")
        async with running(here, preview_hosts=HOSTS) as daemon:
            await settle(200)
            withheld = daemon.parts.reconciler.releasable()

        assert len(here.names()) == len(withheld) == 10
