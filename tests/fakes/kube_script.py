"""An API server in memory, in the shape of `kube.api.Api`, for what is a matter of time.

It does what a running API server was seen to do: pages, versions, bookmarks each 60 s, an end
without a word at the timeout, 410 inside a stream, silence for a version of the future.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.control.store import Store, StoreChange
from catalyst_dns_sync.core.endpoints import watched_object
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, body_of, error_of
from catalyst_dns_sync.kube.api import NO_PARAMS, PAGE_SIZE, Api, Params
from catalyst_dns_sync.kube.errors import KubeError, StreamLostError
from catalyst_dns_sync.kube.reflector import Reflector, Restart
from catalyst_dns_sync.kube.resources import RESOURCES, Resource, crd_path

INGRESSROUTE = RESOURCES["ingressroute"]
NOT_SERVED = Answer("/apis/traefik.io", 404, b"404 page not found\n")
FORBIDDEN = Answer("/apis/traefik.io", 403, b'{"kind":"Status","message":"cannot list"}')
UNAUTHORIZED = Answer("/apis/traefik.io", 401, b'{"kind":"Status","message":"Unauthorized"}')
UNAVAILABLE = Answer("/apis/traefik.io", 503, b"no endpoints")
GONE = Answer("/apis/traefik.io", 410, b'{"kind":"Status","reason":"Expired","message":"old"}')


def busy(seconds: int) -> Answer:
    return Answer("/apis/traefik.io", 429, b'{"kind":"Status"}', str(seconds))


def now() -> float:
    return asyncio.get_running_loop().time()


def route(name: str, host: str | None = None, namespace: str = "web") -> dict[str, Any]:
    rule = f"Host(`{host or name + '.lab.test'}`)"
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"routes": [{"match": rule}]},
    }


@dataclass
class FakeKube:
    """One resource of one cluster.

    The faults are what is answered while they are set; of the pages after a list's first, so many
    as ``expiring_pages`` are answered with 410.
    """

    resource: Resource = INGRESSROUTE
    version: int = 1000
    oldest: int = 0
    crd: dict[str, Any] | None = field(default_factory=lambda: {"metadata": {"uid": "crd-1"}})
    bookmarks: bool = True
    list_fault: Answer | KubeError | None = None
    expiring_pages: int = 0
    watch_fault: Answer | KubeError | None = None
    crd_fault: Answer | KubeError | None = None
    seen: list[tuple[float, str]] = field(default_factory=list)
    during_list: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self._objects: dict[str, dict[str, Any]] = {}
        self._events: list[tuple[int, bytes]] = []
        self._pages: dict[str, tuple[int, list[dict[str, Any]]]] = {}
        self.paths: list[str] = []
        self._streams = 0
        self._ended_up_to = 0
        self._broken_up_to = 0
        self._mute_up_to = 0
        self._changed = asyncio.Event()

    def apply(self, item: dict[str, Any]) -> None:
        """Create or replace one object."""
        name = item["metadata"]["name"]
        kind = "MODIFIED" if name in self._objects else "ADDED"
        self._event(kind, item)
        metadata = {**item["metadata"], "resourceVersion": str(self.version)}
        self._objects[name] = {**item, "metadata": metadata}

    def delete(self, name: str) -> None:
        self._event("DELETED", self._objects.pop(name))

    def say(self, line: bytes) -> None:
        """Send a line to all open watches, as it is."""
        self._events.append((self.version, line))
        self._wake()

    def end_watches(self) -> None:
        """End all open watches properly."""
        self._ended_up_to = self._streams
        self._wake()

    def break_watches(self) -> None:
        self._broken_up_to = self._streams
        self._wake()

    def half_open(self) -> None:
        """Let no open watch ever say anything again."""
        self._mute_up_to = self._streams

    def compact(self) -> None:
        """Forget all versions before the present one."""
        self.oldest = self.version

    def restore(self, version: int) -> None:
        """Come back from a backup: the same objects, lower versions, no history."""
        self.version = version
        self._events.clear()
        self.break_watches()

    def fail(self, fault: Answer | KubeError | None) -> None:
        """Answer everything so, and break what is open; None ends it."""
        self.list_fault = self.watch_fault = self.crd_fault = fault
        if fault is not None:
            self.break_watches()

    def count(self, what: str) -> int:
        return sum(1 for _, kind in self.seen if kind == what)

    def times(self, what: str) -> list[float]:
        return [at for at, kind in self.seen if kind == what]

    @property
    def streams(self) -> int:
        """How many watches were accepted."""
        return self._streams

    async def get(self, path: str, params: Params = NO_PARAMS) -> Json:
        await asyncio.sleep(0)
        self.paths.append(path)
        if self.resource.crd is not None and path == crd_path(self.resource.crd):
            self._request("crd", self.crd_fault)
            if self.crd is None:
                body = b'{"kind":"Status","details":{"name":"ingressroutes.traefik.io"}}'
                raise error_of(Answer(path, 404, body))
            return body_of(Answer(path, 200, json.dumps(self.crd).encode()))
        if "continue" in params:
            self.expiring_pages -= 1
            self._request("page", GONE if self.expiring_pages >= 0 else self.list_fault)
        else:
            self._request("list", self.list_fault)
        version, rest = self._pages.pop(params.get("continue", ""), (self.version, []))
        if "continue" not in params:
            rest = list(self._objects.values())
        metadata: dict[str, str] = {"resourceVersion": str(version)}
        if rest[PAGE_SIZE:]:
            metadata["continue"] = f"rest-{len(self._pages)}"
            self._pages[metadata["continue"]] = (version, rest[PAGE_SIZE:])
        body = json.dumps({"metadata": metadata, "items": rest[:PAGE_SIZE]}).encode()
        if self.during_list is not None:
            self.during_list()
        return body_of(Answer(path, 200, body))

    def watch(
        self, path: str, params: Params, silence: float
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._watch(path, params, silence)

    @asynccontextmanager
    async def _watch(
        self, path: str, params: Params, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        assert params["watch"] == "1"
        assert params["allowWatchBookmarks"] == "true"
        await asyncio.sleep(0)
        self._request("watch", self.watch_fault)
        self._streams += 1
        async with aclosing(self._lines(path, params, silence)) as lines:
            yield lines

    async def _lines(
        self, path: str, params: Params, silence: float
    ) -> AsyncGenerator[bytes, None]:
        number = self._streams
        position = int(params["resourceVersion"])
        until = now() + int(params["timeoutSeconds"])
        bookmark_at = now() + 60.0
        if position < self.oldest:
            yield _line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"})
            return
        blind = position > self.version
        cursor = 0
        silent_at = now() + silence
        while now() < until and number > self._ended_up_to:
            if number <= self._broken_up_to:
                raise StreamLostError(f"{path} broke off", silent=False)
            if not blind and number > self._mute_up_to:
                while cursor < len(self._events):
                    version, line = self._events[cursor]
                    cursor += 1
                    if version > position:
                        position = version
                        silent_at = now() + silence
                        yield line
                if self.bookmarks and now() >= bookmark_at:
                    bookmark_at, silent_at = now() + 60.0, now() + silence
                    position = self.version
                    yield _line("BOOKMARK", {"metadata": {"resourceVersion": str(self.version)}})
            if now() >= silent_at:
                raise StreamLostError(f"{path} was silent", silent=True)
            await self._change_until(min(until, silent_at, max(bookmark_at, now() + 1.0)))

    async def _change_until(self, at: float) -> None:
        try:
            async with asyncio.timeout_at(at):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _request(self, what: str, fault: Answer | KubeError | None) -> None:
        self.seen.append((now(), what))
        if isinstance(fault, KubeError):
            raise fault
        if fault is not None:
            raise error_of(fault)

    def _event(self, kind: str, item: dict[str, Any]) -> None:
        self.version += 1
        metadata = {**item["metadata"], "resourceVersion": str(self.version)}
        self._events.append((self.version, _line(kind, {**item, "metadata": metadata})))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _line(kind: str, item: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": item}).encode()


@dataclass
class Watching:
    """A reflector at work, and what came of it."""

    store: Store
    reflector: Reflector
    changes: list[StoreChange]
    restarts: list[Restart]
    parsed: list[str]

    @property
    def names(self) -> set[str]:
        return {ref.name for ref in self.store.objects}

    @property
    def ends(self) -> list[tuple[str, bool]]:
        """The names that ended, and whether that was seen."""
        return [(end.name, end.seen) for change in self.changes for end in change.ends]


@asynccontextmanager
async def watching(
    api: Api, resource: Resource = INGRESSROUTE, namespace: str | None = None
) -> AsyncIterator[Watching]:
    """Run a reflector for as long as the block lasts; a bug in it fails the block."""

    def parse(raw: object) -> WatchedObject | None:
        obj = watched_object(raw, resource.kind)
        parsed.append(obj.ref.name if obj is not None else "")
        return obj

    parsed: list[str] = []
    changes: list[StoreChange] = []
    restarts: list[Restart] = []
    store = Store(resource.source, resource.kind, now, changes.append, namespace=namespace)
    reflector = Reflector(
        resource, namespace, api, store, parse, lambda: 0.0,
        restarted=lambda _source, reason: restarts.append(reason),
    )  # fmt: skip
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(reflector.run())
        await asyncio.sleep(0.01)
        yield Watching(store, reflector, changes, restarts, parsed)
        task.cancel()
