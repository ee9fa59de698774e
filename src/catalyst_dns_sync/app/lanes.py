"""One lane for each DNS server: its own queue, worker and drift watch, on what all share.

So a server that is down, or hangs, holds up nothing of the others.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Never, Protocol

from catalyst_dns_sync.app.acting import actions_of
from catalyst_dns_sync.app.intents import intent_of
from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.activity import Activity
from catalyst_dns_sync.control.context import about
from catalyst_dns_sync.control.driftwatch import DriftWatch, Intervals
from catalyst_dns_sync.control.election import Elector
from catalyst_dns_sync.control.happenings import Happenings
from catalyst_dns_sync.control.observer import Observer, Observers
from catalyst_dns_sync.control.ports import KindInspector, Provider
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.skipbook import SkipBook
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.debounce import Debounce
from catalyst_dns_sync.core.names import DnsName, in_order_of_passes
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.resync import ResyncPace
from catalyst_dns_sync.core.skips import Skip
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from catalyst_dns_sync.kube.events import EventRecorder


class Notifier(Protocol):
    """Sends news to people; see `NOTIFY_URL`."""

    def observer(self, server: str) -> Observer:
        """Return what notes the news of one server."""

    async def run(self) -> Never:
        """Send what was noted, for ever."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A DNS server that can be worked on, with the settings as they are for it.

    ``reload_token`` reads its token again and tells whether it changed. A server that is the only
    one has no ``name``.
    """

    name: str
    settings: Settings
    provider: Provider
    reload_token: Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all lanes share.

    ``look_again`` makes the sources list again, as a drift watch asks for now and then.
    """

    sources: Sources
    inspector: KindInspector
    metrics: Metrics
    look_again: Callable[[], None]
    elector: Elector | None = None
    events: "EventRecorder | None" = None
    notifier: Notifier | None = None
    happenings: Happenings | None = None
    faults: Counter[Skip] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Lane:
    """All that works on one DNS server; ``labels`` are its zones as metrics call them."""

    backend: Backend
    reconciler: Reconciler
    queue: WorkQueue[DnsName]
    worker: Worker
    board: StatusBoard
    drift: DriftWatch
    actions: Actions
    labels: Mapping[DnsName, str]

    @property
    def name(self) -> str:
        """The server's name; nothing where it is the only one."""
        return self.backend.name

    @property
    def settings(self) -> Settings:
        """The settings as they are for this server."""
        return self.backend.settings

    @property
    def provider(self) -> Provider:
        """The server."""
        return self.backend.provider

    def telling(self) -> AbstractContextManager[None]:
        """Let log lines of the block say which server they are about, where there are several."""
        return about({"server": self.name}) if self.name else nullcontext()


def spaced(ask: Callable[[], None], seconds: float) -> Callable[[], None]:
    """Return what asks at most once in so many seconds, whoever wants it."""
    clock = asyncio.get_running_loop().time
    last = float("-inf")

    def ask_seldom() -> None:
        nonlocal last
        if clock() - last >= seconds:
            last = clock()
            ask()

    return ask_seldom


def make_lane(backend: Backend, shared: Shared, labels: Mapping[DnsName, str]) -> Lane:
    """Return the lane of a server, on what all share."""
    settings, clock = backend.settings, asyncio.get_running_loop().time
    intent = intent_of(settings)
    reconciler = Reconciler(
        sources=shared.sources,
        provider=backend.provider,
        inspector=shared.inspector,
        intent=intent,
        identity=Identity(settings.owner_id),
        clock=clock,
    )
    if shared.elector is not None:
        leadership = shared.elector.leadership
        reconciler.is_leader = lambda: leadership.is_leader
    queue = WorkQueue[DnsName](Debounce(settings.debounce_quiet, settings.debounce_max))
    patience = max(60.0, 4 * settings.drift_interval)
    board = StatusBoard(in_order_of_passes(intent.zones), clock, patience, backend.name)
    activity = Activity(clock)
    worker = Worker(
        queue=queue,
        reconciler=reconciler,
        board=board,
        observer=_observer(shared, labels, backend.name),
        activity=activity,
        jitter=random.random,
        backoff=Backoff(),
        skips=SkipBook(shared.faults),
    )
    drift = DriftWatch(
        provider=backend.provider,
        memory=reconciler.memory,
        queue=queue,
        board=board,
        activity=activity,
        intervals=Intervals(
            drift=settings.drift_interval, resync=ResyncPace(normal=settings.resync_interval)
        ),
        request_lists=shared.look_again,
        reload_token=backend.reload_token,
    )
    request_lists = shared.sources.request_lists
    actions = actions_of(settings, backend.provider, reconciler, worker, board, request_lists)
    return Lane(backend, reconciler, queue, worker, board, drift, actions, labels)


def _observer(shared: Shared, labels: Mapping[DnsName, str], server: str) -> Observer:
    metrics = shared.metrics
    if any(label != zone for zone, label in labels.items()):
        counting: Observer = metrics.under(labels)
    else:
        counting = metrics
    notes = shared.notifier.observer(server) if shared.notifier is not None else None
    told = [one for one in (counting, shared.events, notes, shared.happenings) if one is not None]
    return counting if len(told) == 1 else Observers(told)
