r"""Changes as lines of a zone file, for `zones/import`: which of them, and how they are written.

Technitium reads a line right, in every version from 13.6 on, where the name is fully qualified, the
TTL is given, and no blank follows the semicolon: the rest of the line is the record's comment. A
comment that begins with ``{`` is lost, a ``\n`` in it becomes a line break, and an expiry can't be
said at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import MAX_COMMENT_BYTES
from catalyst_dns_sync.core.records import ADDRESS_TYPES, Record, Records

MAX_LINES = 5_000
MAX_BYTES = 2 * 1024 * 1024
"""As a form has them. One value of a form is limited to 4 MiB (ASP.NET's FormOptions)."""

# No backslash, no quote, no parenthesis: what a zone file's parser may have its own mind about.
_COMMENT = re.compile(r"(?:[!#-'*-\[\]-z|~](?:[ !#-'*-\[\]-~]*[!#-'*-\[\]-~])?)?", re.ASCII)
_NAME = re.compile(r"[a-z0-9_*.-]+", re.ASCII)
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-~"

_Types: TypeAlias = dict[str, list[Record]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as lines of a zone file; ``size`` is that of the lines in a form.

    ``steps`` is how far the import of the lines moves the zone's serial: one for each record that
    is added, or for each RRset that is replaced.
    """

    change: Create | Update
    text: str
    lines: int
    steps: int
    size: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one import carries; with ``overwrite`` each RRset replaces the one that is there."""

    entries: tuple[Entry, ...]
    overwrite: bool


def fits_an_import(change: Change) -> bool:
    """Tell whether an import can carry the change.

    It carries new names and RRsets of ours that change, of addresses only: a CNAME that clashes
    stops it half-way. It takes nothing away, so that a name which loses a type is not for it.
    """
    if isinstance(change, Delete) or not _NAME.fullmatch(change.name):
        return False
    kept = {record.type for record in change.goal}
    if not all(record.type in kept for record in change.before):
        return False
    return change.before != change.goal and all(map(_is_sayable, change.goal))


def entry_of(change: Create | Update) -> Entry:
    """Return a change that fits as lines."""
    before, goal = _by_type(change.before), _by_type(change.goal)
    changed = [rrset for kind, rrset in goal.items() if rrset != before.get(kind)]
    lines = [_line(change.name, record) for rrset in changed for record in rrset]
    text = "".join(lines)
    steps = len(lines) if isinstance(change, Create) else len(changed)
    return Entry(change, text, len(lines), steps, form_size(text))


def chunks(changes: Sequence[Change], max_lines: int = MAX_LINES) -> Iterator[Chunk]:
    """Divide changes that fit, in their order: new names, which overwrite nothing, and the others.

    The lines are written when their chunk is asked for.
    """
    for kind in (Create, Update):
        kept: list[Entry] = []
        lines = size = 0
        for change in changes:
            if not isinstance(change, kind):
                continue
            entry = entry_of(change)
            if kept and (lines + entry.lines > max_lines or size + entry.size > MAX_BYTES):
                yield Chunk(tuple(kept), overwrite=kind is Update)
                kept, lines, size = [], 0, 0
            kept.append(entry)
            lines, size = lines + entry.lines, size + entry.size
        if kept:
            yield Chunk(tuple(kept), overwrite=kind is Update)


def form_size(text: str) -> int:
    """Return how many bytes the text takes in a urlencoded form."""
    octets = text.encode()
    return len(octets) + 2 * len(octets.translate(None, _PLAIN))


def _is_sayable(record: Record) -> bool:
    return (
        record.type in ADDRESS_TYPES
        and not record.expiry
        and not record.disabled
        and len(record.comment) <= MAX_COMMENT_BYTES
        and _COMMENT.fullmatch(record.comment) is not None
    )


def _by_type(records: Records) -> _Types:
    found: _Types = {}
    for record in records:
        found.setdefault(record.type, []).append(record)
    return found


def _line(name: DnsName, record: Record) -> str:
    comment = f" ;{record.comment}" if record.comment else ""
    return f"{name}. {record.ttl} IN {record.type} {record.value}{comment}\n"
