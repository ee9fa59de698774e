"""The reflector, its client and the inspector against the embedded API server, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catalyst_dns_sync.control.ports import KindState
from catalyst_dns_sync.control.store import SourceState
from catalyst_dns_sync.kube.api import cluster_id
from catalyst_dns_sync.kube.client import KubeClient, load_client
from catalyst_dns_sync.kube.errors import KubeError
from catalyst_dns_sync.kube.inspector import CrdInspector
from catalyst_dns_sync.kube.reflector import Restart
from catalyst_dns_sync.kube.resources import RESOURCES
from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, Timings, kubeconfig, serve
from fakes.kube_script import INGRESSROUTE, route, watching

pytestmark = pytest.mark.looptime

GROUP = "traefik.io/v1alpha1"
CRD = "ingressroutes.traefik.io"
CRDS = "apiextensions.k8s.io/v1"


def put(api: KubeApi, name: str) -> None:
    item = route(name, namespace="default")
    api.apply({"apiVersion": GROUP, "kind": "IngressRoute", **item})


def drop(api: KubeApi, name: str) -> None:
    api.delete("ingressroutes", GROUP, name)


def remove_crd(api: KubeApi) -> None:
    api.delete("customresourcedefinitions", CRDS, CRD)


@asynccontextmanager
async def connected(api: KubeApi, folder: Path, port: int = 0) -> AsyncIterator[KubeClient]:
    async with serve(api, port=port) as at:
        config = folder / "kubeconfig"
        config.write_text(kubeconfig(f"http://127.0.0.1:{at}", "secret"), encoding="utf-8")
        async with await load_client(str(config)) as client:
            yield client


def sandbox(timings: Timings = INSTANT) -> KubeApi:
    return KubeApi(token="secret", timings=timings)


async def test_objects_are_listed_by_pages_and_then_followed(tmp_path: Path) -> None:
    api = sandbox()
    for number in range(250):
        put(api, f"app-{number}")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(1)
        listed = len(seen.names)
        put(api, "new")
        drop(api, "app-7")
        await asyncio.sleep(1)

        assert listed == 250
        assert seen.names == {f"app-{n}" for n in range(250) if n != 7} | {"new"}
        assert seen.ends == [("app-7.lab.test", True)]
        assert api.request_counts["list", "ingressroutes"] == 3


async def test_an_hour_of_quiet_costs_no_second_list(tmp_path: Path) -> None:
    api = sandbox(Timings())
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(3600)
        put(api, "late")
        await asyncio.sleep(1)

        assert seen.names == {"late"}
        assert api.request_counts["list", "ingressroutes"] == 1


async def test_an_expired_version_in_the_stream_is_answered_by_a_list(tmp_path: Path) -> None:
    api = sandbox()
    put(api, "goes")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(10)
        api.end_watches()
        drop(api, "goes")
        put(api, "stays")
        api.expire_history()
        await asyncio.sleep(1)

        assert seen.names == {"stays"}
        assert seen.ends == [("goes.lab.test", False)]
        assert Restart.EXPIRED in seen.restarts


async def test_a_restored_server_is_noticed_within_two_bookmark_periods(tmp_path: Path) -> None:
    api = sandbox(Timings())
    for number in range(1500):
        put(api, f"app-{number % 3}")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(10)
        api.lower_versions(1000)
        put(api, "new")
        await asyncio.sleep(120)

        assert "new" in seen.names
        assert Restart.BLIND in seen.restarts


async def test_a_half_open_watch_is_cut_within_two_bookmark_periods(tmp_path: Path) -> None:
    api = sandbox(Timings())
    api.faults.silence_watch()
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(10)
        put(api, "new")
        before = seen.names
        await asyncio.sleep(110)

        assert before == set()
        assert seen.names == {"new"}


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_status_is_waited_out(tmp_path: Path, status: int) -> None:
    api = sandbox()
    put(api, "app")
    api.faults.answer(status, times=1000)
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(300)
        during = seen.store.state
        api.faults.clear()
        await asyncio.sleep(2)

        assert during is SourceState.UNKNOWN
        assert seen.names == {"app"}


async def test_resets_and_cut_answers_are_waited_out(tmp_path: Path) -> None:
    api = sandbox()
    put(api, "app")
    api.faults.reset(times=4)
    api.faults.cut(20, "list", "ingressroutes", times=2)
    api.faults.cut(5, "watch", times=2)
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(20)
        put(api, "later")
        await asyncio.sleep(2)

        assert seen.names == {"app", "later"}
        assert seen.store.state is SourceState.SYNCED


async def test_a_server_that_hangs_is_given_up_and_tried_again(tmp_path: Path) -> None:
    api = sandbox()
    put(api, "app")
    api.faults.hang("list", "ingressroutes")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(14)
        before = seen.store.answered
        await asyncio.sleep(5)

        assert not before
        assert seen.names == {"app"}


async def test_a_server_that_goes_and_comes_back_is_found_again(tmp_path: Path) -> None:
    api = sandbox()
    async with serve(api) as port:
        pass
    config = tmp_path / "kubeconfig"
    config.write_text(kubeconfig(f"http://127.0.0.1:{port}", "secret"), encoding="utf-8")
    async with await load_client(str(config)) as client, watching(client) as seen:
        await asyncio.sleep(60)
        error = seen.store.error
        put(api, "app")
        async with serve(api, port=port):
            await asyncio.sleep(2)
            names = seen.names
            state = seen.store.state

        assert "cannot be reached" in error
        assert "secret" not in error
        assert names == {"app"}
        assert state is SourceState.SYNCED


@pytest.mark.parametrize("timings", [INSTANT, Timings()], ids=["at once", "as measured"])
async def test_a_removed_crd_is_seen_to_be_gone_before_its_objects_ends_are_believed(
    tmp_path: Path, timings: Timings
) -> None:
    api = sandbox(timings)
    for number in range(140):
        put(api, f"app-{number}")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(1)
        inspector = CrdInspector(client, [INGRESSROUTE])
        uid = seen.store.uid
        before = await inspector.kind_state("IngressRoute", [uid])
        remove_crd(api)
        states: list[KindState] = []
        while not states or seen.store.state is SourceState.SYNCED:
            await asyncio.sleep(0.01)
            if seen.ends:
                states.append(await inspector.kind_state("IngressRoute", [uid]))

        assert uid is not None
        assert before is KindState.SERVED
        assert set(states) == {KindState.REMOVED}
        assert seen.store.state is SourceState.ABSENT


async def test_a_crd_made_again_is_found_and_has_another_uid(tmp_path: Path) -> None:
    api = sandbox(Timings())
    crd = api.find("customresourcedefinitions", CRDS, CRD, "")
    assert crd is not None
    put(api, "app")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(1)
        old = seen.store.uid
        remove_crd(api)
        await asyncio.sleep(30)
        absent = seen.store.state
        api.create(
            {
                **{key: crd[key] for key in ("apiVersion", "kind", "spec")},
                "metadata": {"name": CRD},
            }
        )
        await asyncio.sleep(10)
        put(api, "app")
        await asyncio.sleep(61)
        state = await CrdInspector(client, [INGRESSROUTE]).kind_state("IngressRoute", [old])

        assert absent is SourceState.ABSENT
        assert seen.names == {"app"}
        assert seen.store.uid not in {None, old}
        assert state is KindState.REMOVED


async def test_a_crd_that_may_not_be_read_leaves_its_kind_unreadable(tmp_path: Path) -> None:
    api = sandbox()
    put(api, "app")
    api.forbid("get", "customresourcedefinitions")
    async with connected(api, tmp_path) as client, watching(client) as seen:
        await asyncio.sleep(1)
        state = await CrdInspector(client, [INGRESSROUTE]).kind_state("IngressRoute", [None])

        assert seen.names == {"app"}
        assert state is KindState.UNREADABLE


async def test_rights_taken_for_one_namespace_concern_only_it(tmp_path: Path) -> None:
    api = sandbox()
    put(api, "app")
    api.forbid("list", "ingressroutes", "other")
    async with (
        connected(api, tmp_path) as client,
        watching(client, INGRESSROUTE, "default") as mine,
        watching(client, INGRESSROUTE, "other") as other,
    ):
        await asyncio.sleep(1)

        assert mine.names == {"app"}
        assert other.store.state is SourceState.UNKNOWN
        assert "is forbidden" in other.store.error


async def test_a_kind_that_the_cluster_does_not_have_is_absent(tmp_path: Path) -> None:
    legacy = RESOURCES["ingressroute-legacy"]
    async with connected(sandbox(), tmp_path) as client, watching(client, legacy) as seen:
        await asyncio.sleep(1)

        assert seen.store.state is SourceState.ABSENT


async def test_the_cluster_is_known_by_its_uid_where_that_may_be_read(tmp_path: Path) -> None:
    api = sandbox()
    namespace = api.find("namespaces", "v1", "kube-system", "")
    assert namespace is not None
    async with connected(api, tmp_path) as client:
        known = await cluster_id(client)
        api.forbid("get", "namespaces")
        forbidden = await cluster_id(client)
        api.faults.answer(503)
        with pytest.raises(KubeError, match="503"):
            await cluster_id(client)

        assert known == namespace["metadata"]["uid"][:8]
        assert forbidden is None
