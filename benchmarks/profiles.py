"""Where the time of a first sync, of a moved load balancer, or of one event goes; by cProfile.

    python -m benchmarks.profiles sync|move|event [--objects N] [--events N] [--top N] [--out FILE]

The time in which the daemon waited for events is left out. cProfile makes small functions look
dearer than they are: compare shares. With --out the whole profile is kept, for
`python -m pstats FILE`.
"""

import argparse
import asyncio
import pstats
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import objects
from benchmarks.cluster import Program, World, serving
from benchmarks.processes import Process

SETTLE = 3.0
WITHIN = 300.0
WAITING = frozenset({"<method 'poll' of 'select.epoll' objects>", "select"})

_Function = tuple[str, int, str]
_Cost = tuple[int, int, float, float, object]


async def take(what: str, size: int, events: int, folder: Path) -> pstats.Stats:
    """Return the profile of one run of the daemon."""
    file = folder / "profile"
    when = "signal" if what == "event" else "start"
    command = (sys.executable, "-m", "benchmarks.profiled", str(file), when, "run")
    target = objects.TARGET
    async with serving(size, 1, folder) as world, AsyncExitStack() as programs:
        if what == "move":
            async with world.kept_by(Program.OURS, target) as process:
                await world.in_step(process, target, WITHIN)
            target = objects.MOVED
        kept = world.kept_by(Program.OURS, target, command=command)
        process = await programs.enter_async_context(kept)
        await world.in_step(process, target, WITHIN)
        if what == "event":
            await asyncio.sleep(SETTLE)
            process.process.send_signal(signal.SIGUSR2)
            await _apply(world, process, events)
            process.process.send_signal(signal.SIGUSR2)
            await asyncio.sleep(0.1)
    return pstats.Stats(str(file))


async def _apply(world: World, process: Process, events: int) -> None:
    for number in range(world.size, world.size + events):
        await world.create(number)
        async with asyncio.timeout(30):
            await world.answered(objects.host(number, world.zones), (objects.TARGET,))
        process.check()


def as_text(stats: pstats.Stats, top: int) -> str:
    """Return the functions that cost most: by themselves, and with all that they call."""
    found: dict[_Function, _Cost] = stats.stats  # type: ignore[attr-defined]  # typeshed lacks it
    costs = [
        (_named(function), calls, (own, with_calls))
        for function, (_, calls, own, with_calls, _) in found.items()
        if function[2] not in WAITING
    ]
    whole = sum(own for _, _, (own, _) in costs)
    lines = [f"{whole:.3f} s without waiting"]
    for which, title in enumerate(("by themselves", "with what they call")):
        lines += ["", title, f"{'share':>7} {'seconds':>9} {'calls':>9}  function"]
        for name, calls, seconds in sorted(costs, key=lambda cost: -cost[2][which])[:top]:
            share = 100 * seconds[which] / whole
            lines.append(f"{share:6.1f}% {seconds[which]:9.4f} {calls:9,}  {name}")
    return "\n".join([*lines, ""])


def _named(function: _Function) -> str:
    file, line, name = function
    if line == 0:
        return name
    parts = Path(file).parts
    roots = [i for i, part in enumerate(parts) if part in ("src", "site-packages", "lib")]
    return f"{'/'.join(parts[roots[-1] + 1 :] if roots else parts[-2:])}:{line} {name}"


def _main() -> None:
    parser = argparse.ArgumentParser(description="Profile the daemon.")
    parser.add_argument("what", choices=("sync", "move", "event"))
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--top", type=int, default=30)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="profile-") as folder:
        taken = take(options.what, options.objects, options.events, Path(folder))
        sys.stdout.write(as_text(asyncio.run(taken), options.top))
        if options.out:
            shutil.copyfile(Path(folder) / "profile", options.out)


if __name__ == "__main__":
    _main()
