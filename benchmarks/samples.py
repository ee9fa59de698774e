"""What is sampled of one program on one pair of servers."""

import asyncio
from dataclasses import dataclass
from math import ceil
from time import monotonic

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.cluster import Page, Program, World
from benchmarks.processes import BenchError, Process

SETTLE = 3.0
ANSWER_WITHIN = 30.0
CHANGED = "192.0.2.30"


@dataclass(slots=True)
class Run:
    """One program on one pair of servers, and where its values belong."""

    bench: Bench
    world: World
    program: Program
    eventful_until: float = 0.0

    def put(self, key: str, value: float, note: str = "") -> None:
        """Take a value down; a note is only taken of ours."""
        found = self.bench.found
        if self.program is Program.NAIVE:
            found.baseline[key] = value
            return
        found.ours[key] = value
        if note:
            found.notes[key] = note


@dataclass(frozen=True, slots=True)
class Events:
    """Seconds from apply to answer of each event, and CPU seconds of one."""

    delays: list[float]
    cpu: float
    asked: str

    @property
    def said(self) -> str:
        """What is to be known of the delays."""
        return f"{len(self.delays)} samples, the longest {max(self.delays):.3g} s"


async def apply(run: Run, process: Process, samples: int) -> Events:
    """Create objects and change each once, and wait for DNS each time.

    The CPU time is that of the whole time, so what the program does besides is in it.
    """
    world, delays = run.world, []
    await world.turn_page()
    before = process.cpu_seconds()
    for sample in range(samples):
        number = world.size + sample // 2
        address = CHANGED if sample % 2 else objects.TARGET
        began = monotonic()
        if sample % 2:
            await world.retarget(number, address)
        else:
            await world.create(number)
        name = objects.host(number, world.zones)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await world.answered(name, (address,))
        except TimeoutError:
            process.check()
            raise BenchError(f"event {sample}: {name} is not {address} after 30 s") from None
        delays.append(monotonic() - began)
    cpu = (process.cpu_seconds() - before) / samples
    page = await world.page()
    run.eventful_until = monotonic()
    return Events(delays, cpu, f"{samples} events; {calls_of(page)}")


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def took(page: Page) -> float:
    """Return the seconds from the last list to the last write."""
    if page.listed_at is None or page.wrote_at is None:
        raise BenchError("the servers saw no list or no write")
    return page.wrote_at - page.listed_at


def calls_of(page: Page) -> str:
    """Say what was asked of Technitium."""
    calls = sorted(page.calls.items())
    return ", ".join(f"{count:,} {path.removeprefix('/api/')}" for path, count in calls)


async def memory(run: Run, process: Process, size: str) -> None:
    """Take down what a program needs, a moment after its first sync."""
    await asyncio.sleep(SETTLE)
    found = process.memory()
    run.put(f"memory-{size}", found.now)
    run.put(f"peak-{size}", found.peak / found.now, f"{found.peak:.1f} MB")
