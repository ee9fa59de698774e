"""The OpenAPI 3.1 document; tests compare it with what is answered."""

from typing import Any

from catalyst_dns_sync import __version__
from catalyst_dns_sync.core.records import MAX_TTL
from catalyst_dns_sync.web.api.fields import SORTS, STATES

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER = {"type": "integer"}
_FLAG = {"type": "boolean"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_TIME = {"type": ["string", "null"], "format": "date-time"}
_TEXTS = {"type": "array", "items": _TEXT}

# What of these is right no pattern can say, as with IDNA; the formats are our own.
_DNS_NAME = _TEXT | {"format": "dns-name", "minLength": 1, "examples": ["nas.home.arpa"]}
_TARGET = _TEXT | {"format": "dns-target", "minLength": 1, "examples": ["192.168.1.9"]}
_PRINTABLE = _TEXT | {"format": "printable", "examples": ["the NAS"]}
_A_SERVER = _TEXT | {"format": "dns-server", "examples": [""]}
_ZONE = _DNS_NAME | {"examples": ["home.arpa"]}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(optional: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (schemas)
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


_SCHEMAS: dict[str, Any] = {
    "Problem": _object(title=_TEXT, status=_NUMBER, detail=_TEXT),
    "Part": _object(
        part=_TEXT,
        ok=_FLAG,
        state=_TEXT,
        since=_TIME,
        error=_TEXT,
        lastError=_TEXT,
        lastErrorAt=_TIME,
    ),
    "Withheld": _object(name=_TEXT, reason=_TEXT, values=_TEXTS),
    "Overview": _object(
        version=_TEXT,
        paused=_FLAG,
        leader=_TEXT,
        lastInStep=_TIME,
        counts=_object((), **dict.fromkeys(STATES, _NUMBER)),
        parts=_list(_ref("Part")),
        withheld=_list(_ref("Withheld")),
    ),
    "Row": _object(
        name=_TEXT,
        zone=_TEXT,
        server=_TEXT,
        state={"enum": list(STATES)},
        since=_TIME,
        types=_TEXTS,
        values=_TEXTS,
        ttl={"type": ["integer", "null"]},
        origin=_TEXT,
        namespace=_TEXT,
        kinds=_TEXTS,
        reason=_TEXT,
        detail=_TEXT,
        advice=_TEXT,
    ),
    "Rows": _object(
        records=_list(_ref("Row")), found=_NUMBER, total=_NUMBER, page=_NUMBER, pages=_NUMBER
    ),
    "Step": _object(stage=_TEXT, outcome=_TEXT, detail=_TEXT, more=_TEXTS, advice=_TEXT),
    "Event": _object(
        number=_NUMBER,
        at={"type": "string", "format": "date-time"},
        name=_TEXT,
        what=_TEXT,
        detail=_TEXT,
        why=_TEXT,
        is_trouble=_FLAG,
    ),
    "Name": _object(
        name=_TEXT,
        verdict=_TEXT,
        stoppedBy=_MAYBE_TEXT,
        advice=_TEXT,
        steps=_list(_ref("Step")),
        record={"oneOf": [_ref("Row"), {"type": "null"}]},
        rules=_list(_object(object=_TEXT, rule=_TEXT)),
        events=_list(_ref("Event")),
    ),
    "Source": _object(
        source=_TEXT,
        namespace=_TEXT,
        state=_TEXT,
        objects=_NUMBER,
        since=_TIME,
        lastEvent=_TIME,
        restarts=_NUMBER,
        error=_TEXT,
        lastError=_TEXT,
        lastErrorAt=_TIME,
    ),
    "Record": _object(type=_TEXT, value=_TEXT, ttl=_NUMBER, disabled=_FLAG),
    "CustomRecord": _object(
        name=_TEXT, text=_TEXT, shared=_TEXTS, records=_list(_ref("Record")), server=_TEXT
    ),
    "Adoptable": _object(
        name=_TEXT, zone=_TEXT, origin=_TEXT, records=_list(_ref("Record")), server=_TEXT
    ),
    "Answer": _object(
        asked=_TEXT, values=_TEXTS, code=_TEXT, milliseconds={"type": "number"}, error=_TEXT
    ),
    "DnsTest": _object(
        name=_TEXT,
        server={"oneOf": [_ref("Answer"), {"type": "null"}]},
        resolver=_ref("Answer"),
        agree={"type": ["boolean", "null"]},
    ),
    "Done": _object(name=_TEXT, action=_TEXT, change=_TEXT),
    "Session": _object(("csrf",), mayWrite=_FLAG, whyNot=_TEXT, csrf=_TEXT),
    "NewSession": _object(csrf=_TEXT),
}

_PROBLEM = {
    "description": "a problem, as RFC 9457 has it",
    "content": {"application/problem+json": {"schema": _ref("Problem")}},
}
_TOO_OFTEN = _PROBLEM | {"headers": {"Retry-After": {"required": True, "schema": _NUMBER}}}
_READS_MAY_FAIL: dict[str, Any] = {str(status): _PROBLEM for status in (400, 421)}
_CHANGES_MAY_FAIL: dict[str, Any] = _READS_MAY_FAIL | {
    str(status): _PROBLEM for status in (401, 403, 404, 405, 408, 409, 413, 415, 502, 503)
}
_CHANGES_MAY_FAIL["429"] = _TOO_OFTEN
_WHO: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]


def _answered(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "so it is", "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, **schema: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": name, "in": "query", "required": False, "schema": schema or _TEXT}


_NAME = {"name": "name", "in": "path", "required": True, "schema": _DNS_NAME}
_SERVER = _parameter("server", **_A_SERVER)


def _read(summary: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    tag = {"headers": {"ETag": {"required": True, "schema": _TEXT}}}
    answers: dict[str, Any] = {"200": _answered(schema) | tag}
    answers["304"] = {"description": "as If-None-Match says"} | tag
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": answers | _READS_MAY_FAIL,
    }


def _change(
    summary: str,
    schema: dict[str, Any],
    *parameters: dict[str, Any],
    body: dict[str, Any] | None = None,
    statuses: tuple[int, ...] = (200,),
) -> dict[str, Any]:
    answers = {str(status): _answered(schema) for status in statuses}
    found: dict[str, Any] = {"summary": summary, "security": _WHO, "parameters": list(parameters)}
    if body is not None:
        content = {"application/json": {"schema": body}}
        found["requestBody"] = {"required": bool(body["required"]), "content": content}
    return found | {"responses": answers | _CHANGES_MAY_FAIL}


_FILTERS = (
    _parameter("text"),
    _parameter("zone"),
    _parameter("state", enum=list(STATES)),
    _parameter("namespace"),
    _parameter("kind"),
    _parameter("sort", enum=[sign + word for word in SORTS for sign in ("", "-")]),
    _parameter("page", type="integer", minimum=1, maximum=9_999_999),
)

_PATHS: dict[str, Any] = {
    "openapi.json": {"get": _read("This document", {"type": "object"})},
    "overview": {"get": _read("The whole at one glance", _ref("Overview"))},
    "records": {"get": _read("All names, a page of them", _ref("Rows"), *_FILTERS)},
    "records/{name}": {
        "get": _read("One name: why it is as it is", _ref("Name"), _NAME),
        "delete": _change("Delete a record of ours", _ref("Done"), _NAME, _SERVER),
    },
    "records/{name}/adopt": {
        "post": _change("Take over a record that is nobody's", _ref("Done"), _NAME, _SERVER)
    },
    "adoptable": {"get": _read("Records to take over", _object(records=_list(_ref("Adoptable"))))},
    "custom-records": {
        "get": _read("What people ordered", _object(records=_list(_ref("CustomRecord")))),
        "post": _change(
            "Make a custom record",
            _ref("Done"),
            body=_object(
                ("ttl", "text", "server"),
                name=_DNS_NAME,
                targets=_list(_TARGET) | {"minItems": 1},
                ttl={"type": ["integer", "null"], "minimum": 0, "maximum": MAX_TTL},
                text=_PRINTABLE,
                server=_A_SERVER,
            ),
            statuses=(200, 201),
        ),
    },
    "custom-records/{name}": {
        "delete": _change("End a custom record", _ref("Done"), _NAME, _SERVER)
    },
    "events": {"get": _read("What happened lately", _object(events=_list(_ref("Event"))))},
    "events/stream": {
        "get": {
            "summary": "The same as it happens: server-sent events, resumed by Last-Event-ID",
            "parameters": [],
            "responses": {
                "200": {"description": "a stream", "content": {"text/event-stream": {}}},
                "421": _PROBLEM,
                "503": _PROBLEM,
            },
        }
    },
    "sources": {"get": _read("Each watch", _object(sources=_list(_ref("Source"))))},
    "skips": {"get": _read("What is left alone", _object(skips=_list(_ref("Row"))))},
    "withheld": {
        "get": _read("Deletes that wait for a person", _object(withheld=_list(_ref("Withheld"))))
    },
    "test-dns": {
        "get": {
            "summary": "What DNS answers",
            "parameters": [_NAME | {"in": "query"}, _SERVER],
            "responses": {
                "200": _answered(_ref("DnsTest")),
                **_READS_MAY_FAIL,
                **{str(status): _PROBLEM for status in (403, 404)},
                "429": _TOO_OFTEN,
            },
        }
    },
    "release": {
        "post": _change(
            "Let withheld deletes go",
            _object(released=_TEXTS),
            body=_object(names=_list(_DNS_NAME) | {"minItems": 1}),
        )
    },
    "resync": {
        "post": _change(
            "Read zones anew",
            _object(zones=_TEXTS),
            body=_object(("zone", "server"), zone=_ZONE, server=_A_SERVER),
            statuses=(202,),
        )
    },
    "pause": {"post": _change("Begin no more changes", _object(paused=_FLAG))},
    "resume": {"post": _change("End the pause", _object(paused=_FLAG))},
    "session": {
        "get": _read("Whether you may change anything", _ref("Session")),
        "post": _change("Log in with the token", _ref("NewSession"), body=_object(token=_TEXT))
        | {"security": []},
        "delete": _change("Log out", {}, statuses=())
        | {"responses": {"204": {"description": "done"}, **_CHANGES_MAY_FAIL}},
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "catalyst-dns-sync",
        "version": __version__,
        "description": "What the daemon knows, and what people may have it do.",
    },
    "servers": [{"url": "."}],
    "paths": {f"/{path}": methods for path, methods in _PATHS.items()},
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "catalyst_dns_sync"},
        },
    },
}
