"""Builds the daemon's parts from its settings."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.commit import commit
from catalyst_dns_sync.app.lanes import (
    Backend,
    Lane,
    Notifier,
    Shared,
    admission_of,
    labels_of,
    make_lane,
    spaced,
    zone_labels,
)
from catalyst_dns_sync.app.leading import is_elected, lease_keeper, make_elector
from catalyst_dns_sync.app.previews import make_previews, with_terms, with_terms_after
from catalyst_dns_sync.app.scrape import look, look_at_certificates
from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.driftwatch import Intervals
from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.happenings import Happenings
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import Store, StoreChange
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.admission import admitted
from catalyst_dns_sync.core.endpoints import ObjectOptions, balancer, watched_object
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.kube.api import Api
from catalyst_dns_sync.kube.client import load_client
from catalyst_dns_sync.kube.inspector import CrdInspector
from catalyst_dns_sync.kube.reflector import Reflector, Restart
from catalyst_dns_sync.kube.resources import (
    GATEWAYS,
    ROUTE_SOURCES,
    SERVICES,
    Resource,
    watched_resources,
)
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.model import (
    DnsProvider,
    Settings,
    SettingsError,
    require_dns,
    require_ui,
)
from catalyst_dns_sync.settings.servers import View, views_of
from catalyst_dns_sync.telemetry.metrics import Metrics
from catalyst_dns_sync.web.standby import NOBODY

if TYPE_CHECKING:
    from catalyst_dns_sync.app.certificates import CertificateWatch
    from catalyst_dns_sync.control.previews import Previews
    from catalyst_dns_sync.kube.events import EventRecorder


@dataclass(frozen=True, slots=True)
class Parts:
    """The daemon, ready to run: what the cluster says, and a lane for each DNS server.

    Without ``elector`` there is nobody to share the work with. What is told of one server only
    (``board`` and the like) is of the first.
    """

    settings: Settings
    kube: Api
    sources: Sources
    reflectors: tuple[Reflector, ...]
    lanes: tuple[Lane, ...]
    metrics: Metrics
    previews: "Previews | None" = None
    elector: Elector | None = None
    events: "EventRecorder | None" = None
    notifier: Notifier | None = None
    happenings: Happenings | None = None
    certificates: "CertificateWatch | None" = None

    @property
    def provider(self) -> Provider:
        """The DNS server, or the first of them."""
        return self.lanes[0].provider

    @property
    def reconciler(self) -> Reconciler:
        """What plans for the DNS server, or for the first of them."""
        return self.lanes[0].reconciler

    @property
    def queue(self) -> WorkQueue[DnsName]:
        """The zones of the DNS server, or of the first of them, that ask to be worked on."""
        return self.lanes[0].queue

    @property
    def worker(self) -> Worker:
        """What works on the DNS server, or on the first of them."""
        return self.lanes[0].worker

    @property
    def board(self) -> StatusBoard:
        """What is known of the DNS server, or of the first of them."""
        return self.lanes[0].board

    @property
    def actions(self) -> Actions:
        """What people may do on the DNS server, or on the first of them."""
        return self.lanes[0].actions

    @property
    def boards(self) -> tuple[StatusBoard, ...]:
        """What is known of each DNS server."""
        return tuple(lane.board for lane in self.lanes)

    def begin(self) -> None:
        """Ask for every zone of every server."""
        for lane in self.lanes:
            lane.worker.begin()

    @property
    def stands_by(self) -> bool:
        """Whether another instance does the work."""
        return self.elector is not None and not self.elector.leadership.is_leader

    @property
    def other_leader(self) -> str:
        """Who does the work, where it is not this instance."""
        if self.elector is None or not self.stands_by:
            return ""
        return self.elector.holder or NOBODY


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    dry_run: bool = False,
    lease_clock: Callable[[], float] | None = None,
    now: Callable[[], datetime] = now_utc,
) -> AsyncIterator[Parts]:
    """Build the parts; their connections are open while the block runs.

    ``lease_clock`` is what leadership is measured by, if not by the loop's clock; ``now`` is the
    time of day. Raises `CatalystError` with one line a fault where settings or files can't be used.
    """
    require_dns(settings)
    require_ui(settings)
    metrics = Metrics(
        zone_labels(settings), settings.sources, commit=await asyncio.to_thread(commit)
    )
    kubeconfig = str(settings.kubeconfig) if settings.kubeconfig else None
    leadership = None
    if is_elected(settings, dry_run=dry_run):
        leadership = Leadership(lease_clock or asyncio.get_running_loop().time)
    async with AsyncExitStack() as stack:
        # A hosts file that may not be written is told before a cluster that is not there.
        backends = [
            await stack.enter_async_context(_backend(view, metrics, leadership, dry_run=dry_run))
            for view in views_of(settings)
        ]
        client = await load_client(kubeconfig, settings.kube_context)
        kube = await stack.enter_async_context(client)
        elector = None
        if leadership is not None:
            keeper = await lease_keeper(settings, kube)
            elector = make_elector(settings, keeper, leadership)
        events = None
        if settings.events and not dry_run:
            from catalyst_dns_sync.kube.events import EventRecorder

            watched = watched_resources(settings.sources)
            events = EventRecorder(kube, watched, now_utc)
        notifier = None if dry_run else await asyncio.to_thread(make_notifier, settings)
        certificates = None
        if settings.certificates:
            # What it needs beside is imported for those alone who want it.
            from catalyst_dns_sync.app.certificates import CertificateWatch

            certificates = CertificateWatch(
                settings,
                kube,
                lambda: not dry_run and (leadership is None or leadership.is_leader),
            )
        parts = assemble(settings, kube, backends, metrics, elector, events, certificates, notifier)
        if parts.previews is not None:
            parts.previews.now = now
        if settings.dns_provider is DnsProvider.HOSTS:
            from catalyst_dns_sync.app.hosting import tell_what_is_wanted

            tell_what_is_wanted(backends, parts.sources)
        yield parts


@asynccontextmanager
async def _backend(
    view: View, metrics: Metrics, leadership: Leadership | None, *, dry_run: bool
) -> AsyncIterator[Backend]:
    settings = view.settings
    if settings.dns_provider is DnsProvider.HOSTS:
        from catalyst_dns_sync.app.hosting import hosts_file

        opened = hosts_file(settings, dry_run=dry_run)
    else:
        opened = _technitium(settings, metrics, leadership)
    async with opened as (provider, reload_token):
        used = DryRunProvider(provider) if dry_run else provider
        yield Backend(view.name, settings, used, reload_token)


@asynccontextmanager
async def dns_provider(settings: Settings) -> AsyncIterator[Provider]:
    """Open the DNS server alone, for what needs no cluster; raises `SettingsError`."""
    require_dns(settings)
    if settings.dns_provider is DnsProvider.HOSTS:
        raise SettingsError(["a hosts file has no place for our markers: copy the file itself"])
    metrics = Metrics(zone_labels(settings), settings.sources)
    async with _technitium(settings, metrics, None) as (provider, _):
        yield provider


@asynccontextmanager
async def _technitium(
    settings: Settings, metrics: Metrics, leadership: Leadership | None
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
    backends: Sequence[Backend],
    metrics: Metrics,
    elector: Elector | None = None,
    events: "EventRecorder | None" = None,
    certificates: "CertificateWatch | None" = None,
    notifier: Notifier | None = None,
) -> Parts:
    """Put the parts together on an API server and DNS servers, whatever stands behind them."""
    clock = asyncio.get_running_loop().time
    resources = watched_resources(settings.sources)
    for resource in resources:
        for reason in Restart:
            metrics.restarts.labels(resource.source, reason.value)
    pairs = [
        (resource, Store(resource.source, resource.kind, clock, namespace=namespace))
        for resource in resources
        for namespace in settings.watch_namespaces or (None,)
    ]
    reflectors = tuple(_reflector(*pair, settings, kube, metrics) for pair in pairs)
    target = target_store(settings, clock)
    if target is not None:
        reflectors = (*reflectors, _target_reflector(target, settings, kube, metrics))
    sources = Sources(
        [store for resource, store in pairs if not resource.legacy],
        [store for resource, store in pairs if resource.legacy],
        request_lists=partial(_request_lists, reflectors),
        target=target,
        target_name="/".join(settings.dns_target_service or ()),
    )
    happenings = Happenings(now_utc) if settings.ui else None
    shared = Shared(
        sources,
        CrdInspector(kube, resources),
        metrics,
        # Drift watches of several servers don't make the lists come more often than one does.
        spaced(sources.request_lists, Intervals().lists),
        elector,
        events,
        notifier,
        happenings,
    )
    previews = make_previews(settings, sources)
    labels = labels_of([(one.name, one.settings) for one in backends])
    lanes = tuple(make_lane(one, shared, labels[one.name]) for one in backends)

    def listener(change: StoreChange) -> None:
        for lane in lanes:
            lane.worker.store_changed(change)
        sources.wake()
        if happenings is not None and change.everywhere:
            happenings.bump()

    for store in (*sources.stores, *([target] if target is not None else ())):
        store.listener = listener
    _attach([store for _, store in pairs], settings)
    parts = Parts(
        settings=settings,
        kube=kube,
        sources=sources,
        reflectors=reflectors,
        lanes=lanes,
        metrics=metrics,
        previews=previews,
        elector=elector,
        events=events,
        notifier=notifier,
        happenings=happenings,
        certificates=certificates,
    )

    def before_scrape() -> None:
        look(metrics, sources, lanes, previews, leads=not parts.stands_by)
        if certificates is not None:
            look_at_certificates(metrics, certificates.certificates())

    metrics.before_scrape = before_scrape
    return parts


def make_notifier(settings: Settings) -> Notifier | None:
    """Return what notifies people, if they want it; reads the URL's file."""
    url = settings.notify_url.value if settings.notify_url is not None else ""
    if settings.notify_url_file is not None:
        try:
            url = parsers.secret_url(settings.notify_url_file.read_text("utf-8")).value
        except (OSError, ValueError) as error:
            raise SettingsError([f"NOTIFY_URL_FILE: {error}"]) from error
    if not url:
        return None
    # Who wants none does not pay for it.
    from catalyst_dns_sync.providers.notifier import Notifier as Sender

    return Sender(url, settings.notify_format)


