"""The steps of a plan: one change for one name."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Endpoint, Record, Records


@dataclass(frozen=True, slots=True)
class Create:
    """Write ``goal`` at a name at which nothing answers yet."""

    endpoint: Endpoint
    goal: Records

    @property
    def name(self) -> DnsName:
        """The name that changes."""
        return self.endpoint.name

    @property
    def before(self) -> Records:
        """What answers at the name now: nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Update:
    """Turn ``before``, all ours, into ``goal``."""

    endpoint: Endpoint
    before: Records
    goal: Records

    @property
    def name(self) -> DnsName:
        """The name that changes."""
        return self.endpoint.name


@dataclass(frozen=True, slots=True)
class Delete:
    """Take ``before``, all ours, away; nobody claims the name.

    ``seen_only`` says that a person once handed the record over, so that only an end of its
    object that was seen is reason enough. A ``preview`` needs no grace. ``untrue`` is what the
    zones themselves show to be wrong: a PTR to a name without that address.
    """

    name: DnsName
    before: Records
    kinds: frozenset[str]
    seen_only: bool = False
    preview: bool = False
    untrue: bool = False

    @property
    def goal(self) -> Records:
        """What should be left: nothing."""
        return ()


Change: TypeAlias = Create | Update | Delete


def action_of(change: Change) -> Literal["create", "update", "delete"]:
    """Return the word for what the change does; with a d behind it, for what it did."""
    match change:
        case Create():
            return "create"
        case Update():
            return "update"
        case Delete():
            return "delete"


def describe(change: Change) -> str:
    """Return one line for people: sign, name, old and new values."""
    match change:
        case Create():
            return f"+ {change.name} {_values(change.goal)}"
        case Update():
            before, after = _values(change.before), _values(change.goal)
            values = f"{before} -> {after}" if before != after else f"{after} (its marker)"
            return f"~ {change.name} {values}"
        case Delete():
            return f"- {change.name} {_values(change.before)}"


def _values(records: tuple[Record, ...]) -> str:
    return " ".join(map(told, records))


def told(record: Record) -> str:
    """Return one record for people, on one line; its comment is not in it."""
    disabled = " disabled" if record.disabled else ""
    return f"{record.type} {record.value} ttl {record.ttl}{disabled}"
