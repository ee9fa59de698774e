"""The API server as one daemon meets it: kube.api's `Api` in memory, with faults."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Any, Self

from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, body_of, error_of
from catalyst_dns_sync.kube.api import NO_PARAMS, Params
from catalyst_dns_sync.kube.certificates import CERTIFICATES, SECRETS
from catalyst_dns_sync.kube.errors import ExpiredError, KubeError, OutOfTouchError, StreamLostError
from catalyst_dns_sync.kube.resources import GATEWAYS, RESOURCES, SERVICES
from simulation import issuing, leases
from simulation.cluster import Cluster, Event, bookmark, expired
from simulation.faults import Faults, Rule
from simulation.knowledge import Key, Knowledge
from simulation.objects import ALL_KINDS, API_VERSIONS, Spec

BOOKMARKS = 60.0
_BESIDE = {
    "Gateway": GATEWAYS, "Service": SERVICES, "Certificate": CERTIFICATES, "Secret": SECRETS,
}  # fmt: skip
PLURALS = {(_BESIDE.get(kind) or RESOURCES[kind.lower()]).plural: kind for kind in ALL_KINDS}
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
_NOT_SERVED = b"404 page not found\n"


class KubeSide:
    """One daemon's connection to its cluster; `knowledge` is what came over it."""

    def __init__(
        self,
        cluster: Cluster,
        faults: Faults,
        knowledge: Knowledge,
        rng: random.Random,
        clock: Callable[[], float],
        page: int,
        actor: int,
    ) -> None:
        self.cluster = cluster
        self.actor = actor
        self.faults = faults
        self.knowledge = knowledge
        self.clock = clock
        self.rng = rng
        self.is_dead = False
        self.certificates = issuing.Certificates(cluster)
        self.calls = 0
        self.tries: list[tuple[float, str]] = []
        self.watches: list[Watch] = []
        self._page = page
        self._pages: dict[str, tuple[int, list[dict[str, Any]], list[Spec], float]] = {}

    async def get(self, path: str, params: Params = NO_PARAMS) -> Json:
        """Read one object or one page of a list."""
        if path.startswith(leases.PATH):
            return await self._asked("lease get", path, self.cluster.lease.read)
        if path.startswith(f"{issuing.PATH}/"):
            read = partial(self.certificates.read, path)
            return await self._asked("get Certificate", path, read)
        what, key = described(path)
        if "continue" in params:
            what = what.replace("list", "page")
        try:
            rule = await self.arrive(what)
            if rule is not None and rule.kind not in ("empty", "partial", "expired"):
                await fail(path, rule)
            if path.startswith(_CRDS):
                return self._definition(path)
            if key is None:
                return {"metadata": {"name": "kube-system", "uid": self.cluster.uid}}
            return self._list(path, key, params, rule)
        except KubeError as error:
            self._note_error(path, key, error)
            raise

    async def create(self, path: str, body: Json) -> Json:
        """Create an object: the Lease, or a Certificate."""
        if path.startswith(leases.PATH):
            create = partial(self.cluster.lease.create, body)
            return await self._asked("lease create", path, create)
        create = partial(self.certificates.create, path, body)
        return await self._asked("create Certificate", path, create)

    async def replace(self, path: str, body: Json) -> Json:
        """Replace an object: the Lease, or a Certificate."""
        if path.startswith(leases.PATH):
            replace = partial(self.cluster.lease.replace, body)
            return await self._asked("lease update", path, replace)
        replace = partial(self.certificates.replace, path, body)
        return await self._asked("update Certificate", path, replace)

    async def _asked(self, what: str, path: str, act: Callable[[], Json]) -> Json:
        rule = await self.arrive(what)
        if rule is None:
            return act()
        match rule.kind:
            case "slow":
                await asyncio.sleep(rule.seconds / 2)
                answer = act()
                await asyncio.sleep(rule.seconds / 2)
                return answer
            case "lost":
                act()
                raise OutOfTouchError(f"{path} cannot be reached: connection reset")
            case _:
                await fail(path, rule)
                raise AssertionError(rule)

    def watch(
        self, path: str, params: Params, silence: float
    ) -> AbstractAsyncContextManager["Watch"]:
        """Open a watch."""
        _, key = described(path)
        if key is None:
            raise AssertionError(path)
        return Watch(self, path, key, params, silence)

    async def arrive(self, what: str) -> Rule | None:
        """Let a request travel; a dead daemon's never arrives."""
        self.calls += 1
        self.tries.append((self.clock(), what))
        rule = self.faults.take("kube", what, self.clock(), self.actor)
        await asyncio.sleep(0.001 + self.rng.random() * 0.02)
        if self.is_dead:
            await asyncio.Event().wait()
        return rule

    def _note_error(self, path: str, key: Key | None, error: KubeError) -> None:
        if path.startswith(_CRDS):
            status = getattr(error, "status", None)
            how = "denied" if status in (401, 403) else "error"
            self.knowledge.crd_reads[_defined(path)] = (how, self.clock())
            if how == "error":
                self.knowledge.crd_unsure.add(_defined(path))
        elif key is not None and isinstance(error, OutOfTouchError):
            self.knowledge.touched(key, "bad")

    def _definition(self, path: str) -> Json:
        kind = _defined(path)
        self.knowledge.crd_reads[kind] = ("read", self.clock())
        found = self.cluster.state.definitions.get(kind)
        name = path.removeprefix(_CRDS)
        if found is None:
            details = {"name": name, "kind": "customresourcedefinitions"}
            body = {"kind": "Status", "reason": "NotFound", "details": details}
            raise error_of(Answer(path, 404, json.dumps(body).encode()))
        metadata = {"name": name, "uid": found.uid}
        if found.terminating:
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        return {"metadata": metadata}

    def _list(self, path: str, key: Key, params: Params, rule: Rule | None) -> Json:
        kind, namespace = key
        if not self.cluster.is_served(kind):
            self.knowledge.absent(key)
            raise error_of(Answer(path, 404, _NOT_SERVED))
        token = params.get("continue", "")
        if token:
            if rule is not None and rule.kind == "expired":
                raise ExpiredError(f"{path}: the continue token is too old")
            version, rest, truth, began = self._pages.pop(token)
        else:
            objs = self.cluster.of_kind(kind, namespace)
            truth = [obj.spec for obj in objs]
            version, began = self.cluster.state.version, self.clock()
            rest = [obj.body for obj in objs]
            if rule is not None and rule.kind == "empty":
                rest = []
                self.knowledge.lied.setdefault(kind, []).append(began)
            elif rule is not None and rule.kind == "partial":
                rest = rest[::2]
                self.knowledge.lied.setdefault(kind, []).append(began)
        # A page may be shorter than asked for, and even empty, and still not be the last.
        size = self.rng.randrange(self._page + 1) if rest else 0
        page, rest = rest[:size], rest[size:]
        metadata: dict[str, str] = {"resourceVersion": str(version), "continue": ""}
        if rest:
            following = f"{path}#{self.calls}"
            self._pages[following] = (version, rest, truth, began)
            metadata["continue"] = following
        else:
            self.knowledge.listed(key, truth, began)
        return {"kind": f"{kind}List", "metadata": metadata, "items": page}


