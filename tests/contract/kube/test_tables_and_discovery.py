"""Section "What kubectl needs": discovery, Tables, OpenAPI and questions about rights."""

import pytest

from contract.kube.target import CRDS, TABLE, TRAEFIK, embedded, kube

AGES = ("0s", "1s", "2s")
"""What a table says of an object that was just made, however busy the machine is."""


async def test_the_server_has_a_version() -> None:
    async with kube() as api:
        answer = await api.get("/version")

    assert answer.status == 200
    assert answer.body["gitVersion"].startswith("v1.")


async def test_groups_are_found_in_the_legacy_form() -> None:
    async with kube() as api:
        core = await api.get("/api")
        groups = await api.get("/apis", accept="application/json;as=APIGroupDiscoveryList;v=v2,*/*")
        group = await api.get("/apis/traefik.io")

    version = {"groupVersion": TRAEFIK, "version": "v1alpha1"}
    assert core.body["versions"] == ["v1"]
    assert "traefik.io" in [each["name"] for each in groups.body["groups"]]
    assert group.body == {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": "traefik.io",
        "versions": [version],
        "preferredVersion": version,
    }


async def test_a_group_version_lists_its_resources() -> None:
    async with kube() as api:
        answer = await api.get(f"/apis/{TRAEFIK}")

    (found,) = (each for each in answer.body["resources"] if each["name"] == "ingressroutes")
    del found["storageVersionHash"]
    assert found == {
        "name": "ingressroutes",
        "singularName": "ingressroute",
        "namespaced": True,
        "kind": "IngressRoute",
        "verbs": [
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "create",
            "update",
            "watch",
        ],
    }


async def test_a_table_has_columns_and_a_row_for_each_object() -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.get(api.routes, accept=f"{TABLE},application/json")

    columns = [
        {"name": "Name", "type": "string", "format": "name", "priority": 0},
        {"name": "Age", "type": "date", "format": "", "priority": 0},
    ]
    (row,) = answer.body["rows"]
    found = [{key: each[key] for key in columns[0]} for each in answer.body["columnDefinitions"]]
    assert (answer.body["kind"], answer.body["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert found == columns
    assert row["cells"] in [["a", age] for age in AGES]
    assert row["object"] == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": created["metadata"],
    }


async def test_a_table_can_carry_the_whole_objects() -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.get(api.routes, accept=TABLE, includeObject="Object")

    assert answer.body["rows"][0]["object"] == created


async def test_one_object_can_be_a_table() -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.get(f"{api.routes}/a", accept=TABLE)

    version = created["metadata"]["resourceVersion"]
    assert answer.body["metadata"] == {"resourceVersion": version}


async def test_only_the_first_table_of_a_watch_has_columns() -> None:
    async with kube() as api:
        for name in "ab":
            await api.create(name)
        async with api.watch(accept=TABLE, allowWatchBookmarks="true") as watch:
            events = [await watch.next() for _ in range(3)]

    shown = [
        event
        and (
            event["type"],
            event["object"]["columnDefinitions"] is not None,
            [row["cells"] for row in event["object"]["rows"]],
        )
        for event in events
    ]
    assert shown[:2] in [
        [("ADDED", True, [["a", first]]), ("ADDED", False, [["b", second]])]
        for first in AGES
        for second in AGES
    ]
    assert shown[2:] == [("BOOKMARK", False, [["", None]])]


async def test_a_crd_says_which_columns_its_kind_has() -> None:
    async with kube() as api:
        answer = await api.get("/apis/gateway.networking.k8s.io/v1/httproutes", accept=TABLE)

    names = [column["name"] for column in answer.body["columnDefinitions"]]
    assert names == ["Name", "Hostnames", "Age"]


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/api/v1/namespaces", ["Name", "Status", "Age"]),
        ("/api/v1/secrets", ["Name", "Type", "Data", "Age"]),
        (CRDS, ["Name", "Created At"]),
        (
            "/apis/networking.k8s.io/v1/ingresses",
            ["Name", "Class", "Hosts", "Address", "Ports", "Age"],
        ),
        ("/apis/coordination.k8s.io/v1/leases", ["Name", "Holder", "Age"]),
    ],
)
async def test_built_in_kinds_have_the_columns_that_kubectl_users_know(
    path: str, columns: list[str]
) -> None:
    async with kube() as api:
        answer = await api.get(path, accept=TABLE)

    assert [column["name"] for column in answer.body["columnDefinitions"]] == columns


async def test_a_form_of_answer_that_there_is_not_is_a_406() -> None:
    async with embedded() as (api, _):
        answer = await api.get(api.routes, accept="application/cbor")

    assert (answer.status, answer.body["reason"]) == (406, "NotAcceptable")


async def test_openapi_has_a_document_for_each_group_version() -> None:
    async with kube() as api:
        index = await api.get("/openapi/v3")
        url, _, digest = index.body["paths"][f"apis/{TRAEFIK}"]["serverRelativeURL"].partition("?")
        document = (await api.get(url)).body

    path = f"/apis/{TRAEFIK}/namespaces/{{namespace}}/ingressroutes/{{name}}"
    operation = document["paths"][path]["patch"]
    kind = {"group": "traefik.io", "version": "v1alpha1", "kind": "IngressRoute"}
    schema = document["components"]["schemas"]["io.traefik.v1alpha1.IngressRoute"]
    assert digest.startswith("hash=")
    assert operation["x-kubernetes-group-version-kind"] == kind
    assert "fieldValidation" in [each["name"] for each in operation["parameters"]]
    assert schema["x-kubernetes-group-version-kind"] == [kind]


async def test_the_old_openapi_document_is_there_for_lists_that_kubectl_checks() -> None:
    async with kube() as api:
        answer = await api.get("/openapi/v2")

    assert (answer.status, answer.body["swagger"]) == (200, "2.0")


@pytest.mark.parametrize(("resource", "allowed"), [("ingressroutes", True), ("secrets", False)])
async def test_an_access_review_says_what_is_allowed(resource: str, *, allowed: bool) -> None:
    async with embedded() as (api, inside):
        inside.forbid("list", "secrets")
        attributes = {"verb": "list", "group": "traefik.io", "resource": resource}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await api.call("POST", path, review)

    assert (answer.status, answer.body["spec"]) == (201, review["spec"])
    assert answer.body["status"]["allowed"] is allowed


NAMESPACE_IN_PROTOBUF = (
    b'k8s\x00\n\x0f\n\x02v1\x12\tNamespace\x12\x1b\n\x13\n\x03foo\x12\x00\x1a\x00"\x00*\x002\x00'
    b'8\x00B\x00\x12\x00\x1a\x02\n\x00\x1a\x00"\x00'
)


async def test_a_namespace_is_created_from_the_protobuf_that_kubectl_sends() -> None:
    async with embedded() as (api, _):
        answer = await api.call(
            "POST",
            "/api/v1/namespaces",
            NAMESPACE_IN_PROTOBUF,
            "application/vnd.kubernetes.protobuf",
            "application/vnd.kubernetes.protobuf,application/json",
        )

    assert (answer.status, answer.body["metadata"]["name"]) == (201, "foo")
