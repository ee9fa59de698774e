"""Requests for objects: get, list, watch and the writes, from query and body to an answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from catalyst_dns_sync.sandbox.kube_api import checks, resources, reviews
from catalyst_dns_sync.sandbox.kube_api.body import (
    parse_json,
    parse_object,
    parse_yaml,
    with_checked_metadata,
)
from catalyst_dns_sync.sandbox.kube_api.calls import Call, json_response
from catalyst_dns_sync.sandbox.kube_api.encoding import (
    Json,
    to_bytes,
)
from catalyst_dns_sync.sandbox.kube_api.lists import page_of, parse_list_options
from catalyst_dns_sync.sandbox.kube_api.negotiation import (
    JSON,
    Form,
    read_object,
    read_optional,
)
from catalyst_dns_sync.sandbox.kube_api.parts import Parts
from catalyst_dns_sync.sandbox.kube_api.patch import APPLY, accepted_types, patched
from catalyst_dns_sync.sandbox.kube_api.requests import ResourceRequest
from catalyst_dns_sync.sandbox.kube_api.status import (
    ApiError,
    Cause,
    method_not_allowed,
    resource_not_found,
    success,
    unsupported_media_type,
)
from catalyst_dns_sync.sandbox.kube_api.table import (
    TableFrames,
    partial_metadata,
)
from catalyst_dns_sync.sandbox.kube_api.timings import clock
from catalyst_dns_sync.sandbox.kube_api.watch import (
    Frames,
    ObjectFrames,
    Watch,
    parse_watch_options,
)

CUT_AFTER = "cut after"
"""The key in a request for how many bytes a watch may send before its connection is closed."""


async def answer(
    parts: Parts, request: web.Request, wanted: ResourceRequest, user: str
) -> web.StreamResponse:
    """Answer a request for objects that was found to be allowed to the user."""
    review = reviews.find_review(wanted.group, wanted.version, wanted.plural)
    if review is not None:
        if wanted.verb != "create":
            raise method_not_allowed()
        body = read_object(await request.read(), request.content_type)
        return json_response(to_bytes(reviews.answer(review, body, parts.access, user)), 201)
    resource, served = parts.registry.find(wanted.group, wanted.version, wanted.plural)
    call = Call(parts, request, wanted, resource, served)
    if resource == resources.SERVICE_ACCOUNTS and wanted.subresource == "token":
        return _account_token(call)
    if wanted.subresource and not (wanted.subresource == "status" and resource.has_status):
        raise resource_not_found()
    if resource.namespaced and not wanted.namespace and (wanted.name or wanted.verb == "create"):
        raise method_not_allowed() if wanted.verb == "create" else resource_not_found()
    handler = _HANDLERS.get(wanted.verb)
    if handler is None or (wanted.verb in {"update", "patch"} and not wanted.name):
        raise method_not_allowed()
    if wanted.verb == "create" and wanted.name:
        raise method_not_allowed()
    return await handler(call)


def _account_token(call: Call) -> web.StreamResponse:
    """Answer `kubectl create token`, whatever audience and time it asks for."""
    if call.wanted.verb != "create":
        raise method_not_allowed()
    namespace, name = call.wanted.namespace, call.wanted.name
    call.parts.writer.existing(call.resource, namespace, name)
    expiry = (call.parts.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = call.parts.access.account_token(namespace, name)
    body: Json = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": {}}
    body |= {"spec": {}, "status": {"token": token, "expirationTimestamp": expiry}}
    return json_response(to_bytes(body), 201)


async def _get(call: Call) -> web.StreamResponse:
    wanted = call.wanted
    return call.one(call.parts.writer.existing(call.resource, wanted.namespace, wanted.name))


async def _list(call: Call) -> web.StreamResponse:
    options = parse_list_options(call.query)
    selection = call.selection()
    if options.version is not None and options.version > call.parts.store.version:
        await asyncio.sleep(call.parts.timings.too_large_version)
    page = page_of(call.served.collection, call.parts.store.version, selection, options)
    return call.many(page)


async def _watch(call: Call) -> web.StreamResponse:
    parts = call.parts
    options = parse_watch_options(call.query)
    selection = call.selection()
    frames: Frames
    if call.form == Form.TABLE:
        frames = TableFrames(call.resource, call.table_form(), parts.now)
    elif call.form == Form.PARTIAL:
        frames = ObjectFrames(call.resource, lambda stored: to_bytes(partial_metadata(stored)))
    else:
        frames = ObjectFrames(call.resource, call.data_of)
    watch = Watch(
        call.served.collection,
        selection,
        options,
        frames,
        lambda: parts.store.version,
        parts.timings.bookmark_interval,
    )
    response = web.StreamResponse(headers={"Content-Type": JSON})
    response.enable_chunked_encoding()
    await response.prepare(call.request)
    transport = call.request.transport
    parts.watches[watch] = transport.abort if transport else lambda: None
    left = call.request.get(CUT_AFTER)
    try:
        async with aclosing(watch.lines()) as found:
            async for lines in found:
                await parts.faults.passage("watch", call.wanted.plural, call.request.path)
                if sent := lines[:left]:
                    await response.write(sent)
                left = None if left is None else left - len(sent)
                if left == 0 and transport:
                    transport.close()
                    return response
        await response.write_eof()
    except ConnectionResetError:
        # The client went away, as it may.
        return response
    finally:
        del parts.watches[watch]
    return response


async def _create(call: Call) -> web.StreamResponse:
    body = read_object(await call.request.read(), call.request.content_type)
    options = call.write_options()
    if (held := call.served.creates_at - clock()) > 0:
        await asyncio.sleep(held)
    stored = call.parts.writer.create(call.resource, call.wanted.namespace, body, options)
    return call.one(stored, 201)


async def _update(call: Call) -> web.StreamResponse:
    body = read_object(await call.request.read(), call.request.content_type)
    wanted, writer = call.wanted, call.parts.writer
    options = call.write_options()
    key = f"{wanted.namespace}/{wanted.name}"
    if call.resource == resources.LEASES and call.served.collection.get(key) is None:
        # A Lease is the one kind here that a PUT creates (its strategy allows it).
        body = checks.addressed(call.resource, wanted.namespace, body, wanted.name)
        return call.one(writer.create(call.resource, wanted.namespace, body, options), 201)
    return call.one(writer.replace(call.resource, wanted.namespace, wanted.name, body, options))


async def _patch(call: Call) -> web.StreamResponse:
    media_type = call.request.content_type
    if media_type not in accepted_types(call.resource):
        raise unsupported_media_type(accepted_types(call.resource))
    raw = await call.request.read()
    options = call.write_options()
    wanted, writer, resource = call.wanted, call.parts.writer, call.resource
    if media_type == APPLY:
        return _applied(call, parse_object(raw, parse_yaml))
    if "force" in call.query:
        raise _bad_patch_option("force", "Forbidden", "may not be specified for non-apply patch")
    patch = parse_json(raw)
    old = writer.existing(resource, wanted.namespace, wanted.name)
    present = old.obj | {"apiVersion": resource.group_version, "kind": resource.kind}
    changed = with_checked_metadata(patched(present, patch, media_type))
    changed = checks.addressed(resource, wanted.namespace, changed, wanted.name)
    changed = checks.known_fields(resource, changed, options.validation)
    checks.same_state(resource, wanted.name, old.obj, changed)
    return call.one(writer.update(resource, old, changed, options))


def _applied(call: Call, body: Json) -> web.StreamResponse:
    if not call.query.get("fieldManager", ""):
        raise _bad_patch_option("fieldManager", "Required value", "is required for apply patch")
    force = call.query.get("force", "") in {"true", "1"}
    options = replace(call.write_options(), operation="Apply", force=force)
    namespace, name = call.wanted.namespace, call.wanted.name
    stored, created = call.parts.writer.apply(call.resource, namespace, name, body, options)
    return call.one(stored, 201 if created else 200)


def _bad_patch_option(field: str, what: str, why: str) -> ApiError:
    reason = "FieldValueForbidden" if what == "Forbidden" else "FieldValueRequired"
    cause = Cause(field, reason, f"{what}: {why}")
    details = {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause.as_json()]}
    message = f'PatchOptions.meta.k8s.io "" is invalid: {field}: {cause.message}'
    return ApiError(422, "Invalid", message, details)


async def _delete(call: Call) -> web.StreamResponse:
    body = read_optional(await call.request.read(), call.request.content_type)
    wanted, writer = call.wanted, call.parts.writer
    dry_run = _is_dry_run(call, body)
    stored, gone = writer.delete(
        call.resource, wanted.namespace, wanted.name, body, dry_run=dry_run
    )
    if not gone:
        return call.one(stored)
    uid = stored.obj["metadata"]["uid"]
    return json_response(to_bytes(success(call.resource, wanted.name, uid)))


async def _delete_collection(call: Call) -> web.StreamResponse:
    body = read_optional(await call.request.read(), call.request.content_type)
    dry_run = _is_dry_run(call, body)
    current = call.parts.store.version
    page = page_of(
        call.served.collection, current, call.selection(), parse_list_options(call.query)
    )
    for stored in page.items:
        metadata = stored.obj["metadata"]
        namespace = metadata.get("namespace", "")
        call.parts.writer.delete(call.resource, namespace, metadata["name"], {}, dry_run=dry_run)
    return call.many(page)


def _is_dry_run(call: Call, body: Json) -> bool:
    return call.write_options().dry_run or body.get("dryRun") == ["All"]


_HANDLERS: Mapping[str, Callable[[Call], Awaitable[web.StreamResponse]]] = {
    "get": _get,
    "list": _list,
    "watch": _watch,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": _delete_collection,
}