class Watch:
    """One open watch."""

    def __init__(self, side: KubeSide, path: str, key: Key, params: Params, silence: float) -> None:
        self._side = side
        self._path = path
        self._key = key
        self._asked = int(params["resourceVersion"])
        self._lasts = float(params["timeoutSeconds"])
        self._silence = silence
        self._sent = self._asked
        self._wake = asyncio.Event()
        self._again: list[bytes] = []
        self._muted = False
        self._end = ""

    async def __aenter__(self) -> Self:
        side, kind = self._side, self._key[0]
        rule = await side.arrive(f"watch {kind}")
        try:
            if rule is not None:
                await fail(self._path, rule)
            if not side.cluster.is_served(kind):
                raise error_of(Answer(self._path, 404, _NOT_SERVED))
        except OutOfTouchError:
            side.knowledge.touched(self._key, "bad")
            raise
        side.knowledge.touched(self._key, "ok")
        now = side.clock()
        self._deadline = now + self._lasts
        self._bookmark_at = now + BOOKMARKS
        self._silent_at = now + self._silence
        side.watches.append(self)
        side.cluster.listeners[kind].append(self._wake.set)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self in self._side.watches:
            self._side.watches.remove(self)
            self._side.cluster.listeners[self._key[0]].remove(self._wake.set)

    def __aiter__(self) -> Self:
        return self

    def disturb(self, how: str) -> None:
        """Let the network or the server do something to the stream."""
        if how == "half-open":
            self._muted = True
        else:
            self._end = self._end or how
        self._wake.set()

    @property
    def kind(self) -> str:
        return self._key[0]

    async def __anext__(self) -> bytes:
        while True:
            self._wake.clear()
            line = await self._next_line()
            if line is not None:
                self._silent_at = self._side.clock() + self._silence
                return line
            moments = [self._silent_at, self._deadline]
            if not self._muted:
                moments.append(self._bookmark_at)
            try:
                async with asyncio.timeout_at(min(moments)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _next_line(self) -> bytes | None:
        now, side, kind = self._side.clock(), self._side, self._key[0]
        if side.is_dead:
            await asyncio.Event().wait()
        if self._muted:
            if now >= self._silent_at:
                raise StreamLostError(f"the watch of {self._path} was silent", silent=True)
            return None
        if self._end:
            return self._last_line()
        if self._again:
            return self._again.pop()
        if self._asked < side.cluster.floor[kind] and self._sent == self._asked:
            self._end = "gone"
            return self._last_line()
        if (event := self._next_event()) is not None:
            return await self._delivered(event)
        if not side.cluster.is_served(kind) or now >= self._deadline:
            raise StopAsyncIteration
        if now >= self._bookmark_at:
            self._bookmark_at = now + BOOKMARKS
            if side.cluster.state.version >= self._asked:
                return bookmark(kind, max(side.cluster.state.version, self._sent))
        if now >= self._silent_at:
            raise StreamLostError(f"the watch of {self._path} was silent", silent=True)
        return None

    def _last_line(self) -> bytes:
        """Return what is still to come of a stream that was disturbed."""
        how, self._end = self._end, "eof"
        match how:
            case "reset":
                raise StreamLostError(f"the watch of {self._path} broke off", silent=False)
            case "gone":
                return expired(self._asked, self._side.cluster.floor[self.kind])
            case "garbage":
                return b'{"type":"MODIFIED","obj'
            case _:
                raise StopAsyncIteration

    def _next_event(self) -> Event | None:
        kind, namespace = self._key
        for event in self._side.cluster.history[kind]:
            if event.version > self._sent:
                if namespace in (None, event.spec.namespace):
                    return event
                self._sent = event.version
        return None

    async def _delivered(self, event: Event) -> bytes | None:
        side = self._side
        now = side.clock()
        if (late := side.faults.holds("stream", "late", now)) is not None:
            await asyncio.sleep(late.seconds)
            if self._muted or self._end or side.is_dead:
                return None
        self._sent = event.version
        if side.faults.holds("stream", "twice", now) is not None:
            self._again.append(event.line)
        side.knowledge.heard(self._key, event)
        return event.line


async def fail(path: str, rule: Rule) -> None:
    """Raise what a call meets."""
    match rule.kind:
        case "hang":
            await asyncio.sleep(15.0)
            raise OutOfTouchError(f"{path} was not answered in time")
        case "refused":
            raise OutOfTouchError(f"{path} cannot be reached: connection refused")
        case "cut":
            body_of(Answer(path, 200, b'{"kind":"List","items":[{"met'))
        case "missing":
            raise error_of(Answer(path, 404, b"<html>no such page</html>"))
        case status:
            body = {"kind": "Status", "code": int(status), "message": "no"}
            raise error_of(Answer(path, int(status), json.dumps(body).encode()))


def described(path: str) -> tuple[str, Key | None]:
    """Return what a path is called in fault rules, and its resource."""
    if path.startswith(_CRDS):
        return f"crd {_defined(path)}", None
    parts = path.split("/")
    kind = PLURALS.get(parts[-1])
    if kind is None:
        return "self", None
    namespace = parts[-2] if parts[-3] == "namespaces" else None
    return f"list {kind}", (kind, namespace)


def _defined(path: str) -> str:
    return PLURALS[path.removeprefix(_CRDS).partition(".")[0]]


assert set(API_VERSIONS) == set(ALL_KINDS)
