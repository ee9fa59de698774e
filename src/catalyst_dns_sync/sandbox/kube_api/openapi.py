"""OpenAPI v3, as far as kubectl reads it before it applies, edits or explains something."""

import hashlib
from collections.abc import Iterable

from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

_ANYTHING: Json = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_STRINGS: Json = {"type": "object", "additionalProperties": {"type": "string"}}
_OBJECT_META: Json = {
    "type": "object",
    "description": "ObjectMeta is metadata that all persisted resources must have.",
    "properties": {
        "name": {"type": "string", "description": "Name must be unique within a namespace."},
        "namespace": {"type": "string"},
        "labels": _STRINGS,
        "annotations": _STRINGS,
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "resourceVersion": {"type": "string"},
        "uid": {"type": "string"},
        "creationTimestamp": {"type": "string", "format": "date-time"},
        "generation": {"type": "integer"},
    },
}
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
V2_CONTENT_TYPE = V2_PROTOBUF.replace("@", ".")
"""What it is answered as: the name that is asked for is no MIME type, and client-go says so."""

V2_EMPTY: Json = {
    "swagger": "2.0",
    "info": {"title": "Kubernetes", "version": "v1"},
    "paths": {},
    "definitions": {},
}
V2_EMPTY_PROTOBUF = b"\x0a\x032.0\x12\x10\x0a\x0aKubernetes\x12\x02v1"
"""The same in gnostic's ``openapi_v2.Document``: fields 1, swagger, and 2, info.

kubectl asks for it before it creates a `kind: List`, whose items it then looks up here (kubectl,
`pkg/validation/schema.go`): of what it does not find it leaves the check to the server.
"""

_META_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def index(resources: Iterable[Resource]) -> Json:
    """Return the answer to ``/openapi/v3``: where each group version's document is."""
    by_path: dict[str, list[Resource]] = {}
    for resource in resources:
        by_path.setdefault(document_path(resource), []).append(resource)
    return {
        "paths": {
            path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={_digest(document(found))}"}
            for path, found in sorted(by_path.items())
        }
    }


def document_path(resource: Resource) -> str:
    """Return the path of the document that describes a resource, such as ``apis/GROUP/VERSION``."""
    return f"apis/{resource.group_version}" if resource.group else f"api/{resource.version}"


def document(resources: Iterable[Resource]) -> Json:
    """Return one group version's document."""
    paths: Json = {}
    schemas: Json = {_META_NAME: _OBJECT_META}
    for resource in resources:
        paths |= _paths(resource)
        schemas |= _schemas(resource)
    info = {"title": "Kubernetes", "version": "v1.32.4"}
    return {
        "openapi": "3.0.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _paths(resource: Resource) -> Json:
    root = f"/{document_path(resource)}"
    middle = "/namespaces/{namespace}" if resource.namespaced else ""
    collection = f"{root}{middle}/{resource.plural}"
    return {
        collection: {
            "get": _operation(resource, "list", ("limit", "continue", "labelSelector")),
            "post": _operation(resource, "post", ("dryRun", "fieldManager", "fieldValidation")),
        },
        f"{collection}/{{name}}": {
            "get": _operation(resource, "get", ()),
            "put": _operation(resource, "put", ("dryRun", "fieldManager", "fieldValidation")),
            "patch": _operation(
                resource, "patch", ("dryRun", "fieldManager", "fieldValidation", "force")
            ),
            "delete": _operation(resource, "delete", ("dryRun",)),
        },
    }


def _operation(resource: Resource, action: str, queries: tuple[str, ...]) -> Json:
    parameters = [
        {
            "name": name,
            "in": "query",
            "schema": {"type": "boolean" if name == "force" else "string", "uniqueItems": True},
        }
        for name in queries
    ]
    reference = {"$ref": f"#/components/schemas/{schema_name(resource)}"}
    content = {"application/json": {"schema": reference}}
    return {
        "operationId": f"{action}{schema_name(resource).title().replace('.', '')}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _kind(resource, resource.kind),
    }


def schema_name(resource: Resource) -> str:
    """Return the name of a resource's schema, its group reversed as in Java."""
    group = ".".join(reversed(resource.group.split("."))) if resource.group else "io.k8s.core"
    return f"{group}.{resource.version}.{resource.kind}"


def _schemas(resource: Resource) -> Json:
    name = schema_name(resource)
    schema = {"type": "object"} | dict(resource.schema)
    properties = dict(schema.get("properties", {}))
    text: Json = {"type": "string"}
    reference = {"allOf": [{"$ref": f"#/components/schemas/{_META_NAME}"}]}
    properties = {"apiVersion": text, "kind": text} | properties | {"metadata": reference}
    schema["properties"] = properties
    schema["x-kubernetes-group-version-kind"] = [_kind(resource, resource.kind)]
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    listed: Json = {
        "type": "object",
        "required": ["items"],
        "properties": {"apiVersion": text, "kind": text, "items": items, "metadata": _ANYTHING},
        "x-kubernetes-group-version-kind": [_kind(resource, resource.list_kind)],
    }
    return {name: schema, f"{name}List": listed}


def _kind(resource: Resource, kind: str) -> Json:
    return {"group": resource.group, "kind": kind, "version": resource.version}


def _digest(value: Json) -> str:
    return hashlib.sha512(to_bytes(value, sort_keys=True)).hexdigest().upper()
