"""Long work in slices, between which others get their turn on the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

SLICE = 50
"""So many names, objects or lines take a few milliseconds."""


async def in_slices(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items, and let others have their turn now and then."""
    for number, item in enumerate(items, 1):
        yield item
        if number % SLICE == 0:
            await asyncio.sleep(0)


async def slices_of(items: Iterable[T], size: int) -> AsyncIterator[list[T]]:
    """Yield the items so many at a time, and let others have their turn in between."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
        await asyncio.sleep(0)
