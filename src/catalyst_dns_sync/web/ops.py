"""What machines ask for: metrics and probes."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from aiohttp import web

from catalyst_dns_sync.control.health import Part


def metrics_app(render: Callable[[str], tuple[bytes, str]]) -> web.Application:
    """Return the application for the metrics port; ``render`` takes the Accept header."""

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app


def probes_app(
    liveness: Callable[[], Part], readiness: Callable[[], Sequence[Part]]
) -> web.Application:
    """Return the application for the probes' port."""

    async def healthz(_request: web.Request) -> web.Response:
        return _answer([liveness()])

    async def readyz(_request: web.Request) -> web.Response:
        return _answer(readiness())

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/livez", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _answer(parts: Sequence[Part]) -> web.Response:
    ok = all(part.ok for part in parts)
    body = {"status": "ok" if ok else "failing", "parts": [asdict(part) for part in parts]}
    return web.json_response(body, status=200 if ok else 503)
