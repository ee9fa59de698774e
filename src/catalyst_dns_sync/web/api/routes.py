"""The API's addresses, and who may use them."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import urlencode

from aiohttp import web

from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.orders import OrderError, OrderRefusedError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.orders import Objection
from catalyst_dns_sync.web.access import CLOSED, Access, check_origin, keep_cookie
from catalyst_dns_sync.web.api import bodies
from catalyst_dns_sync.web.api.changes import Changes
from catalyst_dns_sync.web.api.document import DOCUMENT
from catalyst_dns_sync.web.api.fields import fields_of, name_of, query_of
from catalyst_dns_sync.web.api.model import Office
from catalyst_dns_sync.web.api.stream import Streams
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.sessions import COOKIE
from catalyst_dns_sync.web.ui.model import Reader

log = logging.getLogger(__name__)

_Handler: TypeAlias = Callable[[web.Request, str], Awaitable[web.StreamResponse]]

_STATUS = {
    Objection.ABSENT: 404,
    Objection.CONFLICT: 409,
    Objection.FORBIDDEN: 403,
    Objection.UNSURE: 503,
    Objection.BUSY: 429,
}
_SOON = {"Retry-After": "5"}


class Api:
    """Answers for every address below ``/api/v1/``."""

    def __init__(self, reader: Reader, office: Office, access: Access) -> None:
        self._reader = reader
        self._office = office
        self._access = access
        self.streams = Streams(reader)
        changes = Changes(office, access)
        # An address that ends in {name} takes one more part, which the handler is given.
        self.routes: Mapping[str, Mapping[str, _Handler]] = {
            "openapi.json": {"GET": self._document},
            "overview": {"GET": self._overview},
            "records": {"GET": self._records},
            "records/{name}": {"GET": self._name, "DELETE": changes.delete},
            "records/{name}/adopt": {"POST": changes.adopt},
            "adoptable": {"GET": self._adoptable},
            "custom-records": {"GET": self._custom, "POST": changes.add_custom},
            "custom-records/{name}": {"DELETE": changes.remove_custom},
            "events": {"GET": self._events},
            "events/stream": {"GET": self._stream},
            "sources": {"GET": self._sources},
            "skips": {"GET": self._skips},
            "withheld": {"GET": self._withheld},
            "test-dns": {"GET": self._test_dns},
            "release": {"POST": changes.release},
            "resync": {"POST": changes.resync},
            "pause": {"POST": changes.pause},
            "resume": {"POST": changes.resume},
            "session": {"GET": self._session, "POST": self._log_in, "DELETE": self._log_out},
        }

    async def answer(self, request: web.Request, path: str) -> web.StreamResponse:
        """Answer a request; raises `ProblemError`."""
        methods, name = self._found(path)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            allowed = ", ".join(methods)
            raise ProblemError(405, f"this takes {allowed} only", {"Allow": allowed})
        if method != "GET" and not self._access.is_open:
            # As if it were not there, but with the reason.
            raise ProblemError(405, CLOSED, {"Allow": "GET" if "GET" in methods else ""})
        try:
            return await methods[method](request, name)
        except OrderRefusedError as error:
            status = _STATUS[error.objection]
            raise ProblemError(status, str(error), _SOON if status in (429, 503) else {}) from error
        except OrderError as error:
            raise ProblemError(502, str(error)) from error

    def _found(self, path: str) -> tuple[Mapping[str, _Handler], str]:
        if path in self.routes and "{" not in path:
            return self.routes[path], ""
        first, _, rest = path.partition("/")
        name, slash, more = rest.partition("/")
        methods = self.routes.get(f"{first}/{{name}}{slash}{more}")
        if not name or methods is None:
            detail = "there is nothing here: /api/v1/openapi.json tells what there is"
            raise ProblemError(404, detail)
        return methods, name

    async def _document(self, request: web.Request, _: str) -> web.Response:
        return _json(request, DOCUMENT)

    async def _overview(self, request: web.Request, _: str) -> web.Response:
        return _json(request, bodies.overview(await self._reader.overview(), _now()))

    async def _records(self, request: web.Request, _: str) -> web.Response:
        table = await self._reader.table(query_of(request.query))
        response = _json(request, bodies.rows(table))
        if table.page < table.pages:
            following = urlencode({**request.query, "page": table.page + 1})
            response.headers["Link"] = f'<?{following}>; rel="next"'
        return response

    async def _name(self, request: web.Request, text: str) -> web.Response:
        return _json(request, bodies.card(await self._reader.card(name_of(text))))

    async def _events(self, request: web.Request, _: str) -> web.Response:
        found = [bodies.event(one) for one in self._reader.happenings()]
        return _json(request, {"events": found})

    async def _stream(self, request: web.Request, _: str) -> web.StreamResponse:
        return await self.streams.answer(request)

    async def _sources(self, request: web.Request, _: str) -> web.Response:
        found = [bodies.source(one, _now()) for one in self._reader.sources()]
        return _json(request, {"sources": found})

    async def _skips(self, request: web.Request, _: str) -> web.Response:
        told = await self._reader.overview()
        return _json(request, {"skips": [bodies.row(one) for one in told.skips]})

    async def _withheld(self, request: web.Request, _: str) -> web.Response:
        told = await self._reader.overview()
        return _json(request, {"withheld": bodies.withheld(told.withheld)})

    async def _custom(self, request: web.Request, _: str) -> web.Response:
        found = [
            bodies.custom(one) | {"server": server.name}
            for server in self._office.servers
            for one in server.actions.custom_records()
        ]
        return _json(request, {"records": found})

    async def _adoptable(self, request: web.Request, _: str) -> web.Response:
        found = [
            bodies.adoptable(one) | {"server": server.name}
            for server in self._office.servers
            for one in server.actions.adoptable()
        ]
        return _json(request, {"records": found})

    async def _test_dns(self, request: web.Request, _: str) -> web.Response:
        # It sends queries: for our own pages and for programs, not for whoever draws an image.
        check_origin(request)
        name = name_of(request.query.get("name", ""))
        server = self._server(name, request.query.get("server", ""))
        return _json(request, bodies.dns_test(await server.test_dns(name)))

    def _server(self, name: DnsName, wanted: str) -> Actions:
        return self._office.server_of(name, wanted).actions

    async def _session(self, request: web.Request, _: str) -> web.Response:
        person = await self._access.person(request)
        why_not = "" if person is not None else "log in first" if self._access.is_open else CLOSED
        return _json(
            request,
            {"mayWrite": person is not None, "whyNot": why_not}
            | ({"csrf": person.csrf} if person is not None and person.csrf else {}),
        )

    async def _log_in(self, request: web.Request, _: str) -> web.Response:
        fields = await fields_of(request, {"token"})
        session = await self._access.log_in(request, fields.text("token"))
        response = _json(request, {"csrf": session.csrf})
        keep_cookie(response, session, request)
        return response

    async def _log_out(self, request: web.Request, _: str) -> web.Response:
        self._access.log_out(await self._access.writer(request))
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="")
        return response


def _json(request: web.Request, body: object) -> web.Response:
    text = json.dumps(body)
    headers = {"Cache-Control": "no-cache"}
    if request.method in ("GET", "HEAD"):
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
        headers["ETag"] = tag
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    return web.json_response(text=text, headers=headers)


def _now() -> datetime:
    return datetime.now(UTC)
