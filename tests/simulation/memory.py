"""What a daemon keeps in mind, found by going through all of its objects.

No name of the daemon's own collections is written here: one that is added is found, too.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType
from typing import Any

from catalyst_dns_sync.core.records import ObjectRef

PROGRAM = "catalyst_dns_sync."
FOREIGN = (
    "catalyst_dns_sync.sandbox",
    "catalyst_dns_sync.settings",
    "catalyst_dns_sync.core.patterns",
)
FEW = 64
"""A collection may hold so much whatever lives: states, reasons, kinds, settings."""


def remembered(root: object) -> tuple[set[str], set[ObjectRef], int]:
    """Return the texts, and the references to objects, that can be reached, and the most in one.

    Only the program's own objects, and plain collections, are gone through.
    """
    texts: set[str] = set()
    refs: set[ObjectRef] = set()
    largest = 0
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            texts.add(one)
            continue
        if isinstance(one, ObjectRef):
            refs.add(one)
            continue
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, dict | set | list | deque):
            largest = max(largest, len(one))
        waiting += _parts(one)
    return texts, refs, largest


def _parts(one: object) -> Iterator[Any]:
    match one:
        case Mapping():
            yield from one.keys()
            yield from one.values()
        case list() | tuple() | set() | frozenset() | deque():
            yield from one
        case MethodType():
            yield one.__self__
        case FunctionType():
            yield from (cell.cell_contents for cell in one.__closure__ or ())
        case _:
            yield from _attributes(one) if _is_ours(one) else ()


def _is_ours(one: object) -> bool:
    module = type(one).__module__
    return module.startswith(PROGRAM) and not module.startswith(FOREIGN)


def _attributes(one: object) -> Iterator[Any]:
    if is_dataclass(one):
        yield from (getattr(one, field.name) for field in fields(one))
    elif hasattr(one, "__dict__"):
        yield from vars(one).values()


def strangers(
    root: object, names: Collection[str], origins: Collection[str], zones: Collection[str]
) -> list[str]:
    """Return the names in a zone, and the objects, that are kept in mind and live nowhere."""
    texts, refs, largest = remembered(root)
    # A text with a blank is one that people wrote, or are shown.
    inside = {
        text
        for text in texts
        if " " not in text and any(f".{text}".endswith(f".{zone}") for zone in zones)
    }
    # Names above one that lives exist, be it without records.
    living = {name.split(".", cut)[-1] for name in names for cut in range(name.count(".") + 1)}
    found = sorted(inside - living)
    found += sorted({str(ref) for ref in refs} - set(origins))
    at_most = FEW + 4 * (len(names) + len(origins))
    return [*found, f"{largest} things in one collection"] if largest > at_most else found
