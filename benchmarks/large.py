"""The stages that are large: 100,000 names in ten zones, and 100,000 events."""

import asyncio

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.cluster import Program, World, serving
from benchmarks.samples import SETTLE, Run, apply, calls_of, percentile, took

ZONES = 10
ZONE_SAMPLES = 30
GROWTH_EVENTS = 100_000
GROWTH_WARM = 10_000
GROWTH_OBJECTS = 1_000
IN_FLIGHT = 4


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


async def _zones(bench: Bench) -> None:
    size = bench.scaled(100_000, 100)
    async with serving(size, ZONES, bench.folder) as world:
        run = Run(bench, world, Program.OURS)
        async with world.kept_by(Program.OURS, objects.TARGET) as process:
            page = await world.in_step(process, objects.TARGET, 150)
            run.put("zones-sync", took(page), calls_of(page))
            await asyncio.sleep(SETTLE)
            memory = process.memory()
            run.put("zones-memory", memory.now)
            run.put("zones-peak", memory.peak / memory.now, f"{memory.peak:.1f} MB")
            events = await apply(run, process, bench.scaled(ZONE_SAMPLES, 4))
            run.put("zones-p50", percentile(events.delays, 50), events.said)
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
