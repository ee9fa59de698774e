"""What makes an object valid, beyond a CRD's schema: names, labels, and rules of built-in kinds."""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.schema import problems
from catalyst_dns_sync.sandbox.kube_api.status import Cause, bad_request, invalid_value, required

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    f"for validation is '{_SUBDOMAIN}')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    f"for validation is '{_LABEL}')"
)
_SERVICE = "[a-z]([-a-z0-9]*[a-z0-9])?"
_SERVICE_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    f"regex used for validation is '{_SERVICE}')"
)
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
    "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
    f"character (e.g. '*.example.com', regex used for validation is '\\*\\.{_SUBDOMAIN}')"
)
_QUALIFIED_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_NAME_RULES = {
    resources.NAMESPACES: (_LABEL, 63, _LABEL_TEXT),
    resources.SERVICES: (_SERVICE, 63, _SERVICE_TEXT),
}
_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)", re.ASCII)


def name_problems(resource: Resource, name: str) -> Iterator[Cause]:
    """Yield what is wrong with an object's name (RFC 1123, as each kind has it)."""
    pattern, longest, text = _NAME_RULES.get(resource, (_SUBDOMAIN, 253, _SUBDOMAIN_TEXT))
    if not name:
        yield required("metadata.name", "name or generateName is required")
        return
    if len(name) > longest:
        yield invalid_value(
            "metadata.name", json.dumps(name), f"must be no more than {longest} bytes"
        )
    if not re.fullmatch(pattern, name, re.ASCII):
        yield invalid_value("metadata.name", json.dumps(name), text)


def object_problems(resource: Resource, obj: Json) -> list[Cause]:
    """Return all that is wrong with an object that is to be stored."""
    found = list(name_problems(resource, obj["metadata"].get("name", "")))
    found += _label_problems(obj["metadata"].get("labels", {}))
    if resource.custom:
        if obj.get("kind") != resource.kind:
            found.append(
                invalid_value("kind", json.dumps(obj.get("kind")), f"must be {resource.kind}")
            )
        found += problems(obj, resource.schema)
    elif (check := _CHECKS.get(resource)) is not None:
        found += check(obj)
    return found


def _label_problems(labels: Mapping[str, str]) -> Iterator[Cause]:
    for key, value in labels.items():
        name = key.rpartition("/")[2]
        if len(name) > 63 or not _QUALIFIED_NAME.fullmatch(name):
            why = "name part must consist of alphanumeric characters, '-', '_' or '.'"
            yield invalid_value("metadata.labels", json.dumps(key), why)
        if value and (len(value) > 63 or not _QUALIFIED_NAME.fullmatch(value)):
            why = (
                "a valid label must be an empty string or consist of alphanumeric characters, "
                "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
                "'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            )
            yield invalid_value("metadata.labels", json.dumps(value), why)


def _ingress_problems(obj: Json) -> Iterator[Cause]:
    spec = _struct(obj, "spec", "Ingress")
    rules = _structs(spec, "rules", "Ingress")
    if not rules and not spec.get("defaultBackend"):
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid_value("spec", "[]", why)
    for at, rule in enumerate(rules):
        yield from _ingress_host_problems(rule, f"spec.rules[{at}].host")
        paths = _structs(_struct(rule, "http", "Ingress"), "paths", "Ingress")
        for number, path in enumerate(paths):
            field = f"spec.rules[{at}].http.paths[{number}]"
            if not isinstance(path.get("pathType"), str):
                yield required(f"{field}.pathType", "pathType must be specified")
            if not isinstance(path.get("backend"), dict):
                yield required(f"{field}.backend", "port name or number is required")


def _ingress_host_problems(rule: Json, field: str) -> Iterator[Cause]:
    host = rule.get("host", "")
    if not isinstance(host, str):
        raise _mistyped("Ingress", field, "string")
    if not host:
        return
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", host, re.ASCII) or re.fullmatch(
        r"[0-9a-fA-F]*:[0-9a-fA-F:.]+", host
    ):
        yield invalid_value(field, json.dumps(host), "must be a DNS name, not an IP address")
    elif "*" in host:
        if not re.fullmatch(_WILDCARD, host, re.ASCII):
            yield invalid_value(field, json.dumps(host), _WILDCARD_TEXT)
    elif not re.fullmatch(_SUBDOMAIN, host, re.ASCII) or len(host) > 253:
        yield invalid_value(field, json.dumps(host), _SUBDOMAIN_TEXT)


