"""HTTP requests to calls: parameters, token and zone file."""

import ipaddress
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from catalyst_dns_sync.sandbox.technitium.api.parameters import (
    Parameters,
    parse_form,
    parse_query,
)
from catalyst_dns_sync.sandbox.technitium.model.edition import Edition
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import IpAddress

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TEXT = "text/plain"

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request carries."""

    parameters: Parameters
    zone_file: str | None


async def read(request: web.Request) -> Sent:
    """Read parameters and, in one of the three forms that imports take, a zone file.

    The zone file's Content-Type must be exact: one with a charset is not understood (8.1).
    """
    query = parse_query(request.rel_url.raw_query_string)
    kind = request.headers.get("Content-Type", "")
    form: dict[str, str] = {}
    zone_file: str | None = None
    if request.content_type == MULTIPART:
        form, zone_file = await _read_multipart(request)
    elif request.content_type == FORM:
        form = parse_form(await request.read())
        zone_file = form.get("records") if kind == FORM else None
    elif kind == TEXT:
        zone_file = (await request.read()).decode("utf-8", "replace")
    return Sent(Parameters(query, form), zone_file)


def token_of(request: web.Request, parameters: Parameters, edition: Edition) -> str | None:
    """Return the token: the first Bearer header wins, and only without one the parameter."""
    if not edition.is_before_15:
        for value in request.headers.getall("Authorization", []):
            if value.lower().startswith(_BEARER):
                return value[len(_BEARER) :].strip()
    return parameters.find("token")


def remote_of(request: web.Request) -> IpAddress:
    """Return the caller's address; `X-Real-IP` counts from private addresses (1.1)."""
    try:
        peer = ipaddress.ip_address(request.remote or "127.0.0.1")
        claimed = request.headers.get("X-Real-IP")
        return ipaddress.ip_address(claimed) if claimed and peer.is_private else peer
    except ValueError:
        return ipaddress.IPv4Address("127.0.0.1")


async def _read_multipart(request: web.Request) -> tuple[dict[str, str], str | None]:
    form: dict[str, str] = {}
    zone_file: str | None = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            text = (await part.read(decode=True)).decode("utf-8", "replace")
            if part.filename is None:
                form[(part.name or "").lower()] = text
            elif zone_file is None:
                zone_file = text
    except (ValueError, KeyError, RuntimeError):
        # What aiohttp raises for a body that is no multipart; ASP.NET's words for it.
        raise ApiError("Unexpected end of Stream, the content may have already been read by "
                       "another component. ") from None  # fmt: skip
    return form, zone_file
