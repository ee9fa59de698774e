"""The stages in which programs keep servers in step: ours, and the reference beside it."""

import asyncio
from contextlib import AsyncExitStack
from statistics import median
from time import monotonic

import aiohttp

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.cluster import Program, serving
from benchmarks.processes import Process, free_port
from benchmarks.resolver import asking
from benchmarks.samples import Run, apply, calls_of, memory, percentile, took

CALM = 75.0
"""Seconds after the last event after which a program has no reason to be busy any more."""

REST = 60.0
SAMPLES = {100: 200, 1_000: 60, 10_000: 200}
STARTS = 5
NAIVE_SAMPLES = {100: 40, 1_000: 20, 10_000: 16}


async def few(bench: Bench) -> None:
    """Measure at 100 and at 1,000 objects."""
    for program in Program:
        name = f"starts with 100 objects, {_called(program)}"
        await bench.step(name, ["ready-100"], _starts(bench, program), 120)
    for size in (100, 1_000):
        for program in Program:
            name = f"{size:,} objects, {_called(program)}"
            await bench.step(name, _keys(size), _few(bench, size, program), 240)


async def many(bench: Bench) -> None:
    """Measure at 10,000 objects."""
    await bench.step("10,000 objects", (*_AT_MANY, *_REST), _many(bench), 900)
    for values in (bench.found.ours, bench.found.baseline):
        small, big = (values.get(f"event-{size}") for size in (100, 10_000))
        if small and big:
            values["event-growth"] = big / small


_REST = ("rest-cpu", "rest-calls", "rest-writes")
_AT_MANY = (
    *("p50-10000", "p99-10000", "event-10000", "memory-10000", "peak-10000"),
    *("sync-10000", "move-10000", "move-failures"),
)


def _keys(size: int) -> list[str]:
    kinds = ("p50", "p99", "event", "memory", "peak")
    return [f"{kind}-{size}" for kind in kinds]


def _called(program: Program) -> str:
    return "ours" if program is Program.OURS else "the reference"


async def _few(bench: Bench, size: int, program: Program) -> None:
    async with serving(bench.scaled(size, 10), 1, bench.folder) as world:
        run = Run(bench, world, program)
        async with world.kept_by(program, objects.TARGET) as process:
            await world.in_step(process, objects.TARGET, 60)
            await memory(run, process, str(size))
            await _events(run, process, size)


async def _starts(bench: Bench, program: Program) -> None:
    """Start it a few times, on new servers each: one start is so short that noise outweighs it."""
    times: list[float] = []
    for _ in range(bench.scaled(STARTS, 1)):
        async with serving(bench.scaled(100, 10), 1, bench.folder) as world:
            probes = free_port()
            async with world.kept_by(program, objects.TARGET, probes) as process:
                if program is Program.OURS:
                    ready = await _ready(process, probes)
                else:
                    page = await world.in_step(process, objects.TARGET, 60)
                    ready = page.wrote_at or monotonic()
                times.append(ready - process.began)
    note = f"the median of {len(times)} starts; the longest took {max(times):.3g} s"
    Run(bench, world, program).put("ready-100", median(times), note)


async def _many(bench: Bench) -> None:
    """Let both programs run, each on servers of its own; they only rest at the same time."""
    runs: list[tuple[Run, Process]] = []
    async with AsyncExitStack() as worlds:
        async with AsyncExitStack() as programs:
            for program in Program:
                begun = _first_sync(bench, program, worlds, programs, runs)
                name = f"first sync of 10,000 names, {_called(program)}"
                if await bench.step(name, (*_AT_MANY, *_REST), begun, 180):
                    run, process = runs[-1]
                    name = f"events at 10,000 objects, {_called(program)}"
                    await bench.step(name, _keys(10_000), _events(run, process, 10_000), 200)
            await bench.step("at rest with 10,000 names", _REST, _rest(bench, runs), 200)
        for run, _ in runs:
            name = f"another target for 10,000 names, {_called(run.program)}"
            await bench.step(name, ("move-10000", "move-failures"), _move(run), 180)


async def _first_sync(
    bench: Bench,
    program: Program,
    worlds: AsyncExitStack,
    programs: AsyncExitStack,
    runs: list[tuple[Run, Process]],
) -> None:
    size = bench.scaled(10_000, 20)
    world = await worlds.enter_async_context(serving(size, 1, bench.folder))
    run = Run(bench, world, program)
    process = await programs.enter_async_context(world.kept_by(program, objects.TARGET))
    page = await world.in_step(process, objects.TARGET, 120)
    run.put("sync-10000", took(page), calls_of(page))
    await memory(run, process, "10000")
    runs.append((run, process))


async def _move(run: Run) -> None:
    """Start it again with another target, and let somebody ask all the time."""
    world = run.world
    async with asking(world.resolver, world.names) as watcher:
        await asyncio.sleep(1.0)
        async with world.kept_by(run.program, objects.MOVED) as process:
            page = await world.in_step(process, objects.MOVED, 150)
            whole = (page.wrote_at or 0.0) - process.began
    run.put("move-10000", took(page), f"{whole:.3g} s from the start on; {calls_of(page)}")
    asked = f"{watcher.asked:,} questions, one each 4 ms at most"
    if watcher.failures:
        asked += f"; the first failure: {watcher.failures[0]}"
    run.put("move-failures", watcher.failed, asked)


async def _rest(bench: Bench, runs: list[tuple[Run, Process]]) -> None:
    """Look for a minute at programs that have nothing to do, once all bustle is over."""
    hurry = min(1.0, bench.scale * 10)
    bustle = max((run.eventful_until for run, _ in runs if run.program is Program.OURS), default=0)
    await asyncio.sleep(max(0.0, bustle + CALM * hurry - monotonic()))
    seconds = REST * hurry
    for run, _ in runs:
        await run.world.turn_page()
    before = [process.cpu_seconds() for _, process in runs]
    await asyncio.sleep(seconds)
    for (run, process), began in zip(runs, before, strict=True):
        used = process.cpu_seconds() - began
        page = await run.world.page()
        run.put("rest-cpu", 100 * used / seconds, f"{used:.2f} s in {seconds:.0f} s")
        run.put("rest-calls", sum(page.calls.values()), calls_of(page))
        run.put("rest-writes", page.writes)


async def _ready(process: Process, port: int) -> float:
    """Return when the readiness probe first answered 200."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return monotonic()
            except aiohttp.ClientConnectionError:
                pass
            process.check()
            await asyncio.sleep(0.005)


async def _events(run: Run, process: Process, size: int) -> None:
    """Measure at one size; at 1,000 objects only what an event costs."""
    wanted = SAMPLES if run.program is Program.OURS else NAIVE_SAMPLES
    events = await apply(run, process, run.bench.scaled(wanted[size], 4))
    run.put(f"event-{size}", 1000 * events.cpu, events.asked)
    run.put(f"p50-{size}", percentile(events.delays, 50), events.said)
    run.put(f"p99-{size}", percentile(events.delays, 99))
