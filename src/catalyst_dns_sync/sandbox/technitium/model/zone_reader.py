"""Zone files (RFC 1035, 5) cut into entries of words, each with its comment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r'[ \t]*(?:(?P<comment>;.*)|(?P<paren>[()])|"(?P<quoted>(?:[^"\\]|\\.)*)"|'
                    r"(?P<word>[^ \t();]+))")  # fmt: skip
_SPECIAL = re.compile(r'["()]')
_WORD = re.compile(r"[^ \t]+")


@dataclass(slots=True)
class Entry:
    """One entry: its words, whether it begins with a blank, the text after its semicolon."""

    line: int
    has_name: bool
    words: list[str] = field(default_factory=list)
    comment: str = ""

    def pop(self) -> str | None:
        """Take the next word, or None at the end."""
        return self.words.pop(0) if self.words else None


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries; one in parentheses may be many lines long."""
    entry, is_open = Entry(0, has_name=True), False
    for number, line in enumerate(text.split("\n"), start=1):
        if not is_open:
            entry = Entry(number, has_name=not line[:1].isspace())
        entry.line = number
        is_open = _read(line.rstrip("\r"), entry, is_open=is_open)
        if entry.words and not is_open:
            yield entry
    if is_open and entry.words:
        yield entry


def _read(line: str, entry: Entry, *, is_open: bool) -> bool:
    words, semicolon, comment = line.partition(";")
    if not _SPECIAL.search(words):
        # Nearly every line of a big file.
        entry.words += _WORD.findall(words)
        entry.comment = comment if semicolon else entry.comment
        return is_open
    at = 0
    while match := _TOKEN.match(line, at):
        at = match.end()
        match match.lastgroup:
            case "comment":
                entry.comment = match["comment"][1:]
            case "paren":
                is_open = match["paren"] == "("
            case "quoted":
                entry.words.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
            case _:
                entry.words.append(match["word"])
    return is_open
