"""The stages that need no server: the command line, the rule parser, the plan."""

import asyncio
import re
import sys
from collections.abc import Iterator
from statistics import median
from time import monotonic, perf_counter

from benchmarks import objects
from benchmarks.bench import Bench
from benchmarks.processes import BenchError
from catalyst_dns_sync.core.endpoints import watched_object
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.plan import make_plan, our_markers
from catalyst_dns_sync.core.records import Record, Zone, ZoneStamp, parse_targets
from catalyst_dns_sync.core.rules import Protocol, Syntax, names_of
from catalyst_dns_sync.core.terms import Coverage, Rules

STARTS = 11
RULES = 20_000
PLANS = {10_000: 5, 100_000: 2}
CHANGED_EVERY = 100
HOST = re.compile(r"Host\(([^)]*)\)")
LITERAL = re.compile(r"`([^`]+)`")
SHAPES = (
    "Host(`{0}`)",
    "Host(`{0}`) && PathPrefix(`/api`)",
    "Host(`{0}`) || Host(`www.{0}`)",
    "(Host(`{0}`) || Host(`old.{0}`)) && !PathPrefix(`/private`)",
    "Host(`{0}`) && (PathPrefix(`/a`) || PathRegexp(`^/b/[0-9]+$`)) && Method(`GET`)",
    "Host(`{0}`) && Header(`X-Test`, `yes`) && ClientIP(`10.0.0.0/8`)",
)


async def commands(bench: Bench) -> None:
    """Measure what the command line costs before it does anything."""
    await bench.step("the command line", ("version", "help"), _commands(bench), 60)


async def rules(bench: Bench) -> None:
    """Measure the rule parser."""
    await bench.step("the rule parser", ("rules",), _rules(bench), 60)


async def plans(bench: Bench) -> None:
    """Measure a plan from nothing, which an event does not need and a start does."""
    for size in PLANS:
        key = f"plan-{size}"
        await bench.step(f"plan of {size:,} names", (key,), _plan(bench, size, key), 120)


async def _commands(bench: Bench) -> None:
    ours = (sys.executable, "-m", "catalyst_dns_sync")
    starts = {"": (sys.executable, "-c", "pass"), "version": (*ours, "version")}
    starts["help"] = (*ours, "--help")
    times: dict[str, list[float]] = {name: [] for name in starts}
    # In turns, so that a busy moment of the machine meets all; the first may write byte code.
    for turn in range(bench.scaled(STARTS, 2)):
        for name, command in starts.items():
            took = await _start(command)
            if turn:
                times[name].append(took)
    bare = median(times[""])
    for name in ("version", "help"):
        bench.found.ours[name] = median(times[name]) - bare
        bench.found.baseline[name] = bare


async def _start(command: tuple[str, ...]) -> float:
    nowhere = asyncio.subprocess.DEVNULL
    began = monotonic()
    process = await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere)
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    if code:
        raise BenchError(f"{' '.join(command)} ended with {code}")
    return monotonic() - began


async def _rules(bench: Bench) -> None:
    texts = [
        SHAPES[number % len(SHAPES)].format(f"app-{number}.lab.test")
        for number in range(bench.scaled(RULES, 600))
    ]
    began = perf_counter()
    for text in texts:
        names_of(text, Syntax.V3, Protocol.HTTP)
    bench.found.ours["rules"] = len(texts) / (perf_counter() - began)
    began = perf_counter()
    for text in texts:
        [name for call in HOST.findall(text) for name in LITERAL.findall(call)]
    bench.found.baseline["rules"] = len(texts) / (perf_counter() - began)


async def _plan(bench: Bench, size: int, key: str) -> None:
    """Plan for a zone in which every hundredth name has another address."""
    name = parse_name("z0.test")
    zones = frozenset({name})
    terms = Rules(Identity(cluster="0123abcd"), Coverage(frozenset({"Ingress", "IngressRoute"})))
    defaults = Defaults(parse_targets(objects.TARGET))
    watched = list(_watched(bench.scaled(size, 100)))
    stamp = ZoneStamp(1, "")
    demand = merge(watched, zone=name, zones=zones, defaults=defaults, markers={})
    first = make_plan(demand, Zone(name, stamp, {}), terms)
    held = {}
    for number, change in enumerate(first.changes):
        for record in change.goal:
            value = record.value if number % CHANGED_EVERY else objects.MOVED
            there = Record(record.type, value, record.ttl, record.comment)
            held[change.name] = (there,)
    zone = Zone(name, stamp, held)
    ours, base = [], []
    for _ in range(PLANS[size]):
        began = perf_counter()
        markers = our_markers(zone, terms.identity)
        demand = merge(watched, zone=name, zones=zones, defaults=defaults, markers=markers)
        merged = perf_counter()
        plan = make_plan(demand, zone, terms)
        ours.append((perf_counter() - began, merged - began))
        if len(plan.changes) != -(-len(watched) // CHANGED_EVERY):
            raise BenchError(f"the plan has {len(plan.changes)} changes")
        base.append(_compared(watched, zone))
    bench.found.ours[key] = median(whole for whole, _ in ours)
    merging = median(part for _, part in ours)
    bench.found.notes[key] = f"{merging:.3g} s of it is the merge; {len(plan.changes):,} changes"
    bench.found.baseline[key] = median(base)


def _compared(watched: list[WatchedObject], zone: Zone) -> float:
    """Return the time that a comparison of names and values takes which knows no rules."""
    began = perf_counter()
    wanted = {claim.name: objects.TARGET for one in watched for claim in one.claims}
    held = {name: records[0].value for name, records in zone.names.items()}
    changes = [name for name, value in wanted.items() if held.get(name) != value]
    changes += [name for name in held if name not in wanted]
    return perf_counter() - began


def _watched(count: int) -> Iterator[WatchedObject]:
    for number in range(count):
        found = watched_object(objects.raw_object(number, 1), objects.kind(number))
        if found is not None:
            yield found
