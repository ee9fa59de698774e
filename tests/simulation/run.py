"""Play schedules: ``python -m simulation.run --seeds 1000``; see docs/simulation.md."""

# ruff: noqa: T201 (it is a program that speaks on standard output)

import argparse
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from simulation import world
from simulation.script import PROFILES, script_of
from simulation.suites import played
from simulation.world import Result, Script


def main() -> int:
    options = _options()
    if options.seed is not None:
        return _one(options)
    first = options.first if options.first is not None else secrets.randbelow(10**9)
    print(f"{options.seeds} schedules from seed {first}", flush=True)
    began, failed, done = time.perf_counter(), 0, 0
    calls = writes = 0
    slices = [
        (first + start, min(50, options.seeds - start), options.profile, options.first_only)
        for start in range(0, options.seeds, 50)
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in pool.map(_slice, slices):
            for seed, count, text, here_calls, here_writes in found:
                done, calls, writes = done + count, calls + here_calls, writes + here_writes
                if text:
                    failed += 1
                    print(f"seed {seed}: {text}", flush=True)
            if failed and options.first_only:
                break
    took = time.perf_counter() - began
    print(f"{done} schedules, {calls} calls, {writes} writes, {failed} failed, {took:.1f} s")
    return 1 if failed else 0


def _slice(work: tuple[int, int, str, bool]) -> list[tuple[int, int, str, int, int]]:
    first, count, profile, first_only = work
    found = []
    for seed in range(first, first + count):
        result = played(script_of(seed, profile))
        text = "; ".join(map(str, result.violations[:2]))
        found.append(
            (
                seed,
                1,
                f"[{result.script.profile}] {text}" if text else "",
                result.calls,
                result.writes,
            )
        )
        if text and first_only:
            break
    return found


def _one(options: argparse.Namespace) -> int:
    script = script_of(options.seed, options.profile)
    if options.only:
        chosen = {int(part) for part in options.only.split(",")}
        steps = tuple(step for n, step in enumerate(script.steps) if n in chosen)
        script = replace(script, steps=steps)
    if options.trace:
        world.TRACE.append(True)
    print(script)
    result = played(script)
    show(result)
    if result.violations and options.shrink:
        from simulation.shrink import shrunk

        kept, small = shrunk(script, result.violations[0].law)
        print(f"\nshrunk to {len(kept)} of {len(script.steps)} steps:\n{small.script}")
        show(small)
        print(command(script, kept))
    return 1 if result.violations else 0


def show(result: Result) -> None:
    for violation in result.violations:
        print(f"VIOLATED {violation}")
    print(f"{result.calls} calls, {result.writes} writes, {result.virtual:.0f} virtual seconds")


def command(script: Script, kept: list[int]) -> str:
    """Return the command that plays these steps of a script again."""
    only = ",".join(map(str, kept))
    return (
        f"PYTHONPATH=tests python -m simulation.run --seed {script.seed}"
        f" --profile {script.profile} --only {only}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation.run")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--from", dest="first", type=int)
    parser.add_argument("--profile", default="", choices=["", *PROFILES])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-only", action="store_true")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
