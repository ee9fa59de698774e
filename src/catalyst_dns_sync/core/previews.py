"""Names that last for a while: preview environments, and objects that say when their time ends."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from catalyst_dns_sync.core.annotations import ANNOTATION_PREFIX
from catalyst_dns_sync.core.findings import Findings
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.objects import NO_NAMES, Fault, Term, WatchedObject
from catalyst_dns_sync.core.patterns import Pattern, host_matches
from catalyst_dns_sync.core.rawjson import Json, labels_of, map_at
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.selectors import LabelSelector
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.times import parse_time

STEP_BACK = 300.0
"""A clock that was put back by no more seconds than these is waited for."""

_EXPIRES_AT = f"{ANNOTATION_PREFIX}expires-at"
_TTL_AFTER = f"{ANNOTATION_PREFIX}ttl-after"
_DURATION = re.compile(
    r"(?=.)(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?", re.ASCII
)
_UNITS = (604_800, 86_400, 3_600, 60, 1)


@dataclass(frozen=True, slots=True)
class PreviewRules:
    """What makes a name of the managed ``zones`` one of a preview environment.

    One of the patterns in ``hosts``, or the labels of its object.
    """

    zones: frozenset[DnsName] = frozenset()
    hosts: tuple[Pattern, ...] = ()
    selector: LabelSelector | None = None


def with_term(obj: WatchedObject, raw: object, rules: PreviewRules) -> WatchedObject:
    """Return the object, with a term where some of its names are previews or its time ends.

    ``raw`` is the object as the API server sent it. That the time is over is said by `as_of`.
    """
    metadata = map_at(raw, "metadata") if isinstance(raw, dict) else {}
    found = Findings()
    expires = _expires(map_at(metadata, "annotations"), obj.created, found)
    labelled = rules.selector is not None and rules.selector.matches(labels_of(metadata))
    term = Term(obj, NO_NAMES, expires, labelled, tuple(found.faults))
    return with_term_of(term, obj, rules)


def with_term_of(term: Term | None, obj: WatchedObject, rules: PreviewRules) -> WatchedObject:
    """Return the object as it is now, with the term that it had when it was read."""
    term = term or Term(obj)
    plain = replace(obj, term=None, faults=(*obj.faults, *term.faults))
    names = {one for one in obj.names if zone_of(one, rules.zones) is not None}
    if not term.labelled:
        names = {name for name in names if host_matches(name, rules.hosts)}
    if not names and term.expires is None and not term.labelled and not term.faults:
        return plain
    return replace(plain, term=replace(term, base=plain, previews=frozenset(names) or NO_NAMES))


def _expires(annotations: Json, created: str, found: Findings) -> float | None:
    """Return when the object's time ends, in seconds since 1970; the earlier end counts."""
    ends: list[float] = []
    for key, read in ((_EXPIRES_AT, parse_time), (_TTL_AFTER, parse_duration)):
        text = annotations.get(key)
        if not isinstance(text, str) or not text.strip():
            continue
        number, born = read(text.strip()), parse_time(created)
        if number is None:
            word = key.removeprefix(ANNOTATION_PREFIX)
            detail = f"{word}: {_WANTED[word]} is wanted; the names stay"
            found.fault(SkipReason.INVALID_ANNOTATION, text, detail, costs_names=False)
        elif read is parse_time:
            ends.append(number)
        elif born is not None:
            ends.append(born + number)
    return min(ends, default=None)


_WANTED = {
    "expires-at": "a time such as 2026-03-01T18:00:00Z",
    "ttl-after": "a duration such as 36h or 7d",
}


