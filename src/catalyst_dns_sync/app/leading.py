"""Leader election, as the daemon's parts: built from settings, and what leading means for them."""

import asyncio
import logging
import random
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.ports import LeaseKeeper
from catalyst_dns_sync.core.election import timing_for
from catalyst_dns_sync.kube.api import WritableApi
from catalyst_dns_sync.kube.leases import ApiLeaseKeeper
from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError

log = logging.getLogger(__name__)

POD_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def is_elected(settings: Settings, *, dry_run: bool) -> bool:
    """Tell whether this instance must be elected before it writes.

    A hosts file belongs to one machine, and has a lock of its own.
    """
    on_dns_server = settings.dns_provider is DnsProvider.TECHNITIUM
    return settings.leader_election and on_dns_server and not dry_run


def lease_namespace(settings: Settings) -> str:
    """Return the namespace of the Lease; reads a file of the pod."""
    if settings.lease_namespace:
        return settings.lease_namespace
    try:
        found = POD_NAMESPACE_FILE.read_text(encoding="utf-8").strip()
    except OSError:
        found = ""
    if not found:
        raise SettingsError(
            ["LEASE_NAMESPACE: name the namespace of the Lease, since this does not run in a pod"]
        )
    return found


async def lease_keeper(settings: Settings, kube: WritableApi) -> LeaseKeeper:
    """Return where the Lease is kept."""
    namespace = await asyncio.to_thread(lease_namespace, settings)
    return ApiLeaseKeeper(kube, namespace, settings.lease_name)


def make_elector(settings: Settings, keeper: LeaseKeeper, leadership: Leadership) -> Elector:
    """Return the elector of this process, which no other one is like."""
    name = settings.pod_name or socket.gethostname()
    return Elector(
        keeper=keeper,
        identity=f"{name}_{secrets.token_hex(4)}",
        leadership=leadership,
        timing=timing_for(settings.lease_duration),
        jitter=random.random,
    )


@asynccontextmanager
async def holding_lease(
    elector: Elector | None, prepared: asyncio.Event
) -> AsyncIterator[Callable[[], None]]:
    """Have the lease taken and renewed while the block runs, once it is ``prepared``.

    The block says by a call when it made its last write: then the lease is released at its end,
    and else runs out.
    """
    quiet = asyncio.Event()
    if elector is None:
        yield quiet.set
        return
    async with asyncio.TaskGroup() as tasks:

        async def hold() -> None:
            await prepared.wait()
            await elector.run()

        holding = tasks.create_task(hold())
        yield quiet.set
        holding.cancel()
    if quiet.is_set():
        await elector.release()
