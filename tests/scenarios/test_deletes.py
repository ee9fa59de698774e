"""A name goes only when there is evidence; and the more go together, the more evidence."""

import json

import pytest

from catalyst_dns_sync.sandbox.kube_api import INSTANT, Timings
from fakes.world import TRAEFIK, World, running, settle, world

pytestmark = pytest.mark.looptime


def routes(here: World, count: int, namespace: str = "default") -> set[str]:
    for number in range(count):
        here.route(f"r{number}", f"Host(`r{number}.{namespace}.lab.test`)", namespace)
    return {f"r{number}.{namespace}.lab.test" for number in range(count)}


async def test_a_seen_end_is_carried_out_after_the_grace() -> None:
    async with world() as here:
        routes(here, 2)
        async with running(here, delete_grace=10.0):
            here.delete_route("r0")
            await settle(9)
            before = here.names()
            await settle(2)

            assert "r0.default.lab.test" in before
            assert here.names() == {"r1.default.lab.test"}


async def test_a_resource_made_again_within_the_grace_never_loses_its_name() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here, delete_grace=10.0):
            writes = here.writes
            here.delete_route("app")
            await settle(5)
            here.route("app", "Host(`app.lab.test`)")
            await settle(60)

            assert here.writes == writes


async def test_a_move_to_another_kind_within_the_grace_never_loses_the_name() -> None:
    async with world() as here:
        here.ingress("app", "app.lab.test")
        async with running(here, delete_grace=10.0):
            here.delete_ingress("app")
            await settle(5)
            here.route("app", "Host(`app.lab.test`)")
            await settle(60)

            (record,) = here.shown()["app.lab.test"]
            assert record.comment.endswith("origin=IngressRoute/default/app kinds=IngressRoute")


async def test_an_end_that_nobody_saw_is_carried_out_when_a_second_list_agrees() -> None:
    async with world() as here:
        names = routes(here, 10)
        async with running(here):
            pass
        here.delete_route("r0")
        async with running(here):
            await settle(55)
            before = here.names()
            await settle(10)

            assert before == names
            assert here.names() == names - {"r0.default.lab.test"}


async def test_a_twin_that_one_list_lacks_is_not_gone_because_the_other_is() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        here.ingress("app", "app.lab.test")
        here.ingress("web", "web.lab.test")
        here.route("api", "Host(`api.lab.test`)")
        async with running(here):
            pass
        here.delete_route("app")
        async with running(here):
            await settle(1)
            here.delete_ingress("app")
            await settle(50)
            before = here.names()
            await settle(40)

            assert "app.lab.test" in before
            assert here.names() == {"web.lab.test", "api.lab.test"}


async def test_too_many_ends_that_nobody_saw_are_withheld_and_stay_so() -> None:
    async with world() as here:
        names = routes(here, 100)
        async with running(here):
            pass
        for number in range(60):
            here.delete_route(f"r{number}")
        async with running(here) as daemon:
            await settle(300)
            assert here.names() == names
            for number in range(50):
                here.route(f"r{number}", f"Host(`r{number}.default.lab.test`)")
                await settle(5)
            await settle(300)
            _, metrics = await daemon.get("/metrics")

            assert here.names() == names
            assert 'catalyst_dns_sync_withheld_deletes{zone="lab.test"} 10.0' in metrics


async def test_the_same_ends_seen_go_through() -> None:
    async with world() as here:
        routes(here, 100)
        async with running(here):
            for number in range(60):
                here.delete_route(f"r{number}")
            await settle(30)

            assert len(here.names()) == 40


async def test_a_kind_is_never_emptied_by_what_nobody_saw() -> None:
    async with world() as here:
        here.route("only", "Host(`only.lab.test`)")
        async with running(here):
            pass
        here.delete_route("only")
        async with running(here):
            await settle(600)

            assert here.names() == {"only.lab.test"}


AT_ONCE, OVER_40_S = INSTANT, Timings(crd_object_deletion=1.0)
CRD = "ingressroutes.traefik.io"


def remove_crd(here: World) -> None:
    here.api.delete("customresourcedefinitions", V1, CRD, "")


@pytest.mark.parametrize("readable", [True, False], ids=["readable", "unreadable"])
@pytest.mark.parametrize(
    ("count", "timings"),
    [(3, AT_ONCE), (100, AT_ONCE), (40, OVER_40_S)],
    ids=["3 at once", "100 at once", "40 over 40 s"],
)
async def test_a_removed_crd_takes_no_record_along(
    count: int, timings: Timings, *, readable: bool
) -> None:
    async with world(timings=timings) as here:
        names = routes(here, count)
        if not readable:
            here.api.forbid("get", "customresourcedefinitions")
        async with running(here):
            remove_crd(here)
            await settle(600)

            assert here.names() == names


async def test_a_removed_crd_with_a_thousand_objects_takes_no_record_along() -> None:
    async with world() as here:
        names = routes(here, 1000)
        async with running(here, dns_rate_limit=5000):
            await settle(10)
            assert here.names() == names
            remove_crd(here)
            await settle(120)

            assert here.names() == names


@pytest.mark.parametrize("readable", [True, False], ids=["readable", "unreadable"])
async def test_a_restart_while_a_crd_is_removed_takes_no_record_along(*, readable: bool) -> None:
    async with world(timings=OVER_40_S) as here:
        names = routes(here, 40)
        if not readable:
            here.api.forbid("get", "customresourcedefinitions")
        async with running(here):
            remove_crd(here)
            await settle(20)
        async with running(here):
            await settle(600)

            assert here.names() == names


