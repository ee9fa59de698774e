"""Watches: the changes of a resource as lines of JSON, each line made from ready bytes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.lists import list_options_error, parse_whole_number
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.selection import Selection
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, gone
from catalyst_dns_sync.sandbox.kube_api.store import (
    Change,
    ChangeType,
    Collection,
    ForgottenError,
    Stored,
    stamped,
)

_INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}
_CHANGES_AT_ONCE = 200
# One bookmark comes this long before the end, so that the next watch starts from a young version.
_RESOLUTION = 0.001
_LAST_BOOKMARK = 2.0


class Frames(Protocol):
    """How one watch writes objects: as they are, or as tables."""

    def change(self, kind: ChangeType, stored: Stored) -> bytes:
        """Return the line for one change."""
        ...

    def bookmark(self, metadata: Json) -> bytes:
        """Return the line that says up to which version everything was sent."""
        ...


class ObjectFrames:
    """Objects as they are stored."""

    def __init__(self, resource: Resource, data_of: Callable[[Stored], bytes]) -> None:
        self._resource = resource
        self._data_of = data_of

    def change(self, kind: ChangeType, stored: Stored) -> bytes:
        """Return the line for one change."""
        return event_line(kind, self._data_of(stored))

    def bookmark(self, metadata: Json) -> bytes:
        """Return the line that says up to which version everything was sent."""
        resource = self._resource
        obj: Json = {"kind": resource.kind, "apiVersion": resource.group_version}
        return event_line("BOOKMARK", to_bytes(obj | {"metadata": metadata}, sort_keys=True))


def event_line(kind: str, data: bytes) -> bytes:
    """Return one line of a watch."""
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), data)


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What the query of a watch asks for; without a version it begins with what exists."""

    version: int = 0
    bookmarks: bool = False
    timeout: float | None = None


def parse_watch_options(query: Mapping[str, str]) -> WatchOptions:
    """Read a watch's query; raises `ApiError`, with 500 for a garbage version as the real one."""
    text = query.get("resourceVersion", "") or "0"
    initial = query.get("sendInitialEvents", "")
    match = query.get("resourceVersionMatch", "")
    if initial and match != "NotOlderThan":
        why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise list_options_error("resourceVersionMatch", why)
    if match and not initial:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        raise list_options_error("resourceVersionMatch", why)
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        why = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ApiError(500, "", f'resourceVersion: Invalid value: "{text}": {why}')
    timeout = parse_whole_number(query, "timeoutSeconds")
    return WatchOptions(
        version=0 if initial == "true" else int(text),
        bookmarks=query.get("allowWatchBookmarks", "") in {"true", "1"},
        timeout=float(timeout) if timeout else None,
    )


class Watch:
    """One open watch: a cursor in a collection's changes, which holds nobody else up."""

    def __init__(
        self,
        collection: Collection,
        selection: Selection,
        options: WatchOptions,
        frames: Frames,
        version_now: Callable[[], int],
        bookmark_interval: float,
    ) -> None:
        self._collection = collection
        self._selection = selection
        self._options = options
        self._frames = frames
        self._version_now = version_now
        self._interval = bookmark_interval
        self._wake = asyncio.Event()
        self._ended = False

    @property
    def resource(self) -> Resource:
        """Whose changes it tells."""
        return self._collection.resource

    def end(self) -> None:
        """End the stream, cleanly, as a server does whenever it likes."""
        self._ended = True
        self._wake.set()

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Yield lines, many at a time, until the timeout, an expired version or `end`."""
        now = asyncio.get_running_loop().time
        deadline = None if self._options.timeout is None else now() + self._options.timeout
        bookmark_at = self._next_bookmark(now(), deadline)
        self._collection.listeners.add(self._wake.set)
        try:
            cursor, first = self._start()
            yield first
            while not self._ended:
                self._wake.clear()
                changes, cursor = self._collection.read(cursor, _CHANGES_AT_ONCE)
                if lines := b"".join(self._lines_of(changes)):
                    yield lines
                elif changes:
                    continue
                elif self._collection.closed or (deadline is not None and now() >= deadline):
                    return
                elif bookmark_at is not None and now() >= bookmark_at:
                    yield self._bookmark()
                    bookmark_at = self._next_bookmark(now(), deadline)
                else:
                    await self._sleep(deadline, bookmark_at)
        except ForgottenError as error:
            yield _expired(self._options.version, error.oldest)
        finally:
            self._collection.listeners.discard(self._wake.set)

    def _start(self) -> tuple[int, bytes]:
        """Return the cursor, and the lines for what exists where these were asked for."""
        version = self._options.version
        if version:
            return self._collection.cursor_after(version), b""
        selection = self._selection
        states = self._collection.between(selection.first_key, selection.end_key)
        chosen = (stored for stored in states if selection.holds_for(stored))
        lines = [self._frames.change(ChangeType.ADDED, stored) for stored in chosen]
        current = self._version_now()
        if self._options.bookmarks:
            metadata = {"resourceVersion": str(current), "annotations": _INITIAL_EVENTS_END}
            lines.append(self._frames.bookmark(metadata))
        return self._collection.cursor_after(current), b"".join(lines)

    def _lines_of(self, changes: list[Change]) -> Iterator[bytes]:
        for change in changes:
            if change.version <= self._options.version:
                continue
            before = self._selection.holds_for(change.before)
            after = self._selection.holds_for(change.after)
            if change.type == ChangeType.DELETED:
                if before:
                    yield self._frames.change(ChangeType.DELETED, change.after)
            elif after:
                kind = ChangeType.MODIFIED if before else ChangeType.ADDED
                yield self._frames.change(kind, change.after)
            elif before and change.before is not None:
                # It no longer matches: its last matching state, under the new version.
                left = change.before
                last = stamped(self._collection.resource, left.key, left.obj, change.version)
                yield self._frames.change(ChangeType.DELETED, last)

    def _bookmark(self) -> bytes:
        current = self._version_now()
        if current < self._options.version:
            # From the future: the real server has nothing to say, and says nothing.
            return b""
        return self._frames.bookmark({"resourceVersion": str(current)})

    def _next_bookmark(self, now: float, deadline: float | None) -> float | None:
        if not self._options.bookmarks:
            return None
        regular = now + self._interval
        if deadline is None:
            return regular
        last = deadline - _LAST_BOOKMARK
        return min(regular, last) if last > now else regular

    async def _sleep(self, deadline: float | None, bookmark_at: float | None) -> None:
        # asyncio may wake us early by its clock's resolution; then we would spin until the moment.
        moments = [each + _RESOLUTION for each in (deadline, bookmark_at) if each is not None]
        try:
            async with asyncio.timeout_at(min(moments, default=None)):
                await self._wake.wait()
        except TimeoutError:
            return


def _expired(asked: int, oldest: int) -> bytes:
    error = gone(f"too old resource version: {asked} ({oldest})")
    return event_line("ERROR", to_bytes(error.status()))
