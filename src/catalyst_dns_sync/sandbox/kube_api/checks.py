"""Whether a write fits its URL, and the state that it was made from."""

import json

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.schema import problems, pruned, without_nulls
from catalyst_dns_sync.sandbox.kube_api.status import (
    ApiError,
    Cause,
    bad_request,
    conflict,
    forbidden,
    invalid,
    invalid_value,
)

# Of the built-in kinds these may be replaced without saying from which state.
_UNCONDITIONAL = frozenset(
    {
        resources.NAMESPACES,
        resources.SERVICES,
        resources.SECRETS,
        resources.CONFIG_MAPS,
        resources.EVENTS,
        resources.INGRESSES,
        resources.DEPLOYMENTS,
        resources.SERVICE_ACCOUNTS,
        resources.ROLES,
        resources.ROLE_BINDINGS,
        resources.CLUSTER_ROLES,
        resources.CLUSTER_ROLE_BINDINGS,
        resources.NETWORK_POLICIES,
    }
)

FROM_THE_SERVER = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "resourceVersion",
)
"""What only the server may set in metadata."""


def addressed(resource: Resource, namespace: str, body: Json, name: str = "") -> Json:
    """Return the object with the type, namespace and name of its URL, if they do not differ."""
    group_version = body.get("apiVersion")
    kind = body.get("kind")
    if not resource.custom:
        group_version, kind = group_version or resource.group_version, kind or resource.kind
    if not group_version or not kind:
        missing = "kind" if not kind else "apiVersion"
        raise bad_request(f"Object '{missing.capitalize()}' is missing in '{_shown(body)}'")
    if group_version != resource.group_version:
        raise bad_request(
            f"the API version in the data ({group_version}) does not match the expected API "
            f"version ({resource.group_version})"
        )
    if kind != resource.kind and not resource.custom:
        raise bad_request(
            f'{kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
            f'no kind "{kind}" is registered for version "{resource.group_version}"'
        )
    metadata = dict(body["metadata"])
    given = metadata.get("namespace", "")
    if given and given != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if resource.namespaced:
        metadata["namespace"] = namespace
    if name and metadata.get("name", name) != name:
        raise bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL "
            f"({name})"
        )
    if name:
        metadata["name"] = name
    return body | {"apiVersion": group_version, "kind": kind, "metadata": metadata}


def known_fields(resource: Resource, obj: Json, validation: str) -> Json:
    """Return an object without unknown fields; refuse them where that was asked for.

    Raises `ApiError` 400 for wrong types in built-in kinds, which Go cannot even decode.
    """
    if not resource.custom:
        obj = without_nulls(obj)
        if found := problems(obj, resource.schema):
            raise _undecodable(
                resource, f"json: cannot unmarshal {found[0].field}: {found[0].message}"
            )
    kept, unknown = pruned(obj, resource.schema)
    if unknown and validation == "Strict":
        listed = ", ".join(f'unknown field "{path}"' for path in unknown)
        raise _undecodable(resource, f"strict decoding error: {listed}")
    return kept


def _undecodable(resource: Resource, why: str) -> ApiError:
    kind, version = resource.kind, resource.version
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def fresh_metadata(metadata: Json) -> Json:
    """Return metadata for a new object: what only the server may set is not taken over."""
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    return {
        key: value for key, value in metadata.items() if key not in FROM_THE_SERVER and value != ""
    }


def update_preconditions(resource: Resource, name: str, old: Json, new: Json) -> None:
    """Refuse a write that was made from another state or for another object."""
    version = new["metadata"].get("resourceVersion", "")
    if not version and resource not in _UNCONDITIONAL:
        why = "must be specified for an update"
        raise invalid(resource, name, [invalid_value("metadata.resourceVersion", "0", why)])
    same_state(resource, name, old, new)


def same_state(resource: Resource, name: str, old: Json, new: Json) -> None:
    """Refuse a write that names another version or uid than the present ones."""
    version = new["metadata"].get("resourceVersion", "")
    if version and not version.isdecimal():
        why = f"strconv.ParseUint: parsing {json.dumps(version)}: invalid syntax"
        raise invalid(
            resource, name, [invalid_value("metadata.resourceVersion", json.dumps(version), why)]
        )
    present = old["metadata"]
    if version not in {"", "0", present["resourceVersion"]}:
        raise conflict(resource, name)
    uid = new["metadata"].get("uid", "")
    if uid and uid != present["uid"]:
        raise conflict(resource, name, _other_uid(uid, present["uid"]))


def delete_preconditions(resource: Resource, name: str, old: Json, body: Json) -> None:
    """Refuse a delete that was meant for another object or another state of it."""
    wanted = body.get("preconditions") or {}
    if not isinstance(wanted, dict):
        raise bad_request("json: cannot unmarshal into Go struct field DeleteOptions.preconditions")
    present = old["metadata"]
    if (uid := wanted.get("uid")) and uid != present["uid"]:
        raise conflict(resource, name, _other_uid(uid, present["uid"]))
    version = wanted.get("resourceVersion")
    if version and version != present["resourceVersion"]:
        why = (
            f"Precondition failed: ResourceVersion in precondition: {version}, "
            f"ResourceVersion in object meta: {present['resourceVersion']}"
        )
        raise conflict(resource, name, why)


def terminating_namespace(resource: Resource, namespace: str, name: str) -> ApiError:
    """Return the 403 for a create in a namespace that is going."""
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    cause = Cause(
        "metadata.namespace", "NamespaceTerminating", f"namespace {namespace} is being terminated"
    )
    return forbidden(resource, name, why, [cause])


def _other_uid(asked: object, present: str) -> str:
    return f"Precondition failed: UID in precondition: {asked}, UID in object meta: {present}"


def _shown(body: Json) -> str:
    return json.dumps(body, separators=(",", ":"))[:200]
