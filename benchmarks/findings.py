"""The rows of the table: what is measured, what is asked for, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

SIZES = (100, 1_000, 10_000)
_REFERENCE = "the reference"
_OWN = "our own at 10,000"
_OFF = "our own by default"
_ALL = "all sources, certificates and Events on:"


class Unit(StrEnum):
    """What a value counts; of rates more is better, of the rest less."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MEGABYTES = "MB"
    PERCENT = "%"
    TIMES = "x"
    COUNT = ""
    PER_SECOND = "/s"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is measured; ``limit`` is what is asked for, None where nothing is."""

    key: str
    what: str
    unit: Unit
    limit: float | None = None
    baseline: str = _REFERENCE


@dataclass(slots=True)
class Findings:
    """What was found, by the rows' keys; ``reasons`` say why a row has no value."""

    ours: dict[str, float] = field(default_factory=dict)
    baseline: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def failed(self, keys: Iterable[str], reason: str) -> None:
        """Say why rows lack a value, or their baseline; the first reason counts."""
        for key in keys:
            if key not in self.ours or key not in self.baseline:
                self.reasons.setdefault(key, reason)

    def ratio(self, row: Row) -> float | None:
        """Return how many times our cost the baseline has; above 1 we are better."""
        ours, base = self.ours.get(row.key), self.baseline.get(row.key)
        if ours is None or base is None or not ours or not base:
            return None
        return ours / base if row.unit is Unit.PER_SECOND else base / ours

    def is_met(self, row: Row) -> bool | None:
        """Tell whether it is as good as is asked for; None where nothing is, or nothing known."""
        value = self.ours.get(row.key)
        if row.limit is None or value is None:
            return None
        return value >= row.limit if row.unit is Unit.PER_SECOND else value <= row.limit


def _of_sizes() -> list[Row]:
    memory = dict(zip(SIZES, (46.0, 50.0, 64.0), strict=True))
    rows = [
        Row(f"event-{size}", f"CPU of one event, {size:,} objects", Unit.MILLISECONDS)
        for size in SIZES
    ]
    growth = "CPU of one event at 10,000 objects, over that at 100"
    rows.append(Row("event-growth", growth, Unit.TIMES, 2.0))
    for size in SIZES:
        what = f"resident memory after the first sync, {size:,} objects"
        rows.append(Row(f"memory-{size}", what, Unit.MEGABYTES, memory[size]))
        what = f"its peak until then, over that, {size:,} objects"
        rows.append(Row(f"peak-{size}", what, Unit.TIMES, 1.3))
    return rows


ROWS = (
    Row("p50-100", "apply to DNS answer, p50, 100 objects", Unit.SECONDS, 0.35),
    Row("p99-100", "apply to DNS answer, p99, 100 objects", Unit.SECONDS, 1.0),
    Row("p50-10000", "apply to DNS answer, p50, 10,000 objects", Unit.SECONDS, 0.35),
    Row("p99-10000", "apply to DNS answer, p99, 10,000 objects", Unit.SECONDS, 1.0),
    Row("sync-10000", "first sync of 10,000 names, from the objects' list on", Unit.SECONDS, 1.5),
    Row("move-10000", "another target for 10,000 names, from the list on", Unit.SECONDS, 2.0),
    Row("move-failures", "failures that a resolver saw meanwhile", Unit.COUNT, 0.0),
    *_of_sizes(),
    Row("memory-all-100", f"{_ALL} memory, 100 objects", Unit.MEGABYTES, 46.0, _OFF),
    Row("memory-all-1000", f"{_ALL} memory, 1,000 objects", Unit.MEGABYTES, 50.0, _OFF),
    Row("event-all-100", f"{_ALL} CPU of one event, 100 objects", Unit.MILLISECONDS, None, _OFF),
    Row("event-all-1000", f"{_ALL} CPU of one event, 1,000 objects", Unit.MILLISECONDS, None, _OFF),
    Row("rest-cpu", "CPU at rest, 10,000 names, of a core", Unit.PERCENT, 0.5),
    Row("rest-calls", "calls to Technitium in a minute at rest", Unit.COUNT, 5.0),
    Row("rest-writes", "writes in a minute at rest", Unit.COUNT, 0.0),
    Row("ready-100", "start to ready, 100 objects", Unit.SECONDS, 1.0),
    Row("version", "`version`, over a bare interpreter", Unit.SECONDS, 0.1, "a bare interpreter"),
    Row("help", "`--help`, over a bare interpreter", Unit.SECONDS, 0.2, "a bare interpreter"),
    Row("rules", "rule parser, rules", Unit.PER_SECOND, None, "a regular expression"),
    Row("plan-10000", "merge and plan from nothing, 10,000 names", Unit.SECONDS, None, "two dicts"),
    Row(
        "plan-100000", "merge and plan from nothing, 100,000 names", Unit.SECONDS, None, "two dicts"
    ),
    Row("zones-sync", "first sync of 100,000 names in 10 zones", Unit.SECONDS, None, "10 x 10,000"),
    Row("zones-memory", "resident memory, 100,000 objects", Unit.MEGABYTES, None, _OWN),
    Row("zones-peak", "its peak until then, over that", Unit.TIMES, None, _OWN),
    Row("zones-event", "CPU of one event, 100,000 objects", Unit.MILLISECONDS, None, _OWN),
    Row("zones-p50", "apply to DNS answer, p50, 100,000 objects", Unit.SECONDS, None, _OWN),
)
LONG_ROWS = (
    Row("growth", "resident memory gained from event 10,000 to 100,000", Unit.MEGABYTES, 1.0, ""),
)
