"""The API for programs; what it needs is loaded with the first request."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from catalyst_dns_sync.web.lazily import Lazily

if TYPE_CHECKING:
    from catalyst_dns_sync.web.api.routes import Api


def add_api(app: web.Application, make: Callable[[], "Api"]) -> None:
    """Add all below ``/api/v1/``; ``make`` is called once."""
    api = Lazily(make)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (await api.get()).answer(request, request.match_info["tail"])

    async def end_streams(_app: web.Application) -> None:
        if api.made is not None:
            api.made.streams.end()

    app.router.add_route("*", "/api/v1/{tail:.*}", answer)
    app.on_shutdown.append(end_streams)
