"""Puts together what people and their programs are served: the guard, the pages, the API."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web

from catalyst_dns_sync.web.access import Access
from catalyst_dns_sync.web.api import add_api
from catalyst_dns_sync.web.guard import guard
from catalyst_dns_sync.web.ui import add_pages

if TYPE_CHECKING:
    from catalyst_dns_sync.web.api.routes import Api
    from catalyst_dns_sync.web.ui.routes import Pages

Application: TypeAlias = web.Application


def serve_people(
    app: web.Application,
    access: Access,
    make_pages: Callable[[], "Pages"],
    make_api: Callable[[], "Api"],
) -> web.Application:
    """Add all that to an application, and return it; each part is made when it is asked for."""
    guard(app, access)
    add_pages(app, make_pages)
    add_api(app, make_api)
    return app


def empty_app() -> Application:
    """Return an application for a port of its own."""
    return Application()
