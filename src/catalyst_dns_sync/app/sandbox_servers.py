"""The sandbox's servers on their ports: one Kubernetes API, and one or two Technitium servers."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from catalyst_dns_sync.app.sandbox_files import write_private
from catalyst_dns_sync.app.sandbox_options import DnsServerAt, SandboxError, SandboxOptions
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.sandbox.breaking.breakage import TECHNITIUMS, Server
from catalyst_dns_sync.sandbox.breaking.targets import BreakableTechnitium
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.technitium import Faults, Technitium, serve

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
ADMIN_USER = "admin"
ADMIN_PASSWORD = "admin"  # noqa: S105 (the embedded server's, which listens on loopback only)
SECOND_TARGET = "100.64.0.7"
"""What names get at the second server: an address of a tailnet."""


@dataclass(frozen=True, slots=True)
class ServedDns:
    """A Technitium server that listens."""

    server: Server
    at: DnsServerAt
    breakable: BreakableTechnitium


async def serve_technitiums(options: SandboxOptions, stack: AsyncExitStack) -> list[ServedDns]:
    """Serve as many as the options say, each with all zones, as long as the stack lives."""
    base, first = options.port_base, ",".join(target.value for target in options.target)
    ports = [(base + 1, base + 2), (base + 5, base + 6)] if base else [(0, 0), (0, 0)]
    servers = tuple(zip(TECHNITIUMS, ports, (first, SECOND_TARGET), strict=True))
    return [
        await _serve_one(options, server, ports, target, stack)
        for server, ports, target in servers[: options.dns_servers]
    ]


async def _serve_one(
    options: SandboxOptions,
    which: Server,
    ports: tuple[int, int],
    target: str,
    stack: AsyncExitStack,
) -> ServedDns:
    server = Technitium(admin_password=ADMIN_PASSWORD, version=options.technitium_version)
    for zone in options.zones:
        server.create_zone(zone)
    faults, door, token = Faults(), Door(), server.create_token()
    serving = serve(server, LOOPBACK, *ports, faults=faults, door=door)
    bound = await stack.enter_async_context(listening(serving, *ports))
    return ServedDns(
        which,
        DnsServerAt(which, bound.url, token, bound.dns, target),
        BreakableTechnitium(server, faults, door, token),
    )


def write_servers_file(
    folder: Path, zones: Iterable[DnsName], servers: Iterable[DnsServerAt]
) -> Path:
    """Write a file for DNS_SERVERS, and each server's token beside it; returns where it is."""
    lines = ["servers:"]
    for server in servers:
        token = folder / f"{server.name}-token"
        write_private(token, server.token)
        lines += [
            f"  - name: {server.name}",
            f"    url: {server.url}",
            f"    token_file: {token.name}",
            f"    query_port: {server.dns_port}",
            f"    targets: [{server.target}]",
            f"    zones: [{', '.join(zones)}]",
        ]
    path = folder / "servers.yaml"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@asynccontextmanager
async def listening(server: AbstractAsyncContextManager[T], *ports: int) -> AsyncIterator[T]:
    """Serve while the block runs; raises `SandboxError` where a port can't be had."""
    stack = AsyncExitStack()
    try:
        bound = await stack.enter_async_context(server)
    except OSError as error:
        wanted = " or ".join(str(port) for port in ports)
        raise SandboxError(
            f"port {wanted} of {LOOPBACK} can't be had ({error.strerror or error}): "
            "stop what uses it, or name another --port-base"
        ) from error
    async with stack:
        yield bound
