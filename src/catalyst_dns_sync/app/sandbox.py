"""The sandbox: both embedded servers, and the real daemon between them."""

import asyncio
import json
import secrets
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Targets
from catalyst_dns_sync.sandbox.kube_api import ApiError, KubeApi, PageNotFoundError, kubeconfig
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.manifests import Manifest, load_manifests
from catalyst_dns_sync.sandbox.scenario import scenario
from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_dns
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.model import Settings, SettingsError
from catalyst_dns_sync.settings.parsers import Address, Secret

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
DEFAULT_ZONE = "home.arpa"
SANDBOX_CONTEXT = '"current-context": "sandbox"'
ADMIN_PASSWORD = "admin"  # noqa: S105 (the embedded server's, which listens on loopback only)


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What the command line says; ``port_base`` 0 takes free ports."""

    zones: tuple[DnsName, ...]
    target: Targets
    objects: tuple[Path, ...] = ()
    kubeconfig: Path | None = None
    delete_grace: float = 0.0
    with_daemon: bool = True
    port_base: int = 0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where everything is, once it is ready."""

    kubeconfig: str
    kubernetes_url: str
    technitium_url: str
    technitium_user: str
    technitium_password: str
    technitium_token: str
    dns_host: str
    dns_port: int
    metrics_url: str | None
    probes_url: str | None
    zones: tuple[str, ...]
    target: str
    objects: int
    skipped: tuple[str, ...]

    def as_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))


class SandboxError(CatalystError):
    """The sandbox can't start; the text says what to change."""


def parse_options(
    *,
    zones: Sequence[str],
    target: str,
    delete_grace: str,
    objects: Sequence[Path],
    kubeconfig: Path | None,
    with_daemon: bool,
    port_base: int,
) -> SandboxOptions:
    """Return the options of the command line; raises `SettingsError` with all faults."""
    faults: list[str] = []

    def parsed(flag: str, parse: Callable[[str], T], text: str) -> T | None:
        try:
            return parse(text)
        except ValueError as error:
            faults.append(f"{flag}: {error}")
            return None

    names = [name for text in zones for name in sorted(parsed("--zone", parsers.zones, text) or ())]
    addresses = parsed("--target", parsers.addresses, target)
    grace = parsed("--delete-grace", parsers.seconds, delete_grace)
    if not names and not faults:
        faults.append("--zone: name a zone, like home.arpa")
    if faults:
        raise SettingsError(faults)
    return SandboxOptions(
        zones=tuple(dict.fromkeys(names)),
        target=addresses or (),
        objects=tuple(objects),
        kubeconfig=kubeconfig,
        delete_grace=grace or 0.0,
        with_daemon=with_daemon,
        port_base=port_base,
    )


async def main(options: SandboxOptions, announce: Callable[[Sandbox], None]) -> None:
    """Run the sandbox until SIGTERM or SIGINT."""
    with daemon.event_on(signal.SIGTERM, signal.SIGINT) as stop:
        await run_sandbox(options, stop, announce)


async def run_sandbox(
    options: SandboxOptions, stop: asyncio.Event, announce: Callable[[Sandbox], None]
) -> None:
    """Run until ``stop`` is set; ``announce`` is told once all is ready.

    Raises `CatalystError` where something is in the way.
    """
    manifests = load_manifests(options.objects)
    if not options.objects:
        files = scenario(options.zones[0])
        manifests = [Manifest(Path("scenario"), data) for data in files]
    kube_token = secrets.token_urlsafe(24)
    api = KubeApi(token=kube_token)
    server = Technitium(admin_password=ADMIN_PASSWORD)
    for zone in options.zones:
        server.create_zone(zone)
    dns_token = server.create_token()
    count, skipped = create_objects(api, manifests)
    async with AsyncExitStack() as stack:
        base = options.port_base
        kube_port = await stack.enter_async_context(
            _listening(serve_kube(api, LOOPBACK, base), base)
        )
        http, dns = (base + 1, base + 2) if base else (0, 0)
        ports = await stack.enter_async_context(
            _listening(serve_dns(server, LOOPBACK, http, dns), http, dns)
        )
        kube_url = f"http://{LOOPBACK}:{kube_port}"
        config = stack.enter_context(
            _kubeconfig_file(options.kubeconfig, kubeconfig(kube_url, kube_token))
        )
        sandbox = Sandbox(
            kubeconfig=str(config),
            kubernetes_url=kube_url,
            technitium_url=ports.url,
            technitium_user="admin",
            technitium_password=ADMIN_PASSWORD,
            technitium_token=dns_token,
            dns_host=ports.host,
            dns_port=ports.dns,
            metrics_url=None,
            probes_url=None,
            zones=options.zones,
            target=",".join(target.value for target in options.target),
            objects=count,
            skipped=skipped,
        )
        if options.with_daemon:
            await _with_daemon(options, sandbox, config, stop, announce)
        else:
            announce(sandbox)
            await stop.wait()


async def _with_daemon(
    options: SandboxOptions,
    sandbox: Sandbox,
    config: Path,
    stop: asyncio.Event,
    announce: Callable[[Sandbox], None],
) -> None:
    base = options.port_base
    settings = Settings(
        kubeconfig=config,
        dns_server_url=sandbox.technitium_url,
        dns_api_token=Secret(sandbox.technitium_token),
        dns_zones=frozenset(options.zones),
        dns_ip_address=options.target,
        delete_grace=options.delete_grace,
        metrics_bind_address=Address(LOOPBACK, base and base + 3),
        health_probe_address=Address(LOOPBACK, base and base + 4),
    )

    def ready(bound: daemon.Bound) -> None:
        announce(
            replace(
                sandbox,
                metrics_url=f"http://{LOOPBACK}:{bound.metrics}/metrics",
                probes_url=f"http://{LOOPBACK}:{bound.probes}/readyz",
            )
        )

    async with build(settings) as parts:
        await daemon.run(parts, stop, ready)


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


@contextmanager
def _kubeconfig_file(wanted: Path | None, text: str) -> Iterator[Path]:
    """Write the kubeconfig where it is wanted, or into a folder that goes at the end."""
    if wanted is not None:
        _refuse_to_overwrite(wanted)
        _write_private(wanted, text)
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="catalyst-dns-sync-") as folder:
        path = Path(folder) / "kubeconfig"
        _write_private(path, text)
        yield path


def _refuse_to_overwrite(path: Path) -> None:
    try:
        old = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise SandboxError(f"--kubeconfig: {path}: {error.strerror}") from error
    if old.strip() and SANDBOX_CONTEXT not in old:
        raise SandboxError(f"--kubeconfig: {path} is somebody else's file: name another one")


def _write_private(path: Path, text: str) -> None:
    try:
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"--kubeconfig: {path} can't be written: {error.strerror}") from error