def object_options(settings: Settings) -> ObjectOptions:
    """Return what the settings say of reading objects."""
    return ObjectOptions(
        settings.rule_syntax,
        frozenset(settings.ingress_classes or ()),
        settings.label_selector,
        ways=frozenset(row.way for row in settings.dns_targets or ()),
        compat=settings.compat_annotations is not None,
        require_accepted=settings.gateway_require_accepted,
        notes=settings.dns_provider is not DnsProvider.HOSTS,
    )


def target_store(settings: Settings, clock: Callable[[], float]) -> Store | None:
    """Return a Store for the one Service that names targets, if the settings name one."""
    if settings.dns_target_service is None:
        return None
    namespace, _ = settings.dns_target_service
    return Store(SERVICES.source, SERVICES.kind, clock, namespace=namespace)


def _target_reflector(store: Store, settings: Settings, kube: Api, metrics: Metrics) -> Reflector:
    _, name = settings.dns_target_service or ("", "")
    for reason in Restart:
        metrics.restarts.labels(store.source, reason.value)
    return Reflector(
        SERVICES,
        store.namespace,
        kube,
        store,
        partial(balancer, kind=SERVICES.kind),
        random.random,
        restarted=lambda source, reason: metrics.restarts.labels(source, reason.value).inc(),
        chosen={"fieldSelector": f"metadata.name={name}"},
    )


