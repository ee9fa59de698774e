"""Stands before everything that people are served: Host, errors, headers, slow requests."""

import asyncio

from aiohttp import web

from catalyst_dns_sync.web.access import Access
from catalyst_dns_sync.web.problems import ProblemError, problem
from catalyst_dns_sync.web.server import Handler

API = "/api/"
MAX_BODY = 64 * 1024
BODY_SECONDS = 10.0

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard(app: web.Application, access: Access) -> None:
    """Let the application's answers be safe to show; /metrics stays as it is."""

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/metrics":
            return await handler(request)
        try:
            access.check_host(request)
            return await handler(request)
        except ProblemError as error:
            answer = problem(error.status, str(error), error.headers)
            if "Connection" in error.headers:
                answer.force_close()
            return answer
        except web.HTTPException as error:
            if not request.path.startswith(API):
                raise
            return _as_problem(error)

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        if request.path != "/metrics":
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)

    app.middlewares.append(checked)
    app.on_response_prepare.append(secure)


async def body_of(request: web.Request) -> bytes:
    """Return a request's body, which must come soon and be small; raises `ProblemError`."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = b""
            async for piece in request.content.iter_chunked(MAX_BODY):
                body += piece
                if len(body) > MAX_BODY:
                    raise ProblemError(413, f"at most {MAX_BODY} bytes are taken", _CLOSE)
            return body
    except TimeoutError as error:
        detail = f"the body did not come within {BODY_SECONDS:.0f} s"
        raise ProblemError(408, detail, _CLOSE) from error


_CLOSE = {"Connection": "close"}


def _as_problem(error: web.HTTPException) -> web.Response:
    kept = {name: value for name, value in error.headers.items() if name == "Allow"}
    match error.status:
        case 404:
            detail = "there is nothing here: /api/v1/openapi.json tells what there is"
        case 405:
            allowed = kept.get("Allow", "")
            detail = f"this takes {allowed} only" if allowed else "this method is not taken"
        case _:
            detail = error.text or error.reason
    return problem(error.status, detail, kept)
