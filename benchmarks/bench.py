"""One run: how big it is, what it found, and steps that may fail without ending it."""

import asyncio
import sys
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import aiohttp

from benchmarks.findings import Findings
from benchmarks.processes import BenchError

EXPECTED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BenchError,
    ExceptionGroup,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    aiohttp.ClientError,
)
"""What a step may fail with: the rows of the other steps are worth having all the same."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all stages share; ``scale`` below 1 is for trying it out."""

    folder: Path
    scale: float = 1.0
    found: Findings = field(default_factory=Findings)

    def scaled(self, number: int, at_least: int) -> int:
        """Return a size or a number of samples of this run."""
        return max(min(at_least, number), round(number * self.scale))

    async def step(
        self, name: str, keys: Iterable[str], work: Awaitable[None], within: float
    ) -> bool:
        """Do one step, within so many seconds; tell whether it went well.

        Where it failed, the rows with these keys that lack a value get the reason.
        """
        say(f"{name} ...")
        began = monotonic()
        try:
            async with asyncio.timeout(within):
                await work
        except EXPECTED as error:
            reason = f"{name}: {_words(error, within)}"
            self.found.failed(keys, reason)
            say(f"  FAILED {reason}")
            return False
        say(f"  {monotonic() - began:.1f} s")
        return True


def say(text: str) -> None:
    """Tell how far it is, beside the results."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _words(error: BaseException, within: float) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"it took more than {within:.0f} s"
    return f"{type(error).__name__}: {error}"[:400]
