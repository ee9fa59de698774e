"""How fast the table of names answers with 10,000 of them, and how long it keeps others waiting.

    python -m benchmarks.pages

The daemon is a process of its own, and so are the embedded servers. Each row is one way to ask, by
HTTP, as htmx asks. The issue's limit is 200 ms; the probes' is 100 ms, also while pages are asked
for without a pause.
"""

import asyncio
import sys
from time import perf_counter

from benchmarks.probes import LIMIT as PROBE_LIMIT
from benchmarks.probes import Daemon, daemon, quantile, say, servers

LIMIT = 0.2
TIMES = 20
ASKED = {
    "all names": "",
    "search that finds one": "q=app-7777",
    "search that finds many": "q=7",
    "search that finds nothing": "q=nothing-like-it",
    "filter by namespace": "namespace=bench",
    "filter by kind, last page": "kind=Ingress&page=200",
    "sorted by target, backwards": "sort=-target",
}


async def main() -> int:
    """Measure, print a row for each way to ask, and tell by the exit code whether all is well."""
    rows: dict[str, list[float]] = {}
    async with servers() as where, daemon(where) as here:
        await here.ask_until(here.is_synced)
        # Loading the pages' modules takes the first one some time, once.
        await _asked(here, "")
        here.times.clear()
        async with asyncio.TaskGroup() as tasks:
            probing = tasks.create_task(here.ask_for(3600.0))
            for title, query in ASKED.items():
                rows[title] = [await _asked(here, query) for _ in range(TIMES)]
            probing.cancel()
    for title, times in rows.items():
        say(title, times)
    say("probes meanwhile", here.times)
    slow = any(quantile(times, 0.9) > LIMIT for times in rows.values())
    return int(slow or quantile(here.times, 0.99) > PROBE_LIMIT)


async def _asked(here: Daemon, query: str) -> float:
    url = f"http://127.0.0.1:{here.metrics}/ui/records?{query}"
    began = perf_counter()
    async with here.session.get(url, headers={"HX-Request": "true"}) as answer:
        answer.raise_for_status()
        await answer.read()
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