def _service_problems(obj: Json) -> Iterator[Cause]:
    spec = _struct(obj, "spec", "Service")
    needs_ports = spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    if needs_ports and not _structs(spec, "ports", "Service"):
        yield required("spec.ports")
    for at, port in enumerate(spec.get("ports") or ()):
        if not isinstance(port.get("port"), int) or not 0 < port["port"] < 65536:
            why = "must be between 1 and 65535, inclusive"
            yield invalid_value(f"spec.ports[{at}].port", json.dumps(port.get("port", 0)), why)


def _lease_problems(obj: Json) -> Iterator[Cause]:
    spec = _struct(obj, "spec", "Lease")
    for field in ("renewTime", "acquireTime"):
        value = spec.get(field)
        if value is not None and not (isinstance(value, str) and _MICRO_TIME.fullmatch(value)):
            raise bad_request(
                f'Lease in version "v1" cannot be handled as a Lease: parsing time '
                f'{json.dumps(value)} as "2006-01-02T15:04:05.000000Z07:00": '
                f'cannot parse {_rest_of_time(value)} as ".000000"'
            )
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and (not isinstance(duration, int) or duration <= 0):
        why = "must be greater than 0"
        yield invalid_value("spec.leaseDurationSeconds", json.dumps(duration), why)


def _rest_of_time(value: object) -> str:
    seconds = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value) if isinstance(value, str) else None
    if seconds is None or not isinstance(value, str):
        return json.dumps(value)
    return json.dumps(value[seconds.end() :])


def _crd_problems(obj: Json) -> Iterator[Cause]:
    spec = _struct(obj, "spec", "CustomResourceDefinition")
    names = _struct(spec, "names", "CustomResourceDefinition")
    versions = _structs(spec, "versions", "CustomResourceDefinition")
    for owner, path, keys in (
        (spec, "spec", ("group", "scope")),
        (names, "spec.names", ("plural", "kind")),
        *((each, f"spec.versions[{at}]", ("name",)) for at, each in enumerate(versions)),
    ):
        for key in keys:
            if not isinstance(owner.get(key), str) or not owner[key]:
                yield required(f"{path}.{key}")
    if spec.get("scope") not in {"Namespaced", "Cluster"}:
        message = 'Unsupported value: "": supported values: "Cluster", "Namespaced"'
        yield Cause("spec.scope", "FieldValueNotSupported", message)
    if [bool(version.get("storage")) for version in versions].count(True) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", json.dumps(versions), why)
    wanted = f"{names.get('plural')}.{spec.get('group')}"
    if obj["metadata"].get("name") != wanted:
        shown = json.dumps(obj["metadata"].get("name"))
        yield invalid_value("metadata.name", shown, 'must be spec.names.plural+"."+spec.group')
    for version in versions:
        _check_version(version)


def _check_version(version: Json) -> None:
    kind = "CustomResourceDefinition"
    _struct(_struct(version, "schema", kind), "openAPIV3Schema", kind)
    _struct(version, "subresources", kind)
    for column in _structs(version, "additionalPrinterColumns", kind):
        if not all(isinstance(column.get(key), str) for key in ("name", "type", "jsonPath")):
            raise _mistyped(kind, "spec.versions.additionalPrinterColumns", "string")


def _data_problems(kind: str) -> Callable[[Json], Iterator[Cause]]:
    def check(obj: Json) -> Iterator[Cause]:
        for key in ("data", "stringData"):
            values = obj.get(key)
            texts = isinstance(values, dict) and all(
                isinstance(each, str) for each in values.values()
            )
            if values is not None and not texts:
                raise _mistyped(kind, key, "string")
        yield from ()

    return check


def _struct(owner: Json, key: str, kind: str) -> Json:
    value = owner.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _mistyped(kind, key, "object")
    return value


def _structs(owner: Json, key: str, kind: str) -> list[Json]:
    value = owner.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _mistyped(kind, key, "[]object")
    return value


def _mistyped(kind: str, field: str, wanted: str) -> Exception:
    return bad_request(
        f'{kind} in version "v1" cannot be handled as a {kind}: json: cannot unmarshal into Go '
        f"struct field {kind}.{field} of type {wanted}"
    )


_CHECKS: Mapping[Resource, Callable[[Json], Iterator[Cause]]] = {
    resources.INGRESSES: _ingress_problems,
    resources.SERVICES: _service_problems,
    resources.LEASES: _lease_problems,
    resources.CRDS: _crd_problems,
    resources.SECRETS: _data_problems("Secret"),
    resources.CONFIG_MAPS: _data_problems("ConfigMap"),
}
