"""Where names get their targets from: a Service that moves, a table, an annotation."""

import asyncio
from collections import Counter
from typing import Any

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.targets import parse_table
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

APP, SERVICE = "app.lab.test", ("traefik", "traefik")
IMPORT = "/api/zones/import"


def balancer(here: World, *addresses: str, name: str = "traefik", **labels: str) -> None:
    entries = [{"ip": one} if one[0].isdigit() else {"hostname": one} for one in addresses]
    metadata: dict[str, Any] = {"name": name, "namespace": "traefik", "labels": labels}
    here.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"type": "LoadBalancer", "ports": [{"port": 443}]},
            "status": {"loadBalancer": {"ingress": entries}},
        }
    )


def following(here: World, **overrides: Any) -> Any:
    return running(here, dns_ip_address=None, dns_target_service=SERVICE, **overrides)


async def test_names_follow_the_service_and_keep_what_they_have_while_it_has_no_address() -> None:
    seen: list[set[str]] = []
    async with world() as here:
        balancer(here)
        here.route("app", f"Host(`{APP}`)")
        async with following(here) as daemon:
            for addresses in ((), ("192.0.2.7", "2001:db8::7"), (), ("lb.example.org",)):
                balancer(here, *addresses)
                await settle(5)
                seen.append(here.addresses(APP))
            here.api.delete("services", "v1", "traefik", "traefik")
            here.route("late", "Host(`late.lab.test`)")
            await settle(60)
            _, metrics = await daemon.get("/metrics")
            seen.append(here.addresses(APP))

        assert seen == [
            set(),
            {"192.0.2.7", "2001:db8::7"},
            {"192.0.2.7", "2001:db8::7"},
            {"lb.example.org"},
            {"lb.example.org"},
        ]
        assert here.names() == {APP}
        assert 'catalyst_dns_sync_skips{reason="no-target"} 2.0' in metrics


async def test_a_service_that_may_not_be_read_holds_and_the_status_is_not_asked() -> None:
    async with world() as here:
        balancer(here, "192.0.2.7")
        here.api.forbid("list", "services")
        here.apply(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "app", "namespace": "default"},
                "spec": {"rules": [{"host": APP}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.99"}]}},
            }
        )
        async with following(here):
            before = here.names()
            here.api.allow("list", "services")
            await settle(5)

            assert before == set()
            assert here.addresses(APP) == {"192.0.2.7"}


async def test_a_service_that_moves_takes_all_names_along_in_one_pass_and_none_is_missed() -> None:
    answers: Counter[str] = Counter()
    stop = asyncio.Event()

    async def poll(here: World) -> None:
        while not stop.is_set():
            await asyncio.sleep(0.02)
            for number in (0, 19):
                question = dns.message.make_query(f"app-{number}.lab.test", "A")
                answer = await dns.asyncquery.udp(question, here.ports.host, port=here.ports.dns)
                assert answer.rcode() == dns.rcode.NOERROR
                answers[str(answer.answer[0][0])] += 1

    async with world() as here, asyncio.TaskGroup() as tasks:
        balancer(here, "192.0.2.1")
        for number in range(20):
            here.route(f"app-{number}", f"Host(`app-{number}.lab.test`)")
        async with following(here, bulk_threshold=5):
            tasks.create_task(poll(here))
            here.dns.traffic.calls.clear()
            try:
                balancer(here, "192.0.2.7", "2001:db8::7")
                await settle(5)
                calls = here.dns.traffic.calls.copy()
            finally:
                stop.set()

        assert calls[IMPORT] == 1
        assert here.names() == {f"app-{number}.lab.test" for number in range(20)}
        assert {here.addresses(name) == {"192.0.2.7", "2001:db8::7"} for name in here.names()} == {
            True
        }
        assert answers.keys() == {"192.0.2.1", "192.0.2.7"}


async def test_noise_in_annotations_and_in_the_service_wakes_nobody() -> None:
    async with world() as here:
        balancer(here, "192.0.2.1")
        balancer(here, "192.0.2.50", name="zwave")
        here.route("app", f"Host(`{APP}`)")
        async with following(here):
            await settle(20)
            here.dns.traffic.calls.clear()
            balancer(here, "192.0.2.1", seen="once")
            balancer(here, "192.0.2.51", name="zwave")
            here.route("app", f"Host(`{APP}`)", annotations={"example.org/checked-at": "now"})
            await settle(5)

            assert here.dns.traffic.calls == Counter()
            assert here.addresses(APP) == {"192.0.2.1"}


async def test_entry_points_have_addresses_of_their_own_and_twins_are_no_conflict() -> None:
    table = parse_table("websecure=192.0.2.10; tailscale=100.64.0.7,fd7a::7; nginx=192.0.2.11")
    seen: list[set[str]] = []
    async with world() as here:
        route(here, "inside", APP, "tailscale")
        route(here, "plain", "plain.lab.test")
        ingress = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "old", "namespace": "default"},
            "spec": {"ingressClassName": "nginx", "rules": [{"host": "old.lab.test"}]},
        }
        here.apply(ingress)
        async with running(here, dns_targets=table, delete_grace=0.0) as daemon:
            seen.append(here.addresses(APP))
            route(here, "outside", APP, "websecure", "web")
            await settle(5)
            seen.append(here.addresses(APP))
            _, metrics = await daemon.get("/metrics")
            here.delete_route("outside")
            await settle(5)
            seen.append(here.addresses(APP))

        assert seen == [{"100.64.0.7", "fd7a::7"}, {"192.0.2.10"}, {"100.64.0.7", "fd7a::7"}]
        assert 'catalyst_dns_sync_skips{reason="conflict"} 0.0' in metrics
        assert here.addresses("old.lab.test") == {"192.0.2.11"}
        assert here.addresses("plain.lab.test") == {"192.0.2.1"}, "DNS_IP_ADDRESS"


def route(here: World, name: str, host: str, *entry_points: str) -> None:
    here.apply(
        {
            "apiVersion": "traefik.io/v1alpha1",
            "kind": "IngressRoute",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {
                "entryPoints": list(entry_points),
                "routes": [{"kind": "Rule", "match": f"Host(`{host}`)"}],
            },
        }
    )


async def test_an_annotation_wins_over_the_table_and_the_table_over_the_address() -> None:
    async with world() as here:
        own = {"catalyst-dns-sync.io/target": "192.0.2.77"}
        here.route("own", "Host(`own.lab.test`)", annotations=own)
        here.route("app", f"Host(`{APP}`)")
        async with running(
            here,
            dns_targets=parse_table("*=192.0.2.10"),
            dns_ip_address=parse_targets("192.0.2.1"),
        ):
            assert here.addresses("own.lab.test") == {"192.0.2.77"}
            assert here.addresses(APP) == {"192.0.2.10"}
