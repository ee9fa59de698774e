"""Measures the program, each row beside a baseline of the same run; `make bench`.

    python -m benchmarks.run [--only STAGE ...] [--long] [--scale 0.01]

It takes some 10 minutes on 2 quiet cores, needs Linux, and leaves nothing behind but the results:
docs/performance.json, and the table in docs/performance.md. With --only or --scale it only prints,
unless --json and --markdown name files.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks import large, loop, pure, sources
from benchmarks.bench import Bench, say
from benchmarks.findings import LONG_ROWS, ROWS, Row
from benchmarks.report import as_json, as_markdown, machine, within_marks

DOCS = Path(__file__).parent.parent / "docs"
STAGES: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    "commands": pure.commands,
    "rules": pure.rules,
    "plans": pure.plans,
    "few": loop.few,
    "sources": sources.all_sources,
    "many": loop.many,
    "zones": large.zones,
    "growth": large.growth,
}
ON_REQUEST = frozenset({"growth"})


async def measure(bench: Bench, stages: list[str]) -> None:
    """Run the stages, one after the other."""
    for stage in stages:
        await STAGES[stage](bench)


def main() -> int:
    """Run it, and say by the exit code whether every row was measured."""
    options = _options()
    stages = options.only or [name for name in STAGES if name not in ON_REQUEST or options.long]
    began, before = monotonic(), machine()
    with TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), options.scale)
        asyncio.run(measure(bench, stages))
    took = monotonic() - began
    found = bench.found
    known = (*ROWS, *LONG_ROWS) if "growth" in stages else ROWS
    rows = [row for row in known if not options.only or _is_known(row, bench)]
    scale = "" if options.scale == 1 else f" **Scaled by {options.scale:g}: for trying out.**"
    table = as_markdown(rows, found, f"{before} before the run, which took {took:.0f} s.{scale}")
    sys.stdout.write(table)
    is_whole = not options.only and options.scale == 1
    if json_file := options.json or (DOCS / "performance.json" if is_whole else None):
        context: dict[str, object] = {"machine": before, "seconds": round(took)}
        json_file.write_text(as_json(rows, found, context), encoding="utf-8")
    if page := options.markdown or (DOCS / "performance.md" if is_whole else None):
        page.write_text(within_marks(page.read_text(encoding="utf-8"), table), encoding="utf-8")
    for row in rows:
        if found.is_met(row) is False:
            say(f"not met: {row.what}")
    return any(row.key not in found.ours for row in rows)


def _is_known(row: Row, bench: Bench) -> bool:
    return row.key in bench.found.ours or row.key in bench.found.reasons


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the program.")
    parser.add_argument("--only", nargs="+", choices=STAGES, help="only these stages")
    parser.add_argument("--long", action="store_true", help="100,000 events as well, 4 minutes")
    parser.add_argument("--scale", type=float, default=1.0, help="below 1: smaller, to try it out")
    parser.add_argument("--json", type=Path, help="where to write the rows")
    parser.add_argument("--markdown", type=Path, help="page to write the table into")
    options = parser.parse_args()
    if options.markdown:
        # What took ten minutes to measure must not be lost for want of a place to put it.
        try:
            within_marks(options.markdown.read_text(encoding="utf-8"), "")
        except (OSError, ValueError) as error:
            parser.error(f"--markdown {options.markdown}: {error}")
    return options


if __name__ == "__main__":
    sys.exit(main())
