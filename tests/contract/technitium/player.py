"""Plays a case on a server and keeps what was said; judging it is a second, pure step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from contract.technitium.cases import Case, Step, Variables, filled
from contract.technitium.matching import (
    Reply,
    at,
    differences,
    record_differences,
    reply_differences,
)

_APEX_TYPES = ("SOA", "NS")


class Target(Protocol):
    """A server to play on, be it embedded or real."""

    url: str
    auth: str
    """How the token is sent where a step says nothing: bearer, or form before v15.0."""

    variables: Variables

    async def wait(self, seconds: float) -> None:
        """Let time pass on the server."""


@dataclass(frozen=True)
class Exchange:
    """An answer, which of the calls it is for, and what the case's variables were then."""

    index: int
    reply: Reply
    variables: Variables


@dataclass(frozen=True)
class Played:
    """What became of a case; ``listing`` is the zone afterwards."""

    exchanges: tuple[Exchange, ...]
    listing: Reply | None


async def play(case: Case, target: Target, client: aiohttp.ClientSession) -> Played:
    """Make the calls of the case, with its zone made before them and deleted after them."""
    variables = target.variables | {"ZONE": case.zone}
    if case.has_zone:
        await _call(client, target, _step("delete", zone=case.zone), variables)
        made = _step("create", zone=case.zone, type="Primary")
        reply = await _call(client, target, made, variables)
        assert reply.body["status"] == "ok", reply.text
    try:
        exchanges = await _exchanges(case, target, client, variables)
        listed = _step("records/get", domain=case.zone, zone=case.zone, listZone="true")
        listing = await _call(client, target, listed, variables) if case.after else None
        return Played(exchanges, listing)
    finally:
        ending = [_step("delete", zone=case.zone)] if case.has_zone else []
        for step in [*case.teardown, *ending]:
            await _call(client, target, step, variables)


def troubles(case: Case, played: Played) -> Iterator[str]:
    """Yield what was not as the case expects."""
    calls = (*case.setup, *case.steps)
    for exchange in played.exchanges:
        step, number = calls[exchange.index], exchange.index + 1 - len(case.setup)
        for trouble in _step_troubles(step, exchange):
            yield f"step {number}, {step['call']}: {trouble}"
    if case.after is not None and played.listing is not None:
        after = filled(case.after, {"ZONE": case.zone})
        yield from _listing_troubles(after, case.zone, played.listing)


def _step_troubles(step: Step, exchange: Exchange) -> Iterator[str]:
    expected = step.get("expect")
    if expected is not None:
        yield from reply_differences(filled(expected, exchange.variables), exchange.reply)
    elif not step.get("allow_error"):
        yield from reply_differences({"status": "ok"}, exchange.reply)


def _listing_troubles(after: dict[str, Any], zone: str, listing: Reply) -> Iterator[str]:
    response = listing.body["response"]
    if "serial" in after:
        yield from differences(after["serial"], response["zone"]["soaSerial"], "serial")
    if "records" in after:
        found = [
            record
            for record in response["records"]
            if not (record["name"].lower() == zone and record["type"] in _APEX_TYPES)
        ]
        yield from record_differences(after["records"], found)


async def _exchanges(
    case: Case, target: Target, client: aiohttp.ClientSession, variables: Variables
) -> tuple[Exchange, ...]:
    made = []
    for index, step in enumerate((*case.setup, *case.steps)):
        if "wait" in step:
            await target.wait(float(step["wait"]))
        for _ in range(step.get("repeat", 1)):
            reply = await _call(client, target, step, variables)
            made.append(Exchange(index, reply, dict(variables)))
        for path, name in step.get("save", {}).items():
            variables[name] = str(at(reply.body, path))
    return tuple(made)


async def _call(
    client: aiohttp.ClientSession, target: Target, step: Step, variables: Variables
) -> Reply:
    params = {name: str(value) for name, value in filled(step.get("params", {}), variables).items()}
    query = {name: str(value) for name, value in filled(step.get("query", {}), variables).items()}
    headers = dict(filled(step.get("headers", {}), variables))
    token = filled(step.get("token", "{{TOKEN}}"), variables)
    match step.get("auth", target.auth):
        case "bearer":
            headers.setdefault("Authorization", f"Bearer {token}")
        case "form":
            params["token"] = token
        case "query":
            query["token"] = token
        case _:
            pass
    method = step.get("method", "POST")
    sent: dict[str, Any] = {"data": params}
    if "body" in step:
        sent = {"data": filled(step["body"], variables).encode()}
    elif step.get("encoding") == "json":
        sent = {"json": params}
    elif method == "GET":
        query, sent = query | params, {}
    url = target.url + step["call"]
    async with client.request(method, url, params=query, headers=headers, **sent) as answer:
        kind = answer.headers.get("Content-Type", "")
        return Reply(answer.status, kind, (await answer.read()).decode())


def _step(name: str, **params: str) -> Step:
    return {"call": f"/api/zones/{name}", "params": params}
