"""Section "Absent, missing, forbidden": what a 404, a 401 and a 403 say, and what they do not."""

import pytest

from contract.kube.target import TRAEFIK, embedded, kube, route


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/apis/absent.example/v1/namespaces/default/things",
        "/apis/traefik.io/v9/namespaces/default/ingressroutes",
        f"/apis/{TRAEFIK}/namespaces/default/things",
        "/apis/absent.example",
        "/apis/absent.example/v1",
        "/nowhere",
    ],
)
async def test_what_is_not_served_is_a_plain_text_404(method: str, path: str) -> None:
    async with kube() as api:
        answer = await api.call(method, path, {} if method == "POST" else None)

    found = (answer.status, answer.content_type, answer.body)
    assert found == (404, "text/plain", "404 page not found\n")


async def test_a_watch_of_what_is_not_served_is_the_plain_text_404_too() -> None:
    async with kube() as api:
        answer = await api.get("/apis/absent.example/v1/things", watch="true")

    assert (answer.status, answer.body) == (404, "404 page not found\n")


async def test_in_the_core_group_the_404_for_a_resource_is_a_status_without_a_name() -> None:
    async with kube() as api:
        answer = await api.get("/api/v1/nonexisting")

    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "the server could not find the requested resource",
        "reason": "NotFound",
        "details": {},
        "code": 404,
    }


async def test_an_object_that_is_missing_is_a_404_with_its_name_in_the_details() -> None:
    async with kube() as api:
        answer = await api.get(f"{api.routes}/missing")

    assert answer.status == 404
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'ingressroutes.traefik.io "missing" not found',
        "reason": "NotFound",
        "details": {"name": "missing", "group": "traefik.io", "kind": "ingressroutes"},
        "code": 404,
    }


async def test_a_list_in_a_namespace_that_does_not_exist_is_empty() -> None:
    async with kube() as api:
        answer = await api.get(f"/apis/{TRAEFIK}/namespaces/nowhere/ingressroutes")

    assert (answer.status, answer.body["items"]) == (200, [])


async def test_a_create_in_a_namespace_that_does_not_exist_is_a_404_of_the_namespace() -> None:
    async with kube() as api:
        path = f"/apis/{TRAEFIK}/namespaces/nowhere/ingressroutes"
        answer = await api.call("POST", path, route("a"))

    assert (answer.status, answer.body["message"]) == (404, 'namespaces "nowhere" not found')
    assert answer.body["details"] == {"name": "nowhere", "kind": "namespaces"}


async def test_a_wrong_token_is_a_401_without_details() -> None:
    async with embedded(token="right") as (api, inside):
        inside.access.token = "another"
        answer = await api.get(api.routes)

    assert answer.status == 401
    assert (answer.body["reason"], "details" in answer.body) == ("Unauthorized", False)


async def test_no_token_is_a_403_for_the_anonymous_user() -> None:
    async with embedded() as (api, inside):
        inside.access.token = "secret"
        answer = await api.get(api.routes)

    assert answer.status == 403
    assert answer.body["message"] == (
        'ingressroutes.traefik.io is forbidden: User "system:anonymous" cannot list resource '
        '"ingressroutes" in API group "traefik.io" in the namespace "default"'
    )


async def test_a_403_names_the_verb_the_resource_and_the_scope() -> None:
    async with embedded() as (api, inside):
        inside.forbid("list", "ingressroutes")
        everywhere = await api.get(f"/apis/{TRAEFIK}/ingressroutes")
        somewhere = await api.get(f"/apis/{TRAEFIK}/namespaces/argocd/ingressroutes")

    assert everywhere.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'ingressroutes.traefik.io is forbidden: User "sandbox" cannot list resource '
        '"ingressroutes" in API group "traefik.io" at the cluster scope',
        "reason": "Forbidden",
        "details": {"group": "traefik.io", "kind": "ingressroutes"},
        "code": 403,
    }
    assert somewhere.body["message"].endswith('in the namespace "argocd"')


async def test_a_right_can_be_missing_in_one_namespace_only() -> None:
    async with embedded() as (api, inside):
        inside.forbid("list", "ingressroutes", "argocd")
        refused = await api.get(f"/apis/{TRAEFIK}/namespaces/argocd/ingressroutes")
        allowed = await api.get(f"/apis/{TRAEFIK}/namespaces/default/ingressroutes")

    assert (refused.status, allowed.status) == (403, 200)


async def test_a_403_says_nothing_about_absence() -> None:
    async with embedded() as (api, inside):
        inside.forbid("*", "things")
        answer = await api.get("/apis/absent.example/v1/things")

    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")


async def test_an_open_watch_goes_on_when_the_right_is_taken_away() -> None:
    async with embedded() as (api, inside), api.watch(resourceVersion="0") as watch:
        inside.forbid("watch", "ingressroutes")
        await api.create("a")
        event = await watch.next()
        again = await api.get(api.routes, watch="true")

    assert event is not None
    assert (event["type"], again.status) == ("ADDED", 403)


async def test_a_method_that_a_path_does_not_have_is_a_405() -> None:
    async with kube() as api:
        answer = await api.call("PUT", api.routes, route("a"))

    assert (answer.status, answer.body["reason"]) == (405, "MethodNotAllowed")
