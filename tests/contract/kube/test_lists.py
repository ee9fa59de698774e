"""Section "Lists": pages, tokens, versions and selectors."""

import base64
import json

import pytest

from contract.kube.target import Target, embedded, kube, quick, route


async def _names(api: Target, **query: str) -> list[str]:
    items = (await api.get(api.routes, **query)).body["items"]
    return [item["metadata"]["name"] for item in items]


async def test_a_list_has_a_kind_a_version_and_items_with_their_own_kind() -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.get(api.routes)

    version = answer.body["metadata"]["resourceVersion"]
    assert int(version) >= int(created["metadata"]["resourceVersion"])
    assert answer.body == {
        "apiVersion": "traefik.io/v1alpha1",
        "items": [created],
        "kind": "IngressRouteList",
        "metadata": {"continue": "", "resourceVersion": version},
    }


async def test_items_of_a_built_in_kind_do_not_repeat_their_kind() -> None:
    async with kube() as api:
        answer = await api.get("/api/v1/namespaces")

    assert answer.body["kind"] == "NamespaceList"
    assert answer.body["items"][0].keys() == {"metadata", "spec", "status"}


async def test_items_come_in_the_order_of_their_keys() -> None:
    async with kube() as api:
        for name in ("b", "a-b", "a", "a.c"):
            await api.create(name)

        assert await _names(api) == ["a", "a-b", "a.c", "b"]


async def test_all_pages_show_the_version_of_the_first_one() -> None:
    async with kube() as api:
        for name in "abc":
            await api.create(name)
        first = (await api.get(api.routes, limit="2")).body
        await api.create("c2")
        await api.call("DELETE", f"{api.routes}/c")
        second = (
            await api.get(api.routes, limit="2", **{"continue": first["metadata"]["continue"]})
        ).body

    assert [item["metadata"]["name"] for item in first["items"]] == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 1
    assert [item["metadata"]["name"] for item in second["items"]] == ["c"]
    assert second["metadata"] == {
        "continue": "",
        "resourceVersion": first["metadata"]["resourceVersion"],
    }


async def test_a_selector_hides_how_many_items_remain() -> None:
    async with kube() as api:
        for name in "ab":
            await api.create(name, labels={"app": "x"})
        answer = await api.get(api.routes, limit="1", labelSelector="app=x")

    assert answer.body["metadata"]["continue"]
    assert answer.body["metadata"].keys() == {"continue", "resourceVersion"}


async def test_a_continue_token_is_base64_json_with_the_next_key() -> None:
    async with kube() as api:
        for name in "ab":
            await api.create(name)
        metadata = (await api.get(api.routes, limit="1")).body["metadata"]

    token = metadata["continue"]
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert content == {
        "v": "meta.k8s.io/v1",
        "rv": int(metadata["resourceVersion"]),
        "start": "/a\0",
    }


async def test_version_zero_ignores_the_limit() -> None:
    async with kube() as api:
        for name in "abc":
            await api.create(name)

        assert await _names(api, limit="1", resourceVersion="0") == ["a", "b", "c"]


async def test_a_version_beside_a_continue_token_is_a_400() -> None:
    async with kube() as api:
        for name in "ab":
            await api.create(name)
        token = (await api.get(api.routes, limit="1")).body["metadata"]["continue"]
        answer = await api.get(api.routes, resourceVersion="5", **{"continue": token})

    assert answer.status == 400
    assert answer.body["message"] == (
        "specifying resource version is not allowed when using continue"
    )


@pytest.mark.parametrize("token", ["garbage", "%%%", "e30", "bnVsbA", "W10"])
async def test_a_garbage_continue_token_is_a_400(token: str) -> None:
    async with kube() as api:
        answer = await api.get(api.routes, **{"continue": token})

    assert answer.status == 400
    assert answer.body["message"].startswith("invalid continue token: continue key is not valid: ")


