"""What a reflector does while the API server refuses, is silent, or is not the one it was."""

import asyncio
import logging

import pytest

from catalyst_dns_sync.control.store import SourceState
from catalyst_dns_sync.kube.answers import Answer
from catalyst_dns_sync.kube.errors import KubeError, OutOfTouchError
from catalyst_dns_sync.kube.reflector import Restart
from fakes.kube_script import (
    FORBIDDEN,
    GONE,
    NOT_SERVED,
    UNAUTHORIZED,
    UNAVAILABLE,
    FakeKube,
    busy,
    now,
    route,
    watching,
)

pytestmark = pytest.mark.looptime

FAULTS = [
    pytest.param(UNAUTHORIZED, id="401"),
    pytest.param(FORBIDDEN, id="403"),
    pytest.param(Answer("/p", 429, b""), id="429"),
    pytest.param(Answer("/p", 500, b"{}"), id="500"),
    pytest.param(UNAVAILABLE, id="503"),
    pytest.param(Answer("/p", 404, b"<html>not here</html>"), id="a 404 of something else"),
    pytest.param(OutOfTouchError("/p cannot be reached: Connection refused"), id="refused"),
    pytest.param(OutOfTouchError("/p was not answered in time"), id="late"),
    pytest.param(Answer("/p", 200, b"<html>please log in</html>"), id="nonsense"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_five_minutes_of_trouble_at_the_start_are_waited_out(
    fault: Answer | KubeError,
) -> None:
    api = FakeKube()
    api.apply(route("app"))
    api.fail(fault)
    async with watching(api) as seen:
        # Not a round number, which a longer backoff might hit by chance.
        await asyncio.sleep(290)
        during = seen.store.state, seen.store.answered, seen.names
        tries = api.count("list")
        api.fail(None)
        await asyncio.sleep(2.0)

        assert during == (SourceState.UNKNOWN, False, set())
        assert tries <= 155
        assert seen.names == {"app"}
        assert seen.store.state is SourceState.SYNCED


@pytest.mark.parametrize("fault", FAULTS)
async def test_five_minutes_of_trouble_later_keep_all_objects_and_then_go_on(
    fault: Answer | KubeError,
) -> None:
    api = FakeKube()
    api.apply(route("stays"))
    api.apply(route("goes"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        before = len(api.seen)
        api.fail(fault)
        await asyncio.sleep(0.01)
        api.delete("goes")
        await asyncio.sleep(290)
        during = seen.store.state, seen.names
        tries = len(api.seen) - before
        api.fail(None)
        await asyncio.sleep(2.0)

        assert during == (SourceState.UNKNOWN, {"stays", "goes"})
        assert tries <= 310
        assert seen.store.state is SourceState.SYNCED
        assert seen.names == {"stays"}


async def test_what_was_deleted_while_the_server_was_away_was_seen_where_the_watch_goes_on() -> (
    None
):
    api = FakeKube()
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.fail(UNAVAILABLE)
        await asyncio.sleep(60)
        api.delete("app")
        api.fail(None)
        await asyncio.sleep(2.0)

        assert seen.ends == [("app.lab.test", True)]
        assert api.count("list") == 1


async def test_what_was_deleted_while_away_is_only_inferred_where_a_list_must_tell() -> None:
    api = FakeKube()
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.fail(UNAVAILABLE)
        await asyncio.sleep(60)
        api.delete("app")
        api.compact()
        api.fail(None)
        await asyncio.sleep(2.1)

        assert seen.ends == [("app.lab.test", False)]
        assert api.count("list") == 2


async def test_a_break_of_no_length_is_no_trouble() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        await asyncio.sleep(30)
        changes = len(seen.changes)
        api.break_watches()
        await asyncio.sleep(1)

        assert len(seen.changes) == changes


async def test_retry_after_is_heeded() -> None:
    api = FakeKube(list_fault=busy(7))
    async with watching(api):
        await asyncio.sleep(20)

        assert [round(at) for at in api.times("list")] == [0, 7, 14]


async def test_an_absurd_retry_after_is_not() -> None:
    api = FakeKube(list_fault=busy(999999))
    async with watching(api):
        await asyncio.sleep(130)

        assert [round(at) for at in api.times("list")] == [0, 60, 120]


async def test_an_expired_version_as_an_http_status_is_answered_by_a_list() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.watch_fault = GONE
        api.break_watches()
        await asyncio.sleep(0.01)
        lists = api.count("list")
        api.watch_fault = None
        await asyncio.sleep(2)

        assert lists == 2
        assert seen.store.state is SourceState.SYNCED
        assert Restart.EXPIRED in seen.restarts


async def test_versions_that_always_expire_do_not_make_it_spin() -> None:
    api = FakeKube(watch_fault=GONE)
    async with watching(api):
        await asyncio.sleep(60)

        assert api.count("list") <= 40


async def test_a_continue_token_that_expires_makes_it_read_the_list_from_its_beginning() -> None:
    api = FakeKube()
    for number in range(600):
        api.apply(route(f"app-{number}"))

    api.expiring_pages = 1
    async with watching(api) as seen:
        assert len(seen.names) == 600
        assert api.count("list") == 2
        assert len([change for change in seen.changes if change.names]) == 1


async def test_a_list_that_expires_each_time_before_its_end_is_trouble() -> None:
    api = FakeKube()
    for number in range(600):
        api.apply(route(f"app-{number}"))
    api.expiring_pages = 1000
    async with watching(api) as seen:
        await asyncio.sleep(60)
        during = seen.store.state, "410" in seen.store.error
        tries = api.count("list")
        api.expiring_pages = 0
        await asyncio.sleep(2)

        assert during == (SourceState.UNKNOWN, True)
        assert tries <= 40
        assert len(seen.names) == 600


async def test_a_half_open_watch_is_cut_within_two_bookmark_periods() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        await asyncio.sleep(70)
        api.half_open()
        api.apply(route("app"))
        await asyncio.sleep(120)

        assert seen.names == {"app"}
        assert api.count("list") == 1
        assert seen.restarts == [Restart.SILENT]


async def test_a_restored_server_is_noticed_within_two_bookmark_periods() -> None:
    api = FakeKube(version=5000)
    api.apply(route("old"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.restore(4001)
        api.apply(route("new"))
        await asyncio.sleep(120)

        assert seen.names == {"old", "new"}
        assert Restart.BLIND in seen.restarts
        assert seen.store.state is SourceState.SYNCED


async def test_a_restored_server_is_noticed_though_something_cuts_each_silent_watch() -> None:
    api = FakeKube(version=5000)
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.restore(4001)
        api.apply(route("new"))
        for _ in range(5):
            await asyncio.sleep(25)
            api.end_watches()
        await asyncio.sleep(1)

        assert seen.names == {"new"}


async def test_a_server_without_bookmarks_costs_a_list_now_and_then_and_nothing_else() -> None:
    api = FakeKube(bookmarks=False)
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(600)

        assert api.count("list") <= 7
        assert seen.names == {"app"}
        assert seen.store.state is SourceState.SYNCED
        assert seen.ends == []


async def test_a_list_asked_for_in_trouble_comes_with_the_recovery() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        api.fail(UNAVAILABLE)
        await asyncio.sleep(30)
        asked_at = now()
        seen.reflector.request_list()
        await asyncio.sleep(30)
        api.fail(None)
        await asyncio.sleep(2)

        assert seen.store.listed_at > asked_at


async def test_a_watch_that_is_not_allowed_leaves_the_source_unknown() -> None:
    api = FakeKube(watch_fault=FORBIDDEN)
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)

        assert seen.store.state is SourceState.UNKNOWN
        assert "cannot list" in seen.store.error
        assert api.count("list") == 1


async def test_trouble_is_said_once_when_it_comes_and_once_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="catalyst_dns_sync.kube")
    api = FakeKube(list_fault=UNAVAILABLE)
    async with watching(api):
        await asyncio.sleep(60)
        api.list_fault = NOT_SERVED
        await asyncio.sleep(120)
        api.list_fault = None
        await asyncio.sleep(60)
        api.fail(FORBIDDEN)
        await asyncio.sleep(60)
        api.fail(None)
        await asyncio.sleep(3600)
        api.fail(FORBIDDEN)
        await asyncio.sleep(60)

    assert [record.getMessage() for record in caplog.records] == [
        "source out of touch",
        "source absent",
        "source synced",
        "source out of touch",
        "source is in touch again",
        "source out of touch",
    ]
