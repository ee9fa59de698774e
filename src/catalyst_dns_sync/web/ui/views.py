"""From what is read to what a template needs; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from catalyst_dns_sync.control.health import Part
from catalyst_dns_sync.core.certificates import RENEWED_BEFORE
from catalyst_dns_sync.core.explain import Outcome, Stage
from catalyst_dns_sync.core.ownership import CUSTOM
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.web.ui.model import NameCard, Overview, Query, Row, State, Table
from catalyst_dns_sync.web.ui.words import span

if TYPE_CHECKING:
    from catalyst_dns_sync.core.certificates import Certificate
    from catalyst_dns_sync.core.previews import Preview

_SOMEBODY_ELSES = frozenset(
    {
        SkipReason.NOT_OURS,
        SkipReason.OTHER_CLUSTER,
        SkipReason.DELEGATED,
        SkipReason.SHADOWED,
    }
)

MOST = 500
"""Rows of a table without pages: more are counted."""

_ALWAYS = (("", "Overview"), ("records", "Records"), ("events", "Events"), ("sources", "Sources"))
_AT_WILL = (("previews", "Previews"), ("certificates", "Certificates"))
COLUMNS = (
    ("name", "Name"),
    ("state", "State"),
    ("type", "Type"),
    ("target", "Target"),
    ("ttl", "TTL"),
    ("origin", "From"),
)
STAGES: Mapping[Stage, str] = {
    Stage.ZONE: "Zone",
    Stage.OBJECTS: "Objects",
    Stage.TARGET: "Target",
    Stage.SERVER: "DNS server",
    Stage.RECORD: "Record",
    Stage.CHANGE: "Change",
    Stage.ANSWER: "Answer",
    Stage.RESOLVER: "System's resolver",
    Stage.CERTIFICATE: "Certificate",
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OK: "all is well",
    Outcome.NOTE: "worth knowing",
    Outcome.WAITS: "comes by itself",
    Outcome.STOPS: "stops here",
}


def pages_of(features: Collection[str]) -> list[tuple[str, str]]:
    """Return the address and title of each page, with those whose feature is switched on."""
    return [*_ALWAYS, *(page for page in _AT_WILL if page[0] in features)]


def overview_context(overview: Overview) -> dict[str, Any]:
    """Return what the first page shows."""
    mood, headline, subline = _verdict(overview)
    return {
        "overview": overview,
        "mood": mood,
        "headline": headline,
        "subline": subline,
        "counts": [(state, overview.counts.get(state, 0)) for state in State],
        "parts": [_part(part) for part in overview.parts],
        "version": overview.version,
    }


def records_context(table: Table, query: Query) -> dict[str, Any]:
    """Return what the table of names shows."""
    return {
        "table": table,
        "query": query,
        "columns": COLUMNS,
        "found": _found(table),
        "filters": [
            ("zone", "Zone", query.zone, table.zones),
            ("state", "State", query.state, [state.value for state in State]),
            ("namespace", "Namespace", query.namespace, table.namespaces),
            ("kind", "Kind", query.kind, table.kinds),
        ],
        "sort_link": {key: _link(query, sort=_flipped(query.sort, key)) for key, _ in COLUMNS},
        "previous": _link(query, page=table.page - 1),
        "next": _link(query, page=table.page + 1),
    }


def name_context(card: NameCard) -> dict[str, Any]:
    """Return what the page of one name shows."""
    explanation = card.explanation
    step = explanation.stopped_by or explanation.waits_for
    mood = "bad" if explanation.stopped_by else "calm" if explanation.waits_for else "good"
    return {
        "card": card,
        "mood": mood,
        "advice": step.advice if step is not None else "",
        "deeds": _deeds(card.row),
        "stages": STAGES,
        "outcomes": OUTCOMES,
    }


def previews_context(previews: "Sequence[Preview]") -> dict[str, Any]:
    """Return what the table of previews shows."""
    rows = [
        {
            "preview": one,
            "state": one.state.value.replace("-", " "),
            "left": _left(one),
        }
        for one in previews[:MOST]
    ]
    return {"rows": rows, "more": len(previews) - len(rows)}


def _left(one: "Preview") -> float | None:
    # Its age is by the daemon's clock, by which it ends.
    return (one.expires - one.created).total_seconds() - one.age if one.expires else None


def certificates_context(found: "Sequence[Certificate]", now: datetime) -> dict[str, Any]:
    """Return what the table of certificates shows, what ends first at the top."""
    ordered = sorted(found, key=lambda one: (one.ends or 0.0, one.ref))
    rows = [
        {
            "certificate": one,
            "state": _certificate_state(one, now.timestamp()),
            "ends": None if one.ends is None else datetime.fromtimestamp(one.ends, UTC),
            "left": None if one.ends is None else one.ends - now.timestamp(),
        }
        for one in ordered[:MOST]
    ]
    return {"rows": rows, "more": len(ordered) - len(rows)}


def _certificate_state(one: "Certificate", now: float) -> str:
    if one.ends is None or one.ready is False:
        return "not ready"
    if one.ends <= now:
        return "ended"
    return "ends soon" if one.ends < now + RENEWED_BEFORE else "valid"


def _deeds(row: Row | None) -> list[tuple[str, str]]:
    """Return what can be done with a name as it is now, each with its words."""
    if row is None or not row.values:
        return []
    if row.reason == SkipReason.ADOPTABLE:
        return [("adopt", "Adopt it")]
    if CUSTOM in row.kinds:
        return [("remove", "Remove the custom record")]
    if row.reason in _SOMEBODY_ELSES:
        return []
    return [("delete", "Delete the record")] if row.origin else []


def query_of(given: Mapping[str, str]) -> Query:
    """Return the query of a page's address; what makes no sense in it is left out."""
    sort = given.get("sort", "name")
    page = given.get("page", "1")
    return Query(
        text=given.get("q", "").strip()[:253],
        zone=given.get("zone", ""),
        state=given.get("state", ""),
        namespace=given.get("namespace", ""),
        kind=given.get("kind", ""),
        sort=sort if sort.removeprefix("-") in dict(COLUMNS) else "name",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _verdict(overview: Overview) -> tuple[str, str, str]:
    total = sum(overview.counts.values())
    bad = [part for part in overview.parts if not part.ok]
    names = f"{total} {'name' if total == 1 else 'names'}"
    last = "no pass yet" if overview.last_pass is None else _ago(overview.last_pass)
    if overview.leader:
        line = f"{overview.leader} does the work; this one takes over when it can't."
        return "calm", "Standing by", line
    if bad:
        line = "What is in DNS stays as it is meanwhile: " + ", ".join(
            f"{_title(part.part)} {part.state}" for part in bad
        )
        return "bad", "Something needs a look", line
    if overview.dry_run:
        changing = overview.counts.get(State.CHANGING, 0)
        line = f"Nothing is written to DNS: {changing} of {names} would be changed."
        return "calm", "Dry run", line
    if overview.paused:
        return "calm", "Paused", "Nothing is written to DNS before somebody resumes it."
    if failing := overview.counts.get(State.FAILING, 0):
        return "bad", f"{failing} of {names} can't be written", "It is tried again by itself."
    if overview.withheld:
        return "bad", "A decision is wanted", f"Everything else is done; {names}, {last}."
    if overview.counts.get(State.CHANGING, 0):
        return "calm", "Working", f"{names}, {last}."
    alone = overview.counts.get(State.LEFT_ALONE, 0)
    line = f"{names}, {alone} of them left alone, {last}." if alone else f"{names}, {last}."
    return "good", "DNS is in step with the cluster", line


def _ago(seconds: float) -> str:
    return "confirmed just now" if seconds < 2 else f"confirmed {span(seconds)} ago"


def _part(part: Part) -> dict[str, Any]:
    return {
        "ok": part.ok,
        "title": _title(part.part),
        "state": part.state,
        "since": part.since,
        "error": part.error,
        "last_error": part.last_error,
        "last_error_ago": part.last_error_ago,
    }


def _title(part: str) -> str:
    kind, _, name = part.partition("/")
    words = {"source": "Source", "zone": "Zone", "dns": "DNS server", "loop": "Passes"}
    return f"{words.get(kind, kind)} {name}".strip()


def _found(table: Table) -> str:
    if table.found == table.total:
        return f"{table.total:,} {'name' if table.total == 1 else 'names'}"
    return f"{table.found:,} of {table.total:,} names"


def _flipped(now: str, key: str) -> str:
    return f"-{key}" if now == key else key


def _link(query: Query, *, sort: str | None = None, page: int = 1) -> str:
    asked = replace(query, sort=query.sort if sort is None else sort)
    fields: Sequence[tuple[str, str]] = (
        ("q", asked.text),
        ("zone", asked.zone),
        ("state", asked.state),
        ("namespace", asked.namespace),
        ("kind", asked.kind),
        ("sort", "" if asked.sort == "name" else asked.sort),
        ("page", "" if page == 1 else str(page)),
    )
    return urlencode([(key, value) for key, value in fields if value])
