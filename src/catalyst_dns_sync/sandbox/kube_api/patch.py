"""Patches: JSON merge patch (RFC 7396), JSON patch (RFC 6902), strategic merge patch."""

import json
from collections.abc import Mapping
from typing import Any

import jsonpatch

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, bad_request

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

# The lists in the kinds served here that have a patchMergeKey in k8s.io/api; with the field above
# them where their name alone does not tell (a NetworkPolicy's ports, say, have none).
_MERGE_KEYS: Mapping[str, str] = {
    "spec.ports": "port",
    "containers.ports": "containerPort",
    "initContainers.ports": "containerPort",
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "ownerReferences": "uid",
    "conditions": "type",
}
_SET_LISTS = frozenset({"finalizers"})
_ORDER = "$setElementOrder/"
_DELETE_FROM = "$deleteFromPrimitiveList/"
_RETAIN = "$retainKeys"


def accepted_types(resource: Resource) -> tuple[str, ...]:
    """Return the forms of patch that a resource takes, as its 415 lists them."""
    if resource.custom:
        return (JSON_PATCH, MERGE, APPLY)
    return (JSON_PATCH, MERGE, STRATEGIC, APPLY)


def patched(obj: Json, patch: object, media_type: str) -> Json:
    """Return a changed object; the one given is left as it is."""
    if media_type == JSON_PATCH:
        changed = _json_patched(obj, patch)
    elif not isinstance(patch, dict):
        raise bad_request("json: cannot unmarshal into Go value of type map[string]interface {}")
    elif media_type == STRATEGIC:
        changed = _strategic(obj, patch, "")
    else:
        changed = merged(obj, patch)
    if not isinstance(changed, dict):
        raise bad_request("the patched object is not an object")
    return changed


def merged(value: object, patch: object) -> Any:  # noqa: ANN401 - a patch may turn anything into anything
    """Return a value after a merge patch: null removes, lists are replaced (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(value) if isinstance(value, dict) else {}
    for key, each in patch.items():
        if each is None:
            kept.pop(key, None)
        else:
            kept[key] = merged(kept.get(key), each)
    return kept


def _json_patched(obj: Json, patch: object) -> Any:  # noqa: ANN401 - it may replace the root
    if not isinstance(patch, list) or not all(isinstance(step, dict) for step in patch):
        raise bad_request("json: cannot unmarshal into Go value of type jsonpatch.Patch")
    try:
        return jsonpatch.JsonPatch(patch).apply(json.loads(json.dumps(obj)))
    except (jsonpatch.JsonPatchTestFailed, jsonpatch.JsonPatchConflict) as error:
        raise _unprocessable(str(error)) from error
    except (
        jsonpatch.JsonPatchException,
        jsonpatch.JsonPointerException,
        TypeError,
        KeyError,
        AttributeError,
    ) as error:
        raise bad_request(f"error decoding patch: {error}") from error


def _unprocessable(why: str) -> ApiError:
    message = "the server rejected our request due to an error in our request"
    return ApiError(422, "Invalid", f"{message}: {why}" if why else message, {})


def _merge_key(field: str, above: str) -> str | None:
    return _MERGE_KEYS.get(f"{above}.{field}", _MERGE_KEYS.get(field))


def _strategic(value: object, patch: Json, above: str) -> Json:
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: each for key, each in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    kept = dict(value) if isinstance(value, dict) else {}
    if isinstance(retained := patch.get(_RETAIN), list):
        kept = {key: each for key, each in kept.items() if key in retained}
    for key, gone in patch.items():
        name = key.removeprefix(_DELETE_FROM)
        if name != key and isinstance(gone, list):
            kept[name] = [old for old in _items(kept.get(name)) if old not in gone]
    for key, each in patch.items():
        if key.startswith("$"):
            continue
        if each is None:
            kept.pop(key, None)
        else:
            kept[key] = _strategic_field(key, kept.get(key), each, above)
    for key, order in patch.items():
        name = key.removeprefix(_ORDER)
        if name != key and name in kept and isinstance(order, list):
            kept[name] = _ordered(_items(kept[name]), order, _merge_key(name, above))
    return kept


def _strategic_field(key: str, present: object, patch: object, above: str) -> object:
    if isinstance(patch, dict):
        return _strategic(present, patch, key)
    if isinstance(patch, list) and (merge_key := _merge_key(key, above)):
        return _merged_list(_items(present), patch, merge_key, key)
    if isinstance(patch, list) and key in _SET_LISTS:
        items = _items(present)
        return [*items, *(new for new in patch if new not in items)]
    return patch


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _merged_list(present: list[Any], patch: list[Any], merge_key: str, above: str) -> list[Any]:
    items = [dict(each) for each in present if isinstance(each, dict)]
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if not (isinstance(each, dict) and "$patch" in each)]
    for each in patch:
        if not isinstance(each, dict) or merge_key not in each:
            raise bad_request(f"map: {each} does not contain declared merge key: {merge_key}")
        at = next((n for n, old in enumerate(items) if old.get(merge_key) == each[merge_key]), None)
        if each.get("$patch") == "delete":
            if at is not None:
                del items[at]
        elif at is None:
            items.append(_strategic({}, each, above))
        else:
            items[at] = _strategic(items[at], each, above)
    return items


def _ordered(items: list[Any], order: list[Any], merge_key: str | None) -> list[Any]:
    def identity(item: object) -> object:
        return item.get(merge_key) if merge_key and isinstance(item, dict) else item

    wanted = [identity(each) for each in order]
    return sorted(
        items,
        key=lambda item: wanted.index(identity(item)) if identity(item) in wanted else len(wanted),
    )
