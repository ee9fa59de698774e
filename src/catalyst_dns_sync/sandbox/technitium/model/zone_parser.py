"""Zone files to records, with the real parser's words about what it cannot read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import checked_domain, checked_mailbox
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    App,
    Caa,
    Data,
    Forward,
    Mail,
    Raw,
    Service,
    Soa,
    Target,
    Text,
    parse_address,
    parse_type,
)
from catalyst_dns_sync.sandbox.technitium.model.records import Record, check_comment
from catalyst_dns_sync.sandbox.technitium.model.values import parse_ttl, parse_unsigned
from catalyst_dns_sync.sandbox.technitium.model.zone_reader import Entry, entries

_CLASSES = {"IN", "CH", "HS", "CS", "ANY"}
_MAX_TTL = 2**32 - 1


@dataclass(slots=True)
class _State:
    origin: str
    default_ttl: int
    dated: datetime | None
    name: str | None = None


def parse_zone_file(
    text: str, origin: str, default_ttl: int, dated: datetime | None
) -> list[Record]:
    """Return the records of the text; those with a comment are ``dated``.

    All or nothing: one line that does not parse, or one comment that is too long, and the
    text is refused.
    """
    return list(_records(text, _State(origin, default_ttl, dated)))


def _records(text: str, state: _State) -> Iterator[Record]:
    for entry in entries(text):
        match entry.words[0] if entry.has_name else "":
            case "$ORIGIN":
                state.origin = _absolute(entry, entry.words[1:2], state.origin)
            case "$TTL":
                state.default_ttl = _number(entry, entry.words[1:2])
            case "$INCLUDE":
                raise ApiError(
                    "The zone file parser does not support $INCLUDE control entry "
                    f"on line # {entry.line}."
                )
            case _:
                yield _record(entry, state)


def _record(entry: Entry, state: _State) -> Record:
    if entry.has_name:
        state.name = _absolute(entry, [entry.words.pop(0)], state.origin)
    if state.name is None:
        raise _unreadable("domain", entry)
    ttl, rtype = _ttl_and_type(entry, state.default_ttl)
    try:
        data = _data(rtype, entry.words, state.origin)
    except ApiError as error:
        raise _unreadable("rdata", entry, error.text) from error
    except (ValueError, IndexError) as error:
        raise _unreadable("rdata", entry, str(error)) from error
    if not entry.comment:
        return Record(state.name, rtype, ttl, data)
    text, disabled = _unwrapped(entry.comment)
    check_comment(text)
    return Record(
        state.name, rtype, ttl, data, text, disabled, last_modified=state.dated if text else None
    )


def _ttl_and_type(entry: Entry, default_ttl: int) -> tuple[int, str]:
    """Read TTL and class, in either order and both optional, up to the type."""
    ttl, has_class = None, False
    while (word := entry.pop()) is not None:
        if ttl is None and word.isascii() and word.isdigit() and int(word) <= _MAX_TTL:
            ttl = int(word)
        elif not has_class and word.upper() in _CLASSES:
            has_class = True
            if word.upper() != "IN":
                raise ApiError("Cannot import records: only IN class records are supported.")
        else:
            try:
                return default_ttl if ttl is None else ttl, _type_of(word)
            except ApiError as error:
                raise _unreadable("rr", entry) from error
    raise _unreadable("rr", entry)


@lru_cache(maxsize=256)
def _type_of(word: str) -> str:
    return parse_type(re.sub(r"(?i)\ATYPE(?=[0-9]+\Z)", "", word))


def _data(rtype: str, words: list[str], origin: str) -> Data:
    def target(position: int = 0) -> Target:
        return Target.of(_relative(words[position], origin))

    if words[0] == "\\#":
        return _raw(words)
    match rtype:
        case "A" | "AAAA":
            return parse_address(words[0], rtype)
        case "CNAME" | "NS" | "PTR" | "ANAME" | "DNAME":
            return target()
        case "TXT":
            return Text(tuple(words))
        case "MX":
            return Mail(parse_unsigned(words[0]), target(1))
        case "SRV":
            priority, weight, port = map(parse_unsigned, words[:3])
            return Service(priority, weight, port, target(3))
        case "CAA":
            return Caa(parse_unsigned(words[0], is_byte=True), words[1], words[2])
        case "SOA":
            mailbox = checked_mailbox(_relative(words[1], origin))
            return Soa(target().name, mailbox, *map(parse_ttl, words[2:7]))
        case "FWD":
            return Forward(words[0], words[2], words[1].lower() == "true")
        case "APP":
            return App(words[0], words[1], words[2] if len(words) > 2 else "")
        case _:
            return _raw(words)


def _raw(words: list[str]) -> Raw:
    """Read data in the form of RFC 3597, section 5."""
    if words[0] != "\\#":
        raise ValueError(f"The DNS record type is not supported: {words[0]}")
    octets = bytes.fromhex("".join(words[2:]))
    if len(octets) != int(words[1]):
        raise ValueError("RDLENGTH does not match with the hex data length.")
    return Raw(octets)


def _unwrapped(comment: str) -> tuple[str, bool]:
    """Read ``{"disabled":..,"comments":..}``; another text that begins so is lost (Z:1253)."""
    if not comment.startswith("{"):
        return comment.replace("\\n", "\n"), False
    try:
        wrapper = json.loads(comment)
    except ValueError:
        return "", False
    text = wrapper.get("comments") if isinstance(wrapper, dict) else None
    is_disabled = isinstance(wrapper, dict) and wrapper.get("disabled") is True
    return (text if isinstance(text, str) else ""), is_disabled


def _absolute(entry: Entry, words: list[str], origin: str) -> str:
    try:
        return checked_domain(_relative(words[0], origin))
    except (ApiError, IndexError) as error:
        raise _unreadable("domain", entry) from error


def _relative(name: str, origin: str) -> str:
    if name == "@":
        return origin
    return name[:-1] if name.endswith(".") else f"{name}.{origin}"


def _number(entry: Entry, words: list[str]) -> int:
    try:
        return int(words[0])
    except (ValueError, IndexError) as error:
        raise _unreadable("rr", entry) from error


def _unreadable(part: str, entry: Entry, inner: str | None = None) -> ApiError:
    return ApiError(
        f"The zone file parser failed to parse '{part}' field on line # {entry.line}.", inner
    )
