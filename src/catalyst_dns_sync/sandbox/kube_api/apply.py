"""Server-side apply: a manager says what it wants of an object, and owns exactly that.

Rules: Kubernetes documentation, "Server-Side Apply"; lists are replaced as one field.
"""

from typing import Any

from catalyst_dns_sync.sandbox.kube_api.body import parse_object
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.fields import (
    APPLY,
    Path,
    changed_entry,
    entry_paths,
    is_entry,
    leaves,
    make_entry,
    owned_values,
    with_entries,
)
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, Cause


def applied(
    resource: Resource, live: Json, wanted: Json, manager: str, now: str, *, force: bool
) -> Json:
    """Return the object after an apply, its ``managedFields`` included.

    Raises `ApiError` 409 where another manager owns a field that would change, unless ``force``.
    """
    values = leaves(owned_values(resource, wanted))
    present = owned_values(resource, live)
    entries: list[Json] = live["metadata"].get("managedFields", [])
    mine = [each for each in entries if is_entry(each, manager, APPLY, "")]
    others = [each for each in entries if not is_entry(each, manager, APPLY, "")]
    changed = {path for path, value in values.items() if present.get(path, _ABSENT) != value}
    if not force:
        mine_before = _last_applied(resource, live) if manager == _KUBECTL else set()
        _refuse_conflicts(others, changed - mine_before)
    kept = [
        changed_entry(each, paths, now) for each in others if (paths := entry_paths(each) - changed)
    ]
    owned_by_others = set().union(*(entry_paths(each) for each in others))
    given_up = set().union(*(entry_paths(each) for each in mine)) - values.keys()
    result = live
    for path in sorted(given_up - owned_by_others, reverse=True):
        result = _without(result, path)
    for path, value in values.items():
        result = _with(result, path, value)
    entry = make_entry(resource, manager, APPLY, values, now)
    if mine and entry_paths(mine[0]) == values.keys() and not changed:
        entry = mine[0]
    return with_entries(result, [entry, *kept])


def _last_applied(resource: Resource, live: Json) -> set[Path]:
    """Return what kubectl applied on the client's side, which it may take over without a clash.

    Rule: `lastAppliedManager` in k8s.io/apimachinery/pkg/util/managedfields.
    """
    text = (live["metadata"].get("annotations") or {}).get(_LAST_APPLIED, "")
    try:
        return set(owned_values(resource, parse_object(text.encode())))
    except ApiError:
        return set()


def _refuse_conflicts(others: list[Json], changed: set[Path]) -> None:
    causes: list[Cause] = []
    parts: list[str] = []
    for entry in others:
        clashing = sorted(entry_paths(entry) & changed)
        if not clashing:
            continue
        owner = f'"{entry.get("manager")}" using {entry.get("apiVersion")}'
        shown = [f".{'.'.join(path)}" for path in clashing]
        parts.append(f"conflicts with {owner}:\n" + "\n".join(f"- {each}" for each in shown))
        causes += [Cause(e, "FieldManagerConflict", f"conflict with {owner}") for e in shown]
    if not causes:
        return
    if len(causes) == 1:
        text = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    else:
        text = f"Apply failed with {len(causes)} conflicts: " + "\n".join(parts)
    details = {"causes": [cause.as_json() for cause in causes]}
    raise ApiError(409, "Conflict", text, details)


def _with(obj: Json, path: Path, value: object) -> Json:
    key, *rest = path
    if not rest:
        present = obj.get(key)
        # The path of a map stands for its being there.
        made = (present if isinstance(present, dict) else {}) if value is None else value
        return obj | {key: made}
    below: Any = obj.get(key)
    return obj | {key: _with(below if isinstance(below, dict) else {}, tuple(rest), value)}


def _without(obj: Json, path: Path) -> Json:
    key, *rest = path
    if key not in obj:
        return obj
    if not rest:
        return {name: value for name, value in obj.items() if name != key}
    below = obj[key]
    if not isinstance(below, dict):
        return obj
    less = _without(below, tuple(rest))
    if not less and below:
        return {name: value for name, value in obj.items() if name != key}
    return obj | {key: less}


_KUBECTL = "kubectl"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ABSENT = object()
