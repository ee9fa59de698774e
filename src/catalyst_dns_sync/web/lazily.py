"""What is made when somebody first asks for it."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazily(Generic[T]):
    """Makes a thing once, in a thread: what it imports takes a tenth of a second to load.

    ``made`` is the thing, None as long as nobody asked for it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self.made: T | None = None

    async def get(self) -> T:
        """Return the thing; of several that are made at once the first one counts."""
        if self.made is None:
            found = await asyncio.to_thread(self._make)
            if self.made is None:
                self.made = found
        return self.made
