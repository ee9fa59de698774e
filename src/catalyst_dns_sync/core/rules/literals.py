"""Decodes what stands between double quotes, as Go's ``strconv.Unquote`` does."""

import re
from typing import Final

from catalyst_dns_sync.core.rules.model import shown, syntax_error

_ESCAPE: Final = re.compile(
    r"""\\(?:
        (?P<simple>[abfnrtv\\"])
      | (?P<octal>[0-3][0-7]{2})
      | x(?P<byte>[0-9a-fA-F]{2})
      | (?:u|U)(?:(?<=u)(?P<short>[0-9a-fA-F]{4})|(?<=U)(?P<long>[0-9a-fA-F]{8}))
    )""",
    re.VERBOSE,
)
_SIMPLE: Final = dict(zip('abfnrtv\\"', b'\a\b\f\n\r\t\v\\"', strict=True))


def interpreted(body: str, position: int) -> str:
    r"""Return the value of an interpreted string; ``position`` is that of its first character.

    Go's strings are bytes, and ``\xff`` is one of them: bytes that are no UTF-8 come out as
    the lone surrogates of Python's ``surrogateescape``.
    """
    if "\\" not in body:
        return body
    decoded = bytearray()
    done = 0
    while (at := body.find("\\", done)) >= 0:
        decoded += body[done:at].encode()
        match = _ESCAPE.match(body, at)
        if match is None:
            raise syntax_error(
                f"{shown(body[at : at + 2])} is no escape sequence; between double quotes"
                " a backslash is written twice, between backticks once",
                position + at,
            )
        decoded += _escaped(match, position + at)
        done = match.end()
    decoded += body[done:].encode()
    return decoded.decode(errors="surrogateescape")


def _escaped(match: re.Match[str], position: int) -> bytes:
    if simple := match["simple"]:
        return bytes((_SIMPLE[simple],))
    if octal := match["octal"]:
        return bytes((int(octal, 8),))
    if byte := match["byte"]:
        return bytes((int(byte, 16),))
    code = int(match["short"] or match["long"], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise syntax_error(f"{shown(match[0])} is no Unicode character", position)
    return chr(code).encode()
