"""Kubernetes' protobuf, as far as kubectl sends it: some creates, and questions about rights.

`kubectl create namespace|configmap|secret|service|ingress` and `kubectl auth` do not fall back to
JSON. The field numbers are those of ``generated.proto`` in k8s.io/api and k8s.io/apimachinery.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.status import bad_request

_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a message: its JSON name, and its type, a message or one of the simple ones."""

    name: str
    type: str = "string"
    repeated: bool = False


def _list_of(name: str, kind: str = "string") -> _Field:
    return _Field(name, kind, repeated=True)


_TEXT_MAP, _BYTES_MAP = "map of strings", "map of bytes"

_MESSAGES: Mapping[str, Mapping[int, _Field]] = {
    "TypeMeta": {1: _Field("apiVersion"), 2: _Field("kind")},
    "Unknown": {1: _Field("typeMeta", "TypeMeta"), 2: _Field("raw", "raw")},
    "ObjectMeta": {
        1: _Field("name"),
        2: _Field("generateName"),
        3: _Field("namespace"),
        5: _Field("uid"),
        6: _Field("resourceVersion"),
        11: _Field("labels", _TEXT_MAP),
        12: _Field("annotations", _TEXT_MAP),
        14: _list_of("finalizers"),
    },
    "Namespace": {1: _Field("metadata", "ObjectMeta")},
    "ConfigMap": {
        1: _Field("metadata", "ObjectMeta"),
        2: _Field("data", _TEXT_MAP),
        3: _Field("binaryData", _BYTES_MAP),
        4: _Field("immutable", "bool"),
    },
    "Secret": {
        1: _Field("metadata", "ObjectMeta"),
        2: _Field("data", _BYTES_MAP),
        3: _Field("type"),
        4: _Field("stringData", _TEXT_MAP),
        5: _Field("immutable", "bool"),
    },
    "Service": {1: _Field("metadata", "ObjectMeta"), 2: _Field("spec", "ServiceSpec")},
    "ServiceSpec": {
        1: _list_of("ports", "ServicePort"),
        2: _Field("selector", _TEXT_MAP),
        3: _Field("clusterIP"),
        4: _Field("type"),
        5: _list_of("externalIPs"),
        7: _Field("sessionAffinity"),
        8: _Field("loadBalancerIP"),
        10: _Field("externalName"),
        11: _Field("externalTrafficPolicy"),
        21: _Field("loadBalancerClass"),
    },
    "ServicePort": {
        1: _Field("name"),
        2: _Field("protocol"),
        3: _Field("port", "int"),
        4: _Field("targetPort", "IntOrString"),
        5: _Field("nodePort", "int"),
        6: _Field("appProtocol"),
    },
    "IntOrString": {1: _Field("type", "int"), 2: _Field("int", "int"), 3: _Field("string")},
    "Ingress": {1: _Field("metadata", "ObjectMeta"), 2: _Field("spec", "IngressSpec")},
    "IngressSpec": {
        1: _Field("defaultBackend", "IngressBackend"),
        2: _list_of("tls", "IngressTLS"),
        3: _list_of("rules", "IngressRule"),
        4: _Field("ingressClassName"),
    },
    "IngressTLS": {1: _list_of("hosts"), 2: _Field("secretName")},
    "IngressRule": {1: _Field("host"), 2: _Field("", "IngressRuleValue")},
    "IngressRuleValue": {1: _Field("http", "HTTPIngressRuleValue")},
    "HTTPIngressRuleValue": {1: _list_of("paths", "HTTPIngressPath")},
    "HTTPIngressPath": {
        1: _Field("path"),
        2: _Field("backend", "IngressBackend"),
        3: _Field("pathType"),
    },
    "IngressBackend": {4: _Field("service", "IngressServiceBackend")},
    "IngressServiceBackend": {1: _Field("name"), 2: _Field("port", "ServiceBackendPort")},
    "ServiceBackendPort": {1: _Field("name"), 2: _Field("number", "int")},
    "SelfSubjectReview": {1: _Field("metadata", "ObjectMeta")},
    "SelfSubjectRulesReview": {2: _Field("spec", "SelfSubjectRulesReviewSpec")},
    "SelfSubjectRulesReviewSpec": {1: _Field("namespace")},
    "SelfSubjectAccessReview": {2: _Field("spec", "SelfSubjectAccessReviewSpec")},
    "SelfSubjectAccessReviewSpec": {
        1: _Field("resourceAttributes", "ResourceAttributes"),
        2: _Field("nonResourceAttributes", "NonResourceAttributes"),
    },
    "ResourceAttributes": {
        1: _Field("namespace"),
        2: _Field("verb"),
        3: _Field("group"),
        4: _Field("version"),
        5: _Field("resource"),
        6: _Field("subresource"),
        7: _Field("name"),
    },
    "NonResourceAttributes": {1: _Field("path"), 2: _Field("verb")},
}