def parse_duration(text: str) -> float | None:
    """Return the seconds of a text such as ``36h``, ``7d``, ``2w`` or ``1h30m``, or None."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    return float(
        sum(int(part or 0) * unit for part, unit in zip(match.groups(), _UNITS, strict=True))
    )


def as_of(obj: WatchedObject, now: float, is_admitted: Callable[[DnsName], bool]) -> WatchedObject:
    """Return the object as it counts at a time: without the names whose time is over.

    ``now`` is in seconds since 1970. Of its previews only the admitted ones are made; what the
    others hold already stays.
    """
    term = obj.term
    if term is None:
        return obj
    base = replace(term.base, term=term)
    if term.expires is not None and term.expires <= now:
        at = datetime.fromtimestamp(term.expires, UTC).isoformat().replace("+00:00", "Z")
        faults = (
            Fault(SkipReason.EXPIRED, name, f"its time ended {at}", costs_names=False)
            for name in sorted(base.names)
        )
        kept = (one for one in base.faults if not one.costs_names)
        return replace(base, claims=(), holds=NO_NAMES, faults=(*kept, *faults))
    denied = frozenset(name for name in term.previews if not is_admitted(name))
    if not denied:
        return base
    detail = "beyond PREVIEW_LIMIT: older previews come first"
    limited = (Fault(SkipReason.PREVIEW_LIMIT, name, detail) for name in sorted(denied))
    return replace(
        base,
        claims=tuple(claim for claim in base.claims if claim.name not in denied),
        holds=base.holds | denied,
        faults=(*base.faults, *limited),
    )


def steady(latest: float, wall: float) -> float:
    """Return the time to go by, where the clock says ``wall`` and we last went by ``latest``.

    A clock that is put back a little must not bring names back for a while whose time was over;
    one that was wrong by far, and is right again, is followed.
    """
    return max(latest, wall) if latest - wall <= STEP_BACK else wall


class PreviewState(StrEnum):
    """What became of a preview's name: wanted in DNS, over, or one too many."""

    LIVE = "live"
    EXPIRED = "expired"
    OVER_LIMIT = "over-limit"


@dataclass(frozen=True, slots=True)
class Preview:
    """One name of a preview environment, for people.

    ``origin`` is the oldest object that claims it. ``age`` is in seconds; ``expires`` is None
    where nothing says an end.
    """

    name: DnsName
    origin: ObjectRef
    created: datetime
    age: float
    expires: datetime | None
    ttl: int
    state: PreviewState


def previews_of(
    objects: Iterable[WatchedObject], now: datetime, ttl: int = 60
) -> tuple[Preview, ...]:
    """Return all previews, the oldest first; one row for each name.

    ``objects`` are those of `Sources.objects`, ``now`` is the time of day, and ``ttl`` is
    PREVIEW_TTL, which an object's own annotation goes before. What the page Previews shows.
    """
    rows: dict[DnsName, Preview] = {}
    for obj in sorted(objects, key=lambda one: (one.created, one.ref)):
        for name in sorted(obj.term.previews) if obj.term is not None else ():
            row = _row(obj, name, now, ttl)
            known = rows.get(name)
            if known is None:
                rows[name] = row
            elif row.state is PreviewState.LIVE and known.state is not PreviewState.LIVE:
                rows[name] = replace(row, created=known.created, age=known.age)
    return tuple(sorted(rows.values(), key=lambda row: (row.created, row.name)))


def _row(obj: WatchedObject, name: DnsName, now: datetime, ttl: int) -> Preview:
    term, own = obj.term, None
    expires = term.expires if term is not None else None
    for claim in term.base.claims if term is not None else ():
        own = claim.ttl if claim.name == name else own
    state = PreviewState.LIVE
    if name not in obj.names:
        state = PreviewState.OVER_LIMIT if name in obj.holds else PreviewState.EXPIRED
    created = datetime.fromtimestamp(parse_time(obj.created) or now.timestamp(), UTC)
    return Preview(
        name,
        obj.ref,
        created,
        max(0.0, (now - created).total_seconds()),
        None if expires is None else datetime.fromtimestamp(expires, UTC),
        ttl if own is None else own,
        state,
    )
