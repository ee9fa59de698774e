"""Section "Watches": what a stream brings, how it begins and how it ends."""

import pytest

from contract.kube.target import A_MOMENT, TRAEFIK, embedded, kube, quick, route


async def test_a_watch_is_a_chunked_stream_of_json_lines() -> None:
    async with kube() as api:
        await api.create("a")
        answer = await api.get(api.routes, watch="1", timeoutSeconds="1")

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert (answer.status, answer.content_type) == (200, "application/json")


@pytest.mark.parametrize(("value", "kind"), [("yes", "watch"), ("0", "list"), ("false", "list")])
async def test_any_value_of_watch_but_false_and_zero_makes_a_list_a_watch(
    value: str, kind: str
) -> None:
    async with embedded() as (api, inside):
        answer = await api.get(api.routes, watch=value, timeoutSeconds="1", resourceVersion="1")
        counts = inside.request_counts

    assert counts == {(kind, "ingressroutes"): 1}
    assert answer.status == 200


async def test_a_watch_tells_what_happens_after_its_version() -> None:
    async with kube() as api:
        await api.create("before")
        async with api.watch(resourceVersion=await api.version()) as watch:
            created = await api.create("a")
            merge = {"metadata": {"labels": {"x": "y"}}}
            changed = await api.call(
                "PATCH", f"{api.routes}/a", merge, "application/merge-patch+json"
            )
            await api.call("DELETE", f"{api.routes}/a")
            events = [await watch.next() for _ in range(3)]

    assert events[:2] == [
        {"type": "ADDED", "object": created},
        {"type": "MODIFIED", "object": changed.body},
    ]
    assert events[2] is not None
    assert events[2]["type"] == "DELETED"


async def test_a_deletion_carries_the_whole_last_object_under_a_new_version() -> None:
    async with kube() as api:
        created = await api.create("a")
        async with api.watch(resourceVersion=await api.version()) as watch:
            await api.call("DELETE", f"{api.routes}/a")
            event = await watch.next()

    assert event is not None
    last = event["object"]
    assert int(last["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])
    last["metadata"]["resourceVersion"] = created["metadata"]["resourceVersion"]
    assert last == created


async def test_the_timeout_ends_the_stream_cleanly() -> None:
    async with kube() as api:
        version = await api.version()
        async with api.watch(resourceVersion=version, timeoutSeconds="1") as watch:
            assert await watch.rest() == []


async def test_updates_that_change_nothing_send_nothing() -> None:
    async with kube() as api:
        created = await api.create("a")
        async with api.watch(resourceVersion=await api.version()) as watch:
            answer = await api.call("PUT", f"{api.routes}/a", created, fieldManager="sample")
            await api.create("b")
            event = await watch.next()

    assert answer.body == created
    assert event is not None
    assert event["object"]["metadata"]["name"] == "b"


@pytest.mark.parametrize(
    ("patch", "generation"),
    [
        ({"metadata": {"annotations": {"x": "y"}}}, 1),
        ({"metadata": {"labels": {"x": "y"}}}, 1),
        ({"spec": {"entryPoints": ["websecure"]}}, 2),
    ],
)
async def test_only_the_spec_counts_for_the_generation(
    patch: dict[str, object], generation: int
) -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.call("PATCH", f"{api.routes}/a", patch, "application/merge-patch+json")

    metadata = answer.body["metadata"]
    assert metadata["generation"] == generation
    assert metadata["resourceVersion"] != created["metadata"]["resourceVersion"]


async def test_a_finalizer_makes_a_deletion_two_steps() -> None:
    async with kube() as api:
        await api.create("a", finalizers=["example.com/hold"])
        async with api.watch(resourceVersion=await api.version()) as watch:
            answer = await api.call("DELETE", f"{api.routes}/a")
            held = await watch.next()
            release = {"metadata": {"finalizers": None}}
            await api.call("PATCH", f"{api.routes}/a", release, "application/merge-patch+json")
            gone = await watch.next()

    assert held is not None
    assert gone is not None
    assert (held["type"], gone["type"]) == ("MODIFIED", "DELETED")
    assert answer.body == held["object"]
    assert "deletionTimestamp" in held["object"]["metadata"]
    assert held["object"]["metadata"]["generation"] == 2


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}])
async def test_without_a_version_a_watch_begins_with_what_exists(query: dict[str, str]) -> None:
    async with kube() as api:
        created = [await api.create(name) for name in "ab"]
        async with api.watch(allowWatchBookmarks="true", **query) as watch:
            events = [await watch.next() for _ in range(3)]

    assert events[:2] == [{"type": "ADDED", "object": each} for each in created]
    assert events[2] is not None
    metadata = events[2]["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_bookmark_has_a_version_and_nothing_else() -> None:
    async with embedded(timings=quick(bookmark_interval=A_MOMENT)) as (api, inside):
        inside.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}})
        version = await api.version()
        async with api.watch(resourceVersion=version, allowWatchBookmarks="true") as watch:
            event = await watch.next()

    assert event == {
        "type": "BOOKMARK",
        "object": {
            "apiVersion": TRAEFIK,
            "kind": "IngressRoute",
            "metadata": {"resourceVersion": version},
        },
    }


