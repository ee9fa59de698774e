import json

import pytest
from benchmarks.findings import Findings, Row, Unit
from benchmarks.report import BEGIN, END, as_json, as_markdown, within_marks

FAST = Row("fast", "apply to answer", Unit.SECONDS, 0.35)
SLOW = Row("slow", "first sync", Unit.SECONDS, 1.5)
RATE = Row("rate", "rules", Unit.PER_SECOND, None, "a regular expression")
BROKEN = Row("broken", "at rest", Unit.PERCENT, 0.5)
WRITES = Row("writes", "writes", Unit.COUNT, 0.0)
ROWS = (FAST, SLOW, RATE, BROKEN, WRITES)
FOUND = Findings(
    ours={"fast": 0.25, "slow": 2.0, "rate": 12_345.0, "writes": 0.0},
    baseline={"fast": 5.0, "slow": 15.0, "rate": 49_380.0, "writes": 0.0},
    notes={"fast": "200 samples"},
    reasons={"broken": "at rest: BenchError: it ended"},
)


def test_the_table_says_of_each_row_whether_it_is_met_and_what_the_baseline_takes() -> None:
    assert as_markdown(ROWS, FOUND, "A machine.").splitlines() == [
        "A machine.",
        "",
        "| | measured | asked for | | baseline | | ratio |",
        "|---|---:|---:|---|---|---:|---:|",
        "| apply to answer | 0.25 s | ≤ 0.35 s | met | the reference | 5 s | 20 x |",
        "| first sync | 2 s | ≤ 1.5 s | **not met** | the reference | 15 s | 7.5 x |",
        "| rules | 12,345 /s |  |  | a regular expression | 49,380 /s | 0.25 x |",
        "| at rest | failed | ≤ 0.5 % |  |  |  |  |",
        "| writes | 0 | ≤ 0 | met | the reference | 0 |  |",
        "",
        "*apply to answer*: 200 samples.",
        "",
        "**Failed** (at rest): at rest: BenchError: it ended.",
    ]


def test_the_results_for_machines_say_why_a_row_is_missing() -> None:
    rows = json.loads(as_json(ROWS, FOUND, {"machine": "A machine."}))["rows"]

    assert rows[3] == {
        "key": "broken",
        "what": "at rest",
        "unit": "%",
        "value": None,
        "limit": 0.5,
        "met": None,
        "baseline": "the reference",
        "baseline_value": None,
        "ratio": None,
        "note": None,
        "failure": "at rest: BenchError: it ended",
    }


def test_a_failure_is_no_reason_for_a_row_that_was_measured_before() -> None:
    found = Findings(ours={"fast": 0.25}, baseline={"fast": 5.0})

    found.failed(("fast", "slow"), "too late")

    assert found.reasons == {"slow": "too late"}


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nBy hand.\n"

    assert within_marks(page, "new\n") == f"# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nBy hand.\n"


def test_a_page_without_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="lacks"):
        within_marks("# Title\n", "new\n")