def _parser(resource: Resource, settings: Settings) -> Callable[[object], WatchedObject | None]:
    if resource is GATEWAYS:
        # Imported where it is used: most clusters have none.
        from catalyst_dns_sync.core.gateway.reading import gateway_object

        return gateway_object
    options = object_options(settings)
    return partial(watched_object, kind=resource.kind, options=options, legacy=resource.legacy)


def _attach(stores: Sequence[Store], settings: Settings) -> None:
    """Tie routes to their Gateways, where routes are watched."""
    routes = [store for store in stores if store.source in ROUTE_SOURCES]
    if routes:
        from catalyst_dns_sync.control.attachments import Attachments

        gateways = [store for store in stores if store.source == GATEWAYS.source]
        finish: Callable[[WatchedObject], WatchedObject]
        finish = partial(admitted, admission=admission_of(settings))
        Attachments(gateways, routes, with_terms_after(finish, settings))


def _reflector(
    resource: Resource, store: Store, settings: Settings, kube: Api, metrics: Metrics
) -> Reflector:
    parse = _parser(resource, settings)
    admission = admission_of(settings)
    is_open = admission.is_open or resource.source in ROUTE_SOURCES

    def restarted(source: str, reason: Restart) -> None:
        metrics.restarts.labels(source, reason.value).inc()
        store.restarts += 1

    def let_in(raw: object) -> WatchedObject | None:
        obj = parse(raw)
        return obj if obj is None else admitted(obj, admission)

    return Reflector(
        resource,
        store.namespace,
        kube,
        store,
        with_terms(resource, parse if is_open else let_in, settings),
        random.random,
        restarted=restarted,
    )


def _request_lists(reflectors: tuple[Reflector, ...]) -> None:
    for reflector in reflectors:
        reflector.request_list()
