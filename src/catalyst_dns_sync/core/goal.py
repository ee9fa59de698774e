"""What a name should hold: the wanted values, and markers that are true."""

from collections.abc import Collection
from dataclasses import replace

from catalyst_dns_sync.core.custom import has_custom
from catalyst_dns_sync.core.ownership import (
    PREVIEW,
    Marker,
    make_marker,
    parse_marker,
    render_marker,
    renewed_marker,
    with_note,
)
from catalyst_dns_sync.core.records import Endpoint, Record, Records
from catalyst_dns_sync.core.terms import Rules


def goal_records(
    endpoint: Endpoint, current: Records, rules: Rules, ended: frozenset[str] = frozenset()
) -> Records:
    """Return what the name should hold; what is right in ``current`` is kept as it is.

    ``ended`` are kinds whose objects were seen to give the name up.

    A value that stays keeps its expiry, and its TTL too where a person ordered the name. What
    people or newer releases wrote into a marker is kept, and goes on to new values too; so does an
    origin that still lives.
    """
    old = {(record.type, record.value): record for record in current}
    kept = [
        _kept(held, endpoint, rules, ended)
        for target in endpoint.targets
        if (held := old.get((target.type, target.value)))
    ]
    if len(kept) == len(endpoint.targets):
        return tuple(sorted(kept))
    fresh = (
        _renewed(markers[0], endpoint, rules, ended)
        if (markers := [marker for one in current if (marker := parse_marker(one.comment))])
        else _as_said(make_marker(rules.identity, endpoint.origins[0], endpoint.kinds), endpoint)
    )
    comment = render_marker(fresh)
    new = [
        Record(target.type, target.value, endpoint.ttl, comment)
        for target in endpoint.targets
        if (target.type, target.value) not in old
    ]
    return tuple(sorted([*kept, *new]))


def _kept(record: Record, endpoint: Endpoint, rules: Rules, ended: frozenset[str]) -> Record:
    comment, marker = record.comment, parse_marker(record.comment)
    # A marker that seems untrue is rewritten only when all that it may speak of is known.
    if marker is not None and not rules.unknown_kinds:
        renewed = _renewed(marker, endpoint, rules, ended)
        comment = comment if renewed == marker else render_marker(renewed)
    ttl = record.ttl if has_custom(endpoint) else endpoint.ttl
    if (record.ttl, record.comment, record.disabled) == (ttl, comment, False):
        return record
    return replace(record, ttl=ttl, comment=comment, disabled=False)


def _renewed(marker: Marker, endpoint: Endpoint, rules: Rules, ended: frozenset[str]) -> Marker:
    # A marker that lost a kind too early would let a later delete pass for one that was seen.
    kinds: Collection[str] = endpoint.kinds
    if marker.kinds != kinds:
        doubtful = rules.absent_kinds | (rules.unconfirmed_kinds - ended)
        kinds = {*kinds, *doubtful.intersection(marker.kinds)}
    return _as_said(renewed_marker(marker, rules.identity, endpoint.origins, kinds), endpoint)


def _as_said(marker: Marker, endpoint: Endpoint) -> Marker:
    """Return the marker with what objects say that is no matter of ownership."""
    if (PREVIEW in marker.extra) != endpoint.preview:
        others = tuple(word for word in marker.extra if word != PREVIEW)
        marker = replace(marker, extra=(*others, PREVIEW) if endpoint.preview else others)
    return with_note(marker, endpoint.note)
