"""Colours, where a person looks at a terminal and has not asked for none."""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TextIO


class Colour(StrEnum):
    """Colours as a terminal knows them (ECMA-48, 8.3.117)."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


class Paint:
    """Puts texts into colours, or leaves them as they are."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    def __call__(self, text: str, colour: Colour) -> str:
        """Return the text in a colour."""
        if not self._is_on or not text or colour is Colour.PLAIN:
            return text
        return f"\x1b[{colour.value}m{text}\x1b[0m"


NO_PAINT = Paint(is_on=False)


def paint_for(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Paint:
    """Return what suits the stream: NO_COLOR, a pipe and a dumb terminal get no colours."""
    is_wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return Paint(is_on=is_wanted and stream.isatty())
