"""The pages for people; all that they need is loaded with the first one that is asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from catalyst_dns_sync.web.lazily import Lazily

if TYPE_CHECKING:
    from catalyst_dns_sync.web.ui.routes import Pages


def add_pages(app: web.Application, make: Callable[[], "Pages"]) -> None:
    """Add the pages below ``/ui``, and the way there from ``/``; ``make`` is called once."""
    pages = Lazily(make)

    async def to_pages(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "ui/"})

    async def page(request: web.Request) -> web.StreamResponse:
        return await (await pages.get()).answer(request)

    async def end(_app: web.Application) -> None:
        if pages.made is not None:
            pages.made.end()

    app.on_shutdown.append(end)
    app.router.add_get("/", to_pages)
    app.router.add_get("/ui", to_pages)
    app.router.add_route("*", "/ui/{tail:.*}", page)
