"""The sandbox: both embedded servers, and the real daemon between them."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.sandbox_files import private_folder, write_kubeconfig
from catalyst_dns_sync.app.sandbox_options import (
    Sandbox,
    SandboxError,
    SandboxOptions,
    break_socket,
)
from catalyst_dns_sync.app.sandbox_servers import (
    ADMIN_PASSWORD,
    ADMIN_USER,
    LOOPBACK,
    listening,
    serve_technitiums,
    write_servers_file,
)
from catalyst_dns_sync.app.serving import Bound
from catalyst_dns_sync.app.signals import debug_on, event_on
from catalyst_dns_sync.core.names import is_reverse
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.sandbox.breaking.app import breaking_app
from catalyst_dns_sync.sandbox.breaking.breakage import Server
from catalyst_dns_sync.sandbox.breaking.breaker import Breaker
from catalyst_dns_sync.sandbox.breaking.targets import BreakableKubernetes, Target
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api import ApiError, KubeApi, PageNotFoundError, kubeconfig
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.manifests import Manifest, load_manifests
from catalyst_dns_sync.sandbox.scenario import scenario
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Address, Secret
from catalyst_dns_sync.settings.serversfile import servers
from catalyst_dns_sync.web.controlsocket import serve_socket


async def main(options: SandboxOptions, announce: Callable[[Sandbox], None]) -> None:
    """Run the sandbox until SIGTERM or SIGINT."""
    with (
        event_on(signal.SIGTERM, signal.SIGINT) as stop,
        debug_on(signal.SIGUSR1),
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
    count, skipped = create_objects(api, manifests)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(private_folder())
        sandbox = await _serve(options, api, folder, stack)
        sandbox = replace(sandbox, objects=count, skipped=skipped)
        if options.with_daemon:
            await _with_daemon(options, sandbox, stop, announce)
        else:
            announce(sandbox)
            await stop.wait()


async def _serve(
    options: SandboxOptions, api: KubeApi, folder: Path, stack: AsyncExitStack
) -> Sandbox:
    """Serve all servers as long as the stack lives, and say where."""
    base, door = options.port_base, Door()
    serving = serve_kube(api, LOOPBACK, base, door=door)
    kube_port = await stack.enter_async_context(listening(serving, base))
    url = f"http://{LOOPBACK}:{kube_port}"
    config = write_kubeconfig(options.kubeconfig, folder, kubeconfig(url, api.access.token))
    technitiums = await serve_technitiums(options, stack)
    socket = None
    if options.breakable:
        socket = break_socket(base) if base else folder / "break.sock"
        targets: dict[Server, Target] = {Server.KUBERNETES: BreakableKubernetes(api, door)}
        targets |= {served.server: served.breakable for served in technitiums}
        await stack.enter_async_context(_breakable(Breaker(targets), socket))
    ours = tuple(served.at for served in technitiums)
    file = write_servers_file(folder, options.zones, ours) if len(ours) > 1 else None
    first = ours[0]
    return Sandbox(
        kubeconfig=str(config),
        kubernetes_url=url,
        technitium_url=first.url,
        technitium_version=options.technitium_version,
        technitium_user=ADMIN_USER,
        technitium_password=ADMIN_PASSWORD,
        technitium_token=first.token,
        dns_host=LOOPBACK,
        dns_port=first.dns_port,
        pages_url=None,
        metrics_url=None,
        probes_url=None,
        control_socket=str(folder / "daemon.sock"),
        break_socket=None if socket is None else str(socket),
        zones=options.zones,
        target=first.target,
        dns_servers=ours,
        dns_servers_file=None if file is None else str(file),
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
        **_dns(options, sandbox),
        dns_ip_address=options.target,
        dns_ptr=any(map(is_reverse, options.zones)),
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

    def ready(bound: Bound) -> None:
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


def _dns(options: SandboxOptions, sandbox: Sandbox) -> dict[str, Any]:
    """Return the settings that say where names go: one server, or the file that names two."""
    if sandbox.dns_servers_file is not None:
        return {"dns_servers": servers(sandbox.dns_servers_file)}
    return {
        "dns_server_url": sandbox.technitium_url,
        "dns_api_token": Secret(sandbox.technitium_token),
        "dns_zones": frozenset(options.zones),
    }


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
