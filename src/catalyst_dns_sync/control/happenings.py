"""The last things that happened, for pages that are open, and a number that grows with each."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Applied, ProviderError, Verdict
from catalyst_dns_sync.control.skipbook import SkipChange
from catalyst_dns_sync.core.changes import Create, Update, action_of
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import parse_marker
from catalyst_dns_sync.core.records import Records

KEPT = 200
"""So many are kept; older ones are in the log."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; ``what`` is a word such as ``created``, ``number`` its own."""

    at: datetime
    name: str
    what: str
    detail: str = ""
    why: str = ""
    is_trouble: bool = False
    number: int = 0


class Happenings(Observer):
    """Keeps what passes did; ``now`` returns the time of day.

    ``number`` grows with everything that may change a page.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self.number = 0
        self._last = 0
        self._changed = asyncio.Event()

    def __iter__(self) -> Iterator[Happening]:
        """Yield what is kept, the newest first."""
        return reversed(self._kept)

    def bump(self) -> None:
        """Say that something changed that pages show."""
        self.number += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, seen: int) -> int:
        """Wait until the number is another than ``seen``, and return it."""
        while self.number == seen:
            await self._changed.wait()
        return self.number

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""
        at = self._now()
        for one in outcome.applied[-KEPT:]:
            if one.verdict is not Verdict.STALE:
                self._keep(_applied(at, one))
        for drift in outcome.drift[-KEPT:]:
            self._keep(Happening(at, drift.name, "drift", f"somebody {drift.kind} it"))
        self.bump()

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:  # noqa: ARG002 (an observer's)
        """Take that a pass could not be made; the same trouble again and again is one."""
        last = self._kept[-1] if self._kept else None
        if last is None or (last.what, last.detail) != ("trouble", str(error)):
            happening = Happening(self._now(), "", "trouble", str(error), zone, is_trouble=True)
            self._keep(happening)
        self.bump()

    def skips_changed(self, change: SkipChange) -> None:
        """Take what is newly left alone, and what no longer is."""
        at = self._now()
        for skip in change.appeared[-KEPT:]:
            origin = str(skip.origin or "")
            self._keep(Happening(at, skip.name or "", "left alone", skip.detail, origin))
        self.bump()

    def _keep(self, happening: Happening) -> None:
        self._last += 1
        self._kept.append(replace(happening, number=self._last))


def _applied(at: datetime, one: Applied) -> Happening:
    change = one.change
    if one.error is not None:
        return Happening(at, change.name, "failed", str(one.error), is_trouble=True)
    values = _values(change.goal or change.before)
    match change:
        case Create(endpoint) | Update(endpoint):
            why = f"{endpoint.origins[0]} {endpoint.rule}".strip()
            if isinstance(change, Update) and _values(change.before) != values:
                values = f"{_values(change.before)} → {values}"
        case _:
            why = _origin(change.before)
    return Happening(at, change.name, f"{action_of(change)}d", values, why)


def _values(records: Records) -> str:
    return ", ".join(record.value for record in records)


def _origin(records: Records) -> str:
    markers = (parse_marker(record.comment) for record in records)
    return next((marker.origin for marker in markers if marker is not None), "")
