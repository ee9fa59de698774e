"""Custom records over the control socket: shown, added and removed."""

import pwd
import socket
import struct
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from catalyst_dns_sync.control.actions import Actions, CustomRecord
from catalyst_dns_sync.control.orders import OrderError
from catalyst_dns_sync.core.changes import describe
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.orders import AddCustom, Order, RemoveCustom
from catalyst_dns_sync.core.records import parse_targets, parse_ttl

_CREDENTIALS = struct.Struct("3i")


def add_record_routes(app: web.Application, servers: Mapping[str, Actions]) -> None:
    """Let the application show custom records, and take orders for them.

    ``servers`` are what people may do at each server, by its name.
    """

    async def shown(_request: web.Request) -> web.Response:
        records = [
            _body(one) | ({"server": name} if name else {})
            for name, actions in servers.items()
            for one in actions.custom_records()
        ]
        return web.json_response({"records": records})

    async def plan(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            change = _at(servers, body).foresee(_order(body))
        except (ValueError, OrderError) as error:
            return _refusal(error)
        return web.json_response({"change": describe(change) if change is not None else ""})

    async def carry_out(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            acted = await _at(servers, body).carry_out(
                _order(body), who=peer(request), shown=_text(body, "shown")
            )
        except (ValueError, OrderError) as error:
            return _refusal(error)
        return web.json_response({"action": acted.action, "change": acted.change})

    app.router.add_get("/api/v1/custom-records", shown)
    app.router.add_post("/api/v1/custom-records/plan", plan)
    app.router.add_post("/api/v1/custom-records", carry_out)


def peer(request: web.Request) -> str:
    """Return who is at the other end of a Unix socket, for the log."""
    transport = request.transport
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or sock.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return "the control socket"
    packed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(packed)
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        # As in a container that has no entry for whoever it runs as.
        name = "unnamed"
    return f"{name} (uid {uid}) at the control socket"


def _at(servers: Mapping[str, Actions], body: object) -> Actions:
    name = _text(body, "server") if isinstance(body, dict) else None
    if name is None and len(servers) == 1:
        return next(iter(servers.values()))
    if name is None or name not in servers:
        raise ValueError(f"server: name one of {', '.join(servers)}")
    return servers[name]


def _refusal(error: Exception) -> web.Response:
    status = 409 if isinstance(error, OrderError) else 400
    return web.json_response({"error": str(error)}, status=status)


def _order(body: object) -> Order:
    if not isinstance(body, dict):
        raise ValueError("a JSON object is wanted")  # noqa: TRY004 (a fault of the document)
    name, targets = parse_name(_text(body, "name") or ""), _text(body, "targets")
    match body.get("action"):
        case "add":
            ttl = _text(body, "ttl")
            return AddCustom(
                name,
                parse_targets(targets or ""),
                parse_ttl(ttl) if ttl else None,
                _human(_text(body, "text") or ""),
            )
        case "remove":
            return RemoveCustom(name)
        case _:
            raise ValueError("action is add or remove")


def _human(text: str) -> str:
    if not text.isprintable():
        raise ValueError("the text has characters that can't be shown")
    return text.strip()


def _text(body: Mapping[str, object], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is a text")
    return value


def _body(one: CustomRecord) -> dict[str, Any]:
    return {
        "name": one.name,
        "records": [
            {"type": record.type, "value": record.value, "ttl": record.ttl}
            | ({"disabled": True} if record.disabled else {})
            for record in one.records
        ],
        "shared": list(one.shared),
        "text": one.text,
    }
