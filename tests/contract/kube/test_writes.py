"""Section "Writes": creating, replacing, patching, deleting, and each refusal's words."""

import re

import pytest

from contract.kube.target import (
    APPLY,
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    TRAEFIK,
    Answer,
    Json,
    Target,
    crd,
    kube,
    route,
)

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{}/ingresses"


def said(answer: Answer) -> tuple[int, str, str]:
    """Return the parts of a refusal that people and programs read."""
    return answer.status, answer.body["reason"], answer.body["message"]


async def patch(
    api: Target, body: object, content_type: str, name: str = "a", **query: str
) -> Answer:
    return await api.call("PATCH", f"{api.routes}/{name}", body, content_type, **query)


async def test_a_created_object_comes_back_with_what_the_server_adds() -> None:
    async with kube() as api:
        created = await api.create("a")
        read = await api.get(f"{api.routes}/a")

    metadata = created["metadata"]
    assert read.body == created
    assert list(created) == ["apiVersion", "kind", "metadata", "spec"]
    assert metadata == {
        "creationTimestamp": metadata["creationTimestamp"],
        "generation": 1,
        "managedFields": [
            {
                "apiVersion": TRAEFIK,
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {".": {}, "f:entryPoints": {}, "f:routes": {}}},
                "manager": "sample",
                "operation": "Update",
                "time": metadata["creationTimestamp"],
            }
        ],
        "name": "a",
        "namespace": api.namespace,
        "resourceVersion": metadata["resourceVersion"],
        "uid": metadata["uid"],
    }
    assert list(metadata) == sorted(metadata)


async def test_creating_it_again_is_a_conflict_of_its_own_kind() -> None:
    async with kube() as api:
        await api.create("a")
        answer = await api.call("POST", api.routes, route("a"))

    expected = (409, "AlreadyExists", 'ingressroutes.traefik.io "a" already exists')
    assert said(answer) == expected
    assert answer.body["details"] == {
        "name": "a",
        "group": "traefik.io",
        "kind": "ingressroutes",
    }


MODIFIED_MESSAGE = (
    'Operation cannot be fulfilled on ingressroutes.traefik.io "a": the object has been '
    "modified; please apply your changes to the latest version and try again"
)
MODIFIED = (409, "Conflict", MODIFIED_MESSAGE)


async def test_a_replace_from_an_old_state_is_a_conflict() -> None:
    async with kube() as api:
        created = await api.create("a")
        await patch(api, {"metadata": {"labels": {"x": "y"}}}, MERGE)
        answer = await api.call("PUT", f"{api.routes}/a", created)

    assert said(answer) == MODIFIED


async def test_a_merge_patch_that_carries_an_old_version_is_a_conflict() -> None:
    async with kube() as api:
        created = await api.create("a")
        await patch(api, {"metadata": {"labels": {"x": "y"}}}, MERGE)
        version = created["metadata"]["resourceVersion"]
        answer = await patch(api, {"metadata": {"resourceVersion": version}}, MERGE)

    assert said(answer) == MODIFIED


async def test_a_replace_of_a_custom_resource_needs_a_version() -> None:
    async with kube() as api:
        await api.create("a")
        answer = await api.call("PUT", f"{api.routes}/a", route("a"))

    message = (
        'IngressRoute.traefik.io "a" is invalid: metadata.resourceVersion: Invalid value: 0: '
        "must be specified for an update"
    )
    assert said(answer) == (422, "Invalid", message)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_writing_to_a_missing_object_is_a_404(method: str) -> None:
    async with kube() as api:
        form = MERGE if method == "PATCH" else "application/json"
        answer = await api.call(method, f"{api.routes}/zz", route("zz"), form)

    assert said(answer) == (404, "NotFound", 'ingressroutes.traefik.io "zz" not found')


async def test_a_bad_name_is_told_with_the_rule_for_names() -> None:
    async with kube() as api:
        answer = await api.call("POST", api.routes, route("Bad_Name"))

    why = (
        'Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case '
        "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric "
        "character (e.g. 'example.com', regex used for validation is "
        r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    )
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'IngressRoute.traefik.io "Bad_Name" is invalid: metadata.name: {why}',
        "reason": "Invalid",
        "details": {
            "name": "Bad_Name",
            "group": "traefik.io",
            "kind": "IngressRoute",
            "causes": [{"reason": "FieldValueInvalid", "message": why, "field": "metadata.name"}],
        },
        "code": 422,
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {}}, "metadata.name"),
        ({"kind": "Other"}, "kind"),
        ({"spec": None}, "spec"),
        ({"spec": {}}, "spec.routes"),
        ({"spec": {"routes": "text"}}, "spec.routes"),
        ({"spec": {"routes": [{"kind": "Rule"}]}}, "spec.routes[0].match"),
        ({"spec": {"routes": [{"kind": "X", "match": "y"}]}}, "spec.routes[0].kind"),
        ({"metadata": {"name": "a", "labels": {"x": "no spaces"}}}, "metadata.labels"),
    ],
)
async def test_an_object_that_is_not_valid_is_a_422_that_names_the_field(
    change: Json, field: str
) -> None:
    async with kube() as api:
        body = {key: each for key, each in (route("a") | change).items() if each is not None}
        answer = await api.call("POST", api.routes, body)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert [cause["field"] for cause in answer.body["details"]["causes"]] == [field]


