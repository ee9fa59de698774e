"""One embedded API server: its objects, what it serves, and the way in for tests."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from catalyst_dns_sync.sandbox.kube_api.access import Access
from catalyst_dns_sync.sandbox.kube_api.body import parse_json, with_checked_metadata
from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.faults import Faults
from catalyst_dns_sync.sandbox.kube_api.lifecycle import Lifecycle
from catalyst_dns_sync.sandbox.kube_api.manifests import BUILT_IN_CRDS
from catalyst_dns_sync.sandbox.kube_api.parts import Parts
from catalyst_dns_sync.sandbox.kube_api.rbac import Rbac
from catalyst_dns_sync.sandbox.kube_api.registry import Registry
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.routes import make_app
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, PageNotFoundError
from catalyst_dns_sync.sandbox.kube_api.store import ObjectStore
from catalyst_dns_sync.sandbox.kube_api.timings import INSTANT, Timings
from catalyst_dns_sync.sandbox.kube_api.writes import WriteOptions, Writer


def _now() -> datetime:
    return datetime.now(UTC)


_REAL = Timings()


class KubeApi:
    """One embedded API server: its objects and its HTTP application.

    It starts with the namespaces ``default`` and ``kube-system`` and with the CRDs of
    IngressRoute, IngressRouteTCP, HTTPRoute, Gateway and Certificate. Without ``token`` everybody
    may do everything. ``history`` is how many changes of each resource are remembered, more or
    less: watches from before that get the 410.

    The methods here go the same way as HTTP requests, raise `ApiError` where those answer a
    Status, and are not counted.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        history: int = 10_000,
        now: Callable[[], datetime] = _now,
        timings: Timings = _REAL,
    ) -> None:
        store = ObjectStore(history)
        registry = Registry(store, INSTANT)
        writer = Writer(store, registry, now)
        self.parts = Parts(
            now, timings, Access(token, "sandbox", Rbac(registry)), store, registry, writer
        )
        self.lifecycle = Lifecycle(registry, writer, timings)
        writer.on_lifecycle = self.lifecycle.wake
        for name in ("default", "kube-system"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for crd in BUILT_IN_CRDS:
            self.create(crd)

    @property
    def store(self) -> ObjectStore:
        """The objects, their versions and their history."""
        return self.parts.store

    @property
    def access(self) -> Access:
        """Who may do what; a changed ``token`` holds from the next request on."""
        return self.parts.access

    @property
    def faults(self) -> Faults:
        """What shall go wrong with the next requests."""
        return self.parts.faults

    @property
    def request_counts(self) -> Counter[tuple[str, str]]:
        """How many requests came, by verb and resource, such as ``("list", "ingressroutes")``."""
        return self.parts.request_counts

    def app(self) -> web.Application:
        """Return a new HTTP application on these objects."""
        return make_app(self.parts)

    def create(self, obj: Mapping[str, Any]) -> Json:
        """Create an object; its resource follows from ``apiVersion`` and ``kind``."""
        body, resource, namespace = self._read(obj)
        return _copy(self.parts.writer.create(resource, namespace, body, _OPTIONS).data)

    def replace(self, obj: Mapping[str, Any], subresource: str = "") -> Json:
        """Replace an object, or with ``status`` only its status, whatever its version is now."""
        body, resource, namespace = self._read(obj)
        name = body["metadata"].get("name", "")
        old = self.parts.writer.existing(resource, namespace, name)
        body["metadata"]["resourceVersion"] = str(old.version)
        options = WriteOptions(manager=_OPTIONS.manager, subresource=subresource)
        return _copy(self.parts.writer.replace(resource, namespace, name, body, options).data)

    def apply(self, obj: Mapping[str, Any]) -> Json:
        """Create the object, or replace it where it exists; a status is set as well.

        Unlike `create` it takes what `kubectl get -o yaml` printed, for test data.
        """
        body, resource, namespace = self._read(obj)
        for key in ("resourceVersion", "uid"):
            body["metadata"].pop(key, None)
        name = body["metadata"].get("name", "")
        found = self.find(resource.plural, resource.group_version, name, namespace)
        written = self.create(body) if found is None else self.replace(body)
        if resource.has_status and "status" in body:
            written = self.replace(body, "status")
        return written

    def find(
        self, plural: str, group_version: str, name: str, namespace: str = "default"
    ) -> Json | None:
        """Return an object, None where there is none of that name."""
        resource = self.resource(plural, group_version)
        try:
            return _copy(self.parts.writer.existing(resource, namespace, name).data)
        except ApiError:
            return None

    def delete(
        self, plural: str, group_version: str, name: str, namespace: str = "default"
    ) -> None:
        """Delete an object; namespaces and CRDs then go step by step while the server runs."""
        resource = self.resource(plural, group_version)
        self.parts.writer.delete(resource, namespace, name, {})

    def names(self, plural: str, group_version: str, namespace: str = "") -> list[tuple[str, str]]:
        """Return namespace and name of each object of a resource, in the server's order."""
        collection = self.parts.registry.served(self.resource(plural, group_version)).collection
        found = (stored.obj["metadata"] for stored in collection.between("", None))
        pairs = [(each.get("namespace", ""), each["name"]) for each in found]
        return [pair for pair in pairs if namespace in {"", pair[0]}]

    def resource(self, plural: str, group_version: str) -> Resource:
        """Return a resource that is served; `PageNotFoundError` or `ApiError` else."""
        group, _, version = group_version.rpartition("/")
        return self.parts.registry.find(group, version, plural)[0]

    def forbid(self, verb: str, resource: str, namespace: str | None = None) -> None:
        """Answer such requests with 403 from now on; ``*`` stands for every verb or resource."""
        self.access.forbid(verb, resource, namespace)

    def allow(self, verb: str, resource: str, namespace: str | None = None) -> None:
        """Give back a right that `forbid` took."""
        self.access.allow(verb, resource, namespace)

    def end_watches(self) -> None:
        """End all open watches cleanly, as a server does whenever it likes."""
        for watch in tuple(self.parts.watches):
            watch.end()

    def reset_watches(self, resource: str = "*") -> None:
        """Reset the connections of the open watches of a resource, as a network does."""
        for watch, reset in tuple(self.parts.watches.items()):
            if resource in {watch.resource.plural, "*"}:
                reset()

    def expire_history(self) -> None:
        """Compact: every earlier version and continue token is too old from now on."""
        self.store.forget_history()

    def lower_versions(self, by: int) -> None:
        """Restart from an older backup: all versions are lower, and all watches have ended."""
        self.store.lower_versions(by)
        self.end_watches()

    def _read(self, obj: Mapping[str, Any]) -> tuple[Json, Resource, str]:
        body = with_checked_metadata(_copy(to_bytes(obj)))
        resource = self.parts.registry.of_kind(body.get("apiVersion", ""), body.get("kind", ""))
        if resource is None:
            raise PageNotFoundError(f"{body.get('apiVersion')} {body.get('kind')} is not served")
        namespace = body["metadata"].get("namespace", "default") if resource.namespaced else ""
        return body, resource, namespace


def _copy(data: bytes) -> Json:
    obj: Json = parse_json(data)
    return obj


_OPTIONS = WriteOptions(manager="sandbox")
