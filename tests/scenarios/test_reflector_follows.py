"""What a reflector does while all goes well, or nearly."""

import asyncio
import json

import pytest

from catalyst_dns_sync.control.store import SourceState
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.kube.api import PAGE_SIZE
from catalyst_dns_sync.kube.reflector import Restart
from catalyst_dns_sync.kube.resources import RESOURCES
from fakes.kube_script import FakeKube, now, route, watching

pytestmark = pytest.mark.looptime


async def test_a_list_of_several_pages_is_taken_as_one() -> None:
    api = FakeKube()
    for number in range(2 * PAGE_SIZE + 1):
        api.apply(route(f"app-{number}"))

    async with watching(api) as seen:
        assert seen.names == {f"app-{number}" for number in range(2 * PAGE_SIZE + 1)}
        assert seen.store.state is SourceState.SYNCED
        assert [what for _, what in api.seen] == ["crd", "list", "page", "page", "watch"]
        assert len(seen.changes) == 1


async def test_an_object_made_between_list_and_watch_is_not_missed() -> None:
    api = FakeKube()
    api.apply(route("first"))
    api.during_list = lambda: api.apply(route("second"))

    async with watching(api) as seen:
        assert seen.names == {"first", "second"}
        assert api.count("list") == 1


async def test_added_changed_and_deleted_objects_are_followed() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        api.apply(route("app", "a.lab.test"))
        await asyncio.sleep(0.01)
        added = set(seen.store.objects[ObjectRef("IngressRoute", "web", "app")].names)
        api.apply(route("app", "b.lab.test"))
        await asyncio.sleep(0.01)
        changed = set(seen.store.objects[ObjectRef("IngressRoute", "web", "app")].names)
        api.delete("app")
        await asyncio.sleep(0.01)

        assert added == {"a.lab.test"}
        assert changed == {"b.lab.test"}
        assert seen.names == set()
        assert seen.ends == [("a.lab.test", True), ("b.lab.test", True)]


async def test_a_quiet_watch_is_kept_alive_by_bookmarks_and_never_listed_again() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        await asyncio.sleep(3600)

        assert api.count("list") == 1
        assert seen.store.state is SourceState.SYNCED
        assert set(seen.restarts) == {Restart.ENDED}


async def test_bookmarks_carry_the_version_past_what_the_server_forgets() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        api.version += 5000  # other resources' changes
        await asyncio.sleep(61)
        api.compact()
        api.end_watches()
        await asyncio.sleep(0.01)
        api.apply(route("app"))
        await asyncio.sleep(0.01)

        assert seen.names == {"app"}
        assert api.count("list") == 1


async def test_a_watch_that_ends_is_taken_up_from_its_last_version_at_once() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.end_watches()
        api.apply(route("meanwhile"))
        await asyncio.sleep(0.01)

        assert seen.names == {"meanwhile"}
        assert api.count("list") == 1
        assert seen.changes[-1].ends == ()
        assert seen.restarts == [Restart.ENDED]


async def test_an_object_deleted_while_a_watch_was_begun_again_was_seen_to_end() -> None:
    api = FakeKube()
    api.apply(route("app"))
    async with watching(api) as seen:
        await asyncio.sleep(30)
        api.break_watches()
        api.delete("app")
        await asyncio.sleep(0.01)

        assert seen.ends == [("app.lab.test", True)]
        assert seen.restarts == [Restart.BROKEN]
        assert seen.store.state is SourceState.SYNCED


async def test_watches_that_end_at_once_do_not_make_it_spin() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        for _ in range(6000):
            api.end_watches()
            await asyncio.sleep(0.01)

        assert api.count("watch") < 60
        assert seen.store.state is SourceState.SYNCED


async def test_a_version_that_expired_in_the_stream_is_answered_by_a_list_at_once() -> None:
    api = FakeKube()
    api.apply(route("stays"))
    api.apply(route("goes"))
    async with watching(api) as seen:
        await asyncio.sleep(10)
        api.break_watches()
        api.delete("goes")
        api.compact()
        await asyncio.sleep(0.01)

        assert seen.names == {"stays"}
        assert seen.ends == [("goes.lab.test", False)]
        assert seen.restarts == [Restart.BROKEN, Restart.EXPIRED]
        assert seen.store.state is SourceState.SYNCED


