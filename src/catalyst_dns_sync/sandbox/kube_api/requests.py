"""What a request is about, read from its path: verb, resource, namespace, name, subresource."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SUBRESOURCES_OF_NAMESPACES = frozenset({"status", "finalize"})


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A request for objects of one resource; the group is empty for the core group."""

    verb: str
    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse_path(method: str, raw_path: str, query: Mapping[str, str]) -> ResourceRequest | None:
    """Return what a path asks for, None for discovery and all else that is no resource."""
    parts = [unquote(part) for part in raw_path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        if len(rest) > 2 and rest[2] not in _SUBRESOURCES_OF_NAMESPACES:
            namespace, rest = rest[1], rest[2:]
        elif len(rest) == 2:
            namespace = rest[1]
    plural, name, subresource = [*rest, "", "", ""][:3]
    if len(rest) > 3:
        return None
    verb = _verb(method, name, query)
    return ResourceRequest(verb, group, version, plural, namespace, name, subresource)


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    if method in {"GET", "HEAD"}:
        if query.get("watch", "false").lower() not in {"false", "0"}:
            return "watch"
        return "get" if name else "list"
    if method == "DELETE" and not name:
        return "deletecollection"
    return _VERBS.get(method, method.lower())
