"""How often to read whole zones again, although nothing said that they changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResyncPace:
    """Often while much changes, seldom after an hour of silence; all times in seconds.

    ``share`` is how much of the time readings may take while much changes: those of large zones
    come less often.
    """

    busy: float = 15.0
    normal: float = 300.0
    idle: float = 1800.0
    busy_changes: int = 10
    idle_after: float = 3600.0
    share: float = 0.0025

    def interval(
        self, changes_last_minute: int, quiet_for: float, reading_takes: float = 0.0
    ) -> float:
        """Return the time from one full reading to the next."""
        if changes_last_minute > self.busy_changes:
            return min(max(self.busy, reading_takes / self.share), self.normal)
        return max(self.idle, self.normal) if quiet_for >= self.idle_after else self.normal
