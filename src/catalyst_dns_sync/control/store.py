"""The parsed objects of one resource, and how sure we are of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import NO_NAMES, WatchedObject
from catalyst_dns_sync.core.records import ObjectRef


class SourceState(StrEnum):
    """What a source can vouch for.

    UNKNOWN: not listed yet, or out of touch. SYNCED: listed and watched. ABSENT: the cluster does
    not serve the kind.
    """

    UNKNOWN = "unknown"
    SYNCED = "synced"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ClaimEnd:
    """One object stopped claiming one name.

    ``seen`` tells an end that an event or the living object itself showed from one that is only
    inferred, because the object is missing from a list. ``uid`` is that of the kind's CRD when the
    object was listed, None where it is not known.
    """

    name: DnsName
    ref: ObjectRef
    seen: bool
    uid: str | None
    at: float


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What one step changed: the names that must be looked at again, and the claims that ended.

    ``everywhere`` says that the source itself changed, its state or its list: that concerns every
    zone, whatever the names.
    """

    names: frozenset[DnsName]
    ends: tuple[ClaimEnd, ...] = ()
    everywhere: bool = False


Derive: TypeAlias = Callable[[WatchedObject], WatchedObject]
"""Returns an object with what it means now, where that rests on other objects, too."""

Follower: TypeAlias = Callable[[WatchedObject | None, WatchedObject | None], None]
"""Is told an object's old and its new state; None is where it does not exist."""


def _as_it_is(obj: WatchedObject) -> WatchedObject:
    return obj


