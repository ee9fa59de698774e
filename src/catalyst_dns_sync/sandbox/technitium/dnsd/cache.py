"""Answers that still hold: nothing has changed in any zone since they were made."""

from collections.abc import Hashable
from dataclasses import dataclass

from catalyst_dns_sync.sandbox.technitium.model.records import Usage

MAX_ANSWERS = 16384


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer without its message id, what it is counted as, whose use it is."""

    wire: bytes
    rcode: str
    used: tuple[Usage, ...]


class AnswerCache:
    """Answers by question; all of them are dropped when a zone has changed, or they are many."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Answer] = {}
        self._changes = 0

    def get(self, question: Hashable, changes: int) -> Answer | None:
        """Return the answer if it was made at the same count of changes."""
        return self._answers.get(question) if changes == self._changes else None

    def put(self, question: Hashable, changes: int, answer: Answer) -> None:
        """Keep an answer that was made at this count of changes."""
        if changes != self._changes or len(self._answers) >= MAX_ANSWERS:
            self._answers.clear()
            self._changes = changes
        self._answers[question] = answer
