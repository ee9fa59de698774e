"""Opens what the names are written to: Technitium servers, or a hosts file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from catalyst_dns_sync.app.intents import zone_labels
from catalyst_dns_sync.app.lanes import Backend
from catalyst_dns_sync.control.election import Leadership
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError
from catalyst_dns_sync.settings.requirements import require_dns
from catalyst_dns_sync.settings.servers import View
from catalyst_dns_sync.telemetry.metrics import Metrics


@asynccontextmanager
async def open_backend(
    view: View, metrics: Metrics, leadership: Leadership | None, *, dry_run: bool
) -> AsyncIterator[Backend]:
    """Open what the names are written to, at one server; a dry run only reads."""
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
