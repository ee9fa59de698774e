"""The pages' addresses. All links are relative, so that they work under any prefix of a proxy."""

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from catalyst_dns_sync.core.names import InvalidNameError, parse_name
from catalyst_dns_sync.web.access import CLOSED, Access
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.server import Handler
from catalyst_dns_sync.web.sse import OpenStreams
from catalyst_dns_sync.web.standby import words_of_standby
from catalyst_dns_sync.web.ui import views
from catalyst_dns_sync.web.ui.doing import Doing
from catalyst_dns_sync.web.ui.model import Hands, Reader
from catalyst_dns_sync.web.ui.rendering import render

STATIC = Path(__file__).parent / "static"

# Each file that is served, with its type; nothing else below the folder is.
FILES = {
    "app.css": "text/css",
    "app.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "vendor/alpine.js": "text/javascript",
    "vendor/htmx.js": "text/javascript",
    "vendor/sse.js": "text/javascript",
}

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "HX-Request",
}

LIVING = frozenset({"overview", "records", "name", "events", "sources", "previews", "certificates"})

PATIENCE = 0.3
"""Seconds that the page of a name waits for what DNS answers."""

LIVE_LIMIT = 512
"""Pages that may be open at once; a further one works, and is not told of changes."""


@dataclass(frozen=True, slots=True)
class _Asset:
    plain: bytes
    packed: bytes
    type: str


