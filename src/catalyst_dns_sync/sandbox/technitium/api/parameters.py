"""The parameters of a call, from its query string and its form."""

from collections.abc import Iterator
from urllib.parse import unquote_plus

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.values import parse_bool, parse_int, parse_unsigned

MAX_KEY = 2048
MAX_VALUE = 4 * 1024 * 1024
MAX_KEYS = 1024


class Parameters:
    """Values by name in any case; an empty one counts as absent (X:156-200)."""

    def __init__(self, query: dict[str, str], form: dict[str, str]) -> None:
        self._values = form | query

    def raw(self, name: str) -> str | None:
        """Return the value as it was sent, also an empty one."""
        return self._values.get(name.lower())

    def find(self, *names: str) -> str | None:
        """Return the value of the first name that has one."""
        return next((value for name in names if (value := self.raw(name))), None)

    def need(self, *names: str) -> str:
        """Return the value of the first name that has one; the error names the first."""
        value = self.find(*names)
        if value is None:
            raise ApiError(f"Parameter '{names[0]}' missing.")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.find(name)
        return default if value is None else parse_bool(value)

    def number(self, name: str) -> int | None:
        """Return an integer, or None."""
        value = self.find(name)
        return None if value is None else parse_int(value)

    def need_unsigned(self, name: str, *, is_byte: bool = False) -> int:
        """Return an integer of two bytes, or of one."""
        return parse_unsigned(self.need(name), is_byte=is_byte)


def parse_query(text: str) -> dict[str, str]:
    """Return a query string's values; a name that comes twice is joined with a comma."""
    return _joined(_pairs(text))


def parse_form(octets: bytes) -> dict[str, str]:
    """Return a urlencoded form's values, within the limits of ASP.NET's FormOptions."""
    found = list(_pairs(octets.decode("utf-8", "replace")))
    if len(found) > MAX_KEYS:
        raise ApiError(f"Form value count limit {MAX_KEYS} exceeded.")
    if any(len(name) > MAX_KEY or len(value) > MAX_VALUE for name, value in found):
        raise ApiError(
            f"Form key length limit {MAX_KEY} or value length limit {MAX_VALUE} exceeded."
        )
    return _joined(found)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield unquote_plus(name), unquote_plus(value)


def _joined(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        values[key] = f"{values[key]},{value}" if key in values else value
    return values
