"""Whatever is sent, the answer is a Status of the 400s, never a traceback."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, serve
from catalyst_dns_sync.sandbox.kube_api.manifests import BUILT_IN_CRDS

Json = dict[str, Any]
Send = Callable[..., tuple[int, str]]

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "host", "match", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)

BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
LEASE_SPEC = {"renewTime": "2026-11-24T01:00:05.000000Z", "leaseDurationSeconds": 15}
OBJECTS: dict[str, Json] = {
    "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes": {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": "a", "labels": {"a": "b"}, "annotations": {"a": "b"}},
        "spec": {"routes": [{"match": "Host(`a.b`)", "kind": "Rule", "services": [{"port": 1}]}]},
    },
    "/apis/networking.k8s.io/v1/namespaces/default/ingresses": {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "a", "finalizers": ["a/b"]},
        "spec": {
            "tls": [{"hosts": ["a.b"]}],
            "rules": [
                {"host": "a.b", "http": {"paths": [{"pathType": "Prefix", "backend": BACKEND}]}}
            ],
        },
    },
    "/api/v1/namespaces/default/services": {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"type": "LoadBalancer", "ports": [{"name": "a", "port": 80}]},
    },
    "/api/v1/namespaces/default/secrets": {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a"},
        "data": {"a": "Yg=="},
        "stringData": {"a": "b"},
    },
    "/api/v1/namespaces/default/events": {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "a"},
        "involvedObject": {"kind": "IngressRoute", "name": "a"},
        "lastTimestamp": "2026-11-24T01:00:05Z",
    },
    "/apis/coordination.k8s.io/v1/namespaces/default/leases": {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "a"},
        "spec": LEASE_SPEC,
    },
    "/apis/cert-manager.io/v1/namespaces/default/certificates": {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "a", "ownerReferences": [{"name": "a"}]},
        "spec": {"secretName": "a", "issuerRef": {"name": "a"}},
    },
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": BUILT_IN_CRDS[3]
    | {
        "metadata": {"name": "gateways.fuzz.example"},
        "spec": BUILT_IN_CRDS[3]["spec"] | {"group": "fuzz.example"},
    },
}
MERGE = "application/merge-patch+json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@asynccontextmanager
async def _server() -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with serve(KubeApi(timings=INSTANT)) as port, aiohttp.ClientSession() as session:
        yield session, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """Return a function that sends one request to a server of its own, and returns the answer."""
    with asyncio.Runner() as runner:
        context = _server()
        session, url = runner.run(context.__aenter__())

        async def ask(method: str, path: str, **more: Any) -> tuple[int, str]:
            async with session.request(method, url + path, **more) as response:
                return response.status, await response.text(errors="replace")

        yield lambda *args, **more: runner.run(ask(*args, **more))
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    # In a fixture's second half `caplog.records` are those of the teardown.
    errors = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    assert errors == []


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, each in pairs:
        yield from _places(each, (*path, key))


def _with(obj: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(obj))
    owner = copy
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    return copy


@FEW
@given(data=st.data())
def test_objects_with_something_odd_in_any_place(send: Send, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(OBJECTS)))
    place = data.draw(st.sampled_from(list(_places(OBJECTS[path]))))
    body = _with(OBJECTS[path], place, data.draw(VALUES))

    name = OBJECTS[path]["metadata"]["name"]

    created = send("POST", path, data=json.dumps(body).encode())
    as_table = send("GET", path, headers={"Accept": TABLE})
    patches = [
        send("PATCH", f"{path}/{name}", data=json.dumps(body), headers={"Content-Type": kind})
        for kind in (
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
        )
    ]
    as_apply = send(
        "PATCH",
        f"{path}/{name}?fieldManager=x&force=true",
        data=json.dumps(body),
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    unheld = b'{"metadata": {"finalizers": null}}'
    send("PATCH", f"{path}/{name}", headers={"Content-Type": MERGE}, data=unheld)
    send("DELETE", f"{path}/{name}")

    for status, text in (created, as_table, *patches, as_apply):
        assert status < 500 or "resourceVersion should not be set" in text, text


@FEW
@given(body=st.binary(max_size=60))
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/yaml",
        "application/vnd.kubernetes.protobuf",
        "text/plain",
    ],
)
def test_random_bytes_as_a_body(send: Send, content_type: str, body: bytes) -> None:
    path = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"
    if content_type.endswith("protobuf"):
        body = b"k8s\0" + body

    status, text = send("POST", path, data=body, headers={"Content-Type": content_type})

    assert 400 <= status < 500
    assert json.loads(text)["kind"] == "Status"


@FEW
@given(
    patch=VALUES
    | st.lists(
        st.dictionaries(
            st.sampled_from(["op", "path", "value", "from"]),
            VALUES | st.sampled_from(["add", "remove", "move", "/spec", "/spec/routes/0", "/x"]),
        ),
        max_size=3,
    )
)
@pytest.mark.parametrize(
    "form", ["json-patch+json", "merge-patch+json", "strategic-merge-patch+json"]
)
def test_random_patches(send: Send, form: str, patch: object) -> None:
    path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses"
    send("POST", path, json=OBJECTS[path] | {"metadata": {"name": "p"}})

    status, text = send(
        "PATCH",
        f"{path}/p",
        data=json.dumps(patch),
        headers={"Content-Type": f"application/{form}"},
    )

    assert status < 500, text


@FEW
@given(
    query=st.dictionaries(
        st.sampled_from(
            [
                "limit",
                "continue",
                "resourceVersion",
                "resourceVersionMatch",
                "labelSelector",
                "fieldSelector",
                "sendInitialEvents",
                "includeObject",
                "dryRun",
            ]
        ),
        st.text(max_size=12) | st.sampled_from(["0", "1", "-1", "true", "a=b", "Exact"]),
        max_size=4,
    )
)
def test_random_queries(send: Send, query: dict[str, str]) -> None:
    path = "/apis/traefik.io/v1alpha1/ingressroutes"

    status, text = send("GET", path, params=query)

    assert status < 500 or status == 504, text


@FEW
@given(segments=st.lists(st.text(max_size=6) | st.sampled_from(["api", "apis", "v1"]), max_size=7))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_random_paths(send: Send, method: str, segments: list[str]) -> None:
    path = "/" + "/".join(segments).replace("?", "").replace("#", "")

    status, _ = send(method, path)

    assert status < 500


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 50_000,
        b"[" * 100_000,
        b'{"metadata":{"name":"\\ud800"}}',
        b'{"x":' + b"9" * 5000 + b"}",
        b"{}" + b" " * 4_000_000,
    ],
    ids=["deep objects", "deep lists", "a lone surrogate", "a huge number", "4 MB"],
)
def test_bodies_that_hurt_parsers(send: Send, body: bytes) -> None:
    path = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"

    stream = io.BytesIO(body)
    status, text = send("POST", path, data=stream, headers={"Content-Type": "application/json"})

    assert 400 <= status < 500
    assert json.loads(text)["kind"] == "Status"


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: zz\r\n\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /api/v1/namespaces?%ff=%00&limit=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
@pytest.mark.parametrize("leaves", [False, True], ids=["waits", "leaves"])
async def test_what_is_no_http(data: bytes, *, leaves: bool) -> None:
    async with serve(KubeApi(token="secret")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        if leaves:
            writer.write_eof()
        url = f"http://127.0.0.1:{port}/version"
        async with aiohttp.ClientSession() as session, session.get(url) as other:
            status = other.status
        writer.close()
        answer = await reader.read() if leaves else b""

    assert status == 200
    assert b"Traceback" not in answer


def test_a_deep_object_is_refused_or_stored_but_breaks_nothing(send: Send) -> None:
    path = "/apis/cert-manager.io/v1/namespaces/default/certificates"
    deep: Any = {}
    for _ in range(900):
        deep = {"x": deep}
    spec = {"secretName": "a", "issuerRef": {"name": "a"}, "deep": deep}
    body = OBJECTS[path] | {"metadata": {"name": "deep"}, "spec": spec}

    created, _ = send("POST", path, json=body)
    listed, _ = send("GET", path, headers={"Accept": TABLE})

    assert created in {201, 400}
    assert listed == 200
