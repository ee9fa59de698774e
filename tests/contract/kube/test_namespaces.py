"""Section "A namespace is removed": first it terminates, then its objects go, then it."""

import asyncio

from contract.kube.target import A_MOMENT, TRAEFIK, embedded, kube, quick, route

NAMESPACES = "/api/v1/namespaces"


async def test_a_namespace_is_active_and_carries_its_name_as_a_label() -> None:
    async with kube() as api:
        answer = await api.get(f"{NAMESPACES}/{api.namespace}")

    assert answer.body["status"] == {"phase": "Active"}
    assert answer.body["metadata"]["labels"] == {"kubernetes.io/metadata.name": api.namespace}


async def test_the_cluster_is_known_by_the_uid_of_kube_system() -> None:
    async with kube() as api:
        answer = await api.get(f"{NAMESPACES}/kube-system")

    assert len(answer.body["metadata"]["uid"]) == 36


async def test_a_removed_namespace_takes_its_objects_with_it() -> None:
    async with embedded(timings=quick(namespace_content=A_MOMENT)) as (api, inside):
        inside.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}})
        inside.create(route("a", namespace="going"))
        version = await api.version()
        path = f"/apis/{TRAEFIK}/namespaces/going/ingressroutes"
        async with (
            api.watch(path, resourceVersion=version) as routes,
            api.watch(NAMESPACES, resourceVersion=version) as namespaces,
        ):
            answer = await api.call("DELETE", f"{NAMESPACES}/going")
            refused = await api.call("POST", path, route("b"))
            events = [await namespaces.next(), await routes.next(), await namespaces.next()]

    assert answer.body["status"]["phase"] == "Terminating"
    assert [event and (event["type"], event["object"]["kind"]) for event in events] == [
        ("MODIFIED", "Namespace"),
        ("DELETED", "IngressRoute"),
        ("DELETED", "Namespace"),
    ]
    assert refused.status == 403
    assert refused.body["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace going is being terminated",
            "field": "metadata.namespace",
        }
    ]


async def test_default_may_not_be_deleted() -> None:
    async with kube() as api:
        answer = await api.call("DELETE", f"{NAMESPACES}/default")

    assert (answer.status, answer.body["message"]) == (
        403,
        'namespaces "default" is forbidden: this namespace may not be deleted',
    )


async def test_deleting_a_namespace_twice_changes_nothing_the_second_time() -> None:
    async with embedded(timings=quick(namespace_content=A_MOMENT)) as (api, inside):
        inside.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}})
        first = await api.call("DELETE", f"{NAMESPACES}/going")
        second = await api.call("DELETE", f"{NAMESPACES}/going")
        await asyncio.sleep(2 * A_MOMENT)
        third = await api.call("DELETE", f"{NAMESPACES}/going")

    assert (second.body, third.status) == (first.body, 404)
