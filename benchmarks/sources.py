"""The stage in which every source is switched on, beside the same program with the usual three."""

from collections.abc import Mapping

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.cluster import Program, serving
from benchmarks.samples import Run, apply, memory

SIZES = (100, 1_000)
SAMPLES = 40
ALL: Mapping[str, str] = {
    "SOURCES": "ingress,ingressroute,ingressroutetcp,httproute,grpcroute,tlsroute,service,"
    "dnsendpoint",
    "CERTIFICATES": "true",
    "EVENTS": "true",
    "COMPAT_ANNOTATIONS": "external-dns",
    "PREVIEW_HOSTS": "pr-*.bench.test",
}
"""What reads more of the cluster than the default does."""


async def all_sources(bench: Bench) -> None:
    """Measure memory, and the cost of an event, at 100 and at 1,000 objects."""
    for size in SIZES:
        keys = (f"memory-all-{size}", f"event-all-{size}")
        await bench.step(f"all sources, {size:,} objects", keys, _both(bench, size), 240)


async def _both(bench: Bench, size: int) -> None:
    off = Bench(bench.folder, bench.scale)
    for one, settings in ((off, {}), (bench, ALL)):
        async with serving(one.scaled(size, 10), 1, one.folder) as world:
            run = Run(one, world, Program.OURS)
            async with world.kept_by(Program.OURS, objects.TARGET, more=settings) as process:
                await world.in_step(process, objects.TARGET, 60)
                await memory(run, process, f"all-{size}")
                events = await apply(run, process, one.scaled(SAMPLES, 4))
                run.put(f"event-all-{size}", 1000 * events.cpu, events.asked)
    for key in (f"memory-all-{size}", f"event-all-{size}"):
        bench.found.baseline[key] = off.found.ours[key]
