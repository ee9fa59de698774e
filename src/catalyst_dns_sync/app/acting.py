"""Builds what people may do with the running daemon, and asks DNS for them."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.settings.model import DnsProvider, Settings

if TYPE_CHECKING:
    from catalyst_dns_sync.core.explain import Answer

PATIENCE = 5.0
"""Seconds that an order waits beyond the time that one call to the server may take."""


def actions_of(
    settings: Settings,
    provider: Provider,
    reconciler: Reconciler,
    worker: Worker,
    board: StatusBoard,
    request_lists: Callable[[], None],
) -> Actions:
    """Return what people may do with these parts."""

    async def ask_dns(name: DnsName) -> "Answer | None":
        return await ask_dns_server(settings, name, settings.dns_query_port)

    return Actions(
        reconciler=reconciler,
        worker=worker,
        board=board,
        request_lists=request_lists,
        ask_server=ask_dns,
        ask_system=_ask_system,
        patience=settings.dns_timeout + PATIENCE,
        dry_run=isinstance(provider, DryRunProvider),
    )


async def ask_dns_server(settings: Settings, name: DnsName, port: int) -> "Answer | None":
    """Ask the server of DNS_SERVER_URL for a name, as any resolver does; None: there is none."""
    host = urlsplit(settings.dns_server_url or "").hostname
    if settings.dns_provider is DnsProvider.HOSTS or host is None:
        return None
    await _load()
    from catalyst_dns_sync.providers.asking import ask_server

    return await ask_server(name, host, port)


async def _ask_system(name: DnsName) -> "Answer":
    await _load()
    from catalyst_dns_sync.providers.asking import ask_system

    return await ask_system(name)


async def _load() -> None:
    # The DNS library takes memory, and a daemon whom nobody asks needs none of it; it takes a
    # third of a second too, in which passes have to go on.
    await asyncio.to_thread(import_module, "catalyst_dns_sync.providers.asking")
