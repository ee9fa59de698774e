"""The control loop on fakes, for tests in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.control.activity import Activity
from catalyst_dns_sync.control.driftwatch import DriftWatch, Intervals
from catalyst_dns_sync.control.intent import Intent
from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import Store, StoreChange
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.debounce import Debounce
from catalyst_dns_sync.core.merge import Defaults
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import parse_targets
from fakes.dns import FakeInspector, FakeProvider
from fakes.values import RULES, US, ZONE


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Counter(Observer):
    """Counts what the loop tells."""

    outcomes: list[Outcome] = field(default_factory=list)
    failures: list[tuple[DnsName, str]] = field(default_factory=list)
    propagations: list[float] = field(default_factory=list)

    def pass_ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:
        assert seconds >= 0.0
        self.failures.append((zone, str(error)))

    def propagated(self, seconds: float) -> None:
        self.propagations.append(seconds)


async def _unchanged() -> bool:
    return False


class Rig:
    """Stores, queue, reconciler and worker on a fake server; made inside a running loop."""

    def __init__(self, *zones: DnsName, with_legacy: bool = False, **intent: Any) -> None:
        self.zones = zones or (ZONE,)
        self.provider = FakeProvider(*self.zones)
        self.inspector = FakeInspector()
        self.routes = Store("ingressroute", "IngressRoute", now)
        self.ingresses = Store("ingress", "Ingress", now)
        self.lists_requested: list[float] = []
        self.legacy = Store("legacy", "IngressRoute", now)
        self.sources = Sources(
            [self.routes, self.ingresses],
            [self.legacy] if with_legacy else [],
            request_lists=lambda: self.lists_requested.append(now()),
        )
        defaults = Defaults(parse_targets("192.168.1.54"))
        values: dict[str, Any] = {"coverage": RULES.coverage, "defaults": defaults}
        self.reconciler = Reconciler(
            sources=self.sources,
            provider=self.provider,
            inspector=self.inspector,
            intent=Intent(frozenset(self.zones), **(values | intent)),
            identity=US,
            clock=now,
        )
        self.board = StatusBoard(self.zones, now)
        self.counter = Counter()
        self.queue: WorkQueue[DnsName] = WorkQueue(Debounce())
        self.activity = Activity(now)
        self.worker = Worker(
            queue=self.queue,
            reconciler=self.reconciler,
            board=self.board,
            observer=self.counter,
            activity=self.activity,
            jitter=lambda: 0.0,
            backoff=Backoff(),
        )
        self.drift_watch = DriftWatch(
            provider=self.provider,
            memory=self.reconciler.memory,
            queue=self.queue,
            board=self.board,
            activity=self.activity,
            intervals=Intervals(),
            request_lists=self.sources.request_lists,
            reload_token=_unchanged,
        )
        for store in self.sources.stores:
            store.listener = self._changed

    def _changed(self, change: StoreChange) -> None:
        self.sources.wake()
        self.worker.store_changed(change)

    def list_all(self, **uids: str) -> None:
        """Take a fresh list of every source that says what is known already."""
        for store in self.sources.stores:
            store.replace(list(store.objects.values()), began=now(), uid=uids.get(store.kind))

    async def reconcile(self) -> Outcome:
        return await self.reconciler.reconcile(ZONE)

    @asynccontextmanager
    async def running(
        self, *, watch_drift: bool = False, begin: bool = True
    ) -> AsyncIterator[None]:
        """Let the worker run, and the drift watch if wanted; without ``begin`` it may only read."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.worker.run())
            watch = tasks.create_task(self.drift_watch.run()) if watch_drift else None
            if begin:
                self.worker.begin()
            else:
                self.worker.prepare()
            yield
            if watch is not None:
                watch.cancel()
            self.worker.stop()
