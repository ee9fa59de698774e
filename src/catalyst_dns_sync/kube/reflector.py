"""Keeps one Store equal to one resource of the API: list, watch from there, and never give up."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Never, assert_never

from catalyst_dns_sync.control.slices import in_slices
from catalyst_dns_sync.control.store import Store
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.kube.api import NO_PARAMS, Api, Params, pages, uid_of
from catalyst_dns_sync.kube.errors import (
    ExpiredError,
    KubeError,
    NotServedError,
    OutOfTouchError,
    StreamLostError,
)
from catalyst_dns_sync.kube.resources import Resource, crd_path
from catalyst_dns_sync.kube.trouble import Trouble
from catalyst_dns_sync.kube.watch import (
    Added,
    Bookmark,
    Deleted,
    Expired,
    Modified,
    WatchError,
    WatchEvent,
    named_version,
    parse_line,
)

log = logging.getLogger(__name__)

WATCH_SECONDS = 300.0
"""The shortest time that a watch is asked to last; jitter makes it up to twice as long."""
BOOKMARK_SECONDS = 60.0
"""About how often an API server says something on a quiet watch."""
SILENCE_SECONDS = 90.0
"""A watch that says nothing for so long is cut: half open, or blind since the server's restore."""
HEALTHY_SECONDS = 5.0
"""A watch that lasted so long was in order, whatever its end."""
PROBE_SECONDS = 60.0
"""How often we look whether a kind that the cluster does not have has come."""
LONGEST_RETRY_AFTER = 60.0

BACKOFF = Backoff(first=1.0, at_most=2.0)
"""A try costs the API server next to nothing, and each second out of touch is one that names are
late: so it is never longer than 2 s from the server's recovery to the next try."""

_BAD_REQUEST = frozenset({0, 400, 404, 422, 500})
"""Statuses that a watch may owe to the version that it began with, which only a list can mend."""


class Restart(StrEnum):
    """Why a watch had to be begun again."""

    ENDED = "ended"
    BROKEN = "broken"
    SILENT = "silent"
    BLIND = "blind"
    EXPIRED = "expired"
    REFUSED = "refused"
    REQUESTED = "requested"