@pytest.mark.parametrize("count", [3, 100, 1000])
async def test_a_removed_namespace_takes_its_names_along_within_half_a_minute(count: int) -> None:
    async with world(timings=Timings()) as here:
        gone = routes(here, count, "gone")
        kept = routes(here, 2, "kept")
        async with running(here, dns_rate_limit=5000):
            await settle(10)
            before = here.names()
            here.api.delete("namespaces", "v1", "gone", "")
            await settle(30)

            assert before == gone | kept
            assert here.names() == kept


async def test_a_crd_made_again_takes_no_record_along_and_its_objects_get_their_names_back() -> (
    None
):
    async with world() as here:
        names = routes(here, 10)
        crd = here.api.find("customresourcedefinitions", V1, CRD, "")
        assert crd is not None
        async with running(here):
            remove_crd(here)
            await settle(5)
            here.api.create(
                {key: crd[key] for key in ("apiVersion", "kind", "spec")}
                | {"metadata": {"name": "ingressroutes.traefik.io"}}
            )
            await settle(120)
            after_its_return = here.names()
            routes(here, 10)
            await settle(120)
            writes = here.writes
            here.delete_route("r0")
            await settle(10)

            assert after_its_return == names
            assert writes == 10
            assert here.names() == names - {"r0.default.lab.test"}


async def test_a_list_that_comes_back_empty_deletes_nothing() -> None:
    async with world() as here:
        names = routes(here, 20)
        async with running(here):
            objects = [here.api.find("ingressroutes", TRAEFIK, f"r{n}") for n in range(20)]
            here.api.expire_history()
            _vanish(here)
            await settle(30)
            before = here.names()
            for obj in objects:
                assert obj is not None
                obj["metadata"] = {key: obj["metadata"][key] for key in ("name", "namespace")}
                here.api.create(obj)
            await settle(600)

            assert before == names
            assert here.names() == names
            assert here.writes == 20


async def test_while_one_source_is_refused_nothing_is_deleted() -> None:
    async with world() as here:
        names = routes(here, 3)
        here.ingress("web", "web.lab.test")
        async with running(here):
            here.api.forbid("list", "ingresses")
            here.api.forbid("watch", "ingresses")
            here.api.end_watches()
            await settle(30)
            here.delete_route("r0")
            await settle(300)
            during = here.names()
            here.api.allow("list", "ingresses")
            here.api.allow("watch", "ingresses")
            await settle(60)

            assert during == names | {"web.lab.test"}
            assert here.names() == during - {"r0.default.lab.test"}


async def test_a_kind_that_was_never_there_costs_nothing() -> None:
    async with world() as here:
        here.api.delete("customresourcedefinitions", V1, "ingressroutetcps.traefik.io", "")
        here.route("app", "Host(`app.lab.test`)")
        async with running(here) as daemon:
            status, body = await daemon.get("/readyz")
            here.delete_route("app")
            await settle(10)

            assert here.names() == set()
            assert status == 200
            states = {part["part"]: part["state"] for part in json.loads(body)["parts"]}
            assert states["source/ingressroutetcp"] == "absent"


async def test_a_typo_in_a_rule_takes_no_name_down_also_over_a_restart() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`) || Host(`other.lab.test`)")
        here.route("fine", "Host(`fine.lab.test`)")
        async with running(here):
            here.route("app", "Host(`app.lab.test`) || Host(`other.lab.test`")
            await settle(120)
        async with running(here):
            await settle(600)

            assert here.names() == {"app.lab.test", "other.lab.test", "fine.lab.test"}


async def test_names_of_a_source_that_is_switched_off_are_kept_as_orphans() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        here.ingress("web", "web.lab.test")
        async with running(here):
            pass
        async with running(here, sources=("ingress",)):
            await settle(600)

            assert here.names() == {"app.lab.test", "web.lab.test"}


async def test_names_of_another_cluster_are_left_alone() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            pass
        before = here.shown()
        here.delete_route("app")
        kube_system = here.api.find("namespaces", "v1", "kube-system", "")
        assert kube_system is not None
        async with world() as rebuilt:
            rebuilt.ports, rebuilt.token, rebuilt.dns = here.ports, here.token, here.dns
            rebuilt.route(
                "app",
                "Host(`app.lab.test`)",
                annotations={"catalyst-dns-sync.io/target": "192.0.2.77"},
            )
            async with running(rebuilt):
                await settle(600)

        assert here.shown() == before


async def test_a_cluster_that_is_identified_late_takes_care_of_its_names_at_once() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            pass
        moved = {"catalyst-dns-sync.io/target": "192.0.2.77"}
        here.route("app", "Host(`app.lab.test`)", annotations=moved)
        here.api.faults.answer(403, "get", "namespaces", times=1000)
        async with running(here):
            await settle(20)
            before = here.addresses("app.lab.test")
            here.api.faults.clear()
            await settle(65)

        assert before == {"192.0.2.1"}
        assert here.addresses("app.lab.test") == {"192.0.2.77"}


V1 = "apiextensions.k8s.io/v1"


def _vanish(here: World) -> None:
    """Lose all IngressRoutes without an event, as an API server does that lost its storage."""
    resource = here.api.resource("ingressroutes", TRAEFIK)
    for namespace, name in here.api.names("ingressroutes", TRAEFIK):
        here.api.parts.writer.delete(resource, namespace, name, {})
    here.api.expire_history()
