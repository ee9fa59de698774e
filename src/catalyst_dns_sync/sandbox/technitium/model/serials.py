"""How the serial of a zone goes on."""

from datetime import datetime

_MAX = 2**32 - 1


def next_serial(serial: int, *, date_scheme: bool, now: datetime) -> int:
    """Return the serial after one commit: n + 1, wrapping to 1, or yyyyMMdd00 and on.

    A date-scheme serial that is ahead of the date just counts on (APX:753-807).
    """
    if date_scheme:
        return max(first_serial(date_scheme=True, now=now), serial + 1)
    return serial + 1 if serial < _MAX else 1


def first_serial(*, date_scheme: bool, now: datetime) -> int:
    """Return the serial of a new zone."""
    return int(now.strftime("%Y%m%d00")) if date_scheme else 1
