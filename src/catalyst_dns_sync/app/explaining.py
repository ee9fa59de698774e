"""``explain HOST``: gathers what bears on one name, from the cluster, the zone and the DNS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

from catalyst_dns_sync.app.acting import ask_dns_server
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.daemon import watching
from catalyst_dns_sync.app.intents import admission_of, intent_of, object_options, zones_of
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.control.outcome import Proposal
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.certificates import Certificate
from catalyst_dns_sync.core.explain import (
    Answer,
    Bystander,
    Case,
    Explanation,
    Watch,
    bystander,
    explain,
)
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.kube.api import pages
from catalyst_dns_sync.kube.errors import KubeError
from catalyst_dns_sync.kube.resources import RESOURCES, Resource
from catalyst_dns_sync.providers.asking import ask_system
from catalyst_dns_sync.settings.model import DnsProvider, Settings
from catalyst_dns_sync.settings.servers import View, views_of
from catalyst_dns_sync.web.controlsocket import NotRunningError, ask

_LOST = "the cluster does not answer, so that nothing can be said of our records"


def servers_for(settings: Settings, name: DnsName) -> tuple[View, ...]:
    """Return the servers that have a zone for the name; the first where none has."""
    views = views_of(settings)
    found = tuple(view for view in views if zone_of(name, zones_of(view.settings)) is not None)
    return found or views[:1]


async def explained(
    settings: Settings,
    name: DnsName,
    *,
    dns_port: int | None = None,
    resolve: Callable[[DnsName], Awaitable[Answer]] | None = ask_system,
) -> Explanation:
    """Return why a name is, or is not, in DNS, at one server; changes nothing.

    ``dns_port`` is where the server of DNS_SERVER_URL answers queries, if not where the settings
    say; ``resolve`` asks the system's resolver, None asks none.
    """
    async with build(settings, dry_run=True) as parts, watching(parts) as is_known:
        found = await _case(parts, name, dns_port or settings.dns_query_port, resolve)
        # Not knowing who we are we would take our own records for another cluster's.
        return explain(
            found if is_known else replace(found, contents=None, plan=None, trouble=_LOST)
        )


async def _case(
    parts: Parts,
    name: DnsName,
    dns_port: int,
    resolve: Callable[[DnsName], Awaitable[Answer]] | None,
) -> Case:
    intent = intent_of(parts.settings)
    zone = zone_of(name, intent.zones)
    proposal, trouble = await _proposal(parts, zone)
    contents = proposal.contents if proposal is not None else None
    demands = parts.reconciler.demands
    objects = demands.objects(name, contents)
    is_claimed = any(name in obj.names for obj in objects)
    told = await _told_by_daemon(parts.settings)
    return Case(
        name=name,
        zones=intent.zones,
        objects=objects,
        bystanders=() if is_claimed else tuple([one async for one in _bystanders(parts, name)]),
        unknown=parts.sources.troubles(),
        defaults=demands.defaults_in(zone) if zone is not None else intent.defaults,
        identity=parts.reconciler.identity,
        contents=contents,
        plan=proposal.reviewed.plan if proposal is not None else None,
        trouble=trouble,
        waiting=frozenset(proposal.reviewed.waiting if proposal is not None else ()),
        withheld=told.get("releasable", {}),
        graced=told.get("waiting", {}),
        paused=told.get("paused", False),
        answer=await ask_dns_server(parts.settings, name, dns_port),
        resolver=await resolve(name) if resolve is not None else None,
        in_hosts_file=parts.settings.dns_provider is DnsProvider.HOSTS,
        drift_policy=parts.settings.drift_policy,
        certificates=await _certificates(parts),
        now=now_utc().timestamp(),
    )


async def _certificates(parts: Parts) -> tuple[Certificate, ...] | None:
    """Return the certificates of the cluster, as far as they may be read."""
    if parts.certificates is None:
        return None
    return tuple(await parts.certificates.read())


async def _proposal(parts: Parts, zone: DnsName | None) -> tuple[Proposal | None, str]:
    """Return what a pass would do in the zone, or why there is none."""
    if zone is None:
        return None, ""
    try:
        return await parts.reconciler.propose(zone), ""
    except ProviderError as error:
        return None, str(error)


async def _bystanders(parts: Parts, name: DnsName) -> AsyncIterator[Bystander]:
    """Yield the objects of the whole cluster that speak of the name and do not claim it."""
    settings = parts.settings
    watch = Watch(intent_of(settings).coverage, object_options(settings), admission_of(settings))
    for source, resource in RESOURCES.items():
        if resource.legacy and source not in settings.sources:
            continue
        async for raw in _everywhere(parts, resource):
            if found := bystander(raw, resource.kind, name, watch, legacy=resource.legacy):
                yield found


async def _everywhere(parts: Parts, resource: Resource) -> AsyncIterator[object]:
    """Yield the objects of all namespaces, or of the watched ones where only they may be read."""
    for namespace in (None, *(parts.settings.watch_namespaces or ())):
        try:
            async for page in pages(parts.kube, resource.path(namespace)):
                for item in page.items:
                    yield item
        except KubeError:
            # What can't be read can't be told of; the sources' own trouble is told elsewhere.
            continue
        if namespace is None:
            return


async def _told_by_daemon(settings: Settings) -> dict[str, Any]:
    """Return what a daemon on this machine says of itself; nothing where there is none."""
    if not await asyncio.to_thread(settings.control_socket.is_socket):
        return {}
    try:
        return await ask(settings.control_socket, "GET", "status")
    except NotRunningError:
        return {}
