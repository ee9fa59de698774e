"""What was found, as JSON for machines and as a table for people."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp

from benchmarks.findings import Findings, Row, Unit

BEGIN = "<!-- made by make bench: begin -->"
END = "<!-- made by make bench: end -->"


def machine() -> str:
    """Say what it was measured on, now."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    today = datetime.now(UTC).date().isoformat()
    version = f"Python {platform.python_version()}, aiohttp {aiohttp.__version__}"
    return f"{today}, {platform.system()} {platform.machine()}, {cores} cores, {load}, {version}"


def as_json(rows: Sequence[Row], found: Findings, context: dict[str, object]) -> str:
    """Return everything, each row with what is asked for."""
    shown = [
        {
            "key": row.key,
            "what": row.what,
            "unit": row.unit.value,
            "value": found.ours.get(row.key),
            "limit": row.limit,
            "met": found.is_met(row),
            "baseline": row.baseline,
            "baseline_value": found.baseline.get(row.key),
            "ratio": found.ratio(row),
            "note": found.notes.get(row.key),
            "failure": found.reasons.get(row.key),
        }
        for row in rows
    ]
    return json.dumps(context | {"rows": shown}, indent=2) + "\n"


def as_markdown(rows: Sequence[Row], found: Findings, context: str) -> str:
    """Return the table, and below it the notes and what failed."""
    lines = [
        context,
        "",
        "| | measured | asked for | | baseline | | ratio |",
        "|---|---:|---:|---|---|---:|---:|",
    ]
    lines += [_line(row, found) for row in rows]
    for row in rows:
        if row.key in found.notes:
            lines += ["", f"*{row.what}*: {found.notes[row.key]}."]
    shown = [row for row in rows if row.key in found.reasons]
    for reason in dict.fromkeys(found.reasons[row.key] for row in shown):
        failed = [row.what for row in shown if found.reasons[row.key] == reason]
        lines += ["", f"**Failed** ({'; '.join(failed)}): {reason}."]
    return "\n".join([*lines, ""])


def within_marks(document: str, table: str) -> str:
    """Return the document with the table between the two marks; raises `ValueError` without."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def _line(row: Row, found: Findings) -> str:
    met = {True: "met", False: "**not met**", None: ""}[found.is_met(row)]
    ratio = found.ratio(row)
    cells = (
        row.what,
        _shown(found.ours.get(row.key), row.unit) or "failed",
        _asked(row),
        met,
        row.baseline if row.key in found.baseline else "",
        _shown(found.baseline.get(row.key), row.unit),
        "" if ratio is None else f"{ratio:.2g} x" if ratio < 10 else f"{ratio:,.0f} x",
    )
    return f"| {' | '.join(cells)} |"


def _asked(row: Row) -> str:
    if row.limit is None:
        return ""
    sign = "≥" if row.unit is Unit.PER_SECOND else "≤"
    return f"{sign} {row.limit:g} {row.unit}".rstrip()


def _shown(value: float | None, unit: Unit) -> str:
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f} {unit}".rstrip()
    return f"{value:.3g} {unit}".rstrip()