@pytest.mark.parametrize(
    ("change", "said_in"),
    [
        ({"apiVersion": "traefik.io/v2"}, "does not match the expected API version"),
        ({"metadata": {"name": "a", "namespace": "elsewhere"}}, "namespace"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": {"name": 5}}, "metadata.name"),
        ({"metadata": {"name": "a", "labels": {"x": 1}}}, "metadata.labels"),
    ],
)
async def test_an_object_that_does_not_fit_its_url_is_a_400(change: Json, said_in: str) -> None:
    async with kube() as api:
        answer = await api.call("POST", api.routes, route("a") | change)

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
    assert said_in in answer.body["message"]


async def test_another_name_than_in_the_url_is_a_400() -> None:
    async with kube() as api:
        created = await api.create("a")
        created["metadata"]["name"] = "b"
        answer = await api.call("PUT", f"{api.routes}/a", created)

    message = "the name of the object (b) does not match the name on the URL (a)"
    assert said(answer) == (400, "BadRequest", message)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "5", '"x"', "\xff", '{"a": NaN}'])
async def test_a_body_that_is_no_object_is_a_400(body: str) -> None:
    async with kube() as api:
        answer = await api.call("POST", api.routes, body.encode("latin-1"))

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


async def test_a_form_of_body_that_nobody_knows_is_a_415() -> None:
    async with kube() as api:
        answer = await api.call("POST", api.routes, "x", "text/plain")

    assert (answer.status, answer.body["reason"]) == (415, "UnsupportedMediaType")


async def test_yaml_is_taken_too() -> None:
    async with kube() as api:
        text = (
            "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\n"
            "spec: {routes: [{match: Host(`a.lab.test`), kind: Rule}]}\n"
        )
        answer = await api.call("POST", api.routes, text, "application/yaml")

    assert answer.status == 201


async def test_generate_name_adds_five_characters() -> None:
    async with kube() as api:
        body = route("x") | {"metadata": {"generateName": "pre-"}}
        answer = await api.call("POST", api.routes, body)

    assert re.fullmatch("pre-[a-z0-9]{5}", answer.body["metadata"]["name"])


async def test_a_delete_answers_success_with_the_uid() -> None:
    async with kube() as api:
        created = await api.create("a")
        answer = await api.call("DELETE", f"{api.routes}/a")
        after = await api.get(f"{api.routes}/a")

    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": "a",
            "group": "traefik.io",
            "kind": "ingressroutes",
            "uid": created["metadata"]["uid"],
        },
    }
    assert after.status == 404


async def test_a_delete_that_meant_another_object_is_a_conflict() -> None:
    async with kube() as api:
        await api.create("a")
        options = {"preconditions": {"uid": "another"}}
        answer = await api.call("DELETE", f"{api.routes}/a", options)
        after = await api.get(f"{api.routes}/a")

    assert (answer.status, answer.body["reason"], after.status) == (409, "Conflict", 200)


async def test_a_collection_can_be_deleted_by_label() -> None:
    async with kube() as api:
        await api.create("a", labels={"app": "x"})
        await api.create("b")
        answer = await api.call("DELETE", api.routes, labelSelector="app=x")
        left = await api.get(api.routes)

    assert (answer.status, answer.body["kind"]) == (200, "IngressRouteList")
    assert [item["metadata"]["name"] for item in left.body["items"]] == ["b"]


async def test_a_merge_patch_changes_removes_and_keeps() -> None:
    async with kube() as api:
        await api.create("a", labels={"old": "1", "kept": "2"})
        change = {"metadata": {"labels": {"old": None, "new": "3"}}, "spec": {"entryPoints": []}}
        answer = await patch(api, change, MERGE)

    assert answer.body["metadata"]["labels"] == {"kept": "2", "new": "3"}
    assert answer.body["spec"]["entryPoints"] == []
    assert answer.body["spec"]["routes"][0]["match"] == "Host(`a.lab.test`)"


