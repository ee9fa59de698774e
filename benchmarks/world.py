"""Both embedded servers in a process of their own, filled with objects, and a ledger of calls.

    python -m benchmarks.world --objects N --zones N --folder FOLDER

The first line of stdout says where everything is, as JSON. It ends when stdin does.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Middleware

from benchmarks.objects import namespaces, raw_object, zone_names
from catalyst_dns_sync.sandbox.kube_api import KubeApi, kubeconfig
from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium.api.application import make_app
from catalyst_dns_sync.sandbox.technitium.dnsd.responder import Responder
from catalyst_dns_sync.sandbox.technitium.dnsd.sockets import listen

LOOPBACK = "127.0.0.1"
LISTING = "/api/zones/records/get"
READS = frozenset({"/api/user/session/get", "/api/zones/list", LISTING})

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Ledger:
    """What the servers were asked since the last reset; times are of the monotonic clock.

    ``listed_at`` is when the last list of objects before the first write had been answered.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin a new page."""
        self.calls: Counter[str] = Counter()
        self.objects: Counter[str] = Counter()
        self.writes = 0
        self.listed_at: float | None = None
        self.wrote_at: float | None = None

    def as_json(self) -> web.Response:
        """Return the page as an answer."""
        shown = ("calls", "objects", "writes", "listed_at", "wrote_at")
        return web.json_response({name: getattr(self, name) for name in shown})

    @property
    def of_technitium(self) -> Middleware:
        """The middleware that notes Technitium's calls."""

        @web.middleware
        async def note(request: web.Request, handler: _Handler) -> web.StreamResponse:
            answer = await handler(request)
            # What the handler has read of a form is still there.
            is_whole = request.path == LISTING and b"listZone=true" in await request.read()
            self.calls[f"{request.path} of a zone" if is_whole else request.path] += 1
            if request.path not in READS:
                self.writes += 1
                self.wrote_at = monotonic()
            return answer

        return note

    @property
    def of_kubernetes(self) -> Middleware:
        """The middleware that notes requests for objects; a watch counts when it begins."""

        @web.middleware
        async def note(request: web.Request, handler: _Handler) -> web.StreamResponse:
            is_watch = request.query.get("watch", "") not in ("", "0", "false")
            verb = "watch" if is_watch else request.method
            self.objects[f"{verb} {request.path.rpartition('/')[2]}"] += 1
            answer = await handler(request)
            if verb == "GET" and request.path.startswith("/apis/") and not self.writes:
                self.listed_at = monotonic()
            return answer

        return note


async def serve(objects: int, zones: int, folder: Path) -> None:
    """Serve until stdin ends."""
    api, server, ledger = KubeApi(), Technitium(), Ledger()
    for zone in zone_names(zones):
        server.create_zone(zone)
    for namespace in namespaces():
        api.create(namespace)
    # So many objects that never go make each collection slow, here and while it is measured.
    gc.disable()
    for number in range(objects):
        api.create(raw_object(number, zones))
    gc.freeze()
    gc.enable()
    kube_app, technitium_app = api.app(), make_app(server)
    kube_app.middlewares.append(ledger.of_kubernetes)
    technitium_app.middlewares.append(ledger.of_technitium)
    async with AsyncExitStack() as stack:
        kube = await stack.enter_async_context(_listening(kube_app))
        stack.callback(api.lifecycle.stop)
        api.lifecycle.start()
        technitium = await stack.enter_async_context(_listening(technitium_app))
        side = await stack.enter_async_context(_listening(_side_app(ledger)))
        dns = await stack.enter_async_context(listen(Responder(server).respond, LOOPBACK, 0))
        config = folder / "kubeconfig"
        config.write_text(kubeconfig(kube), encoding="utf-8")
        where = {
            "kubernetes": kube,
            "kubeconfig": str(config),
            "technitium": technitium,
            "token": server.create_token(),
            "dns": dns,
            "side": side,
        }
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def _listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _side_app(ledger: Ledger) -> web.Application:
    async def show(_request: web.Request) -> web.Response:
        return ledger.as_json()

    async def reset(_request: web.Request) -> web.Response:
        ledger.reset()
        return ledger.as_json()

    app = web.Application()
    app.router.add_get("/ledger", show)
    app.router.add_delete("/ledger", reset)
    return app


def _main() -> None:
    parser = argparse.ArgumentParser(description="Serve both embedded servers.")
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--zones", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.objects, options.zones, options.folder))


if __name__ == "__main__":
    _main()