class Pages:
    """Answers for every page; ``zone`` is one for examples."""

    def __init__(self, reader: Reader, hands: Hands, access: Access, zone: str) -> None:
        self._reader = reader
        self._hands = hands
        self._access = access
        self._zone = zone
        self._doing = Doing(reader, hands, access, self._page)
        self._assets: dict[str, _Asset] = {}
        self._stamp = ""
        self._live = OpenStreams(reader.changed, LIVE_LIMIT, "too many pages are open")

    def end(self) -> None:
        """Let all open pages go: the daemon stops."""
        self._live.end()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer for an address below ``/ui/``."""
        path = request.match_info["tail"]
        first, _, rest = path.partition("/")
        try:
            return await self._answer(request, first, rest)
        except ProblemError as error:
            title = HTTPStatus(error.status).phrase.capitalize()
            return await self._trouble(request, title, str(error), error.status)

    async def _answer(self, request: web.Request, first: str, rest: str) -> web.StreamResponse:
        doing = self._doing
        pages: dict[str, tuple[Handler, str]] = {
            "": (self._overview, "GET"),
            "records": (self._records, "GET"),
            "events": (self._events, "GET"),
            "sources": (self._sources, "GET"),
            "previews": (self._previews, "GET"),
            "certificates": (self._certificates, "GET"),
            "theme": (self._theme, "GET"),
            "live": (self._changes, "GET"),
            "test": (doing.test, "GET"),
            "login": (doing.login, "GET POST"),
            "custom": (doing.custom, "GET POST"),
            "act": (doing.act, "GET POST"),
            "release": (doing.release, "GET POST"),
            "logout": (doing.logout, "POST"),
            "resync": (doing.resync, "POST"),
            "pause": (doing.pause, "POST"),
            "resume": (doing.resume, "POST"),
        }
        handler, methods = pages.get(first, (None, "GET")) if not rest else (None, "GET")
        if request.method not in (*methods.split(), "HEAD"):
            raise ProblemError(405, f"this page takes {methods} only", {"Allow": methods})
        if first == "names" and rest:
            return await self._name(request, rest)
        if first == "static":
            return await self._static(request, rest)
        if handler is None:
            raise ProblemError(404, "There is no such page.")
        return await handler(request)

    async def _overview(self, request: web.Request) -> web.Response:
        context = views.overview_context(await self._reader.overview())
        return await self._page(request, "overview", "", context)

    async def _records(self, request: web.Request) -> web.Response:
        query = views.query_of(request.query)
        context = views.records_context(await self._reader.table(query), query)
        return await self._page(request, "records", "records", context)

    async def _name(self, request: web.Request, text: str) -> web.Response:
        try:
            name = parse_name(text)
        except InvalidNameError as error:
            return await self._trouble(request, "That is no name", str(error), 400)
        # The page comes at once, and asks again by itself for what DNS has not answered yet.
        patience = None if "wait" in request.query else PATIENCE
        context = views.name_context(await self._reader.card(name, patience))
        return await self._page(request, "name", "records", context)

    async def _events(self, request: web.Request) -> web.Response:
        context = {"happenings": self._reader.happenings()}
        return await self._page(request, "events", "events", context)

    async def _sources(self, request: web.Request) -> web.Response:
        context = {"sources": self._reader.sources()}
        return await self._page(request, "sources", "sources", context)

    async def _previews(self, request: web.Request) -> web.Response:
        self._check_is_on("previews", "PREVIEW_HOSTS or PREVIEW_LABEL")
        context = views.previews_context(await self._reader.previews())
        return await self._page(request, "previews", "previews", context)

    async def _certificates(self, request: web.Request) -> web.Response:
        self._check_is_on("certificates", "CERTIFICATES")
        context = views.certificates_context(self._reader.certificates(), datetime.now(UTC))
        return await self._page(request, "certificates", "certificates", context)

    def _check_is_on(self, feature: str, setting: str) -> None:
        if feature not in self._reader.features:
            raise ProblemError(404, f"This is switched off: {setting} switches it on.")

    async def _theme(self, request: web.Request) -> web.Response:
        response = web.Response(status=303, headers={"Location": "./"})
        to = request.query.get("to", "")
        if to in ("dark", "light"):
            response.set_cookie("theme", to, max_age=31_536_000, samesite="Lax", path="")
        return response

    async def _trouble(
        self, request: web.Request, title: str, text: str, status: int
    ) -> web.Response:
        context = {"title": title, "text": text}
        return await self._page(request, "trouble", "records", context, status=status)

    async def _page(
        self,
        request: web.Request,
        template: str,
        here: str,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> web.Response:
        """Return the page, or only its living part to htmx."""
        await self._load()
        part = "_live" if "HX-Request" in request.headers and template in LIVING else ""
        depth = request.path.removeprefix("/ui/").count("/")
        try:
            person = await self._access.person(request)
        except ProblemError:
            # A wrong token is told where it matters; looking is open to everybody.
            person = None
        is_known = person is not None and self._access.is_open
        leader = self._hands.leader
        theme = request.cookies.get("theme", "")
        fixed = {
            "base": "../" * depth or "./",
            "here": here,
            "pages": views.pages_of(self._reader.features),
            "stamp": self._stamp,
            "theme": theme if theme in ("dark", "light") else "",
            "now": datetime.now(UTC).strftime("%H:%M:%S UTC"),
            "access_open": self._access.is_open,
            "is_known": is_known,
            "may_write": is_known and not leader,
            "csrf": person.csrf if person is not None else "",
            "why_not": CLOSED,
            "standby": words_of_standby(leader) if leader else "",
            "example": self._zone,
            "version": "",
        }
        text = await asyncio.to_thread(render, f"{template}{part}.html", fixed | context)
        response = web.Response(
            text=text, content_type="text/html", status=status, headers=SECURITY
        )
        response.enable_compression()
        return response

    async def _static(self, request: web.Request, path: str) -> web.Response:
        await self._load()
        asset = self._assets.get(path)
        if asset is None:
            raise web.HTTPNotFound(text="no such file")
        headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        # The address has the content's stamp in it, so a browser need never ask again.
        is_stamped = request.query_string == self._stamp
        age = "max-age=31536000, immutable" if is_stamped else "no-cache"
        headers["Cache-Control"] = age
        body = asset.plain
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"], body = "gzip", asset.packed
        return web.Response(body=body, content_type=asset.type, charset="utf-8", headers=headers)

    async def _load(self) -> None:
        if not self._assets:
            self._assets = await asyncio.to_thread(_read_assets)
            whole = hashlib.sha256(b"".join(asset.plain for asset in self._assets.values()))
            self._stamp = whole.hexdigest()[:12]

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        """Tell an open page when to read again; what changed it then asks for itself."""
        return await self._live.answer(request, SECURITY, b"retry: 1000\n\n", _change)


def _change(seen: int) -> bytes:
    return f"event: change\ndata: {seen}\n\n".encode()


def _read_assets() -> dict[str, _Asset]:
    found: dict[str, _Asset] = {}
    for name, kind in FILES.items():
        plain = (STATIC / name).read_bytes()
        found[name] = _Asset(plain, gzip.compress(plain, mtime=0), kind)
    return found