class Store:
    """Keeps one resource's objects; says so only when something that matters changed.

    ``source`` is the name of the source in settings and metrics, ``kind`` the kind of its objects,
    ``namespace`` the only one that it watches, or None for all.
    ``clock`` returns seconds of the loop's time. ``listener`` is called after each change of
    objects, and with no names when only the state changed. ``followers`` are told of each object
    that changed, before that. ``refine`` returns objects as they count now.
    """

    def __init__(
        self,
        source: str,
        kind: str,
        clock: Callable[[], float],
        listener: Callable[[StoreChange], None] = lambda _change: None,
        *,
        namespace: str | None = None,
    ) -> None:
        self.source = source
        self.namespace = namespace
        self.kind = kind
        self.listener = listener
        self.followers: list[Follower] = []
        self.derive: Derive = _as_it_is
        self.refine: Callable[[Iterable[WatchedObject]], Iterable[WatchedObject]] = _unchanged
        self.state = SourceState.UNKNOWN
        self.error = "not listed yet"
        self.last_error = ""
        self.last_error_at: float | None = None
        self.answered = False
        self.restarts = 0
        self.was_served = False
        self.listed_at = float("-inf")
        self.doubted_at = float("inf")
        self.since = clock()
        self.last_event_at: float | None = None
        self._clock = clock
        self.uid: str | None = None
        self._objects: dict[ObjectRef, WatchedObject] = {}

    @property
    def agreement(self) -> float:
        """Seconds from the list that first lacked something to the newest one that agrees.

        Until it is long enough, what no list showed may live all the same.
        """
        return self.listed_at - self.doubted_at

    @property
    def objects(self) -> Mapping[ObjectRef, WatchedObject]:
        """All objects, by reference."""
        return self._objects

    def replace(
        self, objects: Iterable[WatchedObject], *, began: float, uid: str | None = None
    ) -> None:
        """Take a complete list, whose first request was sent at ``began``.

        ``uid`` is that of the kind's CRD, read before the list. What the list lacks has ended by
        inference; what an object in it no longer claims was seen to end.
        """
        fresh = {obj.ref: self._with_held_names(obj) for obj in self._as_they_count(objects)}
        if self.listed_at == float("-inf") or self._objects.keys() - fresh.keys():
            self.doubted_at = began
        ends: list[ClaimEnd] = []
        names: set[DnsName] = set()
        for ref, old in list(self._objects.items()):
            new = fresh.get(ref)
            if new != old:
                ends += self._ends(old, new, seen=new is not None)
                names |= old.all_names | (new.all_names if new is not None else NO_NAMES)
                self._keep(ref, old, new)
        for ref, new in fresh.items():
            if ref not in self._objects:
                names |= new.all_names
                self._keep(ref, None, new)
        self.was_served = True
        self.uid = uid
        self.listed_at = began
        self._enter(SourceState.SYNCED, "")
        self.listener(StoreChange(frozenset(names), tuple(ends), everywhere=True))

    def put(self, obj: WatchedObject) -> None:
        """Take one added or changed object from the watch."""
        self.last_event_at = self._clock()
        self._take((obj,))

    def reconsider(self, refs: Iterable[ObjectRef]) -> None:
        """Take it that these objects may mean something else now, though they are the same."""
        self._take([self._objects[ref] for ref in refs if ref in self._objects])

    def _take(self, objects: Iterable[WatchedObject]) -> None:
        ends: list[ClaimEnd] = []
        names: set[DnsName] = set()
        is_changed = False
        for obj in self._as_they_count(objects):
            old = self._objects.get(obj.ref)
            new = self._with_held_names(obj)
            if new == old:
                continue
            is_changed = True
            self._keep(obj.ref, old, new)
            names |= new.all_names
            if old is not None:
                ends += self._ends(old, new, seen=True)
                names |= old.all_names
        if is_changed:
            self.listener(StoreChange(frozenset(names), tuple(ends)))

    def remove(self, ref: ObjectRef) -> None:
        """Take one object's end, seen in the watch."""
        self.last_event_at = self._clock()
        old = self._objects.get(ref)
        if old is not None:
            self._keep(ref, old, None)
            self.listener(StoreChange(old.all_names, tuple(self._ends(old, None, seen=True))))

    def mark_synced(self) -> None:
        """Say that the watch goes on where it ended: what we know is complete again."""
        if self.listed_at > float("-inf"):
            self._transition(SourceState.SYNCED, "")

    def mark_absent(self, detail: str) -> None:
        """Say that the cluster does not serve the kind; the objects are forgotten, unproven."""
        ends = [end for old in self._objects.values() for end in self._ends(old, None, seen=False)]
        names = frozenset(name for old in self._objects.values() for name in old.all_names)
        for ref, old in list(self._objects.items()):
            self._keep(ref, old, None)
        self.listed_at = float("-inf")
        changed = self._enter(SourceState.ABSENT, detail)
        if changed or names:
            self.listener(StoreChange(names, tuple(ends), everywhere=True))

    def mark_unknown(self, detail: str) -> None:
        """Say that we are out of touch; what we know is kept but proves nothing."""
        self._transition(SourceState.UNKNOWN, detail)

    def _transition(self, state: SourceState, detail: str) -> None:
        if self._enter(state, detail):
            self.listener(StoreChange(frozenset(), everywhere=True))

    def _enter(self, state: SourceState, detail: str) -> bool:
        first = not self.answered and state is not SourceState.UNKNOWN
        changed = first or state is not self.state
        if changed:
            self.since = self._clock()
        self.answered = self.answered or first
        self.state = state
        self.error = detail
        if state is SourceState.UNKNOWN:
            self.last_error, self.last_error_at = detail, self._clock()
        return changed

    def _keep(self, ref: ObjectRef, old: WatchedObject | None, new: WatchedObject | None) -> None:
        if new is None:
            del self._objects[ref]
        else:
            self._objects[ref] = new
        for follower in self.followers:
            follower(old, new)

    def _ends(self, old: WatchedObject, new: WatchedObject | None, *, seen: bool) -> list[ClaimEnd]:
        kept = new.all_names if new is not None else NO_NAMES
        now = self._clock()
        return [ClaimEnd(name, old.ref, seen, self.uid, now) for name in old.all_names - kept]

    def _as_they_count(self, objects: Iterable[WatchedObject]) -> Iterable[WatchedObject]:
        return self.refine(map(self.derive, objects))

    def _with_held_names(self, obj: WatchedObject) -> WatchedObject:
        # A slip of the pen must not take a name down: while an object has a fault that may have
        # cost it a name, whatever it had before is held.
        old = self._objects.get(obj.ref)
        if old is None or not obj.is_faulty:
            return obj
        return replace(obj, holds=(obj.holds | old.holds | old.names) - obj.names or NO_NAMES)


def _unchanged(objects: Iterable[WatchedObject]) -> Iterable[WatchedObject]:
    return objects
