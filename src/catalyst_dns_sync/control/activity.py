"""How much changed lately."""

from collections import deque
from collections.abc import Callable

MINUTE = 60.0


class Activity:
    """Counts changes by time; ``clock`` returns the loop's time in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self._times: deque[tuple[float, int]] = deque()

    def note(self, changes: int) -> None:
        """Take that so many changes were made just now."""
        if changes:
            self._last = self._clock()
            self._times.append((self._last, changes))

    def last_minute(self) -> int:
        """Return how many changes were made in the last minute."""
        while self._times and self._clock() - self._times[0][0] >= MINUTE:
            self._times.popleft()
        return sum(changes for _, changes in self._times)

    def quiet_for(self) -> float:
        """Return how many seconds ago the last change was made."""
        return self._clock() - self._last
