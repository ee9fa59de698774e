"""When a burst of events is over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Debounce:
    """Wait until it has been quiet for a while, but never longer than a bound; in seconds."""

    quiet: float = 0.2
    at_most: float = 2.0

    def due_at(self, first: float, last: float) -> float:
        """Return when work first asked for at ``first``, and last at ``last``, is due."""
        return min(last + self.quiet, first + self.at_most)
