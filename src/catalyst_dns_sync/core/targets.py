"""The chain of steps by which a name gets its target, as far as the settings say it.

The first step that answers wins: the object's annotation, `DNS_TARGETS`, `DNS_IP_ADDRESS`,
`DNS_TARGET_SERVICE`, and at last the status of the object itself, or of its Gateway. A step that
is configured but has no answer now holds: the next one is not asked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from catalyst_dns_sync.core.records import InvalidTargetError, Targets, parse_targets

ANY = "*"
"""The key of the row for objects that no other row names."""


class TargetStep(StrEnum):
    """Where a target comes from, in the order in which they are asked."""

    OBJECT = "annotation"
    TABLE = "DNS_TARGETS"
    ADDRESSES = "DNS_IP_ADDRESS"
    SERVICE = "DNS_TARGET_SERVICE"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Row:
    """What objects get that are reached by one way: an entry point, or an ingress class."""

    way: str
    targets: Targets


Table: TypeAlias = tuple[Row, ...]
"""The rows in the order of their rank: of several that fit, the first counts."""


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """What is known of the Service that names targets; without any, ``trouble`` says why."""

    name: str
    targets: Targets = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step came to; no ``targets`` means that it holds. ``row`` is that of the table."""

    step: TargetStep
    targets: Targets
    row: int | None = None


def parse_table(text: str) -> Table:
    """Return the rows of ``websecure=192.168.1.54; tailscale=100.64.0.7,fd7a::7``.

    Rows are divided by semicolons or line ends; ``#`` begins a comment. Raises `ValueError`.
    """
    rows: dict[str, Row] = {}
    lines = (part for line in text.splitlines() for part in line.partition("#")[0].split(";"))
    for part in filter(None, (line.strip() for line in lines)):
        way, equals, value = (word.strip() for word in part.partition("="))
        if not (way and equals and value) or " " in way:
            raise ValueError(f"{part[:80]!r} is no row: write entry point or class=addresses")
        if way in rows:
            raise ValueError(f"{way!r} has two rows")
        try:
            rows[way] = Row(way, parse_targets(value))
        except InvalidTargetError as error:
            raise ValueError(f"{way}: {error}") from error
    return tuple(rows.values())


def row_for(ways: Collection[str], table: Table) -> int | None:
    """Return which row is for an object that is reached by these ways, None where none is."""
    rest: int | None = None
    for number, row in enumerate(table):
        if row.way in ways:
            return number
        if row.way == ANY:
            rest = number
    return rest
