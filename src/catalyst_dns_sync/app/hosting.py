"""The hosts file as a backend; imported in dev mode only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext

from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.app.lanes import Backend
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.providers.hosts.command import run_after_write
from catalyst_dns_sync.providers.hosts.files import HostsFileStore
from catalyst_dns_sync.providers.hosts.places import state_folder
from catalyst_dns_sync.providers.hosts.provider import HostsFileProvider
from catalyst_dns_sync.settings.model import Settings


@asynccontextmanager
async def hosts_file(
    settings: Settings, *, dry_run: bool
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


def tell_what_is_wanted(backends: Iterable[Backend], sources: Sources) -> None:
    """Let the hosts file know which names are claimed, before it is read."""
    for backend in backends:
        provider = backend.provider
        inner = provider.inner if isinstance(provider, DryRunProvider) else provider
        if isinstance(inner, HostsFileProvider):
            inner.wanted = sources.claimed_names
