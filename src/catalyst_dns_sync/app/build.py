"""Builds the daemon's parts from its settings."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from catalyst_dns_sync.app.backends import open_backend
from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.commit import commit
from catalyst_dns_sync.app.intents import labels_of, zone_labels
from catalyst_dns_sync.app.lanes import Backend, Lane, Notifier, Shared, make_lane, spaced
from catalyst_dns_sync.app.leading import is_elected, lease_keeper, make_elector
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.previews import make_previews
from catalyst_dns_sync.app.scrape import look, look_at_certificates
from catalyst_dns_sync.app.watches import attach_routes, make_sources
from catalyst_dns_sync.control.driftwatch import Intervals
from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.happenings import Happenings
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.store import StoreChange
from catalyst_dns_sync.kube.api import Api, WritableApi
from catalyst_dns_sync.kube.client import load_client
from catalyst_dns_sync.kube.inspector import CrdInspector
from catalyst_dns_sync.kube.resources import watched_resources
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError
from catalyst_dns_sync.settings.requirements import require_dns, require_ui
from catalyst_dns_sync.settings.servers import views_of
from catalyst_dns_sync.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from catalyst_dns_sync.app.certificates import CertificateWatch
    from catalyst_dns_sync.kube.events import EventRecorder


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
            await stack.enter_async_context(
                open_backend(view, metrics, leadership, dry_run=dry_run)
            )
            for view in views_of(settings)
        ]
        client = await load_client(kubeconfig, settings.kube_context)
        kube = await stack.enter_async_context(client)
        elector = None
        if leadership is not None:
            keeper = await lease_keeper(settings, kube)
            elector = make_elector(settings, keeper, leadership)
        events = None if dry_run else _event_recorder(settings, kube)
        notifier = None if dry_run else await asyncio.to_thread(make_notifier, settings)
        certificates = _certificate_watch(settings, kube, leadership, dry_run=dry_run)
        parts = assemble(settings, kube, backends, metrics, elector, events, certificates, notifier)
        if parts.previews is not None:
            parts.previews.now = now
        if settings.dns_provider is DnsProvider.HOSTS:
            from catalyst_dns_sync.app.hosting import tell_what_is_wanted

            tell_what_is_wanted(backends, parts.sources)
        yield parts


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
    sources, reflectors = make_sources(settings, kube, metrics)
    happenings = Happenings(now_utc) if settings.ui else None
    shared = Shared(
        sources,
        CrdInspector(kube, watched_resources(settings.sources)),
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
    _tell(lanes, sources, happenings)
    attach_routes(sources.stores, settings)
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


def _tell(lanes: Sequence[Lane], sources: Sources, happenings: Happenings | None) -> None:
    """Let the lanes, and the pages that are open, know of each change in the cluster."""

    def listener(change: StoreChange) -> None:
        for lane in lanes:
            lane.worker.store_changed(change)
        sources.wake()
        if happenings is not None and change.everywhere:
            happenings.bump()

    sources.listen(listener)


def _event_recorder(settings: Settings, kube: WritableApi) -> "EventRecorder | None":
    if not settings.events:
        return None
    # Who wants none does not pay for it; so with what else is imported in a function.
    from catalyst_dns_sync.kube.events import EventRecorder

    return EventRecorder(kube, watched_resources(settings.sources), now_utc)


def _certificate_watch(
    settings: Settings, kube: WritableApi, leadership: Leadership | None, *, dry_run: bool
) -> "CertificateWatch | None":
    if not settings.certificates:
        return None
    from catalyst_dns_sync.app.certificates import CertificateWatch

    def may_write() -> bool:
        return not dry_run and (leadership is None or leadership.is_leader)

    return CertificateWatch(settings, kube, may_write)


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
    from catalyst_dns_sync.providers.notifier import Notifier as Sender

    return Sender(url, settings.notify_format)
