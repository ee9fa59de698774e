"""What a sandbox is asked to be, and where everything in it is."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Targets
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.model import Settings, SettingsError

T = TypeVar("T")

DEFAULT_ZONE = "home.arpa"
DEFAULT_SOURCES = ",".join(Settings().sources)


class TechnitiumVersion(StrEnum):
    """The releases that the embedded Technitium can stand for."""

    V13_6 = "13.6"
    V14_3 = "14.3"
    V15_1 = "15.1"
    V15_2 = "15.2"


class SandboxError(CatalystError):
    """The sandbox can't start, or can't be reached; the text says what to change."""


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
    technitium_version: TechnitiumVersion = TechnitiumVersion.V15_2
    dns_servers: int = 1
    breakable: bool = False
    sources: tuple[str, ...] = Settings().sources


@dataclass(frozen=True, slots=True)
class DnsServerAt:
    """Where one of the sandbox's Technitium servers is, and what names get there."""

    name: str
    url: str
    token: str
    dns_port: int
    target: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where everything is, once it is ready.

    ``control_socket`` is the daemon's; one that is started by hand should use it, too. Where
    there are two Technitium servers, ``dns_servers_file`` is for the setting DNS_SERVERS, and
    ``technitium_url`` and ``dns_port`` are those of the first.
    """

    kubeconfig: str
    kubernetes_url: str
    technitium_url: str
    technitium_version: str
    technitium_user: str
    technitium_password: str
    technitium_token: str
    dns_host: str
    dns_port: int
    pages_url: str | None
    metrics_url: str | None
    probes_url: str | None
    control_socket: str
    break_socket: str | None
    zones: tuple[str, ...]
    target: str
    objects: int
    skipped: tuple[str, ...]
    dns_servers: tuple[DnsServerAt, ...] = ()
    dns_servers_file: str | None = None

    def as_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))


def break_socket(port_base: int) -> Path:
    """Return where `sandbox break` finds the sandbox whose first port this is."""
    return Path(tempfile.gettempdir()) / f"catalyst-dns-sync-sandbox-{port_base}.sock"


def parse_options(
    *, zones: Sequence[str], target: str, delete_grace: str, sources: str = DEFAULT_SOURCES
) -> SandboxOptions:
    """Return options from the texts of the command line; raises `SettingsError` with all faults."""
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
    kinds = parsed("--sources", parsers.sources, sources)
    if not names and not faults:
        faults.append("--zone: name a zone, like home.arpa")
    if faults:
        raise SettingsError(faults)
    return SandboxOptions(
        zones=tuple(dict.fromkeys(names)),
        target=addresses or (),
        delete_grace=grace or 0.0,
        sources=kinds or (),
    )
