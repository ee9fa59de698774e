"""Who owns which field: ``metadata.managedFields``, as server-side apply needs it.

Lists count as one field each, as in custom resources without a list type.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

Path: TypeAlias = tuple[str, ...]

APPLY, UPDATE = "Apply", "Update"

_NOT_MANAGED = frozenset({"apiVersion", "kind"})
_MANAGED_METADATA = frozenset({"labels", "annotations", "finalizers", "ownerReferences"})


def with_first_entry(
    resource: Resource, obj: Json, manager: str, operation: str, now: str, *, wanted: Json
) -> Json:
    """Return a new object whose fields its creator owns; an applier owns what it asked for."""
    source = leaves(owned_values(resource, wanted)) if operation == APPLY else None
    paths = owned_values(resource, obj) if source is None else source
    entries = [make_entry(resource, manager, operation, paths, now)] if paths else []
    return with_entries(obj, entries)


def with_managed_update(
    resource: Resource, old: Json, new: Json, manager: str, now: str, subresource: str = ""
) -> Json:
    """Return an object with ``managedFields`` after a write by ``manager`` that is no apply."""
    before, after = owned_values(resource, old), owned_values(resource, new)
    changed = {path for path, value in after.items() if before.get(path, _ABSENT) != value}
    # Who sends none keeps what there is; an empty list takes everybody's ownership away.
    known = old["metadata"].get("managedFields", [])
    entries: list[Json] = new["metadata"].get("managedFields", known)
    if not changed and before.keys() == after.keys():
        return with_entries(new, entries)
    kept: list[Json] = []
    mine = changed
    for entry in entries:
        paths = entry_paths(entry) & after.keys()
        if is_entry(entry, manager, UPDATE, subresource):
            mine = mine | paths
        elif paths - changed:
            kept.append(changed_entry(entry, paths - changed, now))
    if mine:
        kept.append(make_entry(resource, manager, UPDATE, mine, now, subresource))
    return with_entries(new, kept)


def leaves(values: dict[Path, object]) -> dict[Path, object]:
    """Return the fields that are no maps with content: those an applier owns."""
    maps = {path[:length] for path in values for length in range(1, len(path))}
    return {path: value for path, value in values.items() if path not in maps}


def without_time(obj: Json) -> Json:
    """Return an object for comparison: its version, and times of ownership, do not count."""
    metadata = {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}
    entries = metadata.pop("managedFields", ())
    stripped = [{key: each[key] for key in each if key != "time"} for each in entries]
    return obj | {"metadata": metadata | {"managedFields": stripped}}


def owned_values(resource: Resource, obj: Json) -> dict[Path, object]:
    """Return the value of each field that somebody can own; a map's own path has no value."""
    found: dict[Path, object] = {}
    for key, value in obj.items():
        if key == "metadata":
            for name in _MANAGED_METADATA & value.keys():
                found.update(_walk(("metadata", name), value[name], marks_maps=True))
        elif key not in _NOT_MANAGED:
            # The top-level structs of built-in kinds are always there: nobody owns them.
            found.update(_walk((key,), value, marks_maps=resource.custom))
    return found


def _walk(path: Path, value: object, *, marks_maps: bool) -> Iterator[tuple[Path, object]]:
    if not isinstance(value, dict):
        yield path, value
        return
    if marks_maps or not value:
        yield path, None
    for key, each in value.items():
        yield from _walk((*path, key), each, marks_maps=True)


def entry_paths(entry: Json) -> set[Path]:
    """Return the fields that one entry of ``managedFields`` lists."""
    fields = entry.get("fieldsV1")
    return set(_listed((), fields)) if isinstance(fields, dict) else set()


def _listed(path: Path, node: Json) -> Iterator[Path]:
    if not node or "." in node:
        yield path
    for key, below in node.items():
        if key.startswith("f:") and isinstance(below, dict):
            yield from _listed((*path, key[2:]), below)


def make_entry(
    resource: Resource,
    manager: str,
    operation: str,
    paths: Iterable[Path],
    now: str,
    subresource: str = "",
) -> Json:
    """Return an entry of ``managedFields``."""
    entry: Json = {"manager": manager, "operation": operation, "apiVersion": resource.group_version}
    entry |= {"time": now, "fieldsType": "FieldsV1", "fieldsV1": _tree(paths)}
    return entry | ({"subresource": subresource} if subresource else {})


def changed_entry(entry: Json, paths: set[Path], now: str) -> Json:
    """Return an entry with other fields, its time the present where they differ."""
    if paths == entry_paths(entry):
        return entry
    return entry | {"fieldsV1": _tree(paths), "time": now}


def _tree(paths: Iterable[Path]) -> Json:
    root: dict[str, Any] = {}
    members = sorted(paths)
    for path in members:
        node = root
        for key in path:
            node = node.setdefault(f"f:{key}", {})
        node["."] = {}
    return _without_lone_dots(root)


def _without_lone_dots(node: Json) -> Json:
    below = {key: _without_lone_dots(each) for key, each in sorted(node.items()) if key != "."}
    return ({".": {}} | below) if "." in node and below else below


def is_entry(entry: Json, manager: str, operation: str, subresource: str) -> bool:
    """Tell whether an entry is that of this manager, for this kind of write."""
    found = (entry.get("manager"), entry.get("operation"), entry.get("subresource", ""))
    return found == (manager, operation, subresource)


def with_entries(obj: Json, entries: list[Json]) -> Json:
    """Return an object with these ``managedFields``, applies first as the real server sorts."""
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    if entries:
        metadata["managedFields"] = sorted(entries, key=lambda each: str(each.get("operation")))
    return obj | {"metadata": metadata}


_ABSENT = object()
