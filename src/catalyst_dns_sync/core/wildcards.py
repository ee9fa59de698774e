"""What a new name does to the answers of a wildcard beside it (RFC 4592, 2.2 and 3.3)."""

from collections.abc import Container, Iterable, Iterator

from catalyst_dns_sync.core.changes import Change, Create
from catalyst_dns_sync.core.names import DnsName, ancestors, is_wildcard
from catalyst_dns_sync.core.records import Zone


def notes_on_wildcards(changes: Iterable[Change], zone: Zone) -> tuple[str, ...]:
    """Return a note for each name that a wildcard answers now and that gets no answer any more.

    A new name ``a.b`` makes ``b`` exist, without records of its own: queries for ``b`` that
    ``*`` beside it answered then find nothing.
    """
    wildcards = {name for name in zone.names if is_wildcard(name)}
    if not wildcards:
        return ()
    existing = {above for name in zone.names for above in within(name, zone.name)}
    return notes_on_emptied(changes, zone.name, existing, wildcards)


def notes_on_emptied(
    changes: Iterable[Change],
    zone: DnsName,
    existing: Container[DnsName],
    wildcards: Container[DnsName],
) -> tuple[str, ...]:
    """Return the notes where it is known which names exist, be it without records."""
    notes = {
        empty: f"{empty} is answered by {wildcard} now, and will not be once {change.name} exists"
        for change in changes
        if isinstance(change, Create)
        for empty, wildcard in _emptied(change.name, zone, existing, wildcards)
    }
    return tuple(notes[name] for name in sorted(notes))


def _emptied(
    name: DnsName, zone: DnsName, existing: Container[DnsName], wildcards: Container[DnsName]
) -> Iterator[tuple[DnsName, DnsName]]:
    fresh = [above for above in within(name, zone) if above not in existing]
    if not fresh:
        return
    encloser = DnsName(fresh[-1].partition(".")[2])
    wildcard = DnsName(f"*.{encloser}")
    if wildcard in wildcards:
        yield from ((above, wildcard) for above in fresh if above != name)


def within(name: DnsName, zone: DnsName) -> Iterator[DnsName]:
    """Yield the name and those above it, down to the zone's apex."""
    for above in ancestors(name):
        yield above
        if above == zone:
            return
