"""Asks a daemon's API, from wherever its pages can be reached."""

import json
from typing import Any
from urllib.parse import quote

import aiohttp

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.explain import Explanation, Outcome, Stage, Step
from catalyst_dns_sync.core.names import DnsName

TIMEOUT = 30.0
MAX_ANSWER = 4 * 1024 * 1024


class NoAnswerError(CatalystError):
    """The daemon does not answer there, or refuses."""


async def explanation_at(url: str, name: DnsName) -> Explanation:
    """Return what the daemon at ``url`` says of a name; raises `NoAnswerError`."""
    body = await _read(url.rstrip("/") + "/api/v1/records/" + quote(name, safe=""))
    try:
        steps = tuple(_step(step) for step in body["steps"])
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswerError(f"{url}: that is no answer of catalyst-dns-sync's") from error
    return Explanation(name, steps)


async def _read(address: str) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address) as response,
        ):
            text = await response.content.read(MAX_ANSWER)
            body = json.loads(text)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        why = str(error) or type(error).__name__
        raise NoAnswerError(f"{address}: {why}: is UI on there?") from error
    except ValueError as error:
        raise NoAnswerError(f"{address}: that is no answer of catalyst-dns-sync's") from error
    if not isinstance(body, dict) or response.status != 200:
        detail = body.get("detail") if isinstance(body, dict) else None
        raise NoAnswerError(f"{address} answers {response.status}: {detail or 'no reason given'}")
    return body


def _step(body: dict[str, Any]) -> Step:
    return Step(
        Stage(body["stage"]),
        Outcome(body["outcome"]),
        str(body["detail"]),
        tuple(str(line) for line in body["more"]),
        str(body["advice"]),
    )
