"""Whether an answer is as a case expects it; pure, so that expectations can be tested too."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MISSING = object()
_LISTS = ("contains", "unordered")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    content_type: str
    text: str

    @property
    def body(self) -> Any:
        """The text as JSON, or None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def reply_differences(expected: dict[str, Any], reply: Reply) -> Iterator[str]:
    """Yield how the reply differs from a step's `expect`."""
    body = reply.body if isinstance(reply.body, dict) else {}
    yield from differences(expected.get("http", 200), reply.status, "HTTP status")
    for key, field in (
        ("status", "status"),
        ("error", "errorMessage"),
        ("inner", "innerErrorMessage"),
    ):
        if key in expected:
            yield from differences(expected[key], body.get(field), field)
    if "json" in expected:
        yield from differences(expected["json"], reply.body, "body")
    if "body" in expected and reply.text != expected["body"]:
        yield f"the body is {reply.text!r}"
    if "body_regex" in expected and not re.search(expected["body_regex"], reply.text):
        yield f"the body does not match: {reply.text!r}"
    yield from _type_differences(expected, reply)
    for path in expected.get("absent", ()):
        if at(reply.body, path) is not _MISSING:
            yield f"{path} is there"


def differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Yield how a value differs: maps may hold more, lists may not, "re:" begins a pattern."""
    match expected:
        case {"contains": items} | {"unordered": items}:
            yield from _list_differences(items, actual, path, all_of=_LISTS[1] in expected)
        case dict():
            for key, value in expected.items():
                found = actual.get(key, _MISSING) if isinstance(actual, dict) else _MISSING
                yield from differences(value, found, f"{path}.{key}")
            if not isinstance(actual, dict):
                yield f"{path} is no object: {actual!r}"
        case list():
            if not isinstance(actual, list) or len(actual) != len(expected):
                yield f"{path} is not a list of {len(expected)}: {actual!r}"
                return
            for index, (want, have) in enumerate(zip(expected, actual, strict=True)):
                yield from differences(want, have, f"{path}[{index}]")
        case str() if expected.startswith("re:"):
            text = actual if isinstance(actual, str) else json.dumps(actual, default=repr)
            if not re.search(expected[3:], text):
                yield f"{path} does not match {expected}: {text!r}"
        case _:
            if actual != expected or type(actual) is not type(expected):
                yield f"{path} is {actual!r}, not {expected!r}"


def record_differences(expected: list[Any], actual: list[Any]) -> Iterator[str]:
    """Yield how the records of a zone differ: none missing, none more, in any order.

    One that is listed without `comments` must have none if any of them is listed with some.
    """
    yield from _list_differences(expected, actual, "records", all_of=True)


def at(value: Any, path: str) -> Any:
    """Return what a dotted path leads to, or a mark that nothing is there."""
    for key in path.split("."):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return _MISSING
    return value


def _list_differences(
    items: list[Any],
    actual: object,
    path: str,
    *,
    all_of: bool,
) -> Iterator[str]:
    left = list(actual) if isinstance(actual, list) else []
    for item in items:
        twin = next((have for have in left if not any(differences(item, have, ""))), _MISSING)
        if twin is _MISSING:
            yield f"{path} has nothing like {item!r}; there is {left!r}"
        else:
            left.remove(twin)
    if all_of and left:
        yield f"{path} has more: {left!r}"


def _type_differences(expected: dict[str, Any], reply: Reply) -> Iterator[str]:
    json_type = "application/json; charset=utf-8"
    wanted = expected.get("content_type", json_type if "status" in expected else None)
    if wanted is not None and reply.content_type != wanted:
        yield f"the content type is {reply.content_type!r}, not {wanted!r}"
