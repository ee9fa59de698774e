"""Creating, replacing, patching and deleting: the one path that HTTP and tests go through."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalyst_dns_sync.sandbox.kube_api import checks, resources
from catalyst_dns_sync.sandbox.kube_api.apply import applied
from catalyst_dns_sync.sandbox.kube_api.crds import CLEANUP_FINALIZER, terminating_status
from catalyst_dns_sync.sandbox.kube_api.defaults import with_defaults
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.fields import (
    UPDATE,
    with_first_entry,
    with_managed_update,
    without_time,
)
from catalyst_dns_sync.sandbox.kube_api.registry import Registry
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import (
    already_exists,
    bad_request,
    forbidden,
    invalid,
    not_found,
)
from catalyst_dns_sync.sandbox.kube_api.store import ObjectStore, Stored, stamped
from catalyst_dns_sync.sandbox.kube_api.validation import object_problems

_LASTING_NAMESPACES = frozenset({"default", "kube-system"})
_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What the query of a write asks for."""

    dry_run: bool = False
    manager: str = "unknown"
    validation: str = "Warn"
    subresource: str = ""
    operation: str = UPDATE
    force: bool = False


class Writer:
    """Changes objects, and tells what is served when a CRD comes or goes."""

    def __init__(self, store: ObjectStore, registry: Registry, now: Callable[[], datetime]) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self.on_lifecycle: Callable[[], None] = lambda: None

    def timestamp(self) -> str:
        """Return the present time as it stands in objects."""
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def create(
        self, resource: Resource, namespace: str, body: Json, options: WriteOptions
    ) -> Stored:
        """Store a new object."""
        obj = checks.addressed(resource, namespace, body)
        obj = checks.known_fields(resource, obj, options.validation)
        metadata = checks.fresh_metadata(obj["metadata"])
        if "name" not in metadata and (prefix := metadata.get("generateName")):
            suffix = "".join(secrets.choice(_NAME_LETTERS) for _ in range(5))
            metadata = metadata | {"name": prefix + suffix}
        name = metadata.get("name", "")
        self._check_room(resource, namespace, name)
        metadata |= {"creationTimestamp": self.timestamp(), "uid": str(uuid.uuid4())}
        if resource.has_generation:
            metadata["generation"] = 1
        obj = obj | {"metadata": metadata}
        if resource.has_status:
            obj.pop("status", None)
        if found := object_problems(resource, obj):
            raise invalid(resource, name, found)
        collection = self._registry.served(resource).collection
        key = _key(resource, namespace, name)
        if collection.get(key) is not None:
            raise already_exists(resource, name)
        obj = with_defaults(resource, obj, None, self.timestamp())
        obj = with_first_entry(
            resource, obj, options.manager, options.operation, self.timestamp(), wanted=body
        )
        if options.dry_run:
            return stamped(resource, key, obj, self._store.version)
        stored = self._store.put(collection, key, _in_storage_version(resource, obj))
        if resource == resources.CRDS:
            self._registry.add(stored.obj)
        return stored

    def replace(
        self, resource: Resource, namespace: str, name: str, body: Json, options: WriteOptions
    ) -> Stored:
        """Store another state of an object that exists."""
        old = self.existing(resource, namespace, name)
        obj = checks.addressed(resource, namespace, body, name)
        obj = checks.known_fields(resource, obj, options.validation)
        checks.update_preconditions(resource, name, old.obj, obj)
        return self.update(resource, old, obj, options)

    def apply(
        self, resource: Resource, namespace: str, name: str, body: Json, options: WriteOptions
    ) -> tuple[Stored, bool]:
        """Apply what a manager wants of an object; return whether it was created by that."""
        if body["metadata"].pop("managedFields", None):
            raise bad_request("metadata.managedFields must be nil")
        wanted = checks.addressed(resource, namespace, body, name)
        key = _key(resource, namespace, name)
        old = self._registry.served(resource).collection.get(key)
        if old is None:
            return self.create(resource, namespace, wanted, options), True
        wanted = checks.known_fields(resource, wanted, options.validation)
        checks.same_state(resource, name, old.obj, wanted)
        obj = applied(
            resource, old.obj, wanted, options.manager, self.timestamp(), force=options.force
        )
        return self.update(resource, old, obj, options), False

    def update(self, resource: Resource, old: Stored, obj: Json, options: WriteOptions) -> Stored:
        """Store a changed state, unless it changes nothing; the last finalizer gone deletes."""
        name = old.obj["metadata"]["name"]
        obj = _with_server_fields(resource, old.obj, obj, options.subresource)
        if found := object_problems(resource, obj):
            raise invalid(resource, name, found)
        obj = with_defaults(resource, obj, old.obj, self.timestamp())
        if options.operation == UPDATE:
            obj = with_managed_update(
                resource, old.obj, obj, options.manager, self.timestamp(), options.subresource
            )
        if without_time(obj) == without_time(old.obj):
            return old
        if resource.has_generation and _content(resource, obj) != _content(resource, old.obj):
            generation = old.obj["metadata"].get("generation", 0) + 1
            obj = obj | {"metadata": obj["metadata"] | {"generation": generation}}
        if options.dry_run:
            return stamped(resource, old.key, obj, old.version)
        return self._put(resource, old, obj)

    def delete(
        self, resource: Resource, namespace: str, name: str, body: Json, *, dry_run: bool = False
    ) -> tuple[Stored, bool]:
        """Delete an object, or begin to, where finalizers hold it; return whether it is gone."""
        old = self.existing(resource, namespace, name)
        checks.delete_preconditions(resource, name, old.obj, body)
        if resource == resources.NAMESPACES and name in _LASTING_NAMESPACES:
            raise forbidden(resource, name, "this namespace may not be deleted")
        metadata = old.obj["metadata"]
        held = metadata.get("finalizers") or resource in {resources.NAMESPACES, resources.CRDS}
        if held:
            return (old if dry_run else self._begin_deletion(resource, old)), False
        if not dry_run:
            self._remove(resource, old)
        return old, True

    def finish_deletion(self, resource: Resource, old: Stored) -> None:
        """Take an object away whatever holds it: the server's own clean-up is done."""
        self._remove(resource, old)

    def existing(self, resource: Resource, namespace: str, name: str) -> Stored:
        """Return an object's present state, or raise the 404 that names it."""
        found = self._registry.served(resource).collection.get(_key(resource, namespace, name))
        if found is None:
            raise not_found(resource, name)
        return found

    def _begin_deletion(self, resource: Resource, old: Stored) -> Stored:
        metadata = old.obj["metadata"]
        if "deletionTimestamp" in metadata:
            return old
        metadata = metadata | {"deletionTimestamp": self.timestamp()}
        if resource.custom:
            metadata["deletionGracePeriodSeconds"] = 0
        if resource.has_generation:
            metadata["generation"] = metadata.get("generation", 0) + 1
        obj = old.obj | {"metadata": metadata}
        if resource == resources.NAMESPACES:
            obj |= {"status": {"phase": "Terminating"}}
        if resource == resources.CRDS:
            finalizers = [*metadata.get("finalizers", ()), CLEANUP_FINALIZER]
            obj |= {
                "metadata": metadata | {"finalizers": finalizers},
                "status": terminating_status(old.obj, self.timestamp()),
            }
            self._registry.terminate(old.obj)
        stored = self._store.put(self._registry.served(resource).collection, old.key, obj)
        self.on_lifecycle()
        return stored

    def _put(self, resource: Resource, old: Stored, obj: Json) -> Stored:
        metadata = obj["metadata"]
        collection = self._registry.served(resource).collection
        released = "deletionTimestamp" in metadata and not metadata.get("finalizers")
        if released and resource not in {resources.NAMESPACES, resources.CRDS}:
            return self._store.remove(collection, stamped(resource, old.key, obj, 0))
        stored = self._store.put(collection, old.key, _in_storage_version(resource, obj))
        if resource == resources.CRDS:
            self._registry.update(stored.obj)
        return stored

    def _remove(self, resource: Resource, old: Stored) -> None:
        self._store.remove(self._registry.served(resource).collection, old)
        if resource == resources.CRDS:
            self._registry.remove(old.obj)

    def _check_room(self, resource: Resource, namespace: str, name: str) -> None:
        if self._registry.served(resource).terminating:
            why = "create not allowed while custom resource definition is terminating"
            raise forbidden(resource, "", why)
        if not resource.namespaced:
            return
        space = self._registry.served(resources.NAMESPACES).collection.get(namespace)
        if space is None:
            raise not_found(resources.NAMESPACES, namespace)
        if "deletionTimestamp" in space.obj["metadata"]:
            raise checks.terminating_namespace(resource, namespace, name)


