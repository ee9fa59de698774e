"""What a client can find out about the server: versions, groups, resources (the legacy form)."""

import base64
import hashlib
from collections.abc import Iterable

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.reviews import REVIEWS, Review

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]

VERSION: Json = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.4+catalyst-dns-sync.sandbox",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2025-04-22T00:00:00Z",
    "goVersion": "none",
    "compiler": "none",
    "platform": "sandbox",
}
CORE_VERSIONS: Json = {
    "kind": "APIVersions",
    "versions": ["v1"],
    "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}],
}
PATHS: Json = {
    "paths": ["/api", "/api/v1", "/apis", "/healthz", "/openapi/v2", "/openapi/v3", "/version"]
}


def groups(resources: Iterable[Resource]) -> Json:
    """Return the answer to ``/apis``."""
    versions: dict[str, list[str]] = {}
    for name, version in _group_versions(resources):
        if version not in versions.setdefault(name, []):
            versions[name].append(version)
    listed = [_group(name, found) for name, found in sorted(versions.items())]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}


def group(name: str, resources: Iterable[Resource]) -> Json | None:
    """Return the answer to ``/apis/GROUP``, None where nothing of it is served."""
    versions = [version for found, version in _group_versions(resources) if found == name]
    if not versions:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1"} | _group(name, list(dict.fromkeys(versions)))


def resource_list(name: str, version: str, resources: Iterable[Resource]) -> Json | None:
    """Return the answer to ``/apis/GROUP/VERSION`` or ``/api/v1``, None where it is not served."""
    found: list[Json] = []
    for resource in resources:
        if (resource.group, resource.version) == (name, version):
            found.extend(_resource(resource))
    found += [_review(each) for each in REVIEWS if (each.group, each.version) == (name, version)]
    if not found:
        return None
    group_version = f"{name}/{version}" if name else version
    head: Json = {"kind": "APIResourceList"} | ({"apiVersion": "v1"} if name else {})
    return head | {"groupVersion": group_version, "resources": found}


def _group_versions(resources: Iterable[Resource]) -> list[tuple[str, str]]:
    found = [(resource.group, resource.version) for resource in resources if resource.group]
    return found + [(review.group, review.version) for review in REVIEWS]


def _group(name: str, versions: list[str]) -> Json:
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _resource(resource: Resource) -> list[Json]:
    found: Json = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _CUSTOM_VERBS if resource.custom else _VERBS,
    }
    if resource.short_names:
        found["shortNames"] = list(resource.short_names)
    if resource.categories:
        found["categories"] = list(resource.categories)
    digest = hashlib.sha256(f"{resource.qualified}/{resource.storage_version}".encode()).digest()
    found["storageVersionHash"] = base64.b64encode(digest[:8]).decode()
    if not resource.has_status:
        return [found]
    status: Json = {"name": f"{resource.plural}/status", "singularName": ""}
    status |= {"namespaced": resource.namespaced, "kind": resource.kind}
    return [found, status | {"verbs": ["get", "patch", "update"]}]


def _review(review: Review) -> Json:
    return {
        "name": review.plural,
        "singularName": review.kind.lower(),
        "namespaced": False,
        "kind": review.kind,
        "verbs": ["create"],
    }
