"""Many objects, one name: the rule is the same in whatever order events arrive."""

from itertools import permutations

import pytest

from catalyst_dns_sync.core.names import parse_name
from fakes.world import ZONE, running, settle, world

pytestmark = pytest.mark.looptime

TARGETS = {"a": "192.0.2.10", "b": "192.0.2.11", "c": "192.0.2.12"}


def _target(name: str) -> dict[str, str]:
    return {"catalyst-dns-sync.io/target": TARGETS[name]}


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
async def test_the_same_objects_in_any_order_end_in_the_same_record(order: tuple[str, ...]) -> None:
    async with world() as here, running(here):
        for name in order:
            here.route(name, "Host(`app.lab.test`)", annotations=_target(name))
        await settle(5)

        assert here.addresses("app.lab.test") == {TARGETS["a"]}


async def test_who_has_the_name_keeps_it_against_a_better_claim() -> None:
    async with world() as here, running(here) as daemon:
        here.route("b", "Host(`app.lab.test`)", annotations=_target("b"))
        await settle(5)
        here.route("a", "Host(`app.lab.test`)", annotations=_target("a"))
        await settle(60)
        during = here.addresses("app.lab.test")
        _, metrics = await daemon.get("/metrics")
        here.delete_route("b")
        await settle(5)

        assert during == {TARGETS["b"]}
        assert 'catalyst_dns_sync_skips{reason="conflict"} 1.0' in metrics
        assert here.addresses("app.lab.test") == {TARGETS["a"]}


async def test_a_rival_gets_a_name_when_two_lists_lack_its_owner_and_not_at_the_first() -> None:
    async with world() as here:
        here.route("b", "Host(`app.lab.test`)", annotations=_target("b"))
        async with running(here):
            pass
        here.delete_route("b")
        here.ingress("a", "app.lab.test", annotations=_target("a"))
        async with running(here):
            await settle(55)
            before = here.addresses("app.lab.test")
            await settle(10)

        assert before == {TARGETS["b"]}
        assert here.addresses("app.lab.test") == {TARGETS["a"]}


async def test_several_addresses_do_not_flap() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)", annotations=_three())
        await settle(5)
        writes = here.writes
        await settle(3600)

        assert here.addresses("app.lab.test") == set(TARGETS.values())
        assert here.writes == writes == 3


async def test_a_changed_ttl_converges_for_every_value() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)", annotations=_three())
        await settle(5)
        ttl = {"catalyst-dns-sync.io/ttl": "60"}
        here.route("app", "Host(`app.lab.test`)", annotations=_three() | ttl)
        await settle(5)

        found = here.shown()["app.lab.test"]
        assert {one.value for one in found} == set(TARGETS.values())
        assert {one.ttl for one in found} == {60}
        assert all("origin=IngressRoute/default/app" in one.comment for one in found)


async def test_a_cname_target_takes_the_place_of_an_address_and_back() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)
        cname = {"catalyst-dns-sync.io/target": "edge.example.org"}
        here.route("app", "Host(`app.lab.test`)", annotations=cname)
        await settle(5)
        as_cname = [(one.type, one.value) for one in here.shown()["app.lab.test"]]
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)

        assert as_cname == [("CNAME", "edge.example.org")]
        assert here.addresses("app.lab.test") == {"192.0.2.1"}


def _three() -> dict[str, str]:
    return {"catalyst-dns-sync.io/target": ",".join(TARGETS.values())}


async def test_a_fault_of_an_object_is_counted_once_and_not_for_each_zone() -> None:
    async with world(ZONE, "other.test") as here:
        here.route("app", "Host(`app.lab.test`")
        zones = frozenset(map(parse_name, (ZONE, "other.test")))
        async with running(here, dns_zones=zones) as daemon:
            _, metrics = await daemon.get("/metrics")

        assert 'catalyst_dns_sync_skips{reason="invalid-rule"} 1.0' in metrics