def parse_protobuf(raw: bytes) -> Json:
    """Return the object in a protobuf body as its JSON; raises `ApiError` 400."""
    if not raw.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message")
    try:
        unknown = _message("Unknown", raw[len(_MAGIC) :])
        type_meta: Json = unknown.get("typeMeta", {})
        kind = type_meta.get("kind", "")
        if kind not in _MESSAGES:
            raise bad_request(f'no kind "{kind}" can be read from protobuf here: send JSON')
        return type_meta | _message(kind, unknown.get("raw", b""))
    except (IndexError, ValueError, AttributeError) as error:
        raise bad_request(f"the protobuf message cannot be read: {error}") from error


def _message(kind: str, data: bytes) -> Json:
    known = _MESSAGES[kind]
    found: Json = {}
    for number, value in _fields(data):
        if (field := known.get(number)) is not None:
            _set(found, field, value)
    return found


def _set(found: Json, field: _Field, value: int | bytes) -> None:
    if field.type in {_TEXT_MAP, _BYTES_MAP}:
        key, each = _map_entry(value, is_text=field.type == _TEXT_MAP)
        found.setdefault(field.name, {})[key] = each
        return
    read = _value(field.type, value)
    if not field.name:
        # Go embeds the struct: its fields stand in the owner.
        found.update(read)
    elif field.repeated:
        found.setdefault(field.name, []).append(read)
    elif read not in ("", 0, False, {}):
        found[field.name] = read


def _value(kind: str, value: int | bytes) -> Any:  # noqa: ANN401 - by kind
    if kind == "int" and isinstance(value, int):
        return value
    if kind == "bool" and isinstance(value, int):
        return bool(value)
    if not isinstance(value, bytes):
        raise ValueError("a field has another wire type than its kind")  # noqa: TRY004 - bad data
    if kind == "raw":
        return value
    if kind == "string":
        return value.decode()
    read = _message(kind, value)
    if kind == "IntOrString":
        return read.get("string", "") if read.get("type") else read.get("int", 0)
    return read


def _map_entry(value: int | bytes, *, is_text: bool) -> tuple[str, str]:
    if not isinstance(value, bytes):
        raise ValueError("a map's entry is no message")  # noqa: TRY004 - bad data
    entry = dict(_fields(value))
    key, each = entry.get(1, b""), entry.get(2, b"")
    if not isinstance(key, bytes) or not isinstance(each, bytes):
        raise ValueError("a map's entry has no texts")  # noqa: TRY004 - bad data
    return key.decode(), each.decode() if is_text else base64.b64encode(each).decode()


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire_type = tag & 7
        if wire_type == _VARINT:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        if wire_type == _BYTES:
            length, position = _varint(data, position)
        elif wire_type in {_FIXED32, _FIXED64}:
            length = 4 if wire_type == _FIXED32 else 8
        else:
            raise ValueError(f"unknown wire type {wire_type}")
        if position + length > len(data):
            raise ValueError("unexpected end of data")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
