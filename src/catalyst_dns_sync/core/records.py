"""What objects want (`Endpoint`), what a zone holds (`Record`), and where each came from."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name

MAX_TTL = 604_800
"""Seconds. Technitium refuses a TTL above the zone's SOA expire, a week in a new zone."""


class RecordType(StrEnum):
    """The types of record that this program writes."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    PTR = "PTR"

    # As that of the text, which a member is equal to; that of Enum runs in Python, and each
    # comparison of records and targets by keys needs it.
    __hash__ = str.__hash__


ADDRESS_TYPES = frozenset({RecordType.A, RecordType.AAAA})

HOST_TYPES = ADDRESS_TYPES | {RecordType.CNAME}
"""The types that objects, and people, ask for; a PTR follows what they came to."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One value that a name should have; addresses and names in canonical text."""

    type: RecordType
    value: str


Targets: TypeAlias = tuple[Target, ...]
"""Sorted, without duplicates: addresses, or one CNAME or PTR alone. Made by `parse_targets`."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """Names one object of the cluster; without a namespace, what is none of it (`Custom`)."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Return it as people write it, for logs and markers."""
        parts = (self.kind, self.namespace, self.name)
        return "/".join(parts if self.namespace else (self.kind, self.name))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the cluster wants for one name; ``origins`` begins with the one that decides.

    ``remediate`` is what an object says about repairing drift, None where none says anything.
    ``rule`` is the text of the deciding object that gives the name, for people; ``note`` a text
    for the records' comments. ``quiet`` means that nobody is to be notified; a ``preview`` is
    the name of a preview environment.
    """

    name: DnsName
    targets: Targets
    ttl: int
    origins: tuple[ObjectRef, ...]
    remediate: bool | None = None
    rule: str = field(default="", compare=False)
    note: str = ""
    quiet: bool = False
    preview: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of all origins, sorted."""
        if len(self.origins) == 1:
            return (self.origins[0].kind,)
        return tuple(sorted({origin.kind for origin in self.origins}))


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """One value that a zone holds at a name.

    ``type`` is the DNS type's mnemonic; ``value`` the canonical address or name for the types in
    `RecordType`, and for other types any text that tells two values apart. ``expiry`` is the
    number of seconds after which the server drops the record by itself; 0 is never.
    """

    type: str
    value: str
    ttl: int
    comment: str = ""
    disabled: bool = False
    expiry: int = 0


Records: TypeAlias = tuple[Record, ...]
"""All that a zone holds at one name, sorted."""


@dataclass(frozen=True, slots=True)
class ZoneStamp:
    """Tells whether a zone changed: any difference, in either direction, means that it did."""

    serial: int
    last_modified: str


@dataclass(frozen=True, slots=True)
class Zone:
    """One complete reading of a zone."""

    name: DnsName
    stamp: ZoneStamp
    names: Mapping[DnsName, Records]


class InvalidTargetError(ValueError):
    """The text is neither a list of addresses nor one host name."""


def parse_targets(text: str) -> Targets:
    """Return the targets that a text names: addresses, or one host name for a CNAME.

    Several addresses are divided by commas or blanks. Raises `InvalidTargetError`.
    """
    words = re.split(r"[\s,]+", text.strip())
    addresses = [address_target(word) for word in words]
    found = [address for address in addresses if address is not None]
    if len(found) == len(words):
        return tuple(sorted(set(found)))
    if len(words) == 1 and words[0]:
        return (_name_target(words[0]),)
    bad = next(word for word, address in zip(words, addresses, strict=True) if address is None)
    raise InvalidTargetError(
        f"{bad[:80]!r} is no IP address; a target is one or more addresses, or one host name alone"
    )


@lru_cache(maxsize=256)
def address_target(text: str) -> Target | None:
    """Return the A or AAAA target for an address in its usual text form, or None.

    Thousands of names have the same few addresses: so the values are shared, too.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return None
        return Target(RecordType.AAAA, address.compressed)
    return Target(RecordType.A, str(address))


def targets_of(addresses: Iterable[str]) -> Targets:
    """Return the targets for those of the texts that are addresses."""
    return tuple(sorted({t for text in addresses if (t := address_target(text)) is not None}))


def told_targets(addresses: Iterable[str], hosts: Iterable[str]) -> Targets:
    """Return what a status tells: its addresses, or else the first usable one of its host names."""
    if found := targets_of(addresses):
        return found
    for host in hosts:
        try:
            return parse_targets(host)
        except InvalidTargetError:
            continue
    return ()


class InvalidTtlError(ValueError):
    """The text is no time to live."""


_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


def parse_ttl(text: str) -> int:
    """Return seconds for ``300``, ``5m`` or ``1h30m``; raises `InvalidTtlError`."""
    words = text.strip().lower()
    if words.isascii() and words.isdigit() and len(words) <= len(str(MAX_TTL)):
        seconds = int(words)
    elif words and len(words) <= 20 and (match := _DURATION.fullmatch(words)):
        days, hours, minutes, rest = (int(part or 0) for part in match.groups())
        seconds = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    else:
        seconds = -1
    if not 0 <= seconds <= MAX_TTL:
        raise InvalidTtlError(
            f"{text[:40]!r} is no TTL: seconds from 0 to {MAX_TTL}, or a form like 5m or 1h30m"
        )
    return seconds


def _name_target(text: str) -> Target:
    try:
        name = parse_name(text)
    except InvalidNameError as error:
        text = f"{text[:80]!r} is neither an IP address nor a host name: {error.reason}"
        raise InvalidTargetError(text) from error
    if is_wildcard(name):
        raise InvalidTargetError(f"{text[:80]!r} is a wildcard; a CNAME needs one host name")
    return Target(RecordType.CNAME, name)
