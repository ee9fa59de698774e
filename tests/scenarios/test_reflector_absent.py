"""What a reflector does when the cluster does not have a kind, or loses it."""

import asyncio

import pytest

from catalyst_dns_sync.control.store import SourceState
from catalyst_dns_sync.kube.answers import Answer
from fakes.kube_script import NOT_SERVED, UNAVAILABLE, FakeKube, busy, route, watching

pytestmark = pytest.mark.looptime

CORE_NOT_SERVED = Answer(
    "/api/v1/x",
    404,
    b'{"kind":"Status","message":"the server could not find the requested resource",'
    b'"reason":"NotFound","details":{},"code":404}',
)


@pytest.mark.parametrize("answer", [NOT_SERVED, CORE_NOT_SERVED], ids=["text", "status"])
async def test_only_a_clean_404_of_the_list_means_absent(answer: Answer) -> None:
    api = FakeKube(crd=None, list_fault=answer, watch_fault=answer)
    async with watching(api) as seen:
        assert seen.store.state is SourceState.ABSENT
        assert seen.store.answered


async def test_a_kind_that_is_installed_an_hour_later_is_found_within_a_minute() -> None:
    api = FakeKube(crd=None, list_fault=NOT_SERVED)
    async with watching(api) as seen:
        await asyncio.sleep(3600)
        tries = api.count("list")
        api.apply(route("app"))
        api.list_fault = None
        await asyncio.sleep(60)

        assert tries == 61
        assert seen.names == {"app"}
        assert seen.store.state is SourceState.SYNCED


async def test_503_at_the_start_is_not_absence() -> None:
    api = FakeKube(list_fault=UNAVAILABLE)
    api.apply(route("app"))
    async with watching(api) as seen:
        at_first = seen.store.state
        api.list_fault = None
        await asyncio.sleep(1.1)

        assert at_first is SourceState.UNKNOWN
        assert seen.names == {"app"}


async def test_objects_that_a_dying_kind_deletes_are_seen_to_end_and_the_rest_is_inferred() -> None:
    api = FakeKube()
    api.apply(route("first"))
    api.apply(route("second"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.delete("first")
        await asyncio.sleep(0.1)
        api.fail(NOT_SERVED)
        api.end_watches()
        await asyncio.sleep(0.1)

        assert seen.store.state is SourceState.ABSENT
        assert seen.ends == [("first.lab.test", True), ("second.lab.test", False)]
        assert [end.uid for change in seen.changes for end in change.ends] == ["crd-1", "crd-1"]


async def test_a_kind_made_again_is_listed_anew_with_its_new_uid() -> None:
    api = FakeKube()
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.crd = {"metadata": {"uid": "crd-2"}}
        api.fail(busy(1))
        api.delete("app")
        api.compact()
        await asyncio.sleep(0.5)
        api.fail(None)
        await asyncio.sleep(2)
        api.apply(route("app"))
        await asyncio.sleep(0.01)
        api.delete("app")
        await asyncio.sleep(0.01)

        ends = [(end.seen, end.uid) for change in seen.changes for end in change.ends]
        assert ends == [(False, "crd-1"), (True, "crd-2")]


@pytest.mark.parametrize(
    "fault", [Answer("/crd", 403, b"{}"), Answer("/crd", 500, b"{}")], ids=["403", "500"]
)
async def test_a_crd_that_cannot_be_read_only_costs_its_uid(fault: Answer) -> None:
    api = FakeKube(crd_fault=fault)
    api.apply(route("app"))
    async with watching(api) as seen:
        api.delete("app")
        await asyncio.sleep(0.01)

        assert seen.store.state is SourceState.SYNCED
        assert [end.uid for change in seen.changes for end in change.ends] == [None]


async def test_a_404_of_the_watch_alone_is_decided_by_the_list() -> None:
    api = FakeKube(watch_fault=NOT_SERVED)
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)

        assert seen.names == {"app"}
        assert seen.store.state is SourceState.SYNCED
        assert api.count("list") <= 20
