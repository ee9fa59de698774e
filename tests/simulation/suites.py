"""Playing one schedule, with what only more than one run can show; and dying at each call."""

import random
from collections.abc import Iterator
from dataclasses import replace

from simulation.bounds import INFERRED
from simulation.laws import Violation
from simulation.script import script_of
from simulation.world import Result, Script, Step, run

BATCH = 20.0
"""When, in scripts of the profile ``orders``, many things happen within a moment."""


def played(script: Script) -> Result:
    """Play a script; where only its order matters, play it in another order, too."""
    result = run(script)
    if script.profile != "orders" or result.violations:
        return result
    other = run(reordered(script, script.seed))
    if other.violations:
        return other
    if other.zone != result.zone:
        text = f"{_difference(result, other)} after {[str(s) for s in other.script.steps]}"
        violation = Violation("order_does_not_matter", result.virtual, text)
        return replace_violations(result, violation)
    return result


def replace_violations(result: Result, violation: Violation) -> Result:
    return replace(result, violations=[violation])


def reordered(script: Script, seed: int) -> Script:
    """Return the script with its batch in another order, at the same times."""
    early = [step for step in script.steps if step.at < BATCH]
    batch = [step for step in script.steps if step.at >= BATCH]
    times = [step.at for step in batch]
    mixed = random.Random(f"order/{seed}").sample(batch, len(batch))
    late = [replace(step, at=at) for step, at in zip(mixed, times, strict=True)]
    return replace(script, steps=(*early, *late))


def deaths(seed: int) -> Iterator[Script]:
    """Yield a script for each call of the daemon's life at which it could die, twice each."""
    base = script_of(seed, "crashes")
    steps = tuple(step for step in base.steps if step.what != "kill_at_call")
    at = max(step.at for step in steps if step.what == "start")
    first = [step for step in steps if step.what != "start" or step.at < at]
    start = next(step for step in steps if step.what == "start" and step.at == at)
    for call in range(1, 40):
        for after in (False, True):
            fatal = Step(at, "kill_at_call", (0, call, after), INFERRED)
            begin = [step for step in first if step.what == "start"][-1:]
            fatal = replace(fatal, at=begin[0].at if begin else at)
            yield replace(base, steps=(*_with(first, fatal), start))


def _with(steps: list[Step], fatal: Step) -> list[Step]:
    last = max(n for n, step in enumerate(steps) if step.what == "start")
    return [*steps[: last + 1], fatal, *steps[last + 1 :]]


def _difference(one: Result, other: Result) -> str:
    pairs = [
        (name, names.get(name), other.zone[zone].get(name))
        for zone, names in one.zone.items()
        for name in sorted({*names, *other.zone[zone]})
    ]
    return "; ".join(
        f"{name}: {mine} or {theirs}" for name, mine, theirs in pairs if mine != theirs
    )