async def test_without_asking_there_are_no_bookmarks() -> None:
    async with embedded(timings=quick(bookmark_interval=A_MOMENT)) as (api, _):
        version = await api.version()
        async with api.watch(resourceVersion=version, timeoutSeconds="1") as watch:
            assert await watch.rest() == []


async def test_a_bookmark_comes_shortly_before_the_timeout() -> None:
    async with embedded() as (api, _):
        version = await api.version()
        async with api.watch(
            resourceVersion=version, timeoutSeconds="3", allowWatchBookmarks="true"
        ) as watch:
            events = await watch.rest()

    assert [event["type"] for event in events] == ["BOOKMARK"]


async def test_a_version_that_is_too_old_is_a_200_with_one_error_line() -> None:
    async with embedded() as (api, inside):
        await api.create("a")
        inside.expire_history()
        oldest = inside.store.version
        async with api.watch(resourceVersion="1") as watch:
            status, events = watch.status, await watch.rest()

    assert status == 200
    assert events == [
        {
            "type": "ERROR",
            "object": {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": f"too old resource version: 1 ({oldest})",
                "reason": "Expired",
                "code": 410,
            },
        }
    ]


async def test_history_is_bounded_so_versions_really_get_too_old() -> None:
    async with embedded(history=10) as (api, _):
        version = await api.version()
        for number in range(20):
            await api.create(f"r{number}")
        async with api.watch(resourceVersion=version) as watch:
            (event,) = await watch.rest()

    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


async def test_a_version_from_the_future_is_silence() -> None:
    async with (
        embedded(timings=quick(bookmark_interval=A_MOMENT)) as (api, _),
        api.watch(
            resourceVersion="99999999", timeoutSeconds="1", allowWatchBookmarks="true"
        ) as watch,
    ):
        await api.create("a")
        status, events = watch.status, await watch.rest()

    assert (status, events) == (200, [])


async def test_a_garbage_version_is_a_500_without_a_reason() -> None:
    async with kube() as api:
        answer = await api.get(api.routes, watch="true", resourceVersion="garbage")

    assert (answer.status, "reason" in answer.body) == (500, False)


@pytest.mark.parametrize(
    "query", [{"sendInitialEvents": "true"}, {"resourceVersionMatch": "NotOlderThan"}]
)
async def test_initial_events_and_their_match_need_each_other(query: dict[str, str]) -> None:
    async with kube() as api:
        answer = await api.get(api.routes, watch="true", **query)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")


async def test_initial_events_can_be_asked_for_from_any_version() -> None:
    async with kube() as api:
        created = await api.create("a")
        async with api.watch(
            sendInitialEvents="true",
            resourceVersionMatch="NotOlderThan",
            resourceVersion=created["metadata"]["resourceVersion"],
        ) as watch:
            event = await watch.next()

    assert event == {"type": "ADDED", "object": created}


async def test_an_object_that_leaves_the_selector_is_deleted_one_that_enters_is_added() -> None:
    async with kube() as api:
        await api.create("a", labels={"app": "web"})
        await api.create("b", labels={"app": "api"})
        version = await api.version()
        async with api.watch(resourceVersion=version, labelSelector="app=web") as watch:
            for name, label in (("a", "api"), ("b", "web")):
                merge = {"metadata": {"labels": {"app": label}}}
                await api.call(
                    "PATCH", f"{api.routes}/{name}", merge, "application/merge-patch+json"
                )
            events = [await watch.next() for _ in range(2)]

    assert [event and (event["type"], event["object"]["metadata"]["name"]) for event in events] == [
        ("DELETED", "a"),
        ("ADDED", "b"),
    ]


async def test_the_deletion_of_an_object_that_is_not_selected_is_not_told() -> None:
    async with kube() as api:
        await api.create("a", labels={"app": "api"})
        await api.create("b", labels={"app": "web"})
        version = await api.version()
        async with api.watch(resourceVersion=version, labelSelector="app=web") as watch:
            for name in "ab":
                await api.call("DELETE", f"{api.routes}/{name}")
            event = await watch.next()

    assert event is not None
    assert event["object"]["metadata"]["name"] == "b"


async def test_a_watch_of_one_namespace_does_not_hear_of_another() -> None:
    async with embedded() as (api, inside):
        meta = {"name": "other"}
        inside.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        async with api.watch(resourceVersion=await api.version()) as watch:
            inside.create(route("a", namespace="other"))
            await api.create("b")
            event = await watch.next()

    assert event is not None
    assert event["object"]["metadata"]["name"] == "b"


async def test_watches_end_cleanly_when_the_server_likes() -> None:
    async with embedded() as (api, inside), api.watch() as watch:
        inside.end_watches()
        events = await watch.rest()

    assert events == []
