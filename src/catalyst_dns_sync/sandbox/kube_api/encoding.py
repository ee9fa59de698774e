"""JSON as the API server writes it: its order of keys, and bytes that are made only once."""

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from catalyst_dns_sync.sandbox.kube_api.resources import Resource

Json: TypeAlias = dict[str, Any]

# The order of the fields of ObjectMeta in k8s.io/apimachinery; also all the fields that it has.
METADATA_FIELDS = (
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)


def to_bytes(value: object, *, sort_keys: bool = False) -> bytes:
    """Return compact JSON."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)
    return text.encode("utf-8", "replace")


def object_bytes(resource: Resource, obj: Json) -> bytes:
    """Return one object's JSON: sorted for custom resources, in the order of Go's structs else."""
    if resource.custom:
        return to_bytes(obj, sort_keys=True)
    rest = {key: value for key, value in obj.items() if key not in _TYPE_META}
    meta = rest.get("metadata", {})
    ordered = {key: meta[key] for key in METADATA_FIELDS if key in meta}
    return (
        _type_prefix(resource) + to_bytes({"metadata": ordered} | rest | {"metadata": ordered})[1:]
    )


def list_bytes(resource: Resource, items: Iterable[bytes], metadata: Json) -> bytes:
    """Return a list of objects from their own JSON, without reading it again.

    The items of a built-in kind do not repeat ``kind`` and ``apiVersion``.
    """
    if resource.custom:
        joined = b",".join(items)
        head = b'{"apiVersion":' + to_bytes(resource.group_version) + b',"items":['
        tail = b'],"kind":' + to_bytes(resource.list_kind) + b',"metadata":'
        return b"".join((head, joined, tail, to_bytes(metadata, sort_keys=True), b"}"))
    skipped = len(_type_prefix(resource))
    joined = b",".join(b"{" + item[skipped:] for item in items)
    head = to_bytes({"kind": resource.list_kind, "apiVersion": resource.group_version})[:-1]
    return b"".join((head, b',"metadata":', to_bytes(metadata), b',"items":[', joined, b"]}"))


_TYPE_META = frozenset({"kind", "apiVersion"})


def _type_prefix(resource: Resource) -> bytes:
    type_meta = to_bytes({"kind": resource.kind, "apiVersion": resource.group_version})
    return type_meta[:-1] + b","
