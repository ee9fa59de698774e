"""What an answer of the API server means: its body, or the error that it stands for. Pure."""

import json
from dataclasses import dataclass

from catalyst_dns_sync.core.rawjson import Json, map_at, maps_at, text_at
from catalyst_dns_sync.kube.errors import (
    EndingNamespaceError,
    ExpiredError,
    KubeError,
    NotFoundError,
    NotServedError,
    OutOfTouchError,
    short,
)

NOT_SERVED_TEXT = b"404 page not found"
"""The whole body, but for the end of the line, where no storage answers for a path."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: ``retry_after`` is the header's text."""

    path: str
    status: int
    body: bytes
    retry_after: str | None = None


def body_of(answer: Answer) -> Json:
    """Return the body of a good answer, else raise the `KubeError` that it stands for."""
    if answer.status not in (200, 201):
        raise error_of(answer)
    body = _json(answer.body)
    if body is None:
        raise OutOfTouchError(
            f"{answer.path} answered {answer.status} with something that is no JSON object",
            status=answer.status,
        )
    return body


def error_of(answer: Answer) -> KubeError:
    """Return what an answer other than 200 and 201 means."""
    status = _json(answer.body) or {}
    if status.get("kind") != "Status":
        status = {}
    text = f"{answer.path} answered {answer.status}{_said(answer, status)}"
    if answer.status == 410:
        return ExpiredError(text)
    if answer.status == 404 and answer.body.strip() == NOT_SERVED_TEXT:
        return NotServedError(text)
    if answer.status == 404 and status:
        # Only an object that is missing has a name here: the API server's NotFound for a
        # resource that it does not serve has empty details.
        named = map_at(status, "details").get("name")
        return NotFoundError(text) if named else NotServedError(text)
    if answer.status == 403 and _is_ending(status):
        return EndingNamespaceError(text)
    return OutOfTouchError(text, status=answer.status, retry_after=_retry_after(answer, status))


def _is_ending(status: Json) -> bool:
    """Tell whether it is the namespace's end and no missing right (NamespaceLifecycle)."""
    causes = maps_at(map_at(status, "details"), "causes")
    return any(text_at(cause, "reason") == "NamespaceTerminating" for cause in causes)


def _said(answer: Answer, status: Json) -> str:
    message = status.get("message") or answer.body[:200].decode("utf-8", errors="replace")
    return f": {short(message, 200)}" if message else ""


def _retry_after(answer: Answer, status: Json) -> float | None:
    for value in (answer.retry_after, map_at(status, "details").get("retryAfterSeconds")):
        # The other form of the header, a date, is not one that an API server sends.
        if value is not None and str(value).isascii() and str(value).isdigit():
            return float(min(int(str(value)[:9]), 3600))
    return None


def _json(body: bytes) -> Json | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
