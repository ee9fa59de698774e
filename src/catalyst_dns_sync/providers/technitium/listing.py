"""Reads the answer of records/get piece by piece: a whole zone is never there as JSON."""

import codecs
import json
import re
from collections.abc import Callable
from typing import TypeAlias

Keep: TypeAlias = Callable[[object], object]

_ARRAY = re.compile(r'"records"\s*:\s*\[')
_SPACE = re.compile(r"[ \t\r\n]*")


class Listing:
    """Takes the text of an answer in pieces; ``keep`` returns what to keep of each record.

    Raises `ValueError` where the text is no JSON.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder().raw_decode
        self._records: list[object] = []
        self._around: list[str] = []
        self._rest = ""
        self._is_inside = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece, and read the records that are complete."""
        self._rest += self._decode(piece)
        if not self._is_inside and not self._around and (found := _ARRAY.search(self._rest)):
            self._around.append(self._rest[: found.end()])
            self._rest = self._rest[found.end() :]
            self._is_inside = True
        if self._is_inside:
            self._read_records()

    def answer(self) -> object:
        """Return the whole answer, when all pieces were taken."""
        self._rest += self._decode(b"", final=True)
        parsed = json.loads("".join((*self._around, self._rest)))
        match parsed:
            case {"response": {"records": list(records)}} | {"records": list(records)}:
                records[:0] = self._records
            case _:
                pass
        return parsed

    def _read_records(self) -> None:
        at = 0
        while True:
            at = _end_of_space(self._rest, at)
            try:
                record, end = self._scan(self._rest, at)
            except ValueError:
                # Half a record, or the end of them: then what follows tells whether that is sound.
                break
            end = _end_of_space(self._rest, end)
            follows = self._rest[end : end + 1]
            if follows not in (",", "]"):
                break
            self._records.append(self._keep(record))
            at = end + (follows == ",")
            if follows == "]":
                self._is_inside = False
                break
        self._rest = self._rest[at:]


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
