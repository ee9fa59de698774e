"""The embedded server on real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from catalyst_dns_sync.connection import logger
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.technitium.api.application import FAILED_LOGIN_DELAY, make_app
from catalyst_dns_sync.sandbox.technitium.dnsd.responder import Responder
from catalyst_dns_sync.sandbox.technitium.dnsd.sockets import listen
from catalyst_dns_sync.sandbox.technitium.faults import Faults
from catalyst_dns_sync.sandbox.technitium.server import Technitium

LOOPBACK = "127.0.0.1"

_log = logger(__name__)

_GRACE = 0.25
"""Seconds that calls under way get at the end; they take milliseconds, unless they hang."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the server listens; DNS on the same port for UDP and TCP."""

    host: str
    http: int
    dns: int

    @property
    def url(self) -> str:
        """The address of the HTTP API."""
        return f"http://{self.host}:{self.http}"


@asynccontextmanager
async def serve(
    server: Technitium,
    host: str = LOOPBACK,
    http_port: int = 0,
    dns_port: int = 0,
    *,
    faults: Faults | None = None,
    door: Door | None = None,
    failed_login_delay: float = FAILED_LOGIN_DELAY,
) -> AsyncIterator[Ports]:
    """Serve the HTTP API and DNS until the block ends; port 0 takes a free one.

    Raises OSError when a port is in use. ``faults`` makes HTTP calls fail on purpose, and ``door``
    is given where the port of the HTTP API shall be shut now and then.
    """
    app = make_app(server, failed_login_delay=failed_login_delay)
    if faults is not None:
        app.middlewares.append(faults.middleware)
    runner = web.AppRunner(app, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        async with (
            (door or Door()).opened(runner, host, http_port, _log) as http,
            listen(Responder(server).respond, host, dns_port) as dns,
        ):
            yield Ports(host, http, dns)
    finally:
        await runner.cleanup()
