"""The embedded API as a program: its start and stop, its way in for tests, faults on request."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from catalyst_dns_sync.sandbox.kube_api import (
    INSTANT,
    ApiError,
    KubeApi,
    PageNotFoundError,
    kubeconfig,
    serve,
)
from catalyst_dns_sync.sandbox.kube_api.body import parse_json
from catalyst_dns_sync.sandbox.kube_api.manifests import legacy_traefik_crds

Json = dict[str, Any]

TRAEFIK = "traefik.io/v1alpha1"
ROUTES = f"/apis/{TRAEFIK}/namespaces/default/ingressroutes"


def route(name: str, **metadata: object) -> Json:
    rule = {"kind": "Rule", "match": f"Host(`{name}.lab.test`)"}
    return {
        "apiVersion": TRAEFIK,
        "kind": "IngressRoute",
        "metadata": {"name": name} | metadata,
        "spec": {"routes": [rule]},
    }


@asynccontextmanager
async def client(api: KubeApi) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        serve(api) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def status_of(session: aiohttp.ClientSession, path: str = ROUTES) -> int:
    async with session.get(path) as response:
        await response.read()
        return response.status


async def test_a_port_in_use_is_an_os_error() -> None:
    async with serve(KubeApi()) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with serve(KubeApi(), port=port):
                pass


async def test_it_stops_quickly_with_watches_open() -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        async with serve(KubeApi()) as port:
            url = f"http://127.0.0.1:{port}{ROUTES}?watch=true"
            watches = [await session.get(url) for _ in range(20)]
            began = loop.time()
        took = loop.time() - began
        ends = [await watch.read() for watch in watches]

    assert took < 0.4
    assert ends == [b""] * 20


async def test_the_same_objects_can_be_served_again_on_the_same_port() -> None:
    api = KubeApi()
    async with serve(api) as port:
        api.create(route("a"))
    async with serve(api, port=port), aiohttp.ClientSession() as session:
        found = await status_of(session, f"http://127.0.0.1:{port}{ROUTES}/a")

    assert found == 200


async def test_an_error_of_whoever_uses_the_server_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with serve(KubeApi()):
            raise LookupError("mine")


async def test_a_kubeconfig_carries_the_token_where_kubectl_sends_it() -> None:
    config = json.loads(kubeconfig("http://127.0.0.1:1234", "secret"))

    (cluster,) = config["clusters"]
    assert cluster["cluster"] == {"server": "http://sandbox:secret@127.0.0.1:1234"}


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
async def test_the_token_is_taken_as_bearer_and_as_password(scheme: str) -> None:
    basic = aiohttp.BasicAuth("sandbox", "secret").encode()
    header = "Bearer secret" if scheme == "bearer" else basic
    async with (
        serve(KubeApi(token="secret")) as port,
        aiohttp.ClientSession(headers={"Authorization": header}) as session,
    ):
        assert await status_of(session, f"http://127.0.0.1:{port}{ROUTES}") == 200


async def test_requests_are_counted_by_verb_and_resource() -> None:
    api = KubeApi()
    async with client(api) as session:
        for _ in range(2):
            await status_of(session)
        await status_of(session, f"{ROUTES}/a")
        await status_of(session, "/version")

    expected = {("list", "ingressroutes"): 2, ("get", "ingressroutes"): 1}
    assert api.request_counts == expected


def test_objects_are_written_and_read_without_http() -> None:
    api = KubeApi()

    created = api.create(route("a"))
    changed = api.replace(route("a", labels={"x": "y"}))
    api.apply(route("b"))
    api.apply(route("b", labels={"x": "z"}))

    assert created["metadata"]["namespace"] == "default"
    assert api.find("ingressroutes", TRAEFIK, "a") == changed
    assert api.names("ingressroutes", TRAEFIK) == [("default", "a"), ("default", "b")]
    api.delete("ingressroutes", TRAEFIK, "a")
    assert api.find("ingressroutes", TRAEFIK, "a") is None


def test_what_comes_out_can_be_changed_without_changing_what_is_stored() -> None:
    api = KubeApi()
    given = route("a")
    created = api.create(given)

    created["spec"]["routes"].clear()
    given["spec"]["routes"].clear()

    found = api.find("ingressroutes", TRAEFIK, "a")
    assert found is not None
    assert len(found["spec"]["routes"]) == 1


def test_a_status_is_set_apart() -> None:
    api = KubeApi()
    spec = {"ports": [{"port": 80}], "type": "LoadBalancer"}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec}
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}

    api.create(service | {"status": status})
    changed = api.replace(service | {"status": status}, "status")

    assert changed["status"] == status


def test_applying_takes_what_kubectl_printed_elsewhere() -> None:
    api = KubeApi()
    spec = {"ports": [{"port": 80}], "type": "LoadBalancer"}
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
    metadata = {"name": "s", "resourceVersion": "7", "uid": "another"}
    printed = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    first = api.apply(printed | {"status": status})
    second = api.apply(printed | {"status": status})

    assert first["status"] == status
    assert second == first


def test_before_it_is_served_a_crds_kind_is_there_at_once() -> None:
    api = KubeApi()
    crds = legacy_traefik_crds()
    for crd in crds:
        api.create(crd)

    created = api.create(route("a") | {"apiVersion": "traefik.containo.us/v1alpha1"})

    assert created["metadata"]["name"] == "a"


def test_a_kind_that_is_not_served_is_named() -> None:
    api = KubeApi()

    with pytest.raises(PageNotFoundError, match=r"absent\.example/v1 Thing"):
        api.create({"apiVersion": "absent.example/v1", "kind": "Thing", "metadata": {}})


def test_a_refusal_is_the_status_that_http_would_answer() -> None:
    api = KubeApi()
    api.create(route("a"))

    with pytest.raises(ApiError) as raised:
        api.create(route("a"))

    assert (raised.value.code, raised.value.reason) == (409, "AlreadyExists")


async def test_the_old_group_of_traefik_comes_with_its_crds() -> None:
    api = KubeApi(timings=INSTANT)
    for crd in legacy_traefik_crds():
        api.create(crd)

    async with client(api) as session:
        found = await status_of(session, "/apis/traefik.containo.us/v1alpha1/ingressroutes")

    assert found == 200


async def test_all_served_versions_show_the_same_objects() -> None:
    api = KubeApi(timings=INSTANT)
    crd = api.find(
        "customresourcedefinitions", "apiextensions.k8s.io/v1", "ingressroutes.traefik.io"
    )
    assert crd is not None
    (version,) = crd["spec"]["versions"]
    crd["spec"]["versions"].append(version | {"name": "v1beta1", "storage": False})
    api.replace(crd)
    created = api.create(route("a"))

    async with client(api) as session, session.get(ROUTES.replace("v1alpha1", "v1beta1")) as got:
        listed = await got.json()

    assert listed["apiVersion"] == "traefik.io/v1beta1"
    assert listed["items"] == [created | {"apiVersion": "traefik.io/v1beta1"}]


async def test_a_fault_hits_the_next_requests_that_match_and_no_more() -> None:
    api = KubeApi()
    api.faults.answer(503, "list", "ingressroutes", times=2)
    async with client(api) as session:
        other = await status_of(session, "/api/v1/namespaces")
        found = [await status_of(session) for _ in range(3)]

    assert (other, found) == (200, [503, 503, 200])


async def test_a_fault_can_say_when_to_try_again() -> None:
    api = KubeApi()
    api.faults.answer(429, retry_after=7)
    async with client(api) as session, session.get(ROUTES) as response:
        body = await response.json()

    assert (response.headers["Retry-After"], body["reason"]) == ("7", "TooManyRequests")


async def test_a_connection_can_be_reset() -> None:
    api = KubeApi()
    api.faults.reset("list", times=9)
    async with client(api) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await status_of(session)


async def test_a_body_can_be_cut() -> None:
    api = KubeApi()
    api.create(route("a"))
    api.faults.cut(20, "list")
    async with client(api) as session:
        with pytest.raises(aiohttp.ClientPayloadError):
            await status_of(session)
        after = await status_of(session)

    assert after == 200


async def test_a_fault_can_let_some_requests_through_first() -> None:
    api = KubeApi()
    api.faults.answer(500, "list", skip=2)
    async with client(api) as session:
        found = [await status_of(session) for _ in range(4)]

    assert found == [200, 200, 500, 200]


async def test_an_answer_can_be_late() -> None:
    api = KubeApi()
    api.faults.delay(0.05, "list")
    loop = asyncio.get_running_loop()
    async with client(api) as session:
        began = loop.time()
        found = await status_of(session)
        took = loop.time() - began

    assert found == 200
    assert took >= 0.05


async def test_a_watch_can_be_cut_in_the_middle_of_a_line() -> None:
    api = KubeApi()
    api.create(route("a"))
    api.faults.cut(20, "watch")
    async with client(api) as session, session.get(ROUTES, params={"watch": "1"}) as watch:
        with pytest.raises(aiohttp.ClientPayloadError):
            await watch.content.read()


async def test_watches_can_be_reset() -> None:
    api = KubeApi()
    async with client(api) as session, session.get(ROUTES, params={"watch": "1"}) as watch:
        api.reset_watches()
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
            await watch.content.read()


@pytest.mark.parametrize("verb", ["list", "watch"])
async def test_a_request_can_hang_and_does_not_hold_up_the_stop(verb: str) -> None:
    api = KubeApi()
    api.faults.hang(verb)
    query = "?watch=true" if verb == "watch" else ""
    async with client(api) as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await status_of(session, ROUTES + query)


async def test_a_watch_can_be_half_open() -> None:
    api = KubeApi()
    api.faults.silence_watch("ingressroutes")
    async with client(api) as session, session.get(ROUTES, params={"watch": "1"}) as watch:
        api.create(route("a"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await watch.content.readline()

    assert watch.status == 200


async def test_a_watch_whose_client_went_away_is_ended() -> None:
    api = KubeApi()
    async with client(api) as session:
        watch = await session.get(ROUTES, params={"watch": "1"})
        opened = len(api.parts.watches)
        watch.close()
        async with asyncio.timeout(5):
            while api.parts.watches:
                await status_of(session, "/version")

    assert opened == 1


def test_half_a_character_is_read_as_the_replacement_character() -> None:
    text = rb'["\ud800", "\ud83d\ude00"]'

    assert parse_json(text) == ["\ufffd", "\U0001f600"]


async def test_versions_can_be_lowered_as_by_a_restored_backup() -> None:
    api = KubeApi()
    before = api.create(route("a"))
    async with client(api) as session:
        async with session.get(ROUTES, params={"watch": "1"}) as watch:
            await watch.content.readline()
            api.lower_versions(1_000)
            rest = await watch.content.read()
        async with session.get(ROUTES) as response:
            after = await response.json()

    (item,) = after["items"]
    version = int(before["metadata"]["resourceVersion"]) - 1_000
    assert rest == b""
    assert after["metadata"]["resourceVersion"] == str(version)
    assert item["metadata"]["resourceVersion"] == str(version)
    assert item["metadata"]["uid"] == before["metadata"]["uid"]


async def test_a_slow_watcher_holds_nobody_up() -> None:
    api = KubeApi(history=50)
    async with client(api) as session, session.get(ROUTES, params={"watch": "1"}) as slow:
        for number in range(3_000):
            api.create(route(f"r{number}", annotations={"x": "y" * 2_000}))
            if number % 100 == 0:
                await asyncio.sleep(0)
        other = await status_of(session, "/version")
        lines = (await slow.content.read()).splitlines()

    last = json.loads(lines[-1])
    assert other == 200
    assert (last["type"], last["object"]["code"]) == ("ERROR", 410)
