"""What is written to disk, and what a crash forgets: the last 5 s of acknowledged changes.

The first change of any zone starts a timer; when it is over, all zones changed until then are
written (technitium-api 9). Nothing is copied at a save: what is kept is how to go back.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalyst_dns_sync.sandbox.technitium.model.nodes import Node

if TYPE_CHECKING:
    from catalyst_dns_sync.sandbox.technitium.model.zone import Zone

SAVE_AFTER = timedelta(seconds=5)
REMEMBERED = 10_000
"""How many steps back can be undone."""


@dataclass(slots=True)
class _Unsaved:
    zone: "Zone"
    serial: int
    last_modified: datetime
    disabled: bool
    is_new: bool
    nodes: dict[str, Node | None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Step:
    """What a zone, and one node of it, was before one step of a change."""

    zone: "Zone"
    serial: int
    last_modified: datetime
    disabled: bool
    is_new: bool
    key: str | None
    node: Node | None

    @property
    def change(self) -> tuple[str, int, bool]:
        """What all steps of one change have in common: they see the same serial."""
        return (self.zone.name, self.serial, self.key is None)

    def undo(self) -> None:
        """Put it back."""
        zone = self.zone
        if self.key is not None:
            zone.nodes.put(self.key, self.node)
        zone.serial, zone.disabled = self.serial, self.disabled
        zone.last_modified = zone.saved_at = self.last_modified


class Disk:
    """The unsaved changes of all zones."""

    def __init__(self) -> None:
        self.changes = 0
        """Moves with every change of any zone: what was read at the same count still holds."""
        self._unsaved: dict[str, _Unsaved] = {}
        self._due: datetime | None = None
        self._steps: deque[_Step] = deque(maxlen=REMEMBERED)

    def before_change(
        self, zone: "Zone", now: datetime, key: str | None = None, *, is_new: bool = False
    ) -> None:
        """Remember how the zone, and the node at ``key``, was last saved."""
        self.changes += 1
        self.save_if_due(now)
        node = None if key is None else zone.nodes.get(key)
        self._steps.append(
            _Step(zone, zone.serial, zone.last_modified, zone.disabled, is_new, key, node)
        )
        unsaved = self._unsaved.get(zone.name)
        if unsaved is None:
            unsaved = _Unsaved(zone, zone.serial, zone.last_modified, zone.disabled, is_new)
            self._unsaved[zone.name] = unsaved
            self._due = self._due or now + SAVE_AFTER
        if key is not None and key not in unsaved.nodes:
            unsaved.nodes[key] = node

    def save_if_due(self, now: datetime) -> None:
        """Take what is pending as written, if its 5 s are over.

        A zone with a comment that the file has no room for cannot be written (trap T9): it stays
        as it is on disk until that comment is gone.
        """
        if self._due is not None and now >= self._due:
            self.save(self._due)
            self._due = now + SAVE_AFTER if self._unsaved else None

    def save(self, now: datetime) -> None:
        """Take everything that can be written as written, as a clean stop does."""
        for name, unsaved in list(self._unsaved.items()):
            if not unsaved.zone.nodes.unsaveable:
                unsaved.zone.saved_at = now
                del self._unsaved[name]

    def forget(self, name: str) -> None:
        """Drop what is kept for a zone: its deletion is on disk at once."""
        self.changes += 1
        self._unsaved.pop(name, None)
        kept = [step for step in self._steps if step.zone.name != name]
        self._steps = deque(kept, maxlen=REMEMBERED)

    def roll_back(self) -> list[str]:
        """Take every zone back to what is on disk; return the zones that never were on it."""
        self.changes += 1
        lost = []
        for name, unsaved in self._unsaved.items():
            if unsaved.is_new:
                lost.append(name)
                continue
            for key, node in unsaved.nodes.items():
                unsaved.zone.nodes.put(key, node)
            unsaved.zone.serial = unsaved.serial
            unsaved.zone.last_modified = unsaved.last_modified
            unsaved.zone.disabled = unsaved.disabled
        self._begin_anew()
        return lost

    def undo(self, writes: int) -> list[str]:
        """Take back the last so many changes, saved or not; return the zones that came by them.

        One change raises the serial once, whatever steps it has.
        """
        self.changes += 1
        lost = []
        change: tuple[str, int, bool] | None = None
        while self._steps:
            step = self._steps[-1]
            if step.change != change:
                if not writes:
                    break
                writes -= 1
                change = step.change
            self._steps.pop().undo()
            if step.is_new:
                lost.append(step.zone.name)
        self._begin_anew()
        return lost

    def _begin_anew(self) -> None:
        self._unsaved, self._due = {}, None
        self._steps.clear()