async def test_a_json_patch_goes_step_by_step() -> None:
    async with kube() as api:
        await api.create("a")
        steps = [
            {"op": "test", "path": "/spec/entryPoints/0", "value": "web"},
            {"op": "add", "path": "/spec/entryPoints/-", "value": "websecure"},
        ]
        answer = await patch(api, steps, JSON_PATCH)

    assert answer.body["spec"]["entryPoints"] == ["web", "websecure"]


async def test_a_json_patch_whose_test_fails_is_a_422() -> None:
    async with kube() as api:
        await api.create("a")
        steps = [{"op": "test", "path": "/spec/entryPoints/0", "value": "other"}]
        answer = await patch(api, steps, JSON_PATCH)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")


@pytest.mark.parametrize("form", [STRATEGIC, "application/json"])
async def test_a_custom_resource_takes_no_strategic_patch(form: str) -> None:
    async with kube() as api:
        await api.create("a")
        answer = await patch(api, {"spec": {}}, form)

    assert (answer.status, answer.body["reason"]) == (415, "UnsupportedMediaType")
    assert answer.body["message"].startswith(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


async def test_a_strategic_patch_of_a_service_merges_ports_by_number() -> None:
    async with kube() as api:
        path = f"/api/v1/namespaces/{api.namespace}/services"
        spec = {"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81}]}
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
        await api.call("POST", path, service | {"spec": spec})
        change = {"spec": {"ports": [{"port": 81, "name": "changed"}]}}
        answer = await api.call("PATCH", f"{path}/s", change, STRATEGIC)

    ports = answer.body["spec"]["ports"]
    assert [(port["name"], port["port"]) for port in ports] == [("a", 80), ("changed", 81)]


async def test_an_unknown_field_is_dropped_or_with_strict_validation_refused() -> None:
    async with kube() as api:
        body = route("a")
        body["spec"]["surprise"] = 1
        strict = await api.call("POST", api.routes, body, fieldValidation="Strict")
        lenient = await api.call("POST", api.routes, body)

    assert strict.status == 400
    assert 'strict decoding error: unknown field "spec.surprise"' in strict.body["message"]
    assert lenient.body["spec"] == route("a")["spec"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_a_dry_run_changes_nothing(method: str) -> None:
    async with kube() as api:
        before = await api.create("a")
        path = api.routes if method == "POST" else f"{api.routes}/a"
        form = MERGE if method == "PATCH" else "application/json"
        answer = await api.call(
            method, path, route("b" if method == "POST" else "a", "x.test"), form, dryRun="All"
        )
        after = (await api.get(api.routes)).body["items"]

    assert answer.status in {200, 201}
    assert after == [before]


async def test_a_server_side_apply_creates_then_changes_and_owns_what_it_names() -> None:
    async with kube() as api:
        first = await patch(api, route("a"), APPLY, fieldManager="me")
        second = await patch(api, route("a", "b.lab.test"), APPLY, fieldManager="me")

    assert (first.status, second.status) == (201, 200)
    assert second.body["spec"]["routes"][0]["match"] == "Host(`b.lab.test`)"
    (entry,) = second.body["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("me", "Apply")
    assert entry["fieldsV1"] == {"f:spec": {"f:entryPoints": {}, "f:routes": {}}}


async def test_an_apply_over_another_managers_fields_is_a_conflict_unless_forced() -> None:
    async with kube() as api:
        await api.create("a")
        wanted = route("a", "c.lab.test")
        wanted["spec"]["entryPoints"] = ["websecure"]
        refused = await patch(api, wanted, APPLY, fieldManager="other")
        forced = await patch(api, wanted, APPLY, fieldManager="other", force="true")

    cause = 'conflict with "sample" using traefik.io/v1alpha1'
    message = (
        'Apply failed with 2 conflicts: conflicts with "sample" using traefik.io/v1alpha1:\n'
        "- .spec.entryPoints\n- .spec.routes"
    )
    assert said(refused) == (409, "Conflict", message)
    assert refused.body["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": cause, "field": field}
        for field in (".spec.entryPoints", ".spec.routes")
    ]
    owners = [
        (entry["manager"], entry["operation"], entry["fieldsV1"])
        for entry in forced.body["metadata"]["managedFields"]
    ]
    assert owners == [
        ("other", "Apply", {"f:spec": {"f:entryPoints": {}, "f:routes": {}}}),
        ("sample", "Update", {"f:spec": {}}),
    ]


async def test_a_manager_whose_fields_others_have_all_changed_is_not_listed_any_more() -> None:
    async with kube() as api:
        await api.create("a")
        first = await patch(api, {"spec": {"entryPoints": ["a"]}}, MERGE, fieldManager="one")
        second = await patch(api, {"spec": {"entryPoints": ["b"]}}, MERGE, fieldManager="two")

    owners = [
        {entry["manager"] for entry in answer.body["metadata"]["managedFields"]}
        for answer in (first, second)
    ]
    assert ("one" in owners[0], "one" in owners[1], "two" in owners[1]) == (True, False, True)


async def test_an_apply_takes_away_what_it_no_longer_names() -> None:
    async with kube() as api:
        await patch(api, route("a", labels={"x": "1"}), APPLY, fieldManager="me")
        answer = await patch(api, route("a"), APPLY, fieldManager="me")

    assert answer.status == 200
    assert "labels" not in answer.body["metadata"]


async def test_an_apply_needs_a_field_manager() -> None:
    async with kube() as api:
        answer = await patch(api, route("a"), APPLY)

    message = (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
        "apply patch"
    )
    assert said(answer) == (422, "Invalid", message)


@pytest.mark.parametrize(
    "host", ["Upper.lab.test", "a_b.lab.test", "*", "a.*.test", "10.0.0.1", "x" * 254]
)
async def test_an_ingress_takes_only_host_names_in_lower_case(host: str) -> None:
    async with kube() as api:
        answer = await api.call("POST", INGRESSES.format(api.namespace), ingress(host))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert answer.body["details"]["causes"][0]["field"] == "spec.rules[0].host"


@pytest.mark.parametrize("host", ["a.lab.test", "*.lab.test"])
async def test_an_ingress_takes_names_and_wildcards(host: str) -> None:
    async with kube() as api:
        answer = await api.call("POST", INGRESSES.format(api.namespace), ingress(host))

    assert answer.status == 201


def ingress(host: str) -> Json:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"rules": [{"host": host, "http": {"paths": paths}}]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "a"},
        "spec": spec,
    }


async def test_a_status_is_written_apart_from_its_object() -> None:
    async with kube() as api:
        path = INGRESSES.format(api.namespace)
        balancer = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
        created = await api.call("POST", path, ingress("a.lab.test") | {"status": balancer})
        await api.call("PATCH", f"{path}/a", {"status": balancer}, MERGE)
        ignored = await api.get(f"{path}/a")
        change = {"status": balancer, "spec": {"ingressClassName": "x"}}
        written = await api.call("PATCH", f"{path}/a/status", change, MERGE)

    assert created.body["status"] == ignored.body["status"] == {"loadBalancer": {}}
    assert written.body["status"] == balancer
    assert "ingressClassName" not in written.body["spec"]
    assert written.body["metadata"]["generation"] == 1


def lease(renew_time: str) -> Json:
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "a"},
        "spec": {"holderIdentity": "pod-1", "leaseDurationSeconds": 15, "renewTime": renew_time},
    }


