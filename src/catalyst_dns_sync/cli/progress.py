"""A bar on the terminal, for what takes more than a moment."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TextIO

_AFTER = 1.0
_EVERY = 0.1
_WIDTH = 20


@dataclass(slots=True)
class Progress:
    """How far something is; whoever does it says so here."""

    what: str = ""
    done: int = 0
    of: int = 1

    def say(self, what: str, done: int, of: int) -> None:
        """Take what is done now, and how many of how many steps are behind."""
        self.what, self.done, self.of = what, done, max(of, 1)

    def bar(self) -> str:
        """Return it as one line of text."""
        filled = _WIDTH * self.done // self.of
        return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self.what}"


@asynccontextmanager
async def shown(progress: Progress, stream: TextIO = sys.stderr) -> AsyncIterator[None]:
    """Show the progress while the block runs, from its second second on, to a person only."""
    if not stream.isatty():
        yield
        return
    async with asyncio.TaskGroup() as tasks:
        drawing = tasks.create_task(_draw(progress, stream))
        try:
            yield
        finally:
            drawing.cancel()


async def _draw(progress: Progress, stream: TextIO) -> None:
    await asyncio.sleep(_AFTER)
    try:
        while True:
            stream.write(f"\r\x1b[K{progress.bar()}")
            stream.flush()
            await asyncio.sleep(_EVERY)
    finally:
        stream.write("\r\x1b[K")
        stream.flush()
