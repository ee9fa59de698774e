"""How long to wait before the next try."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waiting with a cap; randomness comes in as an argument."""

    first: float = 1.0
    at_most: float = 30.0
    spread: float = 0.2

    def delay(self, failures: int, jitter: float) -> float:
        """Return the seconds to wait after so many failures in a row (the first one is 1).

        ``jitter`` lies in 0 to 1 and takes up to ``spread`` of the delay away, so that many
        waiting programs do not come back in step.
        """
        exponent = min(max(failures, 1) - 1, 64)
        longest = min(self.first * 2.0**exponent, self.at_most)
        return longest * (1.0 - self.spread * jitter)