@pytest.mark.parametrize(
    "time",
    ["2026-11-24T01:00:05Z", "2026-11-24T01:00:05.123Z", "2026-11-24T01:00:05.1234567Z", "now"],
)
async def test_a_lease_needs_times_with_six_digits_of_fraction(time: str) -> None:
    async with kube() as api:
        answer = await api.call("POST", LEASES.format(api.namespace), lease(time))

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
    assert '"2006-01-02T15:04:05.000000Z07:00"' in answer.body["message"]


async def test_a_lease_shows_its_times_in_utc() -> None:
    async with kube() as api:
        offset = lease("2026-11-24T02:00:05.123456+01:00")
        answer = await api.call("POST", LEASES.format(api.namespace), offset)

    assert answer.body["spec"]["renewTime"] == "2026-11-24T01:00:05.123456Z"


async def test_a_lease_renewed_from_an_old_state_is_a_conflict() -> None:
    async with kube() as api:
        path = LEASES.format(api.namespace)
        first = (await api.call("POST", path, lease("2026-11-24T01:00:05.000000Z"))).body
        renewed = first | {"spec": first["spec"] | {"holderIdentity": "pod-2"}}
        won = await api.call("PUT", f"{path}/a", renewed)
        lost = await api.call("PUT", f"{path}/a", renewed)

    assert (won.status, lost.status, lost.body["reason"]) == (200, 409, "Conflict")


async def test_a_secret_keeps_plain_texts_as_base64() -> None:
    async with kube() as api:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
        path = f"/api/v1/namespaces/{api.namespace}/secrets"
        answer = await api.call("POST", path, secret | {"stringData": {"a": "b"}})

    assert (answer.body["data"], answer.body["type"]) == ({"a": "Yg=="}, "Opaque")
    assert "stringData" not in answer.body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {"name": "wrong"}}, "metadata.name"),
        ({"spec": {}}, "spec.group"),
    ],
)
async def test_a_crd_that_is_not_valid_is_a_422(change: Json, field: str) -> None:
    async with kube() as api:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        answer = await api.call("POST", path, crd("contract.example") | change)

    assert answer.status == 422
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]
