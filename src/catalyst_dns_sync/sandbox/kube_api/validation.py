"""What makes an object valid, beyond a CRD's schema: names, labels, and rules of built-in kinds."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from catalyst_dns_sync.sandbox.kube_api import resources, workload_checks
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.schema import is_structural, problems
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
_SEGMENT = r"(?!\.\.?$)[^/%]+"
_SEGMENT_TEXT = "may not be '.' or '..', and may not contain '/' or '%'"
_QUALIFIED_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_NAME_RULES = {
    resources.NAMESPACES: (_LABEL, 63, _LABEL_TEXT),
    resources.SERVICES: (_SERVICE, 63, _SERVICE_TEXT),
    resources.ROLES: (_SEGMENT, 253, _SEGMENT_TEXT),
    resources.ROLE_BINDINGS: (_SEGMENT, 253, _SEGMENT_TEXT),
    resources.CLUSTER_ROLES: (_SEGMENT, 253, _SEGMENT_TEXT),
    resources.CLUSTER_ROLE_BINDINGS: (_SEGMENT, 253, _SEGMENT_TEXT),
}
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+", re.ASCII)
_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
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
    spec = obj.get("spec", {})
    rules = spec.get("rules", [])
    if not rules and not spec.get("defaultBackend"):
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid_value("spec", "[]", why)
    for at, rule in enumerate(rules):
        yield from _ingress_host_problems(rule.get("host", ""), f"spec.rules[{at}].host")
        for number, path in enumerate(rule.get("http", {}).get("paths", [])):
            field = f"spec.rules[{at}].http.paths[{number}]"
            if not path.get("pathType"):
                yield required(f"{field}.pathType", "pathType must be specified")
            if not path.get("backend"):
                yield required(f"{field}.backend", "port name or number is required")


def _ingress_host_problems(host: str, field: str) -> Iterator[Cause]:
    if not host:
        return
    if _IP_ADDRESS.fullmatch(host):
        yield invalid_value(field, json.dumps(host), "must be a DNS name, not an IP address")
    elif "*" in host:
        if not re.fullmatch(_WILDCARD, host, re.ASCII):
            yield invalid_value(field, json.dumps(host), _WILDCARD_TEXT)
    elif not re.fullmatch(_SUBDOMAIN, host, re.ASCII) or len(host) > 253:
        yield invalid_value(field, json.dumps(host), _SUBDOMAIN_TEXT)


def _service_problems(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec", {})
    needs_ports = spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    if needs_ports and not spec.get("ports"):
        yield required("spec.ports")
    for at, port in enumerate(spec.get("ports", [])):
        if not 0 < port.get("port", 0) < 65536:
            why = "must be between 1 and 65535, inclusive"
            yield invalid_value(f"spec.ports[{at}].port", json.dumps(port.get("port", 0)), why)


def _secret_problems(obj: Json) -> Iterator[Cause]:
    for key, value in obj.get("data", {}).items():
        try:
            base64.b64decode(value, validate=True)
        except ValueError as error:
            raise bad_request(
                'Secret in version "v1" cannot be handled as a Secret: illegal base64 data in '
                f"data[{key}]"
            ) from error
    yield from ()


def _lease_problems(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec", {})
    for field in ("renewTime", "acquireTime"):
        value = spec.get(field)
        if value is not None and not _is_micro_time(value):
            raise bad_request(
                f'Lease in version "v1" cannot be handled as a Lease: parsing time '
                f'{json.dumps(value)} as "2006-01-02T15:04:05.000000Z07:00": '
                f'cannot parse {_rest_of_time(value)} as ".000000"'
            )
    duration = spec.get("leaseDurationSeconds", 1)
    if duration <= 0:
        why = "must be greater than 0"
        yield invalid_value("spec.leaseDurationSeconds", json.dumps(duration), why)


def _is_micro_time(text: str) -> bool:
    if not _MICRO_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _rest_of_time(text: str) -> str:
    seconds = _SECONDS.match(text)
    return json.dumps(text[seconds.end() :] if seconds else text)


def _crd_problems(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec", {})
    names = spec.get("names", {})
    versions = spec.get("versions", [])
    for owner, path, keys in (
        (spec, "spec", ("group", "scope")),
        (names, "spec.names", ("plural", "kind")),
        *((each, f"spec.versions[{at}]", ("name",)) for at, each in enumerate(versions)),
    ):
        yield from (required(f"{path}.{key}") for key in keys if not owner.get(key))
    scope = spec.get("scope", "")
    if scope not in {"Namespaced", "Cluster"}:
        shown = f'Unsupported value: {json.dumps(scope)}: supported values: "Cluster", "Namespaced"'
        yield Cause("spec.scope", "FieldValueNotSupported", shown)
    if [version.get("storage", False) for version in versions].count(True) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", json.dumps(versions), why)
    if obj["metadata"].get("name") != f"{names.get('plural')}.{spec.get('group')}":
        shown = json.dumps(obj["metadata"].get("name"))
        yield invalid_value("metadata.name", shown, 'must be spec.names.plural+"."+spec.group')
    for at, version in enumerate(versions):
        for number, column in enumerate(version.get("additionalPrinterColumns", [])):
            path = f"spec.versions[{at}].additionalPrinterColumns[{number}]"
            keys = ("name", "type", "jsonPath")
            yield from (required(f"{path}.{key}") for key in keys if not column.get(key))
        schema = version.get("schema", {}).get("openAPIV3Schema")
        if schema is None:
            yield required(f"spec.versions[{at}].schema.openAPIV3Schema", "schemas are required")
        elif not is_structural(schema):
            why = "must be a structural schema"
            yield invalid_value(f"spec.versions[{at}].schema.openAPIV3Schema", '"..."', why)


_CHECKS: Mapping[Resource, Callable[[Json], Iterator[Cause]]] = {
    resources.INGRESSES: _ingress_problems,
    resources.SERVICES: _service_problems,
    resources.LEASES: _lease_problems,
    resources.CRDS: _crd_problems,
    resources.SECRETS: _secret_problems,
    **workload_checks.CHECKS,
}
