"""How the server reads and writes plain values: durations, booleans, dates, TXT escapes."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError

_UNITS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_DURATION = re.compile(
    "".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit, _ in _UNITS), re.IGNORECASE
)
_MAX_SECONDS = 2**32 - 1

NEVER = "0001-01-01T00:00:00"
"""A .NET DateTime that was never set; without a zone, unlike every other date here."""

RELOADED = datetime(1, 1, 1, tzinfo=UTC)
"""The same once it was written to disk and read again: then it does end in Z."""


def parse_ttl(text: str) -> int:
    """Return the seconds of ``300`` or ``1w2d3h4m5s``."""
    value = text.strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        seconds = int(value)
    else:
        match = _DURATION.fullmatch(value)
        if not value or not match:
            raise ApiError(f"Failed to parse TTL from value: {text}")
        seconds = sum(int(match[unit] or 0) * size for unit, size in _UNITS)
    if seconds > _MAX_SECONDS:
        raise ApiError(f"Failed to parse TTL from value: {text}")
    return seconds


@lru_cache(maxsize=1024)
def render_ttl(seconds: int) -> str:
    """Return the seconds as ``1w2d3h4m5s``, without the parts that are zero."""
    parts = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_bool(text: str) -> bool:
    """Return what `bool.Parse` of .NET makes of the text."""
    match text.strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ApiError(f"String '{text}' was not recognized as a valid Boolean.")


def parse_int(text: str) -> int:
    """Return what `int.Parse` of .NET makes of the text."""
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,10}\s*", text):
        raise ApiError(f"The input string '{text}' was not in a correct format.")
    number = int(text)
    if not -(2**31) <= number < 2**31:
        raise ApiError("Value was either too large or too small for an Int32.")
    return number


def parse_unsigned(text: str, *, is_byte: bool = False) -> int:
    """Return what `ushort.Parse` or `byte.Parse` of .NET makes of the text."""
    number = parse_int(text)
    if not 0 <= number <= (0xFF if is_byte else 0xFFFF):
        kind = "an unsigned byte" if is_byte else "a UInt16"
        raise ApiError(f"Value was either too large or too small for {kind}.")
    return number


def parse_choice(text: str, choices: Iterable[str]) -> str:
    """Return the choice that `Enum.Parse` of .NET finds, whatever its case."""
    for choice in choices:
        if choice.lower() == text.strip().lower():
            return choice
    raise ApiError(f"Requested value '{text}' was not found.")


@lru_cache(maxsize=1024)
def render_time(moment: datetime | None) -> str:
    """Return the moment as .NET's JSON writer does: UTC, no trailing zeros."""
    if moment is None:
        return NEVER
    text = moment.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def utf16_length(text: str) -> int:
    """Return the text's length as .NET counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
