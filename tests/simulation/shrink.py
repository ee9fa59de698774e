"""Make a failing script small: leave out steps as long as the same law is broken."""

from dataclasses import replace

from simulation.suites import played
from simulation.world import Result, Script


def shrunk(script: Script, law: str, tries: int = 400) -> tuple[list[int], Result]:
    """Return the steps that are needed, by their places in the script, and what they do."""
    kept = list(range(len(script.steps)))
    best = played(script)
    size = max(len(kept) // 2, 1)
    while tries > 0:
        start, progress = 0, False
        while start < len(kept) and tries > 0:
            tries -= 1
            trial = kept[:start] + kept[start + size :]
            result = played(replace(script, steps=tuple(script.steps[n] for n in trial)))
            if any(one.law == law for one in result.violations):
                kept, best, progress = trial, result, True
            else:
                start += size
        if size == 1 and not progress:
            break
        size = max(size // 2, 1)
    return kept, best