def _key(resource: Resource, namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if resource.namespaced else name


def _in_storage_version(resource: Resource, obj: Json) -> Json:
    if resource.version == resource.storage_version:
        return obj
    return obj | {"apiVersion": f"{resource.group}/{resource.storage_version}"}


def _with_server_fields(resource: Resource, old: Json, new: Json, subresource: str) -> Json:
    """Return the new state with what only the server, or another subresource, may set."""
    server_fields = checks.FROM_THE_SERVER
    kept = {key: old["metadata"][key] for key in server_fields if key in old["metadata"]}
    given = {key: value for key, value in new["metadata"].items() if key not in server_fields}
    for key in ("name", "namespace"):
        if key in old["metadata"]:
            kept[key] = old["metadata"][key]
    metadata = given | kept
    if subresource == "status":
        status = {"status": new["status"]} if "status" in new else {}
        managed = {"managedFields": given["managedFields"]} if "managedFields" in given else {}
        rest = {key: value for key, value in old.items() if key != "status"}
        return rest | {"metadata": old["metadata"] | managed} | status
    new = new | {"metadata": metadata, "apiVersion": old["apiVersion"], "kind": old["kind"]}
    if resource.has_status:
        new.pop("status", None)
        new |= {"status": old["status"]} if "status" in old else {}
    return new


def _content(resource: Resource, obj: Json) -> Json:
    """Return what counts for ``generation``: all but metadata and a status of its own."""
    ignored = {"metadata", "status"} if resource.has_status else {"metadata"}
    return {key: value for key, value in obj.items() if key not in ignored}
