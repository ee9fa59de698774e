"""The control API of a sandbox that may be broken: three calls, for a socket of its owner."""

import json

from aiohttp import web

from catalyst_dns_sync.sandbox.breaking.breakage import BreakageError, parse_breakage
from catalyst_dns_sync.sandbox.breaking.breaker import Breaker


def breaking_app(breaker: Breaker) -> web.Application:
    """Return the application.

    `GET /api/v1/status` says what is broken, `POST /api/v1/break` breaks what its JSON asks for
    (the keys are the options of `sandbox break`, durations in seconds), `POST /api/v1/mend` mends
    everything. Each answers ``{"lines": [...]}``, or ``{"error": ...}``.
    """

    async def status(_request: web.Request) -> web.Response:
        return web.json_response({"lines": breaker.in_force()})

    async def break_(request: web.Request) -> web.Response:
        try:
            wanted = parse_breakage(json.loads(await request.read()))
            lines = await breaker.break_(wanted)
        except BreakageError as error:
            return web.json_response({"error": str(error)}, status=400)
        except (ValueError, RecursionError):
            return web.json_response({"error": "the body is no JSON"}, status=400)
        return web.json_response({"lines": lines})

    async def mend(_request: web.Request) -> web.Response:
        return web.json_response({"lines": await breaker.mend()})

    app = web.Application()
    app.router.add_get("/api/v1/status", status)
    app.router.add_post("/api/v1/break", break_)
    app.router.add_post("/api/v1/mend", mend)
    return app
