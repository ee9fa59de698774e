"""Plans as people and as programs read them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, TypeAlias

from catalyst_dns_sync.cli.paint import NO_PAINT, Colour, Paint
from catalyst_dns_sync.control.outcome import Proposal
from catalyst_dns_sync.core.backup import Backup, our_records
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update, action_of, told
from catalyst_dns_sync.core.records import Record
from catalyst_dns_sync.core.restoring import Difference, after_changes, differences
from catalyst_dns_sync.core.skips import ADVICE, Skip, SkipReason

_SIGNS = {"create": "+", "update": "~", "delete": "-"}
_COLOURS = {"+": Colour.GREEN, "~": Colour.YELLOW, "-": Colour.RED, "!": Colour.RED}
_WIDEST = 48
"""A name that is longer does not push the columns of all others to the right."""


Since: TypeAlias = Sequence[Difference] | None
"""What is not as it was in an export; None where there is none to compare with."""


def as_json(proposals: Sequence[Proposal], since: Since = None) -> str:
    """Return the plans of all zones as JSON."""
    return json.dumps(body(proposals, since), indent=2)


def as_yaml(proposals: Sequence[Proposal], since: Since = None) -> str:
    """Return the plans of all zones as YAML, with the same keys as the JSON has."""
    from catalyst_dns_sync.cli import yamltext

    return yamltext.dump(body(proposals, since)).rstrip("\n")


def as_table(
    proposals: Sequence[Proposal],
    paint: Paint = NO_PAINT,
    since: Since = None,
) -> str:
    """Return the plans of all zones as text."""
    lines = [line for proposal in proposals for line in _zone_lines(proposal, paint)]
    if len(proposals) > 1:
        lines.append(f"All zones: {_summary(proposals)}")
    if since is not None:
        lines += _since_lines(since, paint)
    return "\n".join(lines)


def as_markdown(proposals: Sequence[Proposal], since: Since = None) -> str:
    """Return the plans of all zones as Markdown, for a comment on a pull request."""
    lines = [line for proposal in proposals for line in _markdown_lines(proposal)]
    if since is not None:
        lines += ["### Since the export", ""]
        rows = [(_sign(one), one.name, _texts(one.before), _texts(one.after)) for one in since]
        lines += _markdown_table(("", "name", "then", "after the next pass"), rows)
    return "\n".join(lines)


def has_changes(proposals: Sequence[Proposal]) -> bool:
    """Tell whether there is anything to do, be it later."""
    return any(one.reviewed.plan.changes or one.reviewed.waiting for one in proposals)


def body(proposals: Sequence[Proposal], since: Since = None) -> dict[str, Any]:
    """Return the plans as values of JSON's types."""
    found: dict[str, Any] = {"zones": [_zone_body(proposal) for proposal in proposals]}
    if since is not None:
        found["sinceExport"] = [
            {
                "name": str(one.name),
                "before": [asdict(record) for record in one.before],
                "after": [asdict(record) for record in one.after],
            }
            for one in since
        ]
    return found


def since_export(backup: Backup, proposals: Sequence[Proposal], owner: str) -> Sequence[Difference]:
    """Return how our records will differ from an export, once the plans are carried out."""
    return differences(
        backup,
        {
            one.contents.name: after_changes(
                our_records(one.contents, owner), one.reviewed.plan.changes
            )
            for one in proposals
        },
    )


def _since_lines(since: Sequence[Difference], paint: Paint) -> Iterator[str]:
    yield paint("Since the export, with the changes above:", Colour.BOLD)
    for one in since:
        before, after = _texts(one.before), _texts(one.after)
        values = f"{before} -> {after}" if before and after and before != after else before or after
        marked = " (its marker)" if before == after else ""
        yield "  " + paint(f"{_sign(one)} {one.name}  {values}{marked}", _COLOURS[_sign(one)])
    yield "  1 name differs" if len(since) == 1 else f"  {len(since)} names differ"


def _sign(one: Difference) -> str:
    return "~" if one.before and one.after else "+" if one.after else "-"


def _zone_body(proposal: Proposal) -> dict[str, Any]:
    plan = proposal.reviewed.plan
    server = {"server": proposal.server} if proposal.server else {}
    return {
        "zone": plan.zone,
        **server,
        "changes": [_change_body(change) for change in plan.changes],
        "waiting": sorted(proposal.reviewed.waiting),
        "notes": list(plan.notes),
        "skips": [_skip_body(skip) for skip in plan.skips],
        "summary": _counts([proposal]),
    }


def _change_body(change: Change) -> dict[str, Any]:
    return {
        "action": action_of(change),
        "name": str(change.name),
        "before": [asdict(record) for record in change.before],
        "after": [asdict(record) for record in change.goal],
        "origins": _origins(change),
        "rule": _rule(change),
    }


def _skip_body(skip: Skip) -> dict[str, Any]:
    return {
        "reason": skip.reason.value,
        "name": skip.name,
        "detail": skip.detail,
        "origin": str(skip.origin) if skip.origin else None,
        "advice": ADVICE[skip.reason],
    }


