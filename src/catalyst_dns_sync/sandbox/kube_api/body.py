"""The body of a request, as far as every object is alike: JSON or YAML, an object, its metadata."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

import yaml

from catalyst_dns_sync.sandbox.kube_api.encoding import METADATA_FIELDS, Json
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, bad_request

_TEXTS = frozenset(
    {
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
    }
)


def parse_json(raw: bytes) -> Any:  # noqa: ANN401 - it is whatever the sender wrote
    """Return the JSON value in a body; raises `ApiError` 400 for anything else."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        if b"\\u" in raw:
            # A lone surrogate is JSON but no text: Go writes U+FFFD in its place.
            text = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            value = json.loads(text.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError) as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from error
    return value


def parse_yaml(raw: bytes) -> Any:  # noqa: ANN401 - it is whatever the sender wrote
    """Return the value in a YAML body (JSON is YAML); raises `ApiError` 400 for anything else."""
    if raw.lstrip()[:1] == b"{":
        return parse_json(raw)
    try:
        # Through JSON, so that dates and other YAML types do not get further than this.
        value = yaml.safe_load(raw.decode("utf-8"))
        return parse_json(json.dumps(value, default=str).encode())
    except (ValueError, TypeError, yaml.YAMLError, RecursionError) as error:
        raise bad_request(f"error converting YAML to JSON: {error}") from error


def parse_object(raw: bytes, parse: Callable[[bytes], object] = parse_json) -> Json:
    """Return the object in a body, with metadata of the right types and no unknown ones."""
    value = parse(raw)
    if not isinstance(value, dict):
        shown = type(value).__name__.replace("list", "array").replace("str", "string")
        raise bad_request(
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{shown} into Go value of type struct {{ APIVersion string; Kind string }}"
        )
    return with_checked_metadata(value)


def with_checked_metadata(obj: Json) -> Json:
    """Return the object with exactly the fields that ObjectMeta has, or raise `ApiError` 400."""
    metadata = obj.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise _mistyped("metadata", "v1.ObjectMeta")
    checked = {key: metadata[key] for key in METADATA_FIELDS if metadata.get(key) is not None}
    for key, value in checked.items():
        _check_metadata_field(key, value)
    return obj | {"metadata": checked}


def _check_metadata_field(key: str, value: object) -> None:
    if key in _TEXTS and not isinstance(value, str):
        raise _mistyped(f"metadata.{key}", "string")
    if key in {"labels", "annotations"} and not (
        isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    ):
        raise _mistyped(f"metadata.{key}", "map[string]string")
    if key == "finalizers" and not _is_list_of(value, str):
        raise _mistyped(f"metadata.{key}", "[]string")
    if key in {"ownerReferences", "managedFields"} and not _is_list_of(value, dict):
        raise _mistyped(f"metadata.{key}", f"[]{key}")
    if key in {"generation", "deletionGracePeriodSeconds"} and not isinstance(value, int):
        raise _mistyped(f"metadata.{key}", "int64")


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _mistyped(field: str, wanted: str) -> ApiError:
    return bad_request(f"json: cannot unmarshal into Go struct field .{field} of type {wanted}")


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"invalid character in literal {text}")
