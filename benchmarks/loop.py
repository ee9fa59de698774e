"""The stages in which programs keep servers in step: ours, and the reference beside it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from math import ceil
from time import monotonic

import aiohttp

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.cluster import Page, Program, World, serving
from benchmarks.processes import BenchError, Process, free_port
from benchmarks.resolver import asking

SETTLE = 3.0
CALM = 75.0
"""Seconds after the last event after which a program has no reason to be busy any more."""

ANSWER_WITHIN = 30.0
REST = 60.0
SAMPLES = {100: 200, 1_000: 60, 10_000: 200}
NAIVE_SAMPLES = {100: 40, 1_000: 20, 10_000: 16}
ZONES = 10
ZONE_SAMPLES = 30
GROWTH_EVENTS = 100_000
GROWTH_WARM = 10_000
GROWTH_OBJECTS = 1_000
IN_FLIGHT = 4
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


async def few(bench: Bench) -> None:
    """Measure at 100 and at 1,000 objects."""
    for size in (100, 1_000):
        for program in Program:
            name = f"{size:,} objects, {_called(program)}"
            await bench.step(name, _keys(size), _few(bench, size, program), 240)


async def many(bench: Bench) -> None:
    """Measure at 10,000 objects."""
    await bench.step("10,000 objects", (*_AT_MANY, *_REST), _many(bench), 600)
    for values in (bench.found.ours, bench.found.baseline):
        small, big = (values.get(f"event-{size}") for size in (100, 10_000))
        if small and big:
            values["event-growth"] = big / small


async def zones(bench: Bench) -> None:
    """Measure 100,000 names in 10 zones; ours alone."""
    keys = ("zones-sync", "zones-memory", "zones-peak", "zones-event", "zones-p50")
    await bench.step("100,000 objects in 10 zones", keys, _zones(bench), 400)
    found = bench.found
    if "sync-10000" in found.baseline:
        found.baseline["zones-sync"] = 10 * found.baseline["sync-10000"]
    for key in ("memory", "peak", "event", "p50"):
        if f"{key}-10000" in found.ours:
            found.baseline[f"zones-{key}"] = found.ours[f"{key}-10000"]


async def growth(bench: Bench) -> None:
    """Measure whether 100,000 events leave something behind."""
    await bench.step("100,000 events", ("growth",), _growth(bench), 900)


_REST = ("rest-cpu", "rest-calls", "rest-writes")
_AT_MANY = (
    *("p50-10000", "p99-10000", "event-10000", "memory-10000", "peak-10000"),
    *("sync-10000", "move-10000", "move-failures"),
)


def _keys(size: int) -> list[str]:
    kinds = ("p50", "p99", "event", "memory", "peak", "ready")
    return [f"{kind}-{size}" for kind in kinds]


def _called(program: Program) -> str:
    return "ours" if program is Program.OURS else "the reference"


async def _few(bench: Bench, size: int, program: Program) -> None:
    async with serving(bench.scaled(size, 10), 1, bench.folder) as world:
        run = Run(bench, world, program)
        probes = free_port()
        async with world.kept_by(program, objects.TARGET, probes) as process:
            if size == 100 and program is Program.OURS:
                run.put("ready-100", await _ready(process, probes) - process.began)
            page = await world.in_step(process, objects.TARGET, 60)
            if size == 100 and program is Program.NAIVE and page.wrote_at is not None:
                run.put("ready-100", page.wrote_at - process.began)
            await _memory(run, process, size)
            await _events(run, process, size)


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
            await bench.step(name, ("move-10000", "move-failures"), _move(run), 120)


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
    run.put("sync-10000", _took(page), _calls(page))
    await _memory(run, process, 10_000)
    runs.append((run, process))


async def _move(run: Run) -> None:
    """Start it again with another target, and let somebody ask all the time."""
    world = run.world
    async with asking(world.resolver, world.names) as watcher:
        await asyncio.sleep(1.0)
        async with world.kept_by(run.program, objects.MOVED) as process:
            page = await world.in_step(process, objects.MOVED, 100)
            whole = (page.wrote_at or 0.0) - process.began
    run.put("move-10000", _took(page), f"{whole:.3g} s from the start on; {_calls(page)}")
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
        run.put("rest-calls", sum(page.calls.values()), _calls(page))
        run.put("rest-writes", page.writes)


async def _zones(bench: Bench) -> None:
    size = bench.scaled(100_000, 100)
    async with serving(size, ZONES, bench.folder) as world:
        run = Run(bench, world, Program.OURS)
        async with world.kept_by(Program.OURS, objects.TARGET) as process:
            page = await world.in_step(process, objects.TARGET, 150)
            run.put("zones-sync", _took(page), _calls(page))
            await asyncio.sleep(SETTLE)
            memory = process.memory()
            run.put("zones-memory", memory.now)
            run.put("zones-peak", memory.peak / memory.now, f"{memory.peak:.1f} MB")
            events = await _apply(run, process, bench.scaled(ZONE_SAMPLES, 4))
            run.put("zones-p50", _percentile(events.delays, 50), events.said)
            run.put("zones-event", 1000 * events.cpu, events.asked)


async def _growth(bench: Bench) -> None:
    """Patch objects as fast as the server takes it, and compare the memory of two moments."""
    size = bench.scaled(GROWTH_OBJECTS, 20)
    async with serving(size, 1, bench.folder) as world:
        run = Run(bench, world, Program.OURS)
        async with world.kept_by(Program.OURS, objects.TARGET) as process:
            await world.in_step(process, objects.TARGET, 60)
            sizes = []
            done = 0
            for events in (GROWTH_WARM, GROWTH_EVENTS):
                until = bench.scaled(events, 100)
                await _patch(world, range(done, until))
                done = until
                last = _address((until - 1) // size)
                await world.in_step(process, last, 60)
                await asyncio.sleep(SETTLE)
                sizes.append(process.memory().now)
    shown = " to ".join(f"{each:.1f} MB" for each in sizes)
    run.put("growth", sizes[1] - sizes[0], f"{shown}; {done:,} events at {size:,} objects")


async def _patch(world: World, numbers: range) -> None:
    left = iter(numbers)

    async def work() -> None:
        for number in left:
            await world.retarget(number % world.size, _address(number // world.size))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(IN_FLIGHT):
            tasks.create_task(work())


def _address(number: int) -> str:
    return f"198.51.100.{number % 250 + 1}"


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


async def _memory(run: Run, process: Process, size: int) -> None:
    await asyncio.sleep(SETTLE)
    memory = process.memory()
    run.put(f"memory-{size}", memory.now)
    run.put(f"peak-{size}", memory.peak / memory.now, f"{memory.peak:.1f} MB")


async def _events(run: Run, process: Process, size: int) -> None:
    """Measure at one size; at 1,000 objects only what an event costs."""
    wanted = SAMPLES if run.program is Program.OURS else NAIVE_SAMPLES
    events = await _apply(run, process, run.bench.scaled(wanted[size], 4))
    run.put(f"event-{size}", 1000 * events.cpu, events.asked)
    run.put(f"p50-{size}", _percentile(events.delays, 50), events.said)
    run.put(f"p99-{size}", _percentile(events.delays, 99))


@dataclass(frozen=True, slots=True)
class _Events:
    """Seconds from apply to answer of each event, and CPU seconds of one."""

    delays: list[float]
    cpu: float
    asked: str

    @property
    def said(self) -> str:
        """What is to be known of the delays."""
        return f"{len(self.delays)} samples, the longest {max(self.delays):.3g} s"


async def _apply(run: Run, process: Process, samples: int) -> _Events:
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
    return _Events(delays, cpu, f"{samples} events; {_calls(page)}")


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def _took(page: Page) -> float:
    if page.listed_at is None or page.wrote_at is None:
        raise BenchError("the servers saw no list or no write")
    return page.wrote_at - page.listed_at


def _calls(page: Page) -> str:
    calls = sorted(page.calls.items())
    return ", ".join(f"{count:,} {path.removeprefix('/api/')}" for path, count in calls)
