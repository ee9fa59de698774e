"""How often the server may be called."""

import asyncio


class Pace:
    """Lets ``rate`` calls a second through, after a quiet second a whole second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._interval = 1.0 / rate
        self._slack = max(0.0, 1.0 - self._interval)
        self._next = float("-inf")

    async def turn(self) -> None:
        """Wait for a turn; turns are given in the order in which they were asked for."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now - self._slack)
        self._next = at + self._interval
        if at > now:
            await asyncio.sleep(at - now)