def _counts(proposals: Sequence[Proposal]) -> dict[str, int]:
    changes = [change for one in proposals for change in one.reviewed.plan.changes]
    found = [skip for one in proposals for skip in one.reviewed.plan.skips]
    # A fault of an object, which has no name, is in every zone's plan, and counts once.
    faults = {skip for skip in found if skip.name is None}
    skips = [*faults, *(skip for skip in found if skip.name is not None)]
    return {
        "create": sum(isinstance(change, Create) for change in changes),
        "update": sum(isinstance(change, Update) for change in changes),
        "delete": sum(isinstance(change, Delete) for change in changes),
        "later": sum(len(one.reviewed.waiting) for one in proposals),
        "withheld": sum(skip.reason is SkipReason.WITHHELD for skip in skips),
        "left": sum(skip.reason is not SkipReason.WITHHELD for skip in skips),
    }


def _summary(proposals: Sequence[Proposal]) -> str:
    counts = _counts(proposals)
    return (
        "{create} to create, {update} to update, {delete} to delete, {later} later, "
        "{withheld} withheld, {left} left alone"
    ).format_map(counts)


def _zone_lines(proposal: Proposal, paint: Paint) -> Iterator[str]:
    plan, waiting = proposal.reviewed.plan, proposal.reviewed.waiting
    yield paint(f"Zone {_called(proposal)}", Colour.BOLD)
    names = [*(change.name for change in plan.changes), *waiting]
    width = max((len(name) for name in names if len(name) <= _WIDEST), default=0)
    values = {change.name: _values(change) for change in plan.changes}
    across = max((len(text) for text in values.values() if len(text) <= _WIDEST), default=0)
    for change in plan.changes:
        sign = _SIGNS[action_of(change)]
        line = f"{sign} {change.name:<{width}}  {values[change.name]:<{across}}  {_reason(change)}"
        yield "  " + paint(line.rstrip(), _COLOURS[sign])
    for name, sign, text in _later(proposal):
        yield "  " + paint(f"{sign} {name:<{width}}  {text}", _COLOURS[sign])
    for skip in _withheld(plan.skips):
        yield "  " + paint(f"! {skip.name:<{width}}  withheld: {skip.detail}", _COLOURS["!"])
    if _withheld(plan.skips):
        yield paint(f"    -> {ADVICE[SkipReason.WITHHELD]}", Colour.DIM)
    for note in plan.notes:
        yield f"  Note: {note}"
    yield from _left_lines(plan.skips, paint)
    yield f"  {_summary([proposal])}"


def _called(proposal: Proposal) -> str:
    zone = proposal.contents.name
    return f"{zone} on {proposal.server}" if proposal.server else zone


def _later(proposal: Proposal) -> Iterator[tuple[str, str, str]]:
    held = {skip.name for skip in proposal.reviewed.plan.skips}
    for name in sorted(proposal.reviewed.waiting):
        sign, what = ("~", "the end of who has it") if name in held else ("-", "its end")
        yield name, sign, f"later: {what} was not seen, a second list has to confirm it"


def _left_lines(skips: Sequence[Skip], paint: Paint) -> Iterator[str]:
    left = [skip for skip in skips if skip.reason is not SkipReason.WITHHELD]
    if left:
        yield "  Left alone:"
    for reason, group in _by_reason(left):
        yield paint(f"    {reason} ({len(group)}): {ADVICE[reason]}", Colour.CYAN)
        for skip in group:
            about = " ".join(str(part) for part in (skip.name, skip.origin) if part)
            yield f"      {about}: {skip.detail}"


def _by_reason(skips: Sequence[Skip]) -> Iterator[tuple[SkipReason, list[Skip]]]:
    order = list(SkipReason)
    ordered = sorted(skips, key=lambda skip: order.index(skip.reason))
    for reason, group in groupby(ordered, key=lambda skip: skip.reason):
        yield reason, list(group)


def _withheld(skips: Sequence[Skip]) -> list[Skip]:
    return [skip for skip in skips if skip.reason is SkipReason.WITHHELD]


def _markdown_lines(proposal: Proposal) -> Iterator[str]:
    plan = proposal.reviewed.plan
    yield f"### Zone {plan.zone}: {_summary([proposal])}"
    yield ""
    rows: list[tuple[str, str, str, str, str]] = [
        (_SIGNS[action_of(one)], one.name, _texts(one.before), _texts(one.goal), _reason(one))
        for one in plan.changes
    ]
    rows += [(sign, name, "", "", text) for name, sign, text in _later(proposal)]
    if rows:
        yield from _markdown_table(("", "name", "before", "after", "from"), rows)
    yield from (f"Note: {note}\n" for note in plan.notes)
    left = [
        (f"{reason}", str(skip.name or skip.origin), skip.detail, ADVICE[reason])
        for reason, group in _by_reason(plan.skips)
        for skip in group
    ]
    if left:
        yield from _markdown_table(("left alone", "name", "detail", "what to do"), left)


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _values(change: Change) -> str:
    before, after = _texts(change.before), _texts(change.goal)
    if isinstance(change, Update):
        return f"{before} -> {after}" if before != after else f"{after} (its marker)"
    return after or before


def _texts(records: tuple[Record, ...]) -> str:
    return ", ".join(map(told, records))


def _reason(change: Change) -> str:
    """Return which objects want it and by which rule, or why it goes."""
    if isinstance(change, Delete):
        return "no object claims it any more"
    return "  ".join(text for text in (", ".join(_origins(change)), _rule(change)) if text)


def _rule(change: Change) -> str:
    match change:
        case Create(endpoint) | Update(endpoint):
            return endpoint.rule
        case Delete():
            return ""


def _origins(change: Change) -> list[str]:
    match change:
        case Create(endpoint) | Update(endpoint):
            return [str(origin) for origin in endpoint.origins]
        case Delete():
            return []
