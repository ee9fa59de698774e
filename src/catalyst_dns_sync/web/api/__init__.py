"""The API for programs; what it needs is loaded with the first request."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from catalyst_dns_sync.web.api.routes import Api


def add_api(app: web.Application, make: Callable[[], "Api"]) -> None:
    """Add all below ``/api/v1/``; ``make`` is called once."""
    made: list[Api] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if not made:
            # Loading takes a tenth of a second, in which the daemon has other things to do.
            found = await asyncio.to_thread(make)
            made[:] = made or [found]
        return await made[0].answer(request, request.match_info["tail"])

    async def end_streams(_app: web.Application) -> None:
        for api in made:
            api.streams.end()

    app.router.add_route("*", "/api/v1/{tail:.*}", answer)
    app.on_shutdown.append(end_streams)
