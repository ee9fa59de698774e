"""What a person may order for one name, and what bears on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from catalyst_dns_sync.core.merge import Defaults, Interest, Keepers
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import Targets, Zone
from catalyst_dns_sync.core.terms import Rules


@dataclass(frozen=True, slots=True)
class AddCustom:
    """Let the name have these targets until it is removed; an older order's are replaced.

    ``ttl`` None keeps the one that is there, or takes the default. ``text`` is for people.
    """

    name: DnsName
    targets: Targets
    ttl: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveCustom:
    """Take the order back: the record goes, or stays for the objects that claim it as well."""

    name: DnsName


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete a record of ours that no object claims."""

    name: DnsName


@dataclass(frozen=True, slots=True)
class AdoptRecord:
    """Take over a record without marker that says already what the cluster wants."""

    name: DnsName


Order: TypeAlias = AddCustom | RemoveCustom | DeleteRecord | AdoptRecord


class Objection(StrEnum):
    """Of which sort a refusal is.

    ABSENT: there is nothing of the kind at the name. CONFLICT: what is there, or claimed, is in the
    way. FORBIDDEN: a setting, or a pause. UNSURE: not all is known now that must be; it may be
    later. BUSY: others ask for the same, or it was asked for too often.
    """

    ABSENT = "absent"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    UNSURE = "unsure"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is done, and why."""

    objection: Objection
    detail: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on one name when an order for it is carried out.

    ``interests`` are those of objects alone. ``unknown`` are the sources that are out of touch.
    ``repeated`` says that the order was carried out already, and may have been lost: then whoever
    claims the name came after it.
    """

    zone: Zone
    cuts: Mapping[DnsName, str]
    rules: Rules
    interests: tuple[Interest, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    faulty: Keepers = field(default_factory=Keepers)
    unknown: tuple[str, ...] = ()
    policy: Policy = Policy.SYNC
    repeated: bool = False
