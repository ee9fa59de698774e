"""The cases of `tests/cases/technitium.yaml`: what is sent, what must come back."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from fakes.tables import table

# The file says nothing here, since it leaves `sim_only` cases out of the replays: the second
# factor and the cluster came with v14.0 (technitium-api 12.1).
_SINCE = {"auth-020": "14.0", "clus-002": "14.0"}

_SECTIONS = {
    "auth": "1 Transport and authentication",
    "perm": "1.4 Permissions",
    "zone": "2 Zones",
    "get": "3 records/get",
    "add": "4 records/add",
    "ptr": "4.2 PTR",
    "upd": "5 records/update",
    "del": "6 records/delete",
    "imp": "8.1 Import",
    "exp": "8.2 Export",
    "ttl": "10 expiryTtl",
    "type": "4.1 Zone types",
    "clus": "11 Clustering",
}

Step = dict[str, Any]
Variables = dict[str, str]


@dataclass(frozen=True)
class Case:
    """One rule of the API: calls, and what each must be answered."""

    id: str
    title: str
    since: str
    flags: frozenset[str]
    has_zone: bool
    setup: tuple[Step, ...]
    steps: tuple[Step, ...]
    teardown: tuple[Step, ...]
    after: dict[str, Any] | None
    evidence: str

    @property
    def section(self) -> str:
        """The section of the API's description that the rule is from."""
        return _SECTIONS[self.id.partition("-")[0]]

    @property
    def zone(self) -> str:
        """The zone that is the case's own."""
        return f"{self.id}.tcase.example"

    def holds_on(self, version: str) -> bool:
        """Tell whether the release already behaves so."""
        return release(self.since) <= release(version)

    def __str__(self) -> str:
        """Return what the case is called in a test's id."""
        return f"{self.id}: {self.title}"


@cache
def all_cases() -> tuple[Case, ...]:
    """Return the cases of the file, in its order."""
    loaded = table("technitium.yaml")
    return tuple(map(_case, loaded["cases"]))


def release(version: str) -> tuple[int, ...]:
    """Return a version as numbers that compare."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def filled(value: Any, variables: Variables) -> Any:
    """Return a tree of values with its ``{{NAME}}`` and ``{{3 x 'c'}}`` written out."""
    if isinstance(value, dict):
        return {filled(k, variables): filled(v, variables) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if isinstance(value, str):
        return re.sub(r"\{\{(.+?)\}\}", lambda found: _written(found, variables), value)
    return value


def _written(found: re.Match[str], variables: Variables) -> str:
    if repeated := re.fullmatch(r"(\d+) x '(.)'", found[1]):
        return repeated[2] * int(repeated[1])
    return variables.get(found[1], found[0])


def _case(raw: dict[str, Any]) -> Case:
    return Case(
        id=raw["id"],
        title=raw["title"],
        since=_SINCE.get(raw["id"], str(raw.get("since", "13.6"))),
        flags=frozenset(raw.get("flags", ())),
        has_zone=raw.get("fixture") != "none",
        setup=tuple(raw.get("setup", ())),
        steps=tuple(raw["steps"]),
        teardown=tuple(raw.get("teardown", ())),
        after=raw.get("after"),
        evidence=raw.get("evidence", ""),
    )
