"""The aiohttp application: one handler for every path, since what is unknown is answered, too."""

import asyncio
import json

from aiohttp import web

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call, Flat, Json, PlainText
from catalyst_dns_sync.sandbox.technitium.api.requests import Sent, read, remote_of, token_of
from catalyst_dns_sync.sandbox.technitium.api.routes import CALLS, OPEN_CALLS, SINCE_15
from catalyst_dns_sync.sandbox.technitium.model.accounts import Session
from catalyst_dns_sync.sandbox.technitium.model.errors import (
    ApiError,
    InvalidTokenError,
    LoginFailedError,
)
from catalyst_dns_sync.sandbox.technitium.server import Technitium

JSON_TYPE = "application/json; charset=utf-8"
MAX_BODY = 2**31 - 1
FAILED_LOGIN_DELAY = 1.0

_NO_CACHE = {
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "0",
}
_STACK_TRACE = "   at DnsServerCore.DnsWebService.WebServiceExceptionHandler"
_FRONT_PAGE = "<!DOCTYPE html><title>Technitium DNS Server</title><p>The sandbox's DNS server.\n"


class UnknownPathError(Exception):
    """No call of this release has the path."""


def make_app(
    server: Technitium, *, failed_login_delay: float = FAILED_LOGIN_DELAY
) -> web.Application:
    """Return the HTTP API of the server; a failed login is answered after the delay."""

    async def answer(request: web.Request) -> web.StreamResponse:
        path = request.path.lower()
        if not path.startswith("/api/"):
            return _page(path)
        server.traffic.calls[path] += 1
        server.zones.expire_due()
        try:
            sent = await read(request)
            return _respond(_call(server, request, path, sent), _serving(server, sent))
        except UnknownPathError:
            return _unknown(server)
        except (web.RequestPayloadError, ConnectionResetError):
            # Broken, or its sender is gone.
            return web.Response(status=400)
        except ApiError as error:
            if isinstance(error, LoginFailedError):
                await asyncio.sleep(failed_login_delay)
            return _json(_error(server, error))

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_route("*", "/{path:.*}", answer)
    app.on_response_prepare.append(_without_server_header)
    return app


def _call(server: Technitium, request: web.Request, path: str, sent: Sent) -> Answer:
    """Do what the request asks for, and return what is to be answered."""
    edition = server.edition
    token = token_of(request, sent.parameters, edition)
    is_known = request.method in {"GET", "POST"}
    if edition.is_before_15 and path in SINCE_15:
        is_known = False
    remote = remote_of(request)
    if is_known and (handler := OPEN_CALLS.get(path)):
        session = _session_or_none(server, token)
        return handler(Call(server, sent.parameters, remote, session))
    if token is None and edition.is_before_15:
        raise ApiError("Parameter 'token' missing.")
    session = server.accounts.session(token or "")
    handler = CALLS.get(path) if is_known else None
    if handler is None:
        raise UnknownPathError
    served = _serving(server, sent)
    return handler(Call(served, sent.parameters, remote, session, sent.zone_file))


def _session_or_none(server: Technitium, token: str | None) -> Session | None:
    try:
        return server.accounts.session(token) if token else None
    except InvalidTokenError:
        return None


def _serving(server: Technitium, sent: Sent) -> Technitium:
    """Return the node that the call is for, which it is proxied to.

    A node that the cluster does not have is refused; without a cluster, all are ignored.
    """
    if server.fellows is not None:
        server.fellows.follow()
    node = sent.parameters.find("node")
    if not node or not server.cluster:
        return server
    if node.lower() not in server.cluster:
        raise ApiError(f"No such node exists in the Cluster by name: {node}")
    return (server.fellows.node(node) if server.fellows is not None else None) or server


def _respond(answer: Answer, server: Technitium) -> web.Response:
    match answer:
        case PlainText(text, content_type, headers):
            named = headers | {"Content-Type": content_type}
            return web.Response(body=text.encode(), headers=_NO_CACHE | named)
        case Flat(fields):
            return _json(fields | _signed(server) | {"status": "ok"})
        case _:
            return _json({"response": answer} | _signed(server) | {"status": "ok"})


def _error(server: Technitium, error: ApiError) -> Json:
    body = _signed(server) | {"status": error.status, "errorMessage": error.text}
    if server.edition.is_before_15 and error.status == "error":
        body["stackTrace"] = _STACK_TRACE
    if error.inner is not None:
        body["innerErrorMessage"] = error.inner
    return body


def _signed(server: Technitium) -> Json:
    return {} if server.edition.is_before_14 else {"server": server.domain}


def _unknown(server: Technitium) -> web.Response:
    """Answer a path that is no call: before v14 with ok (T13), since then with 404."""
    if server.edition.is_before_14:
        return _json({"response": {}, "status": "ok"})
    return web.Response(status=404)


def _json(body: Json) -> web.Response:
    octets = json.dumps(body, separators=(",", ":")).encode()
    return web.Response(body=octets, headers=_NO_CACHE | {"Content-Type": JSON_TYPE})


def _page(path: str) -> web.Response:
    if path == "/":
        return web.Response(text=_FRONT_PAGE, content_type="text/html")
    return web.Response(status=404)


async def _without_server_header(request: web.Request, response: web.StreamResponse) -> None:
    del request
    response.headers.popall("Server", None)
    if response.status == 404:
        response.headers.popall("Content-Type", None)
