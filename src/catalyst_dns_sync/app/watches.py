"""Builds what watches the cluster: a Store for each resource, and who keeps it true."""

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial

from catalyst_dns_sync.app.intents import admission_of, object_options
from catalyst_dns_sync.app.previews import with_terms, with_terms_after
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.store import Store
from catalyst_dns_sync.core.admission import admitted
from catalyst_dns_sync.core.endpoints import balancer, watched_object
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.kube.api import Api
from catalyst_dns_sync.kube.reflector import Reflector, Restart
from catalyst_dns_sync.kube.resources import (
    GATEWAYS,
    ROUTE_SOURCES,
    SERVICES,
    Resource,
    watched_resources,
)
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.telemetry.metrics import Metrics


def make_sources(
    settings: Settings, kube: Api, metrics: Metrics
) -> tuple[Sources, tuple[Reflector, ...]]:
    """Return the Stores of all that is watched, and what keeps them true."""
    clock = asyncio.get_running_loop().time
    pairs = [
        (resource, Store(resource.source, resource.kind, clock, namespace=namespace))
        for resource in watched_resources(settings.sources)
        for namespace in settings.watch_namespaces or (None,)
    ]
    reflectors = tuple(_reflector(*pair, settings, kube, metrics) for pair in pairs)
    target = _target_store(settings, clock)
    if target is not None:
        reflectors = (*reflectors, _target_reflector(target, settings, kube, metrics))
    sources = Sources(
        [store for resource, store in pairs if not resource.legacy],
        [store for resource, store in pairs if resource.legacy],
        request_lists=partial(_request_lists, reflectors),
        target=target,
        target_name="/".join(settings.dns_target_service or ()),
    )
    return sources, reflectors


def attach_routes(stores: Sequence[Store], settings: Settings) -> None:
    """Tie routes to their Gateways, where routes are watched."""
    routes = [store for store in stores if store.source in ROUTE_SOURCES]
    if routes:
        from catalyst_dns_sync.control.attachments import Attachments

        gateways = [store for store in stores if store.source == GATEWAYS.source]
        finish: Callable[[WatchedObject], WatchedObject]
        finish = partial(admitted, admission=admission_of(settings))
        Attachments(gateways, routes, with_terms_after(finish, settings))


def _target_store(settings: Settings, clock: Callable[[], float]) -> Store | None:
    """Return a Store for the one Service that names targets, if there is one."""
    if settings.dns_target_service is None:
        return None
    namespace, _ = settings.dns_target_service
    return Store(SERVICES.source, SERVICES.kind, clock, namespace=namespace)


def _target_reflector(store: Store, settings: Settings, kube: Api, metrics: Metrics) -> Reflector:
    _, name = settings.dns_target_service or ("", "")
    _show_restarts(store.source, metrics)
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


def _reflector(
    resource: Resource, store: Store, settings: Settings, kube: Api, metrics: Metrics
) -> Reflector:
    _show_restarts(resource.source, metrics)
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


def _parser(resource: Resource, settings: Settings) -> Callable[[object], WatchedObject | None]:
    if resource is GATEWAYS:
        # Imported where it is used: most clusters have none.
        from catalyst_dns_sync.core.gateway.reading import gateway_object

        return gateway_object
    options = object_options(settings)
    return partial(watched_object, kind=resource.kind, options=options, legacy=resource.legacy)


def _request_lists(reflectors: tuple[Reflector, ...]) -> None:
    for reflector in reflectors:
        reflector.request_list()


def _show_restarts(source: str, metrics: Metrics) -> None:
    """Let the restarts of a watch be counted from nothing on, before there is any."""
    for reason in Restart:
        metrics.restarts.labels(source, reason.value)
