"""What goes on by itself: namespaces and CRDs that were deleted lose their objects, then go.

Level-triggered like the real controllers: it looks at what is terminating, makes one step, and
says when to look again.
"""

import asyncio
from math import inf

from catalyst_dns_sync.sandbox.kube_api.registry import Registry
from catalyst_dns_sync.sandbox.kube_api.resources import CRDS, NAMESPACES
from catalyst_dns_sync.sandbox.kube_api.store import Collection, Stored
from catalyst_dns_sync.sandbox.kube_api.timings import INSTANT, Timings, clock
from catalyst_dns_sync.sandbox.kube_api.writes import Writer

_AT_ONCE = 100


class Lifecycle:
    """Carries deletions of namespaces and CRDs through, between `start` and `stop`."""

    def __init__(self, registry: Registry, writer: Writer, timings: Timings) -> None:
        self._registry = registry
        self._writer = writer
        self._timings = timings
        self._since: dict[str, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Work from now on, in the running loop.

        Its steps are short and synchronous, so it is a timer and not a task: a task group around
        a server would wrap every error of whoever uses the server.
        """
        self._loop = asyncio.get_running_loop()
        self._registry.timings = self._timings
        self._work()

    def stop(self) -> None:
        """Leave what is still to do until `start`; what a CRD brings is there at once now."""
        self._registry.timings = INSTANT
        self._loop = None
        self._set_timer(inf)

    def wake(self) -> None:
        """Look again now: something began to terminate."""
        self._set_timer(clock())

    def _work(self) -> None:
        self._set_timer(self.step())

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and due != inf:
            self._timer = self._loop.call_at(due, self._work)

    def step(self) -> float:
        """Do what is due, and return when there is something to do again."""
        due = [self._registry.close_removed()]
        crds = _terminating(self._registry.served(CRDS).collection)
        due += [self._crd_step(stored) for stored in crds]
        namespaces = _terminating(self._registry.served(NAMESPACES).collection)
        due += [self._namespace_step(stored) for stored in namespaces]
        return min(due)

    def _crd_step(self, crd: Stored) -> float:
        spec = crd.obj["spec"]
        for served in self._registry.collections():
            if served.resources[0].storage_key == (spec["group"], spec["names"]["plural"]):
                for _ in range(1 if self._timings.crd_object_deletion else _AT_ONCE):
                    last = next(served.collection.between("", None), None)
                    if last is None:
                        break
                    self._writer.finish_deletion(served.resources[0], last)
                else:
                    return clock() + self._timings.crd_object_deletion
        self._writer.finish_deletion(CRDS, crd)
        return clock()

    def _namespace_step(self, namespace: Stored) -> float:
        uid = namespace.obj["metadata"]["uid"]
        due = self._since.setdefault(uid, clock()) + self._timings.namespace_content
        if clock() < due:
            return due
        name = namespace.obj["metadata"]["name"]
        for served in self._registry.collections():
            if not served.resources[0].namespaced:
                continue
            for stored in list(served.collection.between(f"{name}/", f"{name}0")):
                self._writer.finish_deletion(served.resources[0], stored)
        self._writer.finish_deletion(NAMESPACES, namespace)
        del self._since[uid]
        return clock()


def _terminating(collection: Collection) -> list[Stored]:
    return [
        stored
        for stored in collection.between("", None)
        if "deletionTimestamp" in stored.obj["metadata"]
    ]
