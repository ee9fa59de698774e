"""Finds out what the cluster lets us do: for the check command."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from catalyst_dns_sync.core.checkup import ClusterFacts, Permission
from catalyst_dns_sync.core.endpoints import balancer
from catalyst_dns_sync.core.objects import Balancer
from catalyst_dns_sync.kube import certificates
from catalyst_dns_sync.kube.api import Api, WritableApi
from catalyst_dns_sync.kube.errors import (
    KubeError,
    NotFoundError,
    NotServedError,
    OutOfTouchError,
)
from catalyst_dns_sync.kube.resources import SERVICES, Resource, crd_path

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_LEASES = "coordination.k8s.io"

CERTIFICATES = replace(certificates.CERTIFICATES, custom=True)
"""What the checks look for where the settings want certificates: here its CRD does matter."""


def rights_to_watch(
    resources: Sequence[Resource], namespaces: Sequence[str]
) -> Iterator[Permission]:
    """Yield the rights that the sources need; no namespaces means all of them."""
    for resource in resources:
        for namespace in namespaces or ("",):
            why = f"no names come from {resource.kind} objects there"
            for verb in ("list", "watch"):
                yield Permission(resource.group, resource.plural, verb, namespace, why=why)
    for resource in resources:
        if resource.crd is not None:
            why = "whether a CRD was removed is guessed, and deletes wait longer"
            yield Permission(
                "apiextensions.k8s.io",
                "customresourcedefinitions",
                "get",
                name=resource.crd,
                why=why,
                vital=False,
            )
    why = "records are marked without the cluster's id, so that two clusters may take each other's"
    yield Permission("", "namespaces", "get", name="kube-system", why=why, vital=False)


def rights_to_lead(namespace: str, name: str) -> Iterator[Permission]:
    """Yield the rights that leader election needs."""
    why = "without the Lease no instance writes"
    yield Permission(_LEASES, "leases", "create", namespace, why=why)
    for verb in ("get", "update"):
        yield Permission(_LEASES, "leases", verb, namespace, name, why=why)


def rights_to_follow(namespace: str, name: str) -> Iterator[Permission]:
    """Yield the rights that following the one Service needs that names targets."""
    for verb in ("list", "watch"):
        why = "the names keep the addresses that they have, and new ones wait"
        yield Permission("", "services", verb, namespace, name, why=why)


async def service_of(api: Api, namespace: str, name: str) -> Balancer | str:
    """Return what the Service says that names targets, or why that can't be known."""
    params = {"fieldSelector": f"metadata.name={name}", "limit": "1"}
    try:
        body = await api.get(SERVICES.path(namespace), params)
    except KubeError as error:
        return str(error)
    found = [balancer(item, SERVICES.kind) for item in body.get("items") or ()]
    return found[0] if found and found[0] is not None else "there is no such Service"


def rights_to_tell(namespaces: Sequence[str]) -> Iterator[Permission]:
    """Yield the rights that Events need."""
    for namespace in namespaces or ("",):
        why = "no Events are written on objects there"
        yield Permission("", "events", "create", namespace, why=why, vital=False)


def rights_to_certificates(namespaces: Sequence[str], kept_in: str | None) -> Iterator[Permission]:
    """Yield the rights that certificates need; in ``kept_in`` wildcard ones are kept."""
    for namespace in namespaces or ("",):
        why = "nothing is told of certificates there"
        for group, plural in (("cert-manager.io", "certificates"), ("", "secrets")):
            for verb in ("list", "watch"):
                yield Permission(group, plural, verb, namespace, why=why, vital=False)
    if kept_in is not None:
        why = "no wildcard Certificate is kept"
        for verb in ("get", "create", "update"):
            yield Permission("cert-manager.io", "certificates", verb, kept_in, why=why, vital=False)


async def survey(
    api: WritableApi, host: str, wanted: Sequence[Permission], resources: Sequence[Resource]
) -> ClusterFacts:
    """Ask the API server for our rights, and for the CRDs; what can't be known is None."""
    try:
        rights = {one: await _is_given(api, one) for one in wanted}
        crds = {
            resource.crd: await _is_there(api, resource, resource.crd)
            for resource in resources
            if resource.crd is not None
        }
    except KubeError as error:
        return ClusterFacts(host, error=str(error))
    return ClusterFacts(host, rights=rights, crds=crds)


async def _is_given(api: WritableApi, wanted: Permission) -> bool | None:
    attributes = {
        "group": wanted.group,
        "resource": wanted.resource,
        "verb": wanted.verb,
        "namespace": wanted.namespace,
        "name": wanted.name,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    try:
        answer = await api.create(_REVIEWS, body)
    except OutOfTouchError as error:
        # Refused, it is not our right to ask: rare, and no fault of the rights themselves.
        if error.status == 403:
            return None
        raise
    match answer.get("status"):
        case {"allowed": bool(allowed)}:
            return allowed
        case _:
            return None


async def _is_there(api: WritableApi, resource: Resource, crd: str) -> bool | None:
    try:
        await api.get(crd_path(crd))
    except NotFoundError:
        return False
    except OutOfTouchError as error:
        if error.status != 403:
            raise
    else:
        return True
    try:
        await api.get(resource.path(), {"limit": "1"})
    except NotServedError:
        return False
    except OutOfTouchError as error:
        if error.status != 403:
            raise
        return None
    return True
