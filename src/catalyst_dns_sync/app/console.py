"""Serves the pages and the API, and says who may change anything by them."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.controls import controls_of
from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import SHORTEST_TOKEN, Address
from catalyst_dns_sync.web.access import Access, Rules
from catalyst_dns_sync.web.people import Application, empty_app, serve_people

if TYPE_CHECKING:
    from catalyst_dns_sync.app.pages import DaemonReader
    from catalyst_dns_sync.web.api.routes import Api
    from catalyst_dns_sync.web.ui.routes import Pages

Served: TypeAlias = tuple[str, Address, Application]

OPEN_FILES = 8192
"""Files and connections that the process may have open: more than all streams and pages."""


def console_apps(parts: Parts, metrics: Application) -> list[Served]:
    """Add the pages and the API to the metrics' application, or return them for their own port."""
    settings = parts.settings
    if not settings.ui:
        return []
    _allow_open_files()
    access = access_of(settings)
    address = settings.ui_bind_address
    app = metrics if address is None else empty_app()

    @cache
    def reader() -> "DaemonReader":
        from catalyst_dns_sync.app.pages import DaemonReader

        if parts.happenings is None:
            raise AssertionError("pages are on, so somebody keeps what happens")
        return DaemonReader(parts, parts.happenings, clock)

    def pages() -> "Pages":
        from catalyst_dns_sync.app.hands import DaemonHands
        from catalyst_dns_sync.web.ui.routes import Pages

        zone = min((zone for board in parts.boards for zone in board.zones), default="")
        hands = DaemonHands(parts.lanes, lambda: parts.other_leader)
        return Pages(reader(), hands, access, zone)

    def api() -> "Api":
        return _api(parts, reader(), access)

    clock = asyncio.get_running_loop().time
    serve_people(app, access, pages, api)
    return [] if address is None else [("UI_BIND_ADDRESS", address, app)]


def _allow_open_files() -> None:
    """Let those who read streams not use up what the work itself needs, as 1024 would.

    That is what most systems allow a process that does not ask for more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def access_of(settings: Settings) -> Access:
    """Return who may do what, as the settings have it."""
    rules = Rules(
        hosts=settings.ui_hosts or (),
        zones=zones_of(settings),
        proxy_header=settings.ui_proxy_header or "",
        proxy_ranges=settings.ui_proxy_ranges or (),
    )
    is_open = any((settings.ui_token, settings.ui_token_file, settings.ui_proxy_header))
    return Access(_token(settings), rules, now_utc, is_open=is_open)


def _token(settings: Settings) -> Callable[[], Awaitable[str]]:
    fixed, file = settings.ui_token, settings.ui_token_file

    async def token() -> str:
        if file is None:
            return fixed.value if fixed is not None else ""
        return await asyncio.to_thread(_read)

    def _read() -> str:
        try:
            text = file.read_text().strip() if file is not None else ""
        except (OSError, ValueError):
            return ""
        # A short one counts as none, as the setting says.
        return text if len(text) >= SHORTEST_TOKEN else ""

    return token


def _api(parts: Parts, reader: "DaemonReader", access: Access) -> "Api":
    from catalyst_dns_sync.web.api.model import Office, Server
    from catalyst_dns_sync.web.api.routes import Api

    servers = [Server(lane.name, tuple(lane.board.zones), lane.actions) for lane in parts.lanes]
    office = Office(servers, controls_of(parts.lanes), parts.begin, lambda: parts.other_leader)
    return Api(reader, office, access)
