"""A cluster as an API server keeps it: objects, versions, definitions, and what happened lately."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from simulation.leases import SharedLease
from simulation.objects import ALL_KINDS, API_VERSIONS, BUILT_IN, Ref, Spec, manifest

FIRST_VERSION = 1000


@dataclass(frozen=True, slots=True)
class Obj:
    """One state of one object; ``line`` is its JSON."""

    spec: Spec
    version: int
    created: str
    uid: str
    body: dict[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One change: ``why`` says what ended an object."""

    type: str
    version: int
    spec: Spec
    line: bytes
    why: str = ""


@dataclass(slots=True)
class Definition:
    """A CRD."""

    uid: str
    terminating: bool = False


@dataclass(slots=True)
class State:
    """What a backup of the cluster holds."""

    version: int = FIRST_VERSION
    objects: dict[Ref, Obj] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=set)

    def copy(self) -> "State":
        definitions = {kind: replace(one) for kind, one in self.definitions.items()}
        return State(self.version, dict(self.objects), definitions, set(self.namespaces))


class Cluster:
    """One cluster; ``now`` returns its wall clock as RFC 3339 text."""

    def __init__(self, name: str, now: Callable[[], str]) -> None:
        self.uid = _uid(name, "kube-system", 0)
        self.state = State()
        self.history: dict[str, list[Event]] = {kind: [] for kind in ALL_KINDS}
        self.floor: dict[str, int] = dict.fromkeys(ALL_KINDS, FIRST_VERSION)
        self.hidden: dict[str, bool] = dict.fromkeys(ALL_KINDS, False)
        self.listeners: dict[str, list[Callable[[], None]]] = {kind: [] for kind in ALL_KINDS}
        self.lease = SharedLease(lambda: asyncio.get_running_loop().time())
        self.restored_at = float("-inf")
        self.ever: dict[str, set[frozenset[tuple[str, str]]]] = {}
        self._name = name
        self._now = now
        self._born = 0
        for kind in sorted(set(ALL_KINDS) - BUILT_IN, key=ALL_KINDS.index):
            self.state.definitions[kind] = Definition(self._fresh_uid(kind))
        self.state.namespaces |= {"default", "kube-system"}

    @property
    def cluster_id(self) -> str:
        return self.uid.replace("-", "")[:8]

    def specs(self) -> list[Spec]:
        return [obj.spec for obj in self.state.objects.values()]

    def is_served(self, kind: str) -> bool:
        return not self.hidden[kind]

    def put(self, spec: Spec) -> bool:
        """Create or replace an object; returns False where the server refuses it."""
        definition = self.state.definitions.get(spec.kind)
        if spec.kind not in BUILT_IN and (definition is None or self.hidden[spec.kind]):
            return False
        spec = spec.at(asyncio.get_running_loop().time())
        old = self.state.objects.get(spec.ref)
        if old is None and definition is not None and definition.terminating:
            return False
        if old is not None and old.spec == spec:
            return True
        self.state.namespaces.add(spec.namespace)
        created = old.created if old is not None else self._now()
        uid = old.uid if old is not None else self._fresh_uid(spec.name)
        obj = self._stored(spec, created, uid)
        self.state.objects[spec.ref] = obj
        self._tell("ADDED" if old is None else "MODIFIED", obj)
        return True

    def delete(self, ref: Ref, why: str = "deleted") -> None:
        """Delete an object, with an event."""
        old = self.state.objects.pop(ref, None)
        if old is not None:
            last = self._stored(old.spec, old.created, old.uid)
            self._tell("DELETED", last, why)

    def end(self, spec: Spec) -> Spec | None:
        """Let an object's own end come, with no event; returns what it is then, if it is there."""
        old = self.state.objects.get(spec.ref)
        if old is None or old.spec != spec:
            return None
        over = replace(old.spec, over=True)
        self.state.objects[spec.ref] = replace(old, spec=over)
        return over

    def compact(self, kind: str) -> None:
        """Forget what happened before now."""
        self.history[kind].clear()
        self.floor[kind] = self.state.version

    def restore(self, backup: State) -> None:
        """Come back from a backup: all versions are lower, and nobody is told what changed."""
        self.state = backup.copy()
        self.restored_at = asyncio.get_running_loop().time()
        for kind in ALL_KINDS:
            self.history[kind].clear()
            self.floor[kind] = self.state.version
            gone = kind not in BUILT_IN and kind not in self.state.definitions
            self.hidden[kind] = gone

    def begin_removal(self, kind: str) -> bool:
        """Begin to remove a CRD; returns whether there was one."""
        definition = self.state.definitions.get(kind)
        if definition is None or definition.terminating:
            return False
        definition.terminating = True
        self.state.version += 1
        return True

    def end_removal(self, kind: str) -> None:
        """Take the CRD itself away; its storage answers a little longer."""
        self.state.definitions.pop(kind, None)
        self.state.version += 1

    def define(self, kind: str) -> None:
        """Make a CRD again."""
        self.state.version += 1
        self.state.definitions[kind] = Definition(self._fresh_uid(kind))
        self.history[kind].clear()
        self.floor[kind] = self.state.version

    def of_kind(self, kind: str, namespace: str | None = None) -> list[Obj]:
        """Return the objects of a kind in the server's order."""
        found = (
            obj
            for ref, obj in self.state.objects.items()
            if ref[0] == kind and namespace in (None, ref[1])
        )
        return sorted(found, key=lambda obj: obj.spec.ref)

    def _stored(self, spec: Spec, created: str, uid: str) -> Obj:
        self.state.version += 1
        version = self.state.version
        metadata = {"uid": uid, "creationTimestamp": created, "resourceVersion": str(version)}
        return Obj(spec, version, created, uid, manifest(spec, metadata))

    def _tell(self, kind: str, obj: Obj, why: str = "") -> None:
        line = json.dumps({"type": kind, "object": obj.body}).encode()
        event = Event(kind, obj.version, obj.spec, line, why)
        self.history[obj.spec.kind].append(event)
        self.wake(obj.spec.kind)

    def wake(self, kind: str) -> None:
        """Let the watches of a kind look again."""
        for listener in tuple(self.listeners[kind]):
            listener()

    def _fresh_uid(self, what: str) -> str:
        self._born += 1
        return _uid(self._name, what, self._born)


def bookmark(kind: str, version: int) -> bytes:
    """Return a bookmark's line."""
    obj = {"kind": kind, "apiVersion": API_VERSIONS[kind]}
    obj |= {"metadata": {"resourceVersion": str(version)}}  # type: ignore[dict-item]
    return json.dumps({"type": "BOOKMARK", "object": obj}).encode()


def expired(asked: int, floor: int) -> bytes:
    """Return the line of a watch from a version that is forgotten."""
    message = f"too old resource version: {asked} ({floor})"
    status = {"kind": "Status", "status": "Failure", "message": message, "reason": "Expired"}
    return json.dumps({"type": "ERROR", "object": status | {"code": 410}}).encode()


def _uid(*parts: object) -> str:
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
