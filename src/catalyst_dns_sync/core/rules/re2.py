"""Tells whether Go would compile a regular expression, without ever running one.

This is the grammar of Go's regexp/syntax (https://github.com/google/re2/wiki/Syntax), read
once from left to right. Python's ``re`` speaks another dialect, and would refuse what Go takes.
"""

import re
from dataclasses import dataclass
from typing import Final

from catalyst_dns_sync.core.rules.model import shown
from catalyst_dns_sync.core.rules.unicode_classes import is_unicode_class

MAX_REPEAT: Final = 1000
MAX_HEIGHT: Final = 1000

_TOKEN: Final = re.compile(
    r"""
      (?P<plain>  [^\\()|\[{*+?]+)
    | (?P<simple> [*+?]\??)
    | (?P<counted>\{(?P<least>0|[1-9][0-9]*)(?P<comma>,(?P<most>0|[1-9][0-9]*)?)?\}\??)
    | (?P<brace>  \{)
    | (?P<flags>  \(\?[imsU]*(?:-[imsU]+)?\))
    | (?P<group>  \(\?[imsU]*(?:-[imsU]+)?:)
    | (?P<capture>\((?!\?)|\(\?P?<[A-Za-z0-9_]+>)
    | (?P<close>  \))
    | (?P<bar>    \|)
    | (?P<literal>\\Q)
    | (?P<special>\\[AbBz])
    | (?P<escape> \\)
    | (?P<bracket>\[)
    """,
    re.VERBOSE,
)
_CHARACTER: Final = re.compile(
    r"""\\(?:
        (?P<control>[afnrtv])
      | (?P<octal>  [1-7][0-7]{1,2}|0[0-7]{0,2})
      | x(?P<hex>   [0-9a-fA-F]{2})
      | x\{(?P<long>[0-9a-fA-F]+)\}
      | (?P<itself> [^0-9A-Za-z\x80-\U0010FFFF])
    )""",
    re.VERBOSE,
)
_PERL_CLASS: Final = re.compile(r"\\[dDsSwW]")
_UNICODE_CLASS: Final = re.compile(r"\\[pP](?:\{(?P<name>[^}]*)\}|(?P<letter>[^{]))", re.DOTALL)
_POSIX_CLASS: Final = re.compile(
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = dict(zip("afnrtv", b"\a\f\n\r\t\v", strict=True))


def fault_of(pattern: str) -> str | None:
    """Say why Go's regexp package refuses a pattern, or None.

    Go's limit on the size of the compiled program is not known here, and deep nesting is
    counted low: a pattern that Go takes is never refused.
    """
    if _SURROGATE.search(pattern):
        return "it is no UTF-8"
    try:
        _Reader(pattern).read()
    except _FaultError as fault:
        return str(fault)
    return None


class _FaultError(Exception):
    """The pattern does not compile."""


@dataclass(slots=True)
class _Part:
    """What the limits need to know of a piece: how high its tree is, and how often it repeats."""

    height: int = 1
    copies: int = 1


class _Group:
    """The parts between two parentheses; only the last one can still be repeated."""

    def __init__(self, *, captures: bool) -> None:
        self._captures = captures
        self._whole = _Part()
        self.last: _Part | None = None

    def add(self, part: _Part) -> None:
        self.close_last()
        self.last = part

    def close_last(self) -> None:
        if self.last is not None:
            self._whole.height = max(self._whole.height, self.last.height)
            self._whole.copies = max(self._whole.copies, self.last.copies)
            self.last = None

    def closed(self) -> _Part:
        self.close_last()
        return _Part(self._whole.height + self._captures, self._whole.copies)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = [_Group(captures=False)]
        self._last_class_end = pattern.rfind(":]")

    def read(self) -> None:
        repeated = False
        while match := _TOKEN.match(self._pattern, self._at):
            self._at = match.end()
            is_repeat = match.lastgroup in {"simple", "counted"}
            if repeated and is_repeat:
                raise _FaultError(f"{shown(match[0])} repeats a repetition")
            self._take(match)
            repeated = is_repeat
        if self._at < len(self._pattern):
            raise _FaultError(f"{self._shown(4)} opens no group that Go knows")
        if len(self._groups) > 1:
            raise _FaultError("a ) is missing")

    def _take(self, match: re.Match[str]) -> None:
        match match.lastgroup:
            case "simple" | "counted" as kind:
                self._repeat(match, counted=kind == "counted")
            case "group" | "capture" as kind:
                self._groups.append(_Group(captures=kind == "capture"))
            case "close":
                self._close()
            case "bar":
                self._groups[-1].close_last()
            case "literal":
                self._quoted()
            case "escape":
                self._at = match.start()
                self._escape()
            case "bracket":
                self._bracket()
            case "flags":
                pass
            case _:
                self._add(_Part())

    def _add(self, part: _Part) -> None:
        if part.height > MAX_HEIGHT:
            raise _FaultError("it nests too deeply")
        self._groups[-1].add(part)

    def _close(self) -> None:
        group = self._groups.pop()
        if not self._groups:
            raise _FaultError("a ) closes nothing")
        self._add(group.closed())

    def _repeat(self, match: re.Match[str], *, counted: bool) -> None:
        part = self._groups[-1].last
        if part is None:
            raise _FaultError(f"there is nothing that {shown(match[0])} could repeat")
        part.height += 1
        if counted:
            part.copies = _copies(match, part.copies)
        if part.height > MAX_HEIGHT:
            raise _FaultError("it nests too deeply")

    def _quoted(self) -> None:
        r"""Take what stands between ``\Q`` and ``\E``, or the end."""
        end = self._pattern.find("\\E", self._at)
        if end != self._at < len(self._pattern):
            self._add(_Part())
        self._at = len(self._pattern) if end < 0 else end + 2

    def _escape(self) -> None:
        if not self._class_escape():
            self._character()
        self._add(_Part())

    def _class_escape(self) -> bool:
        r"""Take ``\d`` or ``\p{Greek}`` and their like, if one stands here."""
        if match := _PERL_CLASS.match(self._pattern, self._at):
            self._at = match.end()
            return True
        if not self._pattern.startswith(("\\p", "\\P"), self._at):
            return False
        match = _UNICODE_CLASS.match(self._pattern, self._at)
        if match is None or not is_unicode_class(match["name"] or match["letter"] or ""):
            raise _FaultError("Go knows no such Unicode class")
        self._at = match.end()
        return True

    def _character(self) -> int:
        """Take one character, escaped or not, and return its code point."""
        if not self._pattern.startswith("\\", self._at):
            self._at += 1
            return ord(self._pattern[self._at - 1])
        match = _CHARACTER.match(self._pattern, self._at)
        if match is None:
            raise _FaultError(f"{self._shown(2)} is no escape sequence")
        self._at = match.end()
        return _code(match)

    def _bracket(self) -> None:
        self._at += self._pattern.startswith("^", self._at)
        first = True
        while first or not self._pattern.startswith("]", self._at):
            first = False
            if not self._posix_class() and not self._class_escape():
                self._range()
        self._at += 1
        self._add(_Part())

    def _posix_class(self) -> bool:
        # Without the last :] remembered, many [: would each search to the end.
        if self._last_class_end < self._at + 2 or not self._pattern.startswith("[:", self._at):
            return False
        match = _POSIX_CLASS.match(self._pattern, self._at)
        if match is None:
            raise _FaultError("there is no such character class between [: and :]")
        self._at = match.end()
        return True

    def _range(self) -> None:
        self._check_open()
        low = self._character()
        rest = self._pattern[self._at : self._at + 2]
        if rest[:1] == "-" and rest[1:] not in {"", "]"}:
            self._at += 1
            if self._character() < low:
                raise _FaultError("a range between brackets runs backwards")

    def _check_open(self) -> None:
        if self._at >= len(self._pattern):
            raise _FaultError("a ] is missing")

    def _shown(self, length: int) -> str:
        return shown(self._pattern[self._at : self._at + length])


def _copies(match: re.Match[str], inner: int) -> int:
    """Return how often the innermost thing is repeated by all counts around it together."""
    least = _count(match["least"])
    # {3} is {3,3}; {3,} has no most.
    most = _count(match["most"]) if match["most"] else None if match["comma"] else least
    if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
        raise _FaultError(f"{shown(match[0])} is no count from 0 to {MAX_REPEAT}")
    if most == 0:
        return 1
    copies = max(1, least if most is None else most) * inner
    if copies > MAX_REPEAT:
        raise _FaultError(f"nested repetitions come to more than {MAX_REPEAT}")
    return copies


def _count(digits: str) -> int:
    return int(digits) if len(digits) < 5 else MAX_REPEAT + 1


def _code(match: re.Match[str]) -> int:
    if match["control"]:
        return _CONTROLS[match["control"]]
    if match["octal"]:
        return int(match["octal"], 8)
    if match["itself"]:
        return ord(match["itself"])
    code = int(match["hex"] or match["long"], 16)
    if code > 0x10FFFF:
        raise _FaultError(f"{shown(match[0])} is no Unicode character")
    return code
