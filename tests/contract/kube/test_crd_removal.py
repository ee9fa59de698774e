"""Section "A CRD is removed": its objects go first, then the kind, and it comes back empty."""

import asyncio

from contract.kube.target import A_MOMENT, CRDS, Answer, Json, Target, crd, embedded, quick

GROUP = "contract.example"
THINGS = f"/apis/{GROUP}/v1/namespaces/default/things"
CRD = f"{CRDS}/things.{GROUP}"


def _thing(name: str) -> Json:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": {"name": name}}


async def _with_things(api: Target, *names: str) -> Json:
    created: Json = (await api.call("POST", CRDS, crd(GROUP))).body
    for name in names:
        answer = await api.call("POST", THINGS, _thing(name))
        assert answer.status == 201
    return created


async def _gone(api: Target) -> None:
    async with api.watch(THINGS) as watch:
        if watch.status == 200:
            await watch.rest()


async def _after(api: Target, before: Answer) -> Answer:
    """Ask until the list answers otherwise than before."""
    while True:
        answer = await api.get(THINGS)
        if answer.status != before.status:
            return answer
        await asyncio.sleep(A_MOMENT / 10)


async def test_a_kind_comes_with_its_crd() -> None:
    async with embedded() as (api, _):
        before = (await api.get(THINGS)).status
        await _with_things(api)
        after = await api.get(THINGS)
        discovery = await api.get(f"/apis/{GROUP}/v1")

    assert (before, after.status, after.body["items"]) == (404, 200, [])
    assert [each["name"] for each in discovery.body["resources"]] == ["things"]


async def test_a_removed_crd_deletes_its_objects_in_rising_order_between_its_own_two_events() -> (
    None
):
    async with embedded() as (api, _):
        await _with_things(api, "a", "b", "c")
        version = (await api.get(THINGS)).body["metadata"]["resourceVersion"]
        async with (
            api.watch(THINGS, resourceVersion=version) as things,
            api.watch(CRDS, resourceVersion=version) as crds,
        ):
            await api.call("DELETE", CRD)
            objects = await things.rest()
            first, last = await crds.next(), await crds.next()

    assert first is not None
    assert last is not None
    assert [event["type"] for event in objects] == ["DELETED"] * 3
    assert (first["type"], last["type"]) == ("MODIFIED", "DELETED")
    assert "deletionTimestamp" in first["object"]["metadata"]
    events = [first, *objects, last]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))


async def test_while_a_crd_goes_lists_of_its_kind_shrink_and_creates_are_refused() -> None:
    async with embedded(timings=quick(crd_object_deletion=A_MOMENT)) as (api, _):
        await _with_things(api, "a", "b", "c")
        await api.call("DELETE", CRD)
        listed = await api.get(THINGS)
        refused = await api.call("POST", THINGS, _thing("d"))
        reading = await api.get(CRD)

    assert (listed.status, len(listed.body["items"])) == (200, 2)
    assert refused.status == 403
    assert refused.body["message"].endswith(
        "create not allowed while custom resource definition is terminating"
    )
    assert reading.status == 200
    assert "deletionTimestamp" in reading.body["metadata"]


async def test_after_a_crd_lists_and_new_watches_are_the_text_404_and_the_open_watch_ends() -> None:
    delays = quick(crd_lists_after_removal=A_MOMENT, crd_watches_after_removal=2 * A_MOMENT)
    async with embedded(timings=delays) as (api, _):
        await _with_things(api, "a")
        version = (await api.get(THINGS)).body["metadata"]["resourceVersion"]
        async with api.watch(THINGS, resourceVersion=version) as watch:
            await api.call("DELETE", CRD)
            deleted = await watch.next()
            still = await api.get(THINGS)
            await _gone(api)
            listing = await api.get(THINGS)
            watching = await api.get(THINGS, watch="true")
            rest = await watch.rest()

    assert deleted is not None
    assert (deleted["type"], rest) == ("DELETED", [])
    assert (still.status, still.body["items"]) == (200, [])
    assert [listing.body, watching.body] == ["404 page not found\n"] * 2


async def test_a_crd_made_again_answers_404_then_429_then_an_empty_list_and_has_another_uid() -> (
    None
):
    delays = quick(crd_not_found_at_birth=A_MOMENT, crd_initializing=A_MOMENT)
    async with embedded() as (api, inside):
        first = await _with_things(api, "a")
        old = (await api.get(THINGS)).body["metadata"]["resourceVersion"]
        await api.call("DELETE", CRD)
        await _gone(api)
        inside.parts.registry.timings = delays
        second = (await api.call("POST", CRDS, crd(GROUP))).body
        absent = await api.get(THINGS)
        starting = await _after(api, absent)
        ready = await _after(api, starting)
        async with api.watch(THINGS, resourceVersion=old) as watch:
            (expired,) = await watch.rest()

    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert (absent.status, absent.body) == (404, "404 page not found\n")
    assert (starting.status, starting.body["reason"]) == (429, "TooManyRequests")
    assert starting.body["message"] == "storage is (re)initializing"
    assert starting.headers["Retry-After"] == "1"
    assert (ready.status, ready.body["items"]) == (200, [])
    assert int(ready.body["metadata"]["resourceVersion"]) > int(old)
    assert (expired["type"], expired["object"]["code"]) == ("ERROR", 410)


async def test_creates_in_the_first_moments_of_a_crd_are_held() -> None:
    async with embedded(timings=quick(crd_creates_held=A_MOMENT)) as (api, _):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await _with_things(api, "a")

        assert loop.time() - began >= A_MOMENT


async def test_a_crd_says_that_it_is_established() -> None:
    async with embedded() as (api, _):
        created = await _with_things(api)

    conditions = {each["type"]: each["status"] for each in created["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert created["status"]["storedVersions"] == ["v1"]


async def test_removing_a_crd_without_objects_ends_too() -> None:
    async with embedded() as (api, _):
        await _with_things(api)
        await api.call("DELETE", CRD)
        await _gone(api)
        answer = await api.get(CRD)

    assert answer.status == 404
