"""Faults on request: each of them, aimed at a path and a number of times."""

import asyncio
from collections.abc import Awaitable

import aiohttp
import pytest

from catalyst_dns_sync.sandbox.technitium import Fault, Faults, Kind
from unit.sandbox.technitium.builders import Api, running

ADD = "records/add"


async def _outcome(call: Awaitable[dict[str, object]]) -> str:
    try:
        return str((await call)["status"])
    except aiohttp.ClientError as error:
        return type(error).__name__


async def _names(api: Api) -> list[str]:
    return [r.name.partition(".")[0] for r in api.server.records("lab.test") if r.type == "A"]


async def test_a_status_is_answered_as_often_as_was_asked_for_on_that_path_only() -> None:
    faults = Faults([Fault(Kind.STATUS, ADD, times=2, status=503)])
    async with running(faults=faults) as api:
        outcomes = [
            await _outcome(api("zones/list")),
            await _outcome(api.add("a")),
            await _outcome(api.add("b")),
            await _outcome(api.add("c")),
        ]
        names = await _names(api)

    assert outcomes == ["ok", "ContentTypeError", "ContentTypeError", "ok"]
    assert names == ["c"]


async def test_the_kth_call_fails() -> None:
    faults = Faults([Fault(Kind.RESET, ADD, after=1)])
    async with running(faults=faults) as api:
        outcomes = [await _outcome(api.add(name)) for name in ("a", "b", "c")]
        names = await _names(api)

    assert [outcome == "ok" for outcome in outcomes] == [True, False, True]
    assert names == ["a", "c"]


async def test_a_lost_answer_is_a_write_that_was_done() -> None:
    faults = Faults([Fault(Kind.LOSE_ANSWER, ADD)])
    async with running(faults=faults) as api:
        outcome = await _outcome(api.add("a"))
        names = await _names(api)

    assert (outcome, names) == ("ServerDisconnectedError", ["a"])


async def test_a_cut_answer_ends_within_its_body() -> None:
    faults = Faults([Fault(Kind.CUT, ADD)])
    async with running(faults=faults) as api:
        outcome = await _outcome(api.add("a"))
        names = await _names(api)

    assert (outcome, names) == ("ClientPayloadError", ["a"])


async def test_a_call_that_hangs_does_nothing_and_does_not_keep_the_server_from_stopping() -> None:
    faults = Faults([Fault(Kind.HANG, ADD)])
    async with running(faults=faults) as api:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await api.add("a")
        names = await _names(api)

    assert names == []


async def test_a_delayed_answer_comes_late() -> None:
    faults = Faults([Fault(Kind.DELAY, ADD, seconds=0.05)])
    async with running(faults=faults) as api:
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = await _outcome(api.add("a"))
        took = loop.time() - began

    assert outcome == "ok"
    assert took >= 0.05


async def test_cleared_faults_are_over() -> None:
    faults = Faults([Fault(Kind.STATUS, times=None)])
    async with running(faults=faults) as api:
        before = await _outcome(api("zones/list"))
        faults.clear()
        after = await _outcome(api("zones/list"))

    assert (before, after) == ("ContentTypeError", "ok")