class Reflector:
    """Keeps ``store`` equal to one resource, in one namespace or in all.

    ``parse`` is given each object as it came and returns what to keep of it, None for what is no
    object. While a watch goes on, a list's objects that it has seen in the same version are not
    parsed again. ``jitter`` returns numbers from 0 to 1. ``restarted`` is told the source and the
    reason each time that a watch has to be begun again. ``chosen`` are parameters, such as a
    field selector, for where not all objects are wanted.
    """

    def __init__(
        self,
        resource: Resource,
        namespace: str | None,
        api: Api,
        store: Store,
        parse: Callable[[object], WatchedObject | None],
        jitter: Callable[[], float],
        *,
        restarted: Callable[[str, Restart], None] = lambda _source, _reason: None,
        chosen: Params = NO_PARAMS,
    ) -> None:
        self._resource = resource
        self._paths = resource.paths(namespace)
        self._path = self._paths[0]
        self._refused = 0
        self._api = api
        self._store = store
        self._parse = parse
        self._jitter = jitter
        self._restarted = restarted
        self._chosen = chosen
        self._trouble = Trouble(log, {"resource_type": store.source, "namespace": namespace or "*"})
        self._version: str | None = None
        self._failures = 0
        self._expiries = 0
        self._accepted_at: float | None = None
        self._heard = False
        self._mute_for = 0.0
        self._list_wanted = False
        self._open_watch: asyncio.Timeout | None = None
        self._parsed: dict[ObjectRef, int | str] = {}
        self._unbroken = False

    def request_list(self) -> None:
        """List again as soon as possible.

        An open watch is cut short, so that what it still has to tell cannot undo what the newer
        list said; the watch from the list's version tells it again. While we are out of touch, or
        the kind is absent, the list comes with the next try.
        """
        self._list_wanted = True
        if self._open_watch is not None and not self._open_watch.expired():
            self._open_watch.reschedule(_now())

    async def run(self) -> Never:
        """List and watch for ever; whatever the API server answers is waited out."""
        while True:
            pause = await self._turn()
            await asyncio.sleep(pause)

    async def _turn(self) -> float:
        """List, or watch till that ends; return how long to wait before the next turn."""
        self._accepted_at = None
        try:
            if self._version is None or self._list_wanted:
                return await self._list()
            return await self._watch(self._version)
        except ExpiredError:
            self._version, self._unbroken = None, False
            self._restarted(self._store.source, Restart.EXPIRED)
            return self._expired()
        except KubeError as error:
            self._unbroken = False
            return self._lost(error)

    async def _list(self) -> float:
        # Until it is done there is nothing to go on from: where it fails, it is tried again.
        before, self._version = self._version, None
        known = self._parsed if self._unbroken else {}
        self._list_wanted = self._unbroken = False
        uid = await self._crd_uid()
        began = _now()
        objects: dict[ObjectRef, WatchedObject] = {}
        parsed: dict[ObjectRef, int | str] = {}
        version: str | None = None
        try:
            async for page in pages(self._api, self._path, self._chosen):
                version = page.version
                # A server that came back from a backup gives the same versions to other contents.
                known = known if _is_later(version, before) else {}
                async for item in in_slices(page.items):
                    obj = self._listed(item, known, parsed)
                    if obj is not None:
                        objects[obj.ref] = obj
        except NotServedError as error:
            return self._not_served(error)
        except ExpiredError as error:
            # The first one is bad luck. A list that can never be read to its end is trouble.
            return self._lost(error) if self._expiries else self._expired()
        self._store.replace(objects.values(), began=began, uid=uid)
        self._version, self._parsed, self._unbroken = version, parsed, True
        self._mute_for, self._refused = 0.0, 0
        self._trouble.over("source synced", objects=len(objects))
        return 0.0

    def _listed(
        self,
        item: object,
        known: Mapping[ObjectRef, int | str],
        parsed: dict[ObjectRef, int | str],
    ) -> WatchedObject | None:
        """Return what to keep of a listed object; where that is the same, the same value."""
        named = named_version(item, self._store.kind)
        if named is None:
            return self._parse(item)
        ref, version = named
        old = self._store.objects.get(ref)
        new = old if old is not None and known.get(ref) == version else self._parse(item)
        if new is None:
            return None
        parsed[new.ref] = version
        return old if new == old else new

    async def _crd_uid(self) -> str | None:
        if self._resource.crd is None:
            return None
        try:
            return uid_of(await self._api.get(crd_path(self._resource.crd)))
        except OutOfTouchError as error:
            if error.status is None:
                # Nobody answers: asking for the list as well would only double the noise.
                raise
            return None
        except KubeError:
            return None

    async def _watch(self, version: str) -> float:
        params = {
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(int(WATCH_SECONDS * (1.0 + self._jitter()))),
            **self._chosen,
        }
        self._heard = False
        try:
            async with asyncio.timeout(None) as self._open_watch:
                reason = await self._follow(params)
        except TimeoutError:
            # Nothing but request_list sets that timeout; the errors of the API are translated.
            self._restarted(self._store.source, Restart.REQUESTED)
            return 0.0
        finally:
            self._open_watch = None
        self._unbroken = False
        self._mute_for = 0.0 if self._heard else self._mute_for + self._lasted()
        if self._mute_for > BOOKMARK_SECONDS:
            # A server that came back from a backup takes our version for one of the future, and
            # says nothing, not even that.
            self._version = None
            reason = Restart.BLIND
        self._restarted(self._store.source, reason)
        return self._pause()

    async def _follow(self, params: dict[str, str]) -> Restart:
        try:
            async with self._api.watch(self._path, params, SILENCE_SECONDS) as lines:
                self._accepted_at = _now()
                self._store.mark_synced()
                self._trouble.over("source is in touch again")
                async for line in lines:
                    self._take(parse_line(line))
        except StreamLostError as error:
            log.debug(
                "watch lost", extra={"resource_type": self._store.source, "error": str(error)}
            )
            return Restart.SILENT if error.silent else Restart.BROKEN
        except NotServedError:
            # The end of the storage is no end of the objects. The list says whether it is gone.
            self._version = None
            return Restart.REFUSED
        return Restart.ENDED

    def _take(self, event: WatchEvent) -> None:
        self._heard = True
        match event:
            case Added(item=item) | Modified(item=item):
                obj = self._parse(item)
                if obj is not None:
                    self._store.put(obj)
                    self._note(obj.ref, item)
            case Deleted(item=item):
                obj = self._parse(item)
                if obj is not None:
                    self._store.remove(obj.ref)
                    self._parsed.pop(obj.ref, None)
            case Bookmark():
                pass
            case Expired(message):
                raise ExpiredError(message)
            case WatchError(code, message):
                raise OutOfTouchError(message, status=code)
            case _:
                assert_never(event)
        self._version = event.version or self._version

    def _note(self, ref: ObjectRef, item: object) -> None:
        named = named_version(item, ref.kind)
        if named is not None:
            self._parsed[ref] = named[1]

    def _not_served(self, error: NotServedError) -> float:
        """Try the next version of the API; where none is served, the kind is absent."""
        self._refused += 1
        self._path = self._paths[self._refused % len(self._paths)]
        if self._refused < len(self._paths):
            return 0.0
        self._refused = 0
        return self._absent(error)

    def _absent(self, error: NotServedError) -> float:
        self._version, self._parsed = None, {}
        self._failures = 0
        self._trouble.absent(str(error))
        self._store.mark_absent(str(error))
        return PROBE_SECONDS

    def _lost(self, error: KubeError) -> float:
        status: int | None = None
        retry_after = 0.0
        if isinstance(error, OutOfTouchError):
            status = error.status
            retry_after = min(error.retry_after or 0.0, LONGEST_RETRY_AFTER)
        if status in _BAD_REQUEST:
            self._version = None
        self._count()
        self._trouble.appears(status, str(error))
        self._store.mark_unknown(str(error))
        self._restarted(self._store.source, Restart.REFUSED)
        return max(BACKOFF.delay(self._failures, self._jitter()), retry_after)

    def _expired(self) -> float:
        # Once is normal after a while out of touch, and then no moment is to be lost.
        self._count()
        self._expiries += 1
        if self._expiries == 1:
            return 0.0
        return BACKOFF.delay(self._expiries - 1, self._jitter())

    def _pause(self) -> float:
        # The end of a watch is no failure, and the next one is begun at once; but a server, or
        # something in front of it, that ends each of them at once must not make us spin.
        self._count()
        return 0.0 if self._failures <= 1 else BACKOFF.delay(self._failures - 1, self._jitter())

    def _count(self) -> None:
        if self._lasted() >= HEALTHY_SECONDS:
            self._failures = self._expiries = 0
            self._trouble.forget()
        else:
            self._failures += 1

    def _lasted(self) -> float:
        return 0.0 if self._accepted_at is None else _now() - self._accepted_at


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_later(version: str, before: str | None) -> bool:
    """Tell whether a version is none from before; they are numbers wherever we have looked."""
    if before is None or not (version.isdigit() and before.isdigit()):
        return version == before
    return int(version) >= int(before)
