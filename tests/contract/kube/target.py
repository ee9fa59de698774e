"""The API server that the cases run on: the embedded one, or a real one by its kubeconfig."""

import base64
import json
import os
import ssl
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, Timings, serve

Json = dict[str, Any]

TRAEFIK = "traefik.io/v1alpha1"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
JSON = "application/json"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"

# Long enough to see that nothing comes, short enough to wait for.
A_MOMENT = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` is JSON, or text where it is none."""

    status: int
    content_type: str
    body: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Told:
    """All that cases are told goes through here: `distortion` puts something in its way."""

    through: Callable[[Any], Any] = lambda what: what


told = Told()


class Watch:
    """An open watch."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self._response = response

    async def next(self) -> Json | None:
        """Return the next event, None at the end of the stream."""
        line = await self._response.content.readline()
        event: Json | None = told.through(json.loads(line) if line else None)
        return event

    async def rest(self) -> list[Json]:
        """Return all events until the end of the stream."""
        events: list[Json] = told.through(
            [json.loads(line) async for line in self._response.content]
        )
        return events


class Target:
    """One API server, and a namespace in it for this case alone."""

    def __init__(self, session: aiohttp.ClientSession, url: str, namespace: str) -> None:
        self.namespace = namespace
        self.routes = f"/apis/{TRAEFIK}/namespaces/{namespace}/ingressroutes"
        self._session = session
        self._url = url

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        content_type: str = JSON,
        accept: str = JSON,
        **query: str,
    ) -> Answer:
        answer: Answer = told.through(
            await self._call(method, path, body, content_type, accept, **query)
        )
        return answer

    async def _call(
        self,
        method: str,
        path: str,
        body: object = None,
        content_type: str = JSON,
        accept: str = JSON,
        **query: str,
    ) -> Answer:
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        headers = {"Accept": accept} | ({} if data is None else {"Content-Type": content_type})
        async with self._session.request(
            method, self._url + path, params=query, data=data, headers=headers
        ) as response:
            text = await response.text()
            answer = json.loads(text) if response.content_type == JSON else text
            return Answer(response.status, response.content_type, answer, response.headers)

    async def get(self, path: str, accept: str = JSON, **query: str) -> Answer:
        return await self.call("GET", path, accept=accept, **query)

    async def create(self, name: str, host: str = "", **metadata: object) -> Json:
        body = route(name, host, **metadata)
        answer = await self._call("POST", self.routes, body, fieldManager="sample")
        assert answer.status == 201, answer.body
        created: Json = answer.body
        return created

    async def version(self) -> str:
        """Return the version of a list taken now."""
        version: str = (await self.get(self.routes)).body["metadata"]["resourceVersion"]
        return version

    @asynccontextmanager
    async def watch(self, path: str = "", **query: str) -> AsyncIterator[Watch]:
        url = self._url + (path or self.routes)
        accept = {"Accept": query.pop("accept", JSON)}
        async with self._session.get(
            url, params={"watch": "true"} | query, headers=accept
        ) as response:
            yield Watch(response)


def route(name: str, host: str = "", **metadata: object) -> Json:
    """Return an IngressRoute, by default for the host NAME.lab.test."""
    rule = {
        "kind": "Rule",
        "match": f"Host(`{host or name + '.lab.test'}`)",
        "services": [{"name": "web", "port": 80}],
    }
    return {
        "apiVersion": TRAEFIK,
        "kind": "IngressRoute",
        "metadata": {"name": name} | metadata,
        "spec": {"entryPoints": ["web"], "routes": [rule]},
    }


def crd(group: str, plural: str = "things", kind: str = "Thing") -> Json:
    """Return a CRD of a kind whose spec may be anything."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [version | {"schema": {"openAPIV3Schema": schema}}],
        },
    }


@asynccontextmanager
async def kube() -> AsyncIterator[Target]:
    """Yield the server that the suite is run on: a real one where KUBECONFIG_CONTRACT names it."""
    if kubeconfig := os.environ.get("KUBECONFIG_CONTRACT", ""):
        async with _real(kubeconfig) as target:
            yield target
    else:
        async with embedded() as (target, _):
            yield target


@asynccontextmanager
async def embedded(
    *, token: str | None = None, history: int = 10_000, timings: Timings = INSTANT
) -> AsyncIterator[tuple[Target, KubeApi]]:
    """Yield the embedded server and its inside, for what cannot be brought about from outside."""
    if os.environ.get("KUBECONFIG_CONTRACT"):
        pytest.skip("only the embedded server can be made to do this")
    api = KubeApi(token=token, history=history, timings=timings)
    async with (
        serve(api) as port,
        aiohttp.ClientSession(headers=_bearer(token)) as session,
    ):
        yield Target(session, f"http://127.0.0.1:{port}", "default"), api


def quick(**delays: float) -> Timings:
    """Return timings without delays but these."""
    return replace(INSTANT, **delays)


def _bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def _real(kubeconfig: str) -> AsyncIterator[Target]:
    config = _config(kubeconfig)
    (cluster,) = (each["cluster"] for each in config["clusters"])
    (user,) = (each["user"] for each in config["users"])
    tls = ssl.create_default_context()
    if "certificate-authority-data" in cluster:
        data = base64.b64decode(cluster["certificate-authority-data"]).decode()
        tls.load_verify_locations(cadata=data)
    if "client-certificate-data" in user:
        _load_client_certificate(tls, user)
    headers = _bearer(user.get("token"))
    connector = aiohttp.TCPConnector(ssl=tls)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        namespace = f"contract-{uuid.uuid4().hex[:8]}"
        target = Target(session, cluster["server"], namespace)
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        await target.call("POST", "/api/v1/namespaces", manifest)
        try:
            yield target
        finally:
            await target.call("DELETE", f"/api/v1/namespaces/{namespace}")


def _config(kubeconfig: str) -> Json:
    config: Json = yaml.safe_load(Path(kubeconfig).read_text())
    return config


def _load_client_certificate(tls: ssl.SSLContext, user: Json) -> None:
    with tempfile.NamedTemporaryFile() as file:
        for key in ("client-certificate-data", "client-key-data"):
            file.write(base64.b64decode(user[key]))
        file.flush()
        tls.load_cert_chain(file.name)
