"""Clocks beside the event loop's."""

import time
from datetime import UTC, datetime


def wakeful() -> float:
    """Return seconds that go on while the process is stopped, and while the machine sleeps.

    The loop's own clock does not count the latter on Linux.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def now_utc() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)
