"""Structural schemas of CRDs: what a value may be, and which of its fields are not known.

The part of OpenAPI v3 that CRDs use and that matters for whole objects; formats, and rules in CEL,
are not looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.status import Cause, invalid_value, required

Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_INTEGERS = ("maxItems", "minItems", "maxLength", "minLength")
_NOT_CHECKED_AT_THE_ROOT = frozenset({"apiVersion", "kind", "metadata"})


def problems(obj: Json, schema: Schema) -> list[Cause]:
    """Return all that is wrong with a custom resource by its CRD's schema."""
    body = {key: value for key, value in obj.items() if key not in _NOT_CHECKED_AT_THE_ROOT}
    properties = {
        key: value
        for key, value in schema.get("properties", {}).items()
        if key not in _NOT_CHECKED_AT_THE_ROOT
    }
    wanted = [key for key in schema.get("required", ()) if key not in _NOT_CHECKED_AT_THE_ROOT]
    root = {"type": "object", "properties": properties, "required": wanted}
    return list(_problems(body, root, ""))


def pruned(obj: Json, schema: Schema) -> tuple[Json, list[str]]:
    """Return a custom resource without what its schema does not know, and the paths of that."""
    unknown: list[str] = []
    properties = dict(schema.get("properties", {}))
    kept = {key: obj[key] for key in _NOT_CHECKED_AT_THE_ROOT if key in obj}
    body = {key: value for key, value in obj.items() if key not in kept}
    root = dict(schema) | {"properties": properties}
    rest = _pruned(body, root, "", unknown) if schema else body
    return kept | rest, unknown


def is_structural(schema: object) -> bool:
    """Tell whether a CRD's schema can be used: what it says has the types that OpenAPI wants."""
    if not isinstance(schema, dict):
        return False
    if not all(isinstance(schema.get(key, ""), str) for key in ("type", "pattern", "format")):
        return False
    if not all(isinstance(schema.get(key, 0), int) for key in _INTEGERS):
        return False
    if not all(isinstance(schema.get(key, 0), int | float) for key in ("minimum", "maximum")):
        return False
    lists = (schema.get(key, []) for key in ("required", "enum"))
    properties = schema.get("properties", {})
    if not all(isinstance(each, list) for each in lists) or not isinstance(properties, dict):
        return False
    try:
        re.compile(schema.get("pattern", ""))
    except re.error:
        return False
    others = (schema[key] for key in ("items", "additionalProperties") if key in schema)
    return all(isinstance(each, bool) or is_structural(each) for each in others) and all(
        is_structural(each) for each in properties.values()
    )


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - the same type as it came
    """Return a value without the fields that are null: to Go these are not there."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def _pruned(value: Any, schema: Schema, path: str, unknown: list[str]) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_pruned(each, items, f"{path}[{at}]", unknown) for at, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    keeps_all = schema.get("x-kubernetes-preserve-unknown-fields") or others is True
    kept = {}
    for key, each in value.items():
        below = f"{path}.{key}" if path else key
        if key in properties:
            kept[key] = _pruned(each, properties[key], below, unknown)
        elif isinstance(others, dict):
            kept[key] = _pruned(each, others, below, unknown)
        elif keeps_all:
            kept[key] = each
        else:
            unknown.append(below)
    return kept


def _problems(value: object, schema: Schema, path: str) -> Iterator[Cause]:
    if value is None and schema.get("nullable"):
        return
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, str | int) or isinstance(value, bool):
            yield _wrong_type(value, "integer,string", path)
        return
    kind = schema.get("type")
    if isinstance(kind, str) and not _is_a(value, kind):
        yield _wrong_type(value, kind, path)
        return
    if (allowed := schema.get("enum")) is not None and value not in allowed:
        names = ", ".join(json.dumps(each) for each in allowed)
        message = f"Unsupported value: {json.dumps(value)}: supported values: {names}"
        yield Cause(path, "FieldValueNotSupported", message)
    match value:
        case dict():
            yield from _object_problems(value, schema, path)
        case list():
            yield from _array_problems(value, schema, path)
        case str():
            yield from _string_problems(value, schema, path)
        case int() | float():
            yield from _number_problems(value, schema, path)
        case _:
            pass


def _object_problems(value: Json, schema: Schema, path: str) -> Iterator[Cause]:
    below = f"{path}." if path else ""
    for key in schema.get("required", ()):
        if key not in value:
            yield required(below + key)
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for key, each in value.items():
        if key in properties:
            yield from _problems(each, properties[key], below + key)
        elif isinstance(others, dict):
            yield from _problems(each, others, below + key)


def _array_problems(value: list[object], schema: Schema, path: str) -> Iterator[Cause]:
    if len(value) > schema.get("maxItems", len(value)):
        message = f"Too many: {len(value)}: must have at most {schema['maxItems']} items"
        yield Cause(path, "FieldValueTooMany", message)
    if len(value) < schema.get("minItems", 0):
        why = f"{path} in body should have at least {schema['minItems']} items"
        yield invalid_value(path, str(len(value)), why)
    for at, each in enumerate(value):
        yield from _problems(each, schema.get("items", {}), f"{path}[{at}]")


def _string_problems(value: str, schema: Schema, path: str) -> Iterator[Cause]:
    if len(value) < schema.get("minLength", 0):
        why = f"{path} in body should be at least {schema['minLength']} chars long"
        yield invalid_value(path, json.dumps(value), why)
    if len(value) > schema.get("maxLength", len(value)):
        message = f"Too long: may not be more than {schema['maxLength']} bytes"
        yield Cause(path, "FieldValueTooLong", message)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not re.search(pattern, value):
        why = f"{path} in body should match '{pattern}'"
        yield invalid_value(path, json.dumps(value), why)


def _number_problems(value: float, schema: Schema, path: str) -> Iterator[Cause]:
    if value < schema.get("minimum", value):
        why = f"{path} in body should be greater than or equal to {schema['minimum']}"
        yield invalid_value(path, json.dumps(value), why)
    if value > schema.get("maximum", value):
        why = f"{path} in body should be less than or equal to {schema['maximum']}"
        yield invalid_value(path, json.dumps(value), why)


def _is_a(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))


def _wrong_type(value: object, wanted: str, path: str) -> Cause:
    found = next((name for name in _TYPES if _is_a(value, name)), "null")
    shown = json.dumps(found)
    why = f"{path} in body must be of type {wanted}: {shown}"
    return Cause(path, "FieldValueTypeInvalid", f"Invalid value: {shown}: {why}")
