"""What is known of the daemon, as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias

from catalyst_dns_sync.control.actions import Adoptable, CustomRecord, DnsTest
from catalyst_dns_sync.control.happenings import Happening
from catalyst_dns_sync.control.health import Part
from catalyst_dns_sync.core.records import Records
from catalyst_dns_sync.web.ops import moment
from catalyst_dns_sync.web.ui.model import NameCard, Overview, Row, SourceRow, Table, Withheld

Body: TypeAlias = dict[str, Any]


def overview(told: Overview, now: datetime) -> Body:
    """Return the whole at one glance."""
    return {
        "version": told.version,
        "paused": told.paused,
        "leader": told.leader,
        "lastInStep": moment(told.last_pass, now),
        "counts": {_word(state): count for state, count in told.counts.items()},
        "parts": [_part(part, now) for part in told.parts],
        "withheld": withheld(told.withheld),
    }


def rows(table: Table) -> Body:
    """Return one page of the names."""
    return {
        "records": [row(one) for one in table.rows],
        "found": table.found,
        "total": table.total,
        "page": table.page,
        "pages": table.pages,
    }


def row(one: Row) -> Body:
    """Return one name of the table."""
    since = one.since.isoformat(timespec="seconds") if one.since is not None else None
    return asdict(one) | {
        "state": _word(one.state),
        "since": since,
        "namespace": one.namespace,
    }


def withheld(found: Iterable[Withheld]) -> list[Body]:
    """Return the deletes that wait for a person."""
    return [asdict(one) for one in found]


def card(told: NameCard) -> Body:
    """Return all that is known of one name."""
    return told.explanation.as_dict() | {
        "record": row(told.row) if told.row is not None else None,
        "rules": [{"object": of, "rule": rule} for of, rule in told.rules],
        "events": [event(one) for one in told.lately],
    }


def event(one: Happening) -> Body:
    """Return one thing that happened."""
    return asdict(one) | {"at": one.at.isoformat(timespec="milliseconds")}


def source(one: SourceRow, now: datetime) -> Body:
    """Return one watch."""
    return {
        "source": one.source,
        "namespace": one.namespace,
        "state": one.state,
        "objects": one.objects,
        "since": moment(one.since, now),
        "lastEvent": moment(one.last_event, now),
        "restarts": one.restarts,
        "error": one.error,
        "lastError": one.last_error,
        "lastErrorAt": moment(one.last_error_ago, now),
    }


def custom(one: CustomRecord) -> Body:
    """Return what a person ordered."""
    return {
        "name": one.name,
        "text": one.text,
        "shared": list(one.shared),
        "records": _records(one.records),
    }


def adoptable(one: Adoptable) -> Body:
    """Return a name that could be adopted."""
    return {
        "name": one.name,
        "zone": one.zone,
        "origin": one.origin,
        "records": _records(one.records),
    }


def dns_test(one: DnsTest) -> Body:
    """Return what was answered for a name."""
    return asdict(one)


def _records(records: Records) -> list[Mapping[str, Any]]:
    return [
        {"type": one.type, "value": one.value, "ttl": one.ttl, "disabled": one.disabled}
        for one in records
    ]


def _part(part: Part, now: datetime) -> Body:
    return {
        "part": part.part,
        "ok": part.ok,
        "state": part.state,
        "since": moment(part.since, now),
        "error": part.error,
        "lastError": part.last_error,
        "lastErrorAt": moment(part.last_error_ago, now),
    }


def _word(state: str) -> str:
    return state.replace(" ", "-")
