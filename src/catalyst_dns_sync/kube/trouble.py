"""Says in the log when a source gets into trouble and out of it, and not at each try between."""

import logging
from collections.abc import Mapping
from enum import Enum, auto


class _Said(Enum):
    NOTHING = auto()
    ABSENT = auto()


class Trouble:
    """The voice of one source; ``facts`` go into each of its log lines.

    A source begins in trouble: it has not been listed yet.
    """

    def __init__(self, log: logging.Logger, facts: Mapping[str, str]) -> None:
        self._log = log
        self._facts = facts
        self._said: int | _Said | None = _Said.NOTHING
        self._open = True
        self._warned = False

    def appears(self, status: int | None, error: str) -> None:
        """Say that the source is out of touch, once for each kind of answer."""
        if status == self._said:
            return
        facts = {**self._facts, "status": status, "error": error}
        self._log.warning("source out of touch", extra=facts)
        self._said = status
        self._open = self._warned = True

    def absent(self, detail: str) -> None:
        """Say that the cluster does not serve the kind."""
        if self._said is _Said.ABSENT:
            return
        self._log.info("source absent", extra={**self._facts, "detail": detail})
        self._said = _Said.ABSENT
        self._open = True

    def over(self, message: str, **facts: object) -> None:
        """Say that all is well, if something else was said before."""
        if self._open:
            level = logging.WARNING if self._warned else logging.INFO
            self._log.log(level, message, extra={**self._facts, **facts})
        self._open = self._warned = False

    def forget(self) -> None:
        """Let the next trouble be said, even if it is like the last one: all was well for long."""
        self._said = _Said.NOTHING
