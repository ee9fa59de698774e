"""The objects, their versions, and what happened to them lately: pure and synchronous.

Objects are never changed once they are stored, so that they can be shared and their JSON is made
once. One counter numbers all writes, as etcd's revision does.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from catalyst_dns_sync.sandbox.kube_api.encoding import Json, object_bytes
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

# Far from zero, so that a test can ask for old versions, and lower all of them.
FIRST_VERSION = 10_000


class ChangeType(StrEnum):
    """What happened to an object, in the words of a watch."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Stored:
    """One state of one object; ``key`` is ``namespace/name`` or ``name``."""

    key: str
    version: int
    obj: Json
    data: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One write: for a deletion ``after`` is the last state under a version of its own."""

    type: ChangeType
    version: int
    before: Stored | None
    after: Stored


class ForgottenError(Exception):
    """The version is older than what is remembered; ``oldest`` would still do."""

    def __init__(self, oldest: int) -> None:
        super().__init__(oldest)
        self.oldest = oldest


class Collection:
    """The objects of one resource, in the order of their keys, and their latest changes."""

    def __init__(self, resource: Resource, born: int, history: int) -> None:
        self.resource = resource
        self.listeners: set[Callable[[], None]] = set()
        self.closed = False
        self._history = history
        self._objects: dict[str, Stored] = {}
        self._keys: list[str] = []
        self._changes: list[Change] = []
        self._forgotten = 0
        self._floor = born

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> Stored | None:
        """Return the object's present state."""
        return self._objects.get(key)

    def between(self, first: str, last: str | None) -> Iterator[Stored]:
        """Yield the objects from one key on up to, and without, another."""
        start = bisect_left(self._keys, first)
        stop = len(self._keys) if last is None else bisect_left(self._keys, last)
        return (self._objects[key] for key in self._keys[start:stop])

    def between_at(self, version: int, first: str, last: str | None) -> Iterator[Stored]:
        """Yield what `between` would have yielded at an earlier version.

        Raises `ForgottenError` when that is no longer known.
        """
        undone: dict[str, Stored | None] = {}
        for change in reversed(self.changes_since(version)):
            undone[change.after.key] = change.before
        if not undone:
            return self.between(first, last)
        keys = {stored.key for stored in self.between(first, last)}
        keys |= {key for key in undone if first <= key and (last is None or key < last)}
        states = (undone.get(key, self._objects.get(key)) for key in sorted(keys))
        return (state for state in states if state is not None)

    def changes_since(self, version: int) -> list[Change]:
        """Return the changes after a version, or raise `ForgottenError`."""
        return self._changes[self._position_after(version) :]

    def cursor_after(self, version: int) -> int:
        """Return where `read` begins for somebody who knows everything up to a version."""
        return self._forgotten + self._position_after(version)

    def read(self, cursor: int, limit: int) -> tuple[list[Change], int]:
        """Return some changes from a cursor on, and the cursor behind them.

        Raises `ForgottenError` for a reader who was too slow.
        """
        position = cursor - self._forgotten
        if position < 0:
            raise ForgottenError(self._floor)
        found = self._changes[position : position + limit]
        return found, cursor + len(found)

    def put(self, stored: Stored) -> Change:
        """Store an object's new state."""
        before = self._objects.get(stored.key)
        if before is None:
            insort(self._keys, stored.key)
        self._objects[stored.key] = stored
        kind = ChangeType.ADDED if before is None else ChangeType.MODIFIED
        return self._remember(Change(kind, stored.version, before, stored))

    def remove(self, last: Stored) -> Change:
        """Take an object away; ``last`` is its last state under a version of its own."""
        before = self._objects.pop(last.key)
        del self._keys[bisect_left(self._keys, last.key)]
        return self._remember(Change(ChangeType.DELETED, last.version, before, last))

    def forget(self, version: int) -> None:
        """Forget all changes, as if history before ``version`` had been compacted."""
        self._forgotten += len(self._changes)
        self._changes.clear()
        self._floor = version
        self._tell()

    def replace_all(self, states: list[Stored], version: int) -> None:
        """Take other states for the present ones, without a change being seen."""
        self._objects = {stored.key: stored for stored in states}
        self._keys = sorted(self._objects)
        self.forget(version)

    def close(self) -> None:
        """End all watches: the resource is no longer served."""
        self.closed = True
        self._tell()

    def _position_after(self, version: int) -> int:
        if version < self._floor:
            raise ForgottenError(self._floor)
        return bisect_right(self._changes, version, key=lambda change: change.version)

    def _remember(self, change: Change) -> Change:
        self._changes.append(change)
        surplus = len(self._changes) - self._history
        # In one go, so that the list is not moved on every write.
        if surplus > self._history // 10:
            self._floor = self._changes[surplus - 1].version
            del self._changes[:surplus]
            self._forgotten += surplus
        self._tell()
        return change

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()


class ObjectStore:
    """All collections under one counter of versions."""

    def __init__(self, history: int) -> None:
        self.version = FIRST_VERSION
        self._history = history
        self._collections: dict[tuple[str, str], Collection] = {}

    def open(self, resource: Resource) -> Collection:
        """Begin a new, empty collection; what it cannot remember starts now."""
        collection = Collection(resource, self.version, self._history)
        self._collections[resource.storage_key] = collection
        return collection

    def collection(self, resource: Resource) -> Collection:
        """Return the resource's collection."""
        return self._collections[resource.storage_key]

    def drop(self, resource: Resource) -> None:
        """Forget the resource and its objects, without a word to anybody."""
        self._collections.pop(resource.storage_key, None)

    def put(self, collection: Collection, key: str, obj: Json) -> Stored:
        """Store an object's new state under the next version."""
        stored = self._next(collection, key, obj)
        collection.put(stored)
        return stored

    def remove(self, collection: Collection, stored: Stored) -> Stored:
        """Take an object away; its last state gets the next version."""
        last = self._next(collection, stored.key, stored.obj)
        collection.remove(last)
        return last

    def forget_history(self) -> None:
        """Compact: all watches and continue tokens from earlier versions expire."""
        for collection in self._collections.values():
            collection.forget(self.version)

    def lower_versions(self, by: int) -> None:
        """Lower all versions, as in a cluster that was restored from an earlier backup."""
        self.version = max(self.version - by, 1)
        for collection in self._collections.values():
            states = [
                stamped(collection.resource, stored.key, stored.obj, max(stored.version - by, 1))
                for stored in collection.between("", None)
            ]
            collection.replace_all(states, self.version)

    def _next(self, collection: Collection, key: str, obj: Json) -> Stored:
        self.version += 1
        return stamped(collection.resource, key, obj, self.version)


def stamped(resource: Resource, key: str, obj: Json, version: int) -> Stored:
    """Return an object's state under a version; the object given is left as it is."""
    metadata = obj["metadata"] | {"resourceVersion": str(version)}
    marked = obj | {"metadata": metadata}
    return Stored(key, version, marked, object_bytes(resource, marked))