async def test_an_expired_continue_token_is_a_410_with_a_token_that_goes_on_inconsistently() -> (
    None
):
    async with embedded() as (api, inside):
        for name in "abc":
            await api.create(name)
        token = (await api.get(api.routes, limit="1")).body["metadata"]["continue"]
        await api.create("b2")
        inside.expire_history()
        answer = await api.get(api.routes, limit="1", **{"continue": token})
        fresh = answer.body["metadata"]["continue"]
        names = await _names(api, **{"continue": fresh})

    assert (answer.status, answer.body["reason"]) == (410, "Expired")
    assert answer.body["message"].startswith("The provided continue parameter is too old ")
    assert names == ["b", "b2", "c"]


async def test_a_version_from_the_future_is_a_504_after_a_while() -> None:
    async with embedded(timings=quick(too_large_version=0.05)) as (api, inside):
        answer = await api.get(api.routes, resourceVersion="99999999")
        current = inside.store.version

    message = f"Timeout: Too large resource version: 99999999, current: {current}"
    assert (answer.status, answer.body["message"]) == (504, message)
    assert answer.body["reason"] == "Timeout"
    assert answer.body["details"] == {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "query", [{"resourceVersion": "x"}, {"limit": "x"}, {"resourceVersion": "-1"}]
)
async def test_garbage_in_a_list_query_is_a_400(query: dict[str, str]) -> None:
    async with kube() as api:
        assert (await api.get(api.routes, **query)).status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"resourceVersionMatch": "Exact"},
        {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
        {"sendInitialEvents": "true"},
    ],
)
async def test_list_options_that_do_not_go_together_are_a_422(query: dict[str, str]) -> None:
    async with kube() as api:
        assert (await api.get(api.routes, **query)).status == 422


async def test_an_exact_version_shows_the_past() -> None:
    async with kube() as api:
        await api.create("a")
        past = await api.version()
        await api.create("b")

        names = await _names(api, resourceVersion=past, resourceVersionMatch="Exact")

    assert names == ["a"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=web", ["a"]),
        ("app!=web", ["b", "c"]),
        ("app in (web,api)", ["a", "b"]),
        ("app", ["a", "b"]),
        ("!app", ["c"]),
    ],
)
async def test_a_label_selector_chooses(selector: str, names: list[str]) -> None:
    async with kube() as api:
        await api.create("a", labels={"app": "web"})
        await api.create("b", labels={"app": "api"})
        await api.create("c")

        assert await _names(api, labelSelector=selector) == names


async def test_field_selectors_choose_by_name_and_namespace() -> None:
    async with kube() as api:
        for name in "ab":
            await api.create(name)

        assert await _names(api, fieldSelector="metadata.name=b") == ["b"]
        assert await _names(api, fieldSelector="metadata.name!=b") == ["a"]
        assert await _names(api, fieldSelector="metadata.namespace=elsewhere") == []


async def test_a_field_selector_on_another_field_is_a_400() -> None:
    async with kube() as api:
        answer = await api.get(api.routes, fieldSelector="spec.x=a")

    assert (answer.status, answer.body["message"]) == (
        400,
        "field label not supported: spec.x",
    )


async def test_a_label_selector_that_cannot_be_read_is_a_400() -> None:
    async with kube() as api:
        assert (await api.get(api.routes, labelSelector="a b c")).status == 400


async def test_a_list_over_all_namespaces_pages_across_them() -> None:
    async with embedded() as (api, inside):
        for namespace in ("one", "two"):
            meta = {"name": namespace}
            inside.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
            for name in "ab":
                inside.create(route(name, namespace=namespace))
        path = "/apis/traefik.io/v1alpha1/ingressroutes"
        found: list[tuple[str, str]] = []
        token = ""
        while True:
            query = {"continue": token} if token else {}
            page = (await api.get(path, limit="3", **query)).body
            found += [(i["metadata"]["namespace"], i["metadata"]["name"]) for i in page["items"]]
            token = page["metadata"]["continue"]
            if not token:
                break

    assert found == [("one", "a"), ("one", "b"), ("two", "a"), ("two", "b")]
