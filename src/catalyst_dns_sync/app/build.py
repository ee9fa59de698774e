"""Builds the daemon's parts from its settings."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from catalyst_dns_sync.app.acting import actions_of
from catalyst_dns_sync.app.commit import commit
from catalyst_dns_sync.app.leading import is_elected, lease_keeper, make_elector
from catalyst_dns_sync.app.scrape import look
from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.activity import Activity
from catalyst_dns_sync.control.driftwatch import DriftWatch, Intervals
from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.observer import Observers
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.control.reconciler import Intent, Reconciler
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import Store, StoreChange
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.debounce import Debounce
from catalyst_dns_sync.core.endpoints import ObjectOptions, watched_object
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.merge import Defaults
from catalyst_dns_sync.core.names import ROOT, DnsName
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.resync import ResyncPace
from catalyst_dns_sync.core.terms import Coverage
from catalyst_dns_sync.kube.api import Api
from catalyst_dns_sync.kube.client import load_client
from catalyst_dns_sync.kube.events import EventRecorder
from catalyst_dns_sync.kube.inspector import CrdInspector
from catalyst_dns_sync.kube.reflector import Reflector, Restart
from catalyst_dns_sync.kube.resources import RESOURCES, Resource
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.providers.hosts.command import run_after_write
from catalyst_dns_sync.providers.hosts.files import HostsFileStore, state_folder
from catalyst_dns_sync.providers.hosts.provider import HostsFileProvider
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError, require_dns
from catalyst_dns_sync.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Parts:
    """The daemon, ready to run.

    ``reload_token`` reads the DNS server's token again and tells whether it changed. Without
    ``elector`` there is nobody to share the work with.
    """

    settings: Settings
    kube: Api
    reload_token: Callable[[], Awaitable[bool]]
    provider: Provider
    sources: Sources
    reflectors: tuple[Reflector, ...]
    reconciler: Reconciler
    queue: WorkQueue[DnsName]
    worker: Worker
    board: StatusBoard
    drift: DriftWatch
    metrics: Metrics
    actions: Actions
    elector: Elector | None = None
    events: EventRecorder | None = None

    @property
    def stands_by(self) -> bool:
        """Whether another instance does the work."""
        return self.elector is not None and not self.elector.leadership.is_leader

    @property
    def other_leader(self) -> str:
        """Who does the work, where it is not this instance."""
        if self.elector is None or not self.stands_by:
            return ""
        return self.elector.holder or "nobody"


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    dry_run: bool = False,
    lease_clock: Callable[[], float] | None = None,
) -> AsyncIterator[Parts]:
    """Build the parts; their connections are open while the block runs.

    ``lease_clock`` is what leadership is measured by, if not by the loop's clock. Raises
    `CatalystError` with one line a fault where settings or files can't be used.
    """
    require_dns(settings)
    metrics = Metrics(
        sorted(zones_of(settings)), settings.sources, commit=await asyncio.to_thread(commit)
    )
    kubeconfig = str(settings.kubeconfig) if settings.kubeconfig else None
    backend = _hosts if settings.dns_provider is DnsProvider.HOSTS else _technitium
    leadership = None
    if is_elected(settings, dry_run=dry_run):
        leadership = Leadership(lease_clock or asyncio.get_running_loop().time)
    async with (
        backend(settings, metrics, leadership, dry_run=dry_run) as (provider, reload_token),
        await load_client(kubeconfig, settings.kube_context) as kube,
    ):
        used = DryRunProvider(provider) if dry_run else provider
        elector = None
        if leadership is not None:
            keeper = await lease_keeper(settings, kube)
            elector = make_elector(settings, keeper, leadership)
        events = None
        if settings.events and not dry_run:
            watched = [RESOURCES[source] for source in settings.sources]
            events = EventRecorder(kube, watched, lambda: datetime.now(UTC))
        parts = assemble(settings, kube, used, metrics, reload_token, elector, events)
        if isinstance(provider, HostsFileProvider):
            provider.wanted = parts.sources.claimed_names
        yield parts


@asynccontextmanager
async def dns_provider(settings: Settings) -> AsyncIterator[Provider]:
    """Open the DNS server alone, for what needs no cluster; raises `SettingsError`."""
    require_dns(settings)
    if settings.dns_provider is DnsProvider.HOSTS:
        raise SettingsError(["a hosts file has no place for our markers: copy the file itself"])
    metrics = Metrics(sorted(zones_of(settings)), settings.sources)
    async with _technitium(settings, metrics, None, dry_run=False) as (provider, _):
        yield provider


@asynccontextmanager
async def _technitium(
    settings: Settings,
    metrics: Metrics,
    leadership: Leadership | None,
    *,
    dry_run: bool,  # noqa: ARG001 (the same for each backend)
) -> AsyncIterator[tuple[Provider, Callable[[], Awaitable[bool]]]]:
    dns = await asyncio.to_thread(dns_client, settings, metrics, leadership)
    async with dns:
        provider = TechnitiumProvider(
            dns,
            concurrency=settings.dns_concurrency,
            rate=settings.dns_rate_limit,
            bulk_threshold=settings.bulk_threshold,
        )
        yield provider, dns.reload_token


@asynccontextmanager
async def _hosts(
    settings: Settings,
    metrics: Metrics,  # noqa: ARG001 (the same for each backend)
    leadership: Leadership | None,  # noqa: ARG001
    *,
    dry_run: bool,
) -> AsyncIterator[tuple[Provider, Callable[[], Awaitable[bool]]]]:
    """Take the hosts file for this process, unless nothing will be written."""
    command = settings.hosts_post_write

    async def after_write() -> None:
        if command:
            await asyncio.to_thread(run_after_write, command)

    async def reload_token() -> bool:
        return False

    provider = HostsFileProvider(
        HostsFileStore(settings.hosts_file, state_folder()),
        owner=settings.owner_id,
        zones=zones_of(settings),
        after_write=after_write,
    )
    async with nullcontext() if dry_run else provider.exclusive():
        yield provider, reload_token


def zones_of(settings: Settings) -> frozenset[DnsName]:
    """Return the zones to work on; in dev mode all names can be one."""
    if settings.dns_provider is DnsProvider.HOSTS and not settings.dns_zones:
        return frozenset({ROOT})
    return settings.dns_zones or frozenset()


def dns_client(
    settings: Settings, metrics: Metrics | None = None, leadership: Leadership | None = None
) -> TechnitiumClient:
    """Return a client of the DNS server; reads the token and the certificates."""
    token = settings.dns_api_token.value if settings.dns_api_token else ""
    return TechnitiumClient(
        settings.dns_server_url or "",
        TokenSource(token, settings.dns_api_token_file),
        ca_file=settings.dns_ca_file,
        timeout=settings.dns_timeout,
        observer=metrics,
        may_write=lambda: leadership is None or leadership.is_leader,
    )


def assemble(
    settings: Settings,
    kube: Api,
    provider: Provider,
    metrics: Metrics,
    reload_token: Callable[[], Awaitable[bool]],
    elector: Elector | None = None,
    events: EventRecorder | None = None,
) -> Parts:
    """Put the parts together on an API server and a DNS server, whatever stands behind them."""
    clock = asyncio.get_running_loop().time
    resources = [RESOURCES[source] for source in settings.sources]
    for source in settings.sources:
        for reason in Restart:
            metrics.restarts.labels(source, reason.value)
    pairs = [
        (resource, Store(resource.source, resource.kind, clock, namespace=namespace))
        for resource in resources
        for namespace in settings.watch_namespaces or (None,)
    ]
    reflectors = tuple(_reflector(*pair, settings, kube, metrics) for pair in pairs)
    sources = Sources(
        [store for resource, store in pairs if not resource.legacy],
        [store for resource, store in pairs if resource.legacy],
        request_lists=partial(_request_lists, reflectors),
    )
    intent = intent_of(settings)
    reconciler = Reconciler(
        sources=sources,
        provider=provider,
        inspector=CrdInspector(kube, resources),
        intent=intent,
        identity=Identity(settings.owner_id),
        clock=clock,
    )
    if elector is not None:
        leadership = elector.leadership
        reconciler.is_leader = lambda: leadership.is_leader
    queue = WorkQueue[DnsName](Debounce(settings.debounce_quiet, settings.debounce_max))
    board = StatusBoard(sorted(intent.zones), clock, max(60.0, 4 * settings.drift_interval))
    activity = Activity(clock)
    worker = Worker(
        queue=queue,
        reconciler=reconciler,
        board=board,
        observer=metrics if events is None else Observers([metrics, events]),
        activity=activity,
        jitter=random.random,
        backoff=Backoff(),
    )

    def listener(change: StoreChange) -> None:
        worker.store_changed(change)
        sources.wake()

    for _, store in pairs:
        store.listener = listener
    drift = DriftWatch(
        provider=provider,
        reconciler=reconciler,
        queue=queue,
        board=board,
        activity=activity,
        intervals=Intervals(
            drift=settings.drift_interval, resync=ResyncPace(normal=settings.resync_interval)
        ),
        request_lists=sources.request_lists,
        reload_token=reload_token,
    )
    parts = Parts(
        settings=settings,
        kube=kube,
        reload_token=reload_token,
        provider=provider,
        sources=sources,
        reflectors=reflectors,
        reconciler=reconciler,
        queue=queue,
        worker=worker,
        board=board,
        drift=drift,
        metrics=metrics,
        actions=actions_of(settings, provider, reconciler, worker, board, sources.request_lists),
        elector=elector,
        events=events,
    )
    metrics.before_scrape = lambda: look(metrics, sources, board, worker, leads=not parts.stands_by)
    return parts


def intent_of(settings: Settings) -> Intent:
    """Return what the settings say about the passes."""
    return Intent(
        zones=zones_of(settings),
        keeps_markers=settings.dns_provider is not DnsProvider.HOSTS,
        coverage=Coverage(
            frozenset(RESOURCES[source].kind for source in settings.sources),
            frozenset(settings.watch_namespaces or ()),
        ),
        defaults=Defaults(settings.dns_ip_address or (), settings.dns_ttl_default),
        policy=settings.policy,
        drift_policy=settings.drift_policy,
        limits=Limits(
            grace=settings.delete_grace,
            confirm=settings.confirm_seconds,
            quiet=settings.quiet_seconds,
            max_percent=settings.max_delete_percent,
        ),
    )


def object_options(settings: Settings) -> ObjectOptions:
    """Return what the settings say of reading objects."""
    return ObjectOptions(
        settings.rule_syntax,
        frozenset(settings.ingress_classes or ()),
        settings.label_selector,
    )


def _reflector(
    resource: Resource, store: Store, settings: Settings, kube: Api, metrics: Metrics
) -> Reflector:
    options = object_options(settings)
    parse = partial(watched_object, kind=resource.kind, options=options, legacy=resource.legacy)
    return Reflector(
        resource,
        store.namespace,
        kube,
        store,
        parse,
        random.random,
        restarted=lambda source, reason: metrics.restarts.labels(source, reason.value).inc(),
    )


def _request_lists(reflectors: tuple[Reflector, ...]) -> None:
    for reflector in reflectors:
        reflector.request_list()
