"""Lets names end when their time is over, and no more previews be made than are allowed."""

import asyncio
import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias

from catalyst_dns_sync.control.store import Store
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import NO_NAMES, WatchedObject
from catalyst_dns_sync.core.previews import as_of, steady
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.times import parse_time

LOOK_AGAIN = 15.0
"""Seconds until the time of day is looked at again: a clock may be set."""

_Key: TypeAlias = tuple[int, ObjectRef]
_Place: TypeAlias = tuple[str, DnsName]


class Previews:
    """Keeps in the Stores what counts now of objects that do not last; `run` is its task.

    ``now`` returns the time of day; another clock may be put in its place. Of the previews' names
    the ``limit`` oldest are made, by the creation of their objects; 0 is no limit.
    """

    def __init__(self, stores: Sequence[Store], now: Callable[[], datetime], limit: int) -> None:
        self._stores = stores
        self.now = now
        self._limit = limit
        self._latest = float("-inf")
        self._terms: dict[_Key, frozenset[DnsName]] = {}
        self._ends: list[tuple[float, _Key]] = []
        self._end_of: dict[_Key, float] = {}
        self._went_back = False
        self._claimants: dict[DnsName, dict[_Key, str]] = {}
        self._places: list[_Place] = []
        self._doubtful: set[DnsName] = set()
        self._changed = asyncio.Event()
        for number, store in enumerate(stores):
            store.refine = partial(self._refined, number)
            store.followers.append(partial(self._followed, number))

    @property
    def ages(self) -> tuple[float, ...]:
        """The age of each preview that is made, in seconds, the oldest first."""
        now = self.now().timestamp()
        made = self._places[: self._limit] if self._limit else self._places
        return tuple(
            max(0.0, now - (parse_time(created) or now))
            for created, name in made
            if any(self._is_live(key, name) for key in self._claimants[name])
        )

    async def run(self) -> None:
        """Look again whenever some object's time ends, or another preview's turn comes."""
        while True:
            try:
                async with asyncio.timeout(self._wait()):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()
            self.look()

    def look(self) -> None:
        """Let the Stores know of all whose time ended, or whose turn came, by now."""
        self._tick()
        due = self._due()
        if self._went_back:
            # What ended by a clock that was wrong did not end.
            due.update(self._terms)
            self._went_back = False
        for name in self._doubtful:
            due.update(self._claimants.get(name, ()))
        self._doubtful.clear()
        for number, store in enumerate(self._stores):
            store.reconsider(sorted(ref for of, ref in due if of == number))

    def _tick(self) -> None:
        before, self._latest = self._latest, steady(self._latest, self.now().timestamp())
        self._went_back = self._went_back or self._latest < before

    def _due(self) -> set[_Key]:
        due: set[_Key] = set()
        while self._ends and self._ends[0][0] <= self._latest:
            end, key = heapq.heappop(self._ends)
            if self._end_of.get(key) == end:
                del self._end_of[key]
                due.add(key)
        return due

    def _wait(self) -> float | None:
        if not self._terms:
            return None
        if not self._ends:
            return LOOK_AGAIN
        # By the clock's own word: one that was put back is not asked again and again.
        return min(max(0.0, self._ends[0][0] - self.now().timestamp()), LOOK_AGAIN)

    def _refined(self, number: int, given: Iterable[WatchedObject]) -> list[WatchedObject]:
        """Return the objects as they count now; all of a list take their places first."""
        objects = list(given)
        self._tick()
        for obj in objects:
            if obj.term is not None or (number, obj.ref) in self._terms:
                self._enter((number, obj.ref), obj)
        return [as_of(obj, self._latest, self._is_admitted) for obj in objects]

    def _followed(self, number: int, old: WatchedObject | None, new: WatchedObject | None) -> None:
        if new is None and old is not None and old.term is not None:
            self._enter((number, old.ref), None)

    def _enter(self, key: _Key, obj: WatchedObject | None) -> None:
        term = obj.term if obj is not None else None
        is_over = term is not None and term.expires is not None and term.expires <= self._latest
        # What is over takes no place away from what lives.
        previews = term.previews if term is not None and not is_over else NO_NAMES
        created = obj.created if obj is not None else ""
        for name in self._terms.pop(key, NO_NAMES) | previews:
            self._place(name, key, created if name in previews else None)
        expires = term.expires if term is not None and not is_over else None
        if term is not None:
            if not self._terms:
                self._changed.set()
            self._terms[key] = previews
        if expires is None:
            self._end_of.pop(key, None)
        elif self._end_of.get(key) != expires:
            self._end_of[key] = expires
            heapq.heappush(self._ends, (expires, key))
            self._changed.set()

    def _place(self, name: DnsName, key: _Key, created: str | None) -> None:
        """Give a name its place among the others: that of the oldest object that claims it."""
        claimants = self._claimants.setdefault(name, {})
        before = min(claimants.values(), default=None)
        if created is None:
            claimants.pop(key, None)
        else:
            claimants[key] = created
        after = min(claimants.values(), default=None)
        if not claimants:
            del self._claimants[name]
        if before == after:
            return
        if before is not None:
            del self._places[bisect_left(self._places, (before, name))]
        if after is not None:
            insort(self._places, (after, name))
        # One place more or less moves one name over the border; another place of its own, two.
        if self._limit:
            border = self._places[max(0, self._limit - 1) : self._limit + 1]
            self._doubtful.update(other for _, other in border)
            self._doubtful.add(name)
            self._changed.set()

    def _is_admitted(self, name: DnsName) -> bool:
        if not self._limit:
            return True
        created = min(self._claimants[name].values())
        return bisect_left(self._places, (created, name)) < self._limit

    def _is_live(self, key: _Key, name: DnsName) -> bool:
        number, ref = key
        obj = self._stores[number].objects.get(ref)
        return obj is not None and name in obj.names
