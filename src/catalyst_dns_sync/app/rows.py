"""Rows of the table of names: which are asked for, in what order, and what each says."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from catalyst_dns_sync.app.entries import SLICE, Entry
from catalyst_dns_sync.control.slices import slices_of
from catalyst_dns_sync.core.ownership import origin_and_kinds, parse_marker, words_of_origin
from catalyst_dns_sync.core.skips import ADVICE
from catalyst_dns_sync.web.ui.model import Query, Row, State, namespace_of


async def sought(entries: Sequence[Entry], query: Query) -> list[Entry]:
    """Return what is asked for, in the order that is; others have their turn meanwhile."""
    key = _SORT[query.sort.removeprefix("-")]
    keyed = [
        (key(entry), number)
        async for some in slices_of(enumerate(entries), SLICE)
        for number, entry in some
        if _is_asked_for(entry, query)
    ]
    keyed.sort(reverse=query.sort.startswith("-"))
    return [entries[number] for _, number in keyed]


def row_of(entry: Entry, since: datetime | None) -> Row:
    """Return what the table says of an entry; ``since`` is when something happened to its name."""
    origin, kinds = _origin(entry)
    skip = entry.skip
    return Row(
        name=entry.name,
        zone=entry.zone,
        server=entry.server,
        state=entry.state,
        since=since,
        types=tuple(dict.fromkeys(one.type for one in entry.records)),
        values=tuple(one.value for one in entry.records),
        ttl=entry.records[0].ttl if entry.records else None,
        origin=origin,
        kinds=tuple(kinds),
        reason=skip.reason.value if skip is not None else "",
        detail=skip.detail if skip is not None else entry.detail,
        advice=ADVICE[skip.reason] if skip is not None else "",
    )


def _is_asked_for(entry: Entry, query: Query) -> bool:
    if query.zone and entry.zone != query.zone:
        return False
    if query.state and entry.state != query.state:
        return False
    if query.text and not _has_text(entry, query.text.lower()):
        return False
    if not query.namespace and not query.kind:
        return True
    origin, kinds = _origin(entry) if entry.skip is not None else _glimpsed(entry)
    return (not query.namespace or namespace_of(origin) == query.namespace) and (
        not query.kind or query.kind in kinds
    )


def _has_text(entry: Entry, text: str) -> bool:
    if text in entry.name:
        return True
    for one in entry.records:
        if text in one.value or text in words_of_origin(one.comment).lower():
            return True
    skip = entry.skip
    return skip is not None and (text in str(skip.origin or "").lower() or text in skip.reason)


def _glimpsed(entry: Entry) -> tuple[str, Sequence[str]]:
    return origin_and_kinds(entry.records[0].comment if entry.records else "")


def _origin(entry: Entry) -> tuple[str, Sequence[str]]:
    if entry.skip is not None and entry.skip.origin is not None:
        return str(entry.skip.origin), (entry.skip.origin.kind,)
    for record in entry.records:
        if (marker := parse_marker(record.comment)) is not None:
            return marker.origin, marker.kinds
    return "", ()


def _first(entry: Entry, what: str) -> str:
    return str(getattr(entry.records[0], what)) if entry.records else ""


_ORDER = {state: number for number, state in enumerate(State)}
_SORT: Mapping[str, Callable[[Entry], tuple[str | int, str]]] = {
    "name": lambda entry: (entry.name, ""),
    "state": lambda entry: (_ORDER[entry.state], entry.name),
    "type": lambda entry: (_first(entry, "type"), entry.name),
    "target": lambda entry: (_first(entry, "value"), entry.name),
    "ttl": lambda entry: (entry.records[0].ttl if entry.records else -1, entry.name),
    "origin": lambda entry: (words_of_origin(_first(entry, "comment")).lower(), entry.name),
}
