"""What one line of a watch says; pure, and total over any bytes."""

import json
from dataclasses import dataclass
from typing import TypeAlias

from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.kube.errors import short


@dataclass(frozen=True, slots=True)
class Added:
    """An object is there; ``version`` is None where it says none."""

    version: str | None
    item: Json


@dataclass(frozen=True, slots=True)
class Modified:
    """An object is different now."""

    version: str | None
    item: Json


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object has gone; ``item`` is what it was at the end."""

    version: str | None
    item: Json


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Nothing happened up to ``version``."""

    version: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The version that the watch began with is too old: 410 in a stream that began with 200."""

    message: str


@dataclass(frozen=True, slots=True)
class WatchError:
    """The server ended the watch, or the line makes no sense; then ``code`` is 0."""

    code: int
    message: str


WatchEvent: TypeAlias = Added | Modified | Deleted | Bookmark | Expired | WatchError


def parse_line(line: bytes) -> WatchEvent:
    """Return what a line of a watch says."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return _nonsense(line)
    match event:
        case {"type": "ADDED", "object": dict(item)}:
            return Added(version_of(item), item)
        case {"type": "MODIFIED", "object": dict(item)}:
            return Modified(version_of(item), item)
        case {"type": "DELETED", "object": dict(item)}:
            return Deleted(version_of(item), item)
        case {"type": "BOOKMARK", "object": dict(item)} if version := version_of(item):
            return Bookmark(version)
        case {"type": "ERROR", "object": dict(status)}:
            return _error(status)
        case _:
            return _nonsense(line)


def version_of(item: Json) -> str | None:
    """Return the resourceVersion of an object or a list, None where there is none."""
    match item:
        case {"metadata": {"resourceVersion": str(version)}} if version:
            return version
        case _:
            return None


def named_version(item: object, kind: str) -> tuple[ObjectRef, int | str] | None:
    """Return which object it is, and its version: a number where that says it as well.

    None where it does not say both.
    """
    match item:
        case {"metadata": {"name": str(name), "resourceVersion": str(version), **rest}}:
            namespace = rest.get("namespace", "")
            ref = ObjectRef(kind, namespace if isinstance(namespace, str) else "", name)
            number = int(version) if version.isdigit() and len(version) < 20 else 0
            return ref, number if str(number) == version else version
        case _:
            return None


def _error(status: Json) -> Expired | WatchError:
    code = status.get("code")
    message = short(status.get("message") or status.get("reason") or "no reason given")
    if code == 410 or status.get("reason") in ("Expired", "Gone"):
        return Expired(message)
    return WatchError(code if isinstance(code, int) and not isinstance(code, bool) else 0, message)


def _nonsense(line: bytes) -> WatchError:
    text = line[:120].decode("utf-8", errors="replace")
    return WatchError(0, short(f"a line of the watch makes no sense: {text!r}"))
