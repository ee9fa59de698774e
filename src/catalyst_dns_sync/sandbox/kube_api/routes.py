"""HTTP: from a request to the part that answers it, and back to bytes."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

from catalyst_dns_sync.sandbox.kube_api import discovery, handlers, openapi
from catalyst_dns_sync.sandbox.kube_api.calls import json_response
from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.faults import Fault, FaultKind
from catalyst_dns_sync.sandbox.kube_api.negotiation import JSON
from catalyst_dns_sync.sandbox.kube_api.parts import Parts
from catalyst_dns_sync.sandbox.kube_api.requests import parse_path
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import (
    ApiError,
    PageNotFoundError,
    bad_request,
    method_not_allowed,
)

_MAX_BODY = 3 * 1024 * 1024
_PROBES = frozenset({"healthz", "livez", "readyz"})


def make_app(parts: Parts) -> web.Application:
    """Return the HTTP application of one server."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await _handle(parts, request)
        except ApiError as error:
            return _error_response(error)
        except PageNotFoundError:
            return _page_not_found()
        except web.RequestPayloadError as error:
            return _error_response(bad_request(f"unexpected end of the body: {error}"))
        except RecursionError:
            return _error_response(bad_request("json: exceeded max depth"))
        except ConnectionResetError:
            # The client left before the answer began, as it may: nobody reads this one.
            return web.Response(status=500)
        except web.HTTPRequestEntityTooLarge:
            message = f"Request entity too large: limit is {_MAX_BODY}"
            return _error_response(ApiError(413, "RequestEntityTooLarge", message))

    async def end_watches(_: web.Application) -> None:
        for watch in tuple(parts.watches):
            watch.end()

    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", "/{path:.*}", handle)
    app.on_shutdown.append(end_watches)
    return app


async def _handle(parts: Parts, request: web.Request) -> web.StreamResponse:
    wanted = parse_path(request.method, request.rel_url.raw_path, request.query)
    verb, plural = (wanted.verb, wanted.plural) if wanted else (request.method.lower(), "")
    if wanted:
        parts.request_counts[verb, plural] += 1
    if (fault := parts.faults.take(verb, plural, request.path)) is not None:
        return await _faulty(parts, request, fault)
    return await _answer(parts, request)


async def _answer(parts: Parts, request: web.Request) -> web.StreamResponse:
    user = parts.access.authenticate(request.headers.get("Authorization", ""))
    wanted = parse_path(request.method, request.rel_url.raw_path, request.query)
    if wanted is None:
        parts.access.authorize_path(user, request.method.lower(), request.path)
        return _discovery(parts, request)
    parts.access.authorize(user, wanted)
    return await handlers.answer(parts, request, wanted, user)


def _discovery(parts: Parts, request: web.Request) -> web.Response:
    segments = tuple(filter(None, request.path.split("/")))
    if len(segments) == 1 and segments[0] in _PROBES:
        return web.Response(text="ok")
    if segments == ("openapi", "v2") and openapi.V2_PROTOBUF in request.headers.get("Accept", ""):
        return web.Response(body=openapi.V2_EMPTY_PROTOBUF, content_type=openapi.V2_CONTENT_TYPE)
    found = _document(segments, list(parts.registry.resources()))
    if found is None:
        raise PageNotFoundError
    if request.method not in {"GET", "HEAD"}:
        raise method_not_allowed()
    return json_response(to_bytes(found))


def _document(segments: tuple[str, ...], served: list[Resource]) -> Json | None:
    match segments:
        case ():
            return discovery.PATHS
        case ("version",):
            return discovery.VERSION
        case ("api",):
            return discovery.CORE_VERSIONS
        case ("api", version):
            return discovery.resource_list("", version, served)
        case ("apis",):
            return discovery.groups(served)
        case ("apis", group):
            return discovery.group(group, served)
        case ("apis", group, version):
            return discovery.resource_list(group, version, served)
        case ("openapi", "v2"):
            return openapi.V2_EMPTY
        case ("openapi", "v3"):
            return openapi.index(served)
        case ("openapi", "v3", *path):
            return _openapi_document("/".join(path), served)
        case _:
            return None


def _openapi_document(path: str, served: Iterable[Resource]) -> Json | None:
    described = [each for each in served if openapi.document_path(each) == path]
    return openapi.document(described) if described else None


async def _faulty(parts: Parts, request: web.Request, fault: Fault) -> web.StreamResponse:
    match fault.kind:
        case FaultKind.STATUS:
            return _error_response(_error_of(fault))
        case FaultKind.HANG:
            await asyncio.Event().wait()
        case FaultKind.SILENT_WATCH:
            response = web.StreamResponse(headers={"Content-Type": JSON})
            response.enable_chunked_encoding()
            await response.prepare(request)
            await asyncio.Event().wait()
        case FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
            return await _answer(parts, request)
        case FaultKind.PAUSE:
            await fault.over.wait()
            return await _answer(parts, request)
        case FaultKind.CUT:
            request[handlers.CUT_AFTER] = fault.after_bytes
            return await _cut(request, await _answer(parts, request), fault.after_bytes)
        case FaultKind.RESET:
            if request.transport is not None:
                request.transport.abort()
    return web.Response(status=500)


async def _cut(
    request: web.Request, whole: web.StreamResponse, after_bytes: int
) -> web.StreamResponse:
    if not isinstance(whole, web.Response) or not isinstance(whole.body, bytes):
        return whole
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": JSON})
    response.content_length = len(whole.body)
    await response.prepare(request)
    await response.write(whole.body[:after_bytes])
    if request.transport is not None:
        request.transport.close()
    return response


def _error_of(fault: Fault) -> ApiError:
    reasons = {
        401: "Unauthorized",
        403: "Forbidden",
        429: "TooManyRequests",
        500: "InternalError",
        503: "ServiceUnavailable",
        504: "Timeout",
    }
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    reason = reasons.get(fault.status, "")
    return ApiError(fault.status, reason, "a fault that was asked for", headers=headers)


def _error_response(error: ApiError) -> web.Response:
    return json_response(to_bytes(error.status()), error.code, error.headers)


def _page_not_found() -> web.Response:
    return web.Response(
        status=404, body=b"404 page not found\n", content_type="text/plain", charset="utf-8"
    )
