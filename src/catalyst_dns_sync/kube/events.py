"""Kubernetes Events on the objects that names come from: what `kubectl describe` shows at the end.

They are a courtesy: at most a few a second, none twice within minutes, and no failure of theirs
ever counts.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Never

from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Verdict
from catalyst_dns_sync.control.skipbook import SkipChange
from catalyst_dns_sync.core.changes import Create, Update
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.core.records import ObjectRef, Records
from catalyst_dns_sync.core.skips import ADVICE, Skip
from catalyst_dns_sync.kube.api import WritableApi, uid_of
from catalyst_dns_sync.kube.errors import KubeError, OutOfTouchError
from catalyst_dns_sync.kube.resources import Resource

log = logging.getLogger(__name__)

COMPONENT = "catalyst-dns-sync"
INTERVAL = 0.2
"""Seconds between two Events."""
WAITING = 500
"""So many Events wait at most; the oldest give way."""
REPEAT_AFTER = 600.0
"""Seconds in which the same Event is not sent again."""
REMEMBERED = 2000
REFUSED_FOR = 600.0
"""Seconds without a try after the API server said that we may not write Events."""
MAX_MESSAGE = 1024
"""Characters; the API server refuses more."""
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Note:
    """One Event: about which object, whether it is a Warning, and what it says."""

    about: ObjectRef
    reason: str
    message: str
    warning: bool

    @property
    def name(self) -> str:
        """The Event's name: the same for the same, so that a restart repeats none."""
        text = "\n".join((str(self.about), self.reason, self.message))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.about.name[:_MAX_NAME]}.{digest}"


class EventRecorder(Observer):
    """Writes an Event for each record that was made for an object, and for each Skip of one.

    ``now`` returns the date.
    """

    def __init__(
        self, api: WritableApi, resources: Iterable[Resource], now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._resources: dict[str, list[Resource]] = {}
        for resource in resources:
            self._resources.setdefault(resource.kind, []).append(resource)
        self._now = now
        self._waiting: deque[Note] = deque(maxlen=WAITING)
        self._sent: OrderedDict[Note, float] = OrderedDict()
        self._changed = asyncio.Event()
        self._refused_until = float("-inf")
        self._refusal_said = False

    def pass_ended(self, outcome: Outcome) -> None:
        """Note the records that were made."""
        for applied in outcome.applied:
            change = applied.change
            if applied.verdict is Verdict.DONE and isinstance(change, Create | Update):
                made = "RecordCreated" if isinstance(change, Create) else "RecordUpdated"
                text = f"{change.name} {_values(change.goal)}"
                self._put(Note(change.endpoint.origins[0], made, text, warning=False))

    def skips_changed(self, change: SkipChange) -> None:
        """Note what is newly left alone."""
        for skip in change.appeared:
            if skip.origin is not None:
                self._put(Note(skip.origin, _reason(skip), _text(skip), warning=True))

    async def run(self) -> Never:
        """Send what was noted, one after the other, for ever."""
        while True:
            self._changed.clear()
            if not self._waiting:
                await self._changed.wait()
                continue
            await self._send(self._waiting.popleft())
            await asyncio.sleep(INTERVAL)

    def _put(self, note: Note) -> None:
        now = _time()
        if now < self._refused_until or now - self._sent.get(note, float("-inf")) < REPEAT_AFTER:
            return
        self._sent[note] = now
        self._sent.move_to_end(note)
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self._waiting.append(note)
        self._changed.set()

    async def _send(self, note: Note) -> None:
        try:
            found = await self._object(note.about)
            if found is not None:
                await self._write(note, *found)
        except KubeError as error:
            if isinstance(error, OutOfTouchError) and error.status == 403:
                self._refused(error)
            else:
                log.debug("event not written", extra={"error": str(error)})

    def _refused(self, error: KubeError) -> None:
        self._refused_until = _time() + REFUSED_FOR
        self._waiting.clear()
        if not self._refusal_said:
            log.warning("events may not be written", extra={"error": str(error)})
        self._refusal_said = True

    async def _object(self, ref: ObjectRef) -> tuple[Resource, str] | None:
        """Return the object's resource and uid, by which `kubectl describe` finds its Events.

        It is listed, not read: that is a right that we have anyway.
        """
        params = {"fieldSelector": f"metadata.name={ref.name}", "limit": "1"}
        for resource in self._resources.get(ref.kind, ()):
            body = await self._api.get(resource.path(ref.namespace), params)
            for item in body.get("items") or ():
                if uid := uid_of(item):
                    return resource, uid
        return None

    async def _write(self, note: Note, resource: Resource, uid: str) -> None:
        path = f"/api/v1/namespaces/{note.about.namespace}/events"
        moment = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            await self._api.create(path, _event(note, resource, uid, moment))
        except OutOfTouchError as error:
            if error.status != 409:
                raise
            old = await self._api.get(f"{path}/{note.name}")
            again = {"count": int(old.get("count") or 1) + 1, "lastTimestamp": moment}
            await self._api.replace(f"{path}/{note.name}", {**old, **again})


def _event(note: Note, resource: Resource, uid: str, moment: str) -> Json:
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    about: Mapping[str, str] = {
        "apiVersion": version,
        "kind": note.about.kind,
        "namespace": note.about.namespace,
        "name": note.about.name,
        "uid": uid,
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": note.name, "namespace": note.about.namespace},
        "involvedObject": about,
        "type": "Warning" if note.warning else "Normal",
        "reason": note.reason,
        "message": note.message,
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
    }


def _reason(skip: Skip) -> str:
    return "".join(word.capitalize() for word in skip.reason.value.split("-"))


def _text(skip: Skip) -> str:
    name = f"{skip.name}: " if skip.name is not None else ""
    advice = f"; {ADVICE[skip.reason]}"
    return f"{name}{skip.detail}"[: MAX_MESSAGE - len(advice)] + advice


def _values(records: Records) -> str:
    return " ".join(f"{record.type} {record.value} ttl {record.ttl}" for record in records)


def _time() -> float:
    return asyncio.get_running_loop().time()