async def test_a_line_that_makes_no_sense_is_answered_by_a_list() -> None:
    api = FakeKube()
    async with watching(api) as seen:
        api.version += 1
        api.say(b'{"type":"ADDED","object":"what"}')
        await asyncio.sleep(2.1)

        assert api.count("list") == 2
        assert seen.store.state is SourceState.SYNCED


async def test_one_bad_object_costs_only_itself() -> None:
    api = FakeKube()
    api.apply({"metadata": {"name": "bad", "namespace": 7}, "spec": {"routes": "none"}})
    api.apply(route("worse", "`) && what("))
    api.apply(route("good"))

    async with watching(api) as seen:
        api.version += 1
        odd = {"metadata": {"resourceVersion": str(api.version)}, "spec": [1]}
        api.say(json.dumps({"type": "MODIFIED", "object": odd}).encode())
        api.apply(route("later"))
        await asyncio.sleep(0.01)

        assert {"good", "later"} <= seen.names
        assert api.count("list") == 1


async def test_a_list_that_is_asked_for_begins_after_the_asking_and_loses_nothing() -> None:
    api = FakeKube()
    api.apply(route("stays"))
    async with watching(api) as seen:
        await asyncio.sleep(100)
        asked_at = now()
        api.during_list = lambda: api.apply(route(f"made-{api.version}"))
        seen.reflector.request_list()
        seen.reflector.request_list()
        await asyncio.sleep(0.01)

        assert api.count("list") == 2
        assert seen.store.listed_at == pytest.approx(asked_at, abs=0.01)
        assert len(seen.names) == 2
        assert seen.restarts == [Restart.REQUESTED]
        assert seen.store.state is SourceState.SYNCED


async def test_a_list_asked_for_while_one_is_under_way_is_another_one() -> None:
    api = FakeKube()
    async with watching(api) as seen:

        def ask() -> None:
            api.during_list = None
            seen.reflector.request_list()

        api.during_list = ask
        seen.reflector.request_list()
        await asyncio.sleep(0.01)

        assert api.count("list") == 3


async def test_a_list_while_a_watch_goes_on_parses_only_what_that_has_not_seen() -> None:
    api = FakeKube()
    for name in ("a", "b", "c"):
        api.apply(route(name))
    async with watching(api) as seen:
        api.apply(route("b", "changed.lab.test"))
        await asyncio.sleep(0.01)
        assert seen.parsed == ["a", "b", "c", "b"]
        api.apply(route("c", "later.lab.test"))

        seen.reflector.request_list()
        await asyncio.sleep(0.01)

        assert seen.parsed[4:] == ["c"]
        assert {str(name) for one in seen.store.objects.values() for name in one.names} == {
            "a.lab.test",
            "changed.lab.test",
            "later.lab.test",
        }


async def test_a_server_back_from_a_backup_is_not_believed_to_have_the_same_objects() -> None:
    api = FakeKube()
    api.apply(route("app"))
    async with watching(api) as seen:
        api.restore(1000)
        api.apply(route("app", "other.lab.test"))
        await asyncio.sleep(0.01)

        seen.reflector.request_list()
        await asyncio.sleep(0.01)

        assert seen.store.objects[ObjectRef("IngressRoute", "web", "app")].names == {
            "other.lab.test"
        }


async def test_several_namespaces_are_several_reflectors() -> None:
    resource = RESOURCES["ingress"]
    api = FakeKube(resource)
    async with watching(api, resource, "a"), watching(api, resource, "b"):
        await asyncio.sleep(1)

    assert api.paths == [
        "/apis/networking.k8s.io/v1/namespaces/a/ingresses",
        "/apis/networking.k8s.io/v1/namespaces/b/ingresses",
    ]
