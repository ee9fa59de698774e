"""What is served at this moment: the built-in resources, and those that CRDs bring and take."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from catalyst_dns_sync.sandbox.kube_api.crds import resources_of
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import BUILT_IN, Resource
from catalyst_dns_sync.sandbox.kube_api.status import (
    PageNotFoundError,
    initializing,
    resource_not_found,
)
from catalyst_dns_sync.sandbox.kube_api.store import Collection, ObjectStore
from catalyst_dns_sync.sandbox.kube_api.timings import Timings, clock


@dataclass(slots=True)
class Served:
    """The versions of one resource, its objects, and from when to when it answers."""

    resources: tuple[Resource, ...]
    collection: Collection
    visible_at: float = -inf
    ready_at: float = -inf
    creates_at: float = -inf
    hidden_at: float = inf
    closed_at: float = inf
    terminating: bool = False

    @property
    def visible(self) -> bool:
        """Tell whether requests are answered other than by the plain text 404."""
        return self.visible_at <= clock() < self.hidden_at


class Registry:
    """Which resources there are; a custom one comes and goes with its CRD."""

    def __init__(self, store: ObjectStore, timings: Timings) -> None:
        self._store = store
        self.timings = timings
        self._served: dict[tuple[str, str], Served] = {}
        for resource in BUILT_IN:
            self._served[resource.storage_key] = Served((resource,), store.open(resource))

    def resources(self) -> Iterator[Resource]:
        """Yield every resource that is served now, in each of its versions."""
        for served in self._served.values():
            if served.visible:
                yield from served.resources

    def find(self, group: str, version: str, plural: str) -> tuple[Resource, Served]:
        """Return a resource that is ready to answer.

        Raises `PageNotFoundError` where the path does not exist, and `ApiError` in the core group
        or while the resource is starting.
        """
        served = self._served.get((group, plural))
        if served is not None and served.visible:
            for resource in served.resources:
                if resource.version == version:
                    if clock() < served.ready_at:
                        raise initializing()
                    return resource, served
        if not group and version == "v1":
            raise resource_not_found()
        raise PageNotFoundError

    def of_kind(self, group_version: str, kind: str) -> Resource | None:
        """Return the resource whose objects carry this ``apiVersion`` and ``kind``."""
        matching = (
            resource
            for resource in self.resources()
            if (resource.group_version, resource.kind) == (group_version, kind)
        )
        return next(matching, None)

    def served(self, resource: Resource) -> Served:
        """Return the state of a resource that was found before."""
        return self._served[resource.storage_key]

    def collections(self) -> Iterator[Served]:
        """Yield all that has objects, also what is coming or going."""
        return iter(tuple(self._served.values()))

    def add(self, crd: Json) -> None:
        """Begin to serve what a CRD defines: 404 for a moment, 429 for another, then empty."""
        resources = resources_of(crd)
        if not resources:
            return
        if (old := self._served.get(resources[0].storage_key)) is not None:
            old.collection.close()
        served = Served(resources, self._store.open(resources[0]))
        served.visible_at = clock() + self.timings.crd_not_found_at_birth
        served.ready_at = served.visible_at + self.timings.crd_initializing
        served.creates_at = served.ready_at + self.timings.crd_creates_held
        self._served[resources[0].storage_key] = served

    def update(self, crd: Json) -> None:
        """Serve a changed CRD's versions, columns and schemas; the objects stay."""
        resources = resources_of(crd)
        if resources and (served := self._served.get(resources[0].storage_key)) is not None:
            served.resources = resources
            served.collection.resource = resources[0]

    def terminate(self, crd: Json) -> None:
        """Refuse creates from now on: the CRD is going."""
        for resource in resources_of(crd)[:1]:
            self._served[resource.storage_key].terminating = True

    def remove(self, crd: Json) -> None:
        """Stop to serve, a little later, what the CRD defined; its open watches end after that."""
        for resource in resources_of(crd)[:1]:
            served = self._served[resource.storage_key]
            served.hidden_at = clock() + self.timings.crd_lists_after_removal
            served.closed_at = clock() + self.timings.crd_watches_after_removal

    def close_removed(self) -> float:
        """End the watches whose time has come; return when to call again."""
        for key, served in tuple(self._served.items()):
            if served.closed_at <= clock():
                served.collection.close()
                del self._served[key]
                self._store.drop(served.resources[0])
        return min((served.closed_at for served in self._served.values()), default=inf)
