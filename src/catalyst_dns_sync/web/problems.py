"""Errors as RFC 9457 problem details."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from catalyst_dns_sync.core.errors import CatalystError

TYPE = "application/problem+json"


class ProblemError(CatalystError):
    """A request is not answered with what it asks for; the text says why, and what would help."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return the answer; its title is HTTP's own, as RFC 9457 has it for ``about:blank``."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers={"Content-Type": TYPE, "Cache-Control": "no-store", **(headers or {})},
    )
