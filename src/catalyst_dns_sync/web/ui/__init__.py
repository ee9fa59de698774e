"""The pages for people; all that they need is loaded with the first one that is asked for."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from catalyst_dns_sync.web.ui.routes import Pages


def add_pages(app: web.Application, make: Callable[[], "Pages"]) -> None:
    """Add the pages below ``/ui``, and the way there from ``/``; ``make`` is called once."""
    made: list[Pages] = []

    async def to_pages(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "ui/"})

    async def page(request: web.Request) -> web.StreamResponse:
        if not made:
            # Loading takes a tenth of a second, in which the daemon has other things to do.
            found = await asyncio.to_thread(make)
            made[:] = made or [found]
        return await made[0].answer(request)

    async def end(_app: web.Application) -> None:
        for pages in made:
            pages.end()

    app.on_shutdown.append(end)
    app.router.add_get("/", to_pages)
    app.router.add_get("/ui", to_pages)
    app.router.add_route("*", "/ui/{tail:.*}", page)
