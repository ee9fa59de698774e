"""Forms as the API takes them: urlencoded, and of exactly that content type for an import."""

import io
import string
from collections.abc import Mapping
from urllib.parse import quote

CONTENT_TYPE = "application/x-www-form-urlencoded"

_PLAIN = frozenset(string.ascii_letters + string.digits + "_.-~ ")
_LARGE = 1024 * 1024
"""aiohttp warns of bytes above it, and sends a stream piece by piece instead."""


def body_of(fields: Mapping[str, str]) -> bytes | io.BytesIO:
    """Return a form as the body of a request."""
    form = "&".join(f"{quoted(key)}={quoted(value)}" for key, value in fields.items()).encode()
    return form if len(form) < _LARGE else io.BytesIO(form)


def quoted(text: str) -> str:
    """Return what `urllib.parse.quote_plus` does, for a zone file in a tenth of its time."""
    # The percent sign first, so that what stands for the others is left alone.
    for char in sorted(set(text) - _PLAIN, key="%".__ne__):
        text = text.replace(char, quote(char, safe=""))
    return text.replace(" ", "+")
