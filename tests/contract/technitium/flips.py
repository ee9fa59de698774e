"""Every way to change one expectation of a case, to show that each of them is really checked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contract.technitium.cases import Case

_NO_MATCH = "re:(?!)"


def flipped(case: Case) -> Iterator[tuple[str, Case]]:
    """Yield the case with one expectation changed, and which one that is."""
    for index, step in enumerate(case.steps):
        for path, expect in _flipped_expect(step.get("expect", {})):
            steps = (*case.steps[:index], step | {"expect": expect}, *case.steps[index + 1 :])
            yield f"step {index + 1}: {path}", replace(case, steps=steps)
    for key, value in (case.after or {}).items():
        for path, other in _flips(value, f"after: {key}"):
            yield path, replace(case, after=(case.after or {}) | {key: other})


def _flipped_expect(expect: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in expect.items():
        if key == "absent":
            # Nothing that is there may be listed as absent.
            yield key, expect | {key: [*value, "status"]}
        elif key == "body_regex":
            yield key, expect | {key: "(?!)"}
        else:
            yield from ((path, expect | {key: other}) for path, other in _flips(value, key))


def _flips(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    match value:
        case {"contains": items}:
            yield from ((where, {"contains": other}) for where, other in _of_items(items, path))
        case {"unordered": items}:
            yield from ((where, {"unordered": other}) for where, other in _flips(items, path))
        case dict():
            for key, inner in value.items():
                for where, other in _flips(inner, f"{path}.{key}"):
                    yield where, value | {key: other}
            yield f"{path} has one key more", value | {"flipped": True}
        case list():
            yield from _of_items(value, path)
            yield f"{path} is longer", [*value, "flipped"]
            if value:
                yield f"{path} is shorter", value[:-1]
        case bool():
            yield path, not value
        case int():
            yield path, value + 1
        case str() if value.startswith("re:"):
            yield path, _NO_MATCH
        case _:
            yield path, f"{value} flipped"


def _of_items(items: list[Any], path: str) -> Iterator[tuple[str, list[Any]]]:
    for index, item in enumerate(items):
        for where, other in _flips(item, f"{path}[{index}]"):
            yield where, [*items[:index], other, *items[index + 1 :]]
