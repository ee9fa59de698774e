"""The pages for people; all that they need is loaded with the first one that is asked for."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from catalyst_dns_sync.web.lazily import Lazily

if TYPE_CHECKING:
    from catalyst_dns_sync.web.ui.routes import Pages

_PREFIX = re.compile(r"(?:/[\w.~-]+)+", re.ASCII)


def add_pages(app: web.Application, make: Callable[[], "Pages"]) -> None:
    """Add the pages below ``/ui``, and the way there from ``/``; ``make`` is called once."""
    pages = Lazily(make)

    async def to_pages(request: web.Request) -> web.Response:
        # A proxy that strips its prefix makes `/` of the prefix itself, which ends in no slash.
        prefix = request.headers.get("X-Forwarded-Prefix", "")
        is_stripped = request.path == "/" and _PREFIX.fullmatch(prefix) is not None
        where = f"{prefix}/ui/" if is_stripped else "ui/"
        return web.Response(status=302, headers={"Location": where})

    async def page(request: web.Request) -> web.StreamResponse:
        return await (await pages.get()).answer(request)

    async def end(_app: web.Application) -> None:
        if pages.made is not None:
            pages.made.end()

    app.on_shutdown.append(end)
    app.router.add_get("/", to_pages)
    app.router.add_get("/ui", to_pages)
    app.router.add_route("*", "/ui/{tail:.*}", page)
