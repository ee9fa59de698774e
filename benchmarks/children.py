"""What is measured, each in a process of its own: the two embedded servers, and the baseline.

The baseline is what any server in Python with the same libraries costs at least: an aiohttp
handler that answers ready bytes of a wanted size, and a UDP socket that sends back what comes.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web

from catalyst_dns_sync.sandbox.kube_api import KubeApi
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_technitium

LOOPBACK = "127.0.0.1"
ZONE = "bench.test"
MAX_BODY = 64 * 1024 * 1024


async def main(name: str) -> None:
    """Serve until stdin ends; the first line of stdout says where, as JSON."""
    async with CHILDREN[name]() as where:
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def kubernetes() -> AsyncIterator[dict[str, Any]]:
    """Serve the embedded Kubernetes API."""
    async with serve_kube(KubeApi()) as port:
        yield {"url": f"http://{LOOPBACK}:{port}"}


@asynccontextmanager
async def technitium() -> AsyncIterator[dict[str, Any]]:
    """Serve the embedded Technitium, with one zone."""
    server = Technitium()
    server.create_zone(ZONE)
    async with serve_technitium(server) as ports:
        yield {"url": ports.url, "dns": ports.dns, "token": server.create_token()}


@asynccontextmanager
async def baseline() -> AsyncIterator[dict[str, Any]]:
    """Serve ready bytes, a stream that repeats what is posted, and a UDP echo."""
    streams: set[web.StreamResponse] = set()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=ready[int(request.match_info["size"])])

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        streams.add(response)
        await asyncio.Event().wait()
        return response

    async def tell(request: web.Request) -> web.Response:
        body = await request.read()
        for each in streams:
            await each.write(body + b"\n")
        return web.Response(body=body)

    ready = _Bytes()
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_route("*", "/bytes/{size}", answer)
    app.router.add_get("/stream", stream)
    app.router.add_post("/stream", tell)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(_Echo, local_addr=(LOOPBACK, 0))
    try:
        url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
        yield {"url": url, "dns": udp.get_extra_info("sockname")[1]}
    finally:
        udp.close()
        await runner.cleanup()


class _Bytes(dict[int, bytes]):
    def __missing__(self, size: int) -> bytes:
        self[size] = b"x" * size
        return self[size]


class _Echo(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(data, addr)


CHILDREN = {"kubernetes": kubernetes, "technitium": technitium, "baseline": baseline}
