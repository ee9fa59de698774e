"""How the pages say things: spans of time, words for classes, the marked part of a rule."""

import re
from collections.abc import Iterator


def span(seconds: float | None) -> str:
    """Return a span in words that a person reads at a glance, such as ``3 min``."""
    if seconds is None:
        return "never"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def left(seconds: float) -> str:
    """Return a span that is left, with what a plan needs of it, such as ``1 d 11 h``."""
    for size, unit, below, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        whole, rest = divmod(int(seconds), size)
        if whole >= 10 or (whole and rest < below):
            return f"{whole} {unit}"
        if whole:
            return f"{whole} {unit} {rest // below} {part}"
    return span(seconds)


def slug(text: str) -> str:
    """Return the text as a word for a CSS class."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def marked(rule: str, name: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a rule, each with whether it is the name itself, in any case."""
    for piece in re.split(f"({re.escape(name)})", rule, flags=re.IGNORECASE):
        if piece:
            yield piece, piece.lower() == name.lower()
