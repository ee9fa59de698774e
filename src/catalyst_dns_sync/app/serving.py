"""Serves what others ask the daemon: metrics, probes, pages, and the control socket."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from catalyst_dns_sync.app.console import console_apps
from catalyst_dns_sync.app.controls import controls_of
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.signals import set_level
from catalyst_dns_sync.control.health import liveness
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.settings.parsers import Address
from catalyst_dns_sync.telemetry import logs
from catalyst_dns_sync.web.control import LogLevel, control_app
from catalyst_dns_sync.web.controlsocket import serve_socket
from catalyst_dns_sync.web.ops import metrics_app, probes_app
from catalyst_dns_sync.web.records import add_record_routes
from catalyst_dns_sync.web.server import serve

log = logging.getLogger(__name__)


class PortInUseError(CatalystError):
    """A port that we should listen on is taken."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The ports that are served."""

    metrics: int
    probes: int
    ui: int


@asynccontextmanager
async def serving(parts: Parts) -> AsyncIterator[Bound]:
    """Serve all that while the block runs; yields the ports."""
    clock = asyncio.get_running_loop().time
    metrics = metrics_app(parts.metrics.render)
    apps = (
        ("METRICS_BIND_ADDRESS", parts.settings.metrics_bind_address, metrics),
        (
            "HEALTH_PROBE_ADDRESS",
            parts.settings.health_probe_address,
            probes_app(
                lambda: liveness(parts.board, clock(), parts.boards[1:]),
                lambda: parts.readiness(clock()),
            ),
        ),
        *console_apps(parts, metrics),
    )
    async with AsyncExitStack() as stack:
        await _serve_control(parts, stack)
        ports: list[int] = []
        for setting, address, app in apps:
            try:
                port = await stack.enter_async_context(serve(app, address.host, address.port))
            except OSError as error:
                raise PortInUseError(
                    f"{setting}: can't listen on {_shown(address)}: {error.strerror or error}"
                ) from error
            ports.append(port)
        # Pages that have no port of their own are beside the metrics.
        yield Bound(ports[0], ports[1], ui=ports[2] if ports[2:] else ports[0])


async def _serve_control(parts: Parts, stack: AsyncExitStack) -> None:
    path = parts.settings.control_socket
    level = LogLevel(logs.LEVELS, logs.level, set_level)
    app = control_app(controls_of(parts.lanes), parts.begin, level, lambda: parts.other_leader)
    add_record_routes(app, {lane.name: lane.actions for lane in parts.lanes})
    try:
        await stack.enter_async_context(serve_socket(app, path))
    except OSError as error:
        # What it is for can wait; the records can't.
        extra = {"socket": str(path), "error": str(error)}
        log.warning("release, pause and resume can't reach this daemon", extra=extra)


def _shown(address: Address) -> str:
    return f"{address.host or ''}:{address.port}"
