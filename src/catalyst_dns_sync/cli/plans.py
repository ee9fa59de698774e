"""Plans as people and as programs read them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from catalyst_dns_sync.control.reconciler import Proposal
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update, action_of
from catalyst_dns_sync.core.records import Record
from catalyst_dns_sync.core.skips import ADVICE, Skip


def as_json(proposals: Sequence[Proposal]) -> str:
    """Return the plans of all zones as JSON."""
    return json.dumps({"zones": [_zone_json(proposal) for proposal in proposals]}, indent=2)


def as_table(proposals: Sequence[Proposal]) -> str:
    """Return the plans of all zones as text."""
    return "\n".join(line for proposal in proposals for line in _zone_lines(proposal))


def has_changes(proposals: Sequence[Proposal]) -> bool:
    """Tell whether there is anything to do, be it later."""
    return any(one.reviewed.plan.changes or one.reviewed.waiting for one in proposals)


def _zone_json(proposal: Proposal) -> dict[str, Any]:
    plan = proposal.reviewed.plan
    return {
        "zone": plan.zone,
        "changes": [_change_json(change) for change in plan.changes],
        "waiting": sorted(proposal.reviewed.waiting),
        "notes": list(plan.notes),
        "skips": [_skip_json(skip) for skip in plan.skips],
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "action": action_of(change),
        "name": change.name,
        "before": [asdict(record) for record in change.before],
        "after": [asdict(record) for record in change.goal],
        "origins": _origins(change),
    }


def _skip_json(skip: Skip) -> dict[str, Any]:
    return {
        "reason": skip.reason.value,
        "name": skip.name,
        "detail": skip.detail,
        "origin": str(skip.origin) if skip.origin else None,
        "advice": ADVICE[skip.reason],
    }


def _zone_lines(proposal: Proposal) -> Iterator[str]:
    plan, waiting = proposal.reviewed.plan, proposal.reviewed.waiting
    yield f"Zone {plan.zone}"
    width = max((len(change.name) for change in plan.changes), default=0)
    for change in plan.changes:
        origins = ", ".join(_origins(change))
        yield f"  {_sign(change)} {change.name:<{width}}  {_values(change)}  {origins}".rstrip()
    held = {skip.name for skip in plan.skips}
    for name in sorted(waiting):
        sign, what = ("~", "the end of who has it") if name in held else ("-", "its end")
        yield f"  {sign} {name}  later: {what} was not seen, a second list has to confirm it"
    for note in plan.notes:
        yield f"  Note: {note}"
    if plan.skips:
        yield "  Left alone:"
    for skip in plan.skips:
        about = " ".join(str(part) for part in (skip.name, skip.origin) if part)
        yield f"    {skip.reason}  {about}: {skip.detail}"
        yield f"      {ADVICE[skip.reason]}"
    yield f"  {_summary(proposal)}"


def _summary(proposal: Proposal) -> str:
    changes = proposal.reviewed.plan.changes
    counts = [
        f"{sum(isinstance(change, Create) for change in changes)} to create",
        f"{sum(isinstance(change, Update) for change in changes)} to update",
        f"{sum(isinstance(change, Delete) for change in changes)} to delete",
        f"{len(proposal.reviewed.waiting)} later",
        f"{len(proposal.reviewed.plan.skips)} left alone",
    ]
    return ", ".join(counts)


def _values(change: Change) -> str:
    before, after = _texts(change.before), _texts(change.goal)
    if isinstance(change, Update):
        return f"{before} -> {after}" if before != after else f"{after} (its marker)"
    return after or before


def _texts(records: tuple[Record, ...]) -> str:
    return ", ".join(f"{record.type} {record.value} ttl {record.ttl}" for record in records)


def _origins(change: Change) -> list[str]:
    match change:
        case Create(endpoint) | Update(endpoint):
            return [str(origin) for origin in endpoint.origins]
        case Delete():
            return []


def _sign(change: Change) -> str:
    return {"create": "+", "update": "~", "delete": "-"}[action_of(change)]
