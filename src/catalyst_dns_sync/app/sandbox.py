"""The sandbox: both embedded servers, and the real daemon between them."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.sandbox_files import private_folder, write_kubeconfig
from catalyst_dns_sync.app.sandbox_options import (
    Sandbox,
    SandboxError,
    SandboxOptions,
    break_socket,
)
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.sandbox.breaking.app import breaking_app
from catalyst_dns_sync.sandbox.breaking.breakage import Server
from catalyst_dns_sync.sandbox.breaking.breaker import Breaker
from catalyst_dns_sync.sandbox.breaking.targets import (
    BreakableKubernetes,
    BreakableTechnitium,
    Target,
)
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api import ApiError, KubeApi, PageNotFoundError, kubeconfig
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.manifests import Manifest, load_manifests
from catalyst_dns_sync.sandbox.scenario import scenario
from catalyst_dns_sync.sandbox.technitium import Faults, Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_dns
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Address, Secret
from catalyst_dns_sync.web.control import serve_socket

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
ADMIN_USER = "admin"
ADMIN_PASSWORD = "admin"  # noqa: S105 (the embedded server's, which listens on loopback only)


async def main(options: SandboxOptions, announce: Callable[[Sandbox], None]) -> None:
    """Run the sandbox until SIGTERM or SIGINT."""
    with (
        daemon.event_on(signal.SIGTERM, signal.SIGINT) as stop,
        daemon.debug_on(signal.SIGUSR1),
    ):
        await run_sandbox(options, stop, announce)


async def run_sandbox(
    options: SandboxOptions, stop: asyncio.Event, announce: Callable[[Sandbox], None]
) -> None:
    """Run until ``stop`` is set; ``announce`` is told once all is ready.

    Raises `CatalystError` where something is in the way.
    """
    manifests = _manifests(options)
    api = KubeApi(token=secrets.token_urlsafe(24))
    server = Technitium(admin_password=ADMIN_PASSWORD, version=options.technitium_version)
    for zone in options.zones:
        server.create_zone(zone)
    count, skipped = create_objects(api, manifests)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(private_folder())
        sandbox = await _serve(options, api, server, folder, stack)
        sandbox = replace(sandbox, objects=count, skipped=skipped)
        if options.with_daemon:
            await _with_daemon(options, sandbox, stop, announce)
        else:
            announce(sandbox)
            await stop.wait()


async def _serve(
    options: SandboxOptions, api: KubeApi, server: Technitium, folder: Path, stack: AsyncExitStack
) -> Sandbox:
    """Serve both servers as long as the stack lives, and say where."""
    base = options.port_base
    faults, kube_door, dns_door = Faults(), Door(), Door()
    serving = serve_kube(api, LOOPBACK, base, door=kube_door)
    kube_port = await stack.enter_async_context(_listening(serving, base))
    http, dns = (base + 1, base + 2) if base else (0, 0)
    serving_dns = serve_dns(server, LOOPBACK, http, dns, faults=faults, door=dns_door)
    ports = await stack.enter_async_context(_listening(serving_dns, http, dns))
    url = f"http://{LOOPBACK}:{kube_port}"
    config = write_kubeconfig(options.kubeconfig, folder, kubeconfig(url, api.access.token))
    token = server.create_token()
    socket = None
    if options.breakable:
        socket = break_socket(base) if base else folder / "break.sock"
        targets: dict[Server, Target] = {
            Server.KUBERNETES: BreakableKubernetes(api, kube_door),
            Server.TECHNITIUM: BreakableTechnitium(server, faults, dns_door, token),
        }
        await stack.enter_async_context(_breakable(Breaker(targets), socket))
    return Sandbox(
        kubeconfig=str(config),
        kubernetes_url=url,
        technitium_url=ports.url,
        technitium_version=options.technitium_version,
        technitium_user=ADMIN_USER,
        technitium_password=ADMIN_PASSWORD,
        technitium_token=token,
        dns_host=ports.host,
        dns_port=ports.dns,
        pages_url=None,
        metrics_url=None,
        probes_url=None,
        control_socket=str(folder / "daemon.sock"),
        break_socket=None if socket is None else str(socket),
        zones=options.zones,
        target=",".join(target.value for target in options.target),
        objects=0,
        skipped=(),
    )


async def _with_daemon(
    options: SandboxOptions,
    sandbox: Sandbox,
    stop: asyncio.Event,
    announce: Callable[[Sandbox], None],
) -> None:
    base = options.port_base
    settings = Settings(
        kubeconfig=Path(sandbox.kubeconfig),
        dns_server_url=sandbox.technitium_url,
        dns_api_token=Secret(sandbox.technitium_token),
        dns_zones=frozenset(options.zones),
        dns_ip_address=options.target,
        preview_hosts=tuple(parse_host_pattern(f"pr-*.app.{zone}") for zone in options.zones),
        dns_query_port=sandbox.dns_port,
        delete_grace=options.delete_grace,
        sources=options.sources,
        metrics_bind_address=Address(LOOPBACK, base and base + 3),
        health_probe_address=Address(LOOPBACK, base and base + 4),
        control_socket=Path(sandbox.control_socket),
        # Its pages can be tried, too, by whoever may write to the DNS server anyway.
        ui_token=Secret(sandbox.technitium_token),
    )

    def ready(bound: daemon.Bound) -> None:
        announce(
            replace(
                sandbox,
                pages_url=f"http://{LOOPBACK}:{bound.ui}/ui/",
                metrics_url=f"http://{LOOPBACK}:{bound.metrics}/metrics",
                probes_url=f"http://{LOOPBACK}:{bound.probes}/readyz",
            )
        )

    async with build(settings) as parts:
        await daemon.run(parts, stop, ready)


def _manifests(options: SandboxOptions) -> list[Manifest]:
    if options.objects:
        return load_manifests(options.objects)
    return [Manifest(Path("scenario"), data) for data in scenario(options.zones[0])]


def create_objects(api: KubeApi, manifests: Iterable[Manifest]) -> tuple[int, tuple[str, ...]]:
    """Create the objects through the API, with the namespaces that they lack.

    Returns how many were created, and a line for each that was not.
    """
    skipped: dict[str, None] = {}
    created = 0
    for manifest in manifests:
        try:
            _create_namespace(api, manifest)
            api.apply(manifest.data)
        except PageNotFoundError:
            skipped[f"{manifest.kind} is not served here, skipped"] = None
        except ApiError as error:
            skipped[f"{manifest.title} in {manifest.file} was refused: {error}"] = None
        else:
            created += 1
    return created, tuple(skipped)


def _create_namespace(api: KubeApi, manifest: Manifest) -> None:
    metadata = manifest.data.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if isinstance(namespace, str) and api.find("namespaces", "v1", namespace) is None:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        api.create(body)


@asynccontextmanager
async def _breakable(breaker: Breaker, socket: Path) -> AsyncIterator[None]:
    stack = AsyncExitStack()
    try:
        await stack.enter_async_context(serve_socket(breaking_app(breaker), socket))
    except OSError as error:
        raise SandboxError(
            f"--breakable: {socket} can't be had ({error}): end the other sandbox, or name "
            "another --port-base"
        ) from error
    async with stack, breaker.ready():
        yield


@asynccontextmanager
async def _listening(server: AbstractAsyncContextManager[T], *ports: int) -> AsyncIterator[T]:
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
