"""What the server itself fills in when an object of a built-in kind is written."""

import base64
from datetime import UTC, datetime

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.crds import accepted_status, with_default_names
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource


def with_defaults(resource: Resource, obj: Json, old: Json | None, now: str) -> Json:
    """Return a valid object with its defaults; ``old`` is its present state, if there is one."""
    if resource == resources.NAMESPACES:
        return _namespace(obj, old)
    if resource == resources.SERVICES:
        return _service(obj, old)
    if resource == resources.SECRETS:
        return _secret(obj)
    if resource == resources.INGRESSES:
        return obj if old else obj | {"status": {"loadBalancer": {}}}
    if resource == resources.LEASES:
        return _lease(obj)
    if resource == resources.CRDS:
        named = obj | {"spec": with_default_names(obj["spec"])}
        return named if old else named | {"status": accepted_status(named, now)}
    return obj


def _namespace(obj: Json, old: Json | None) -> Json:
    metadata = obj["metadata"]
    labels = metadata.get("labels", {}) | {"kubernetes.io/metadata.name": metadata["name"]}
    obj = obj | {"metadata": metadata | {"labels": labels}}
    if old is None:
        obj |= {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    return obj


def _service(obj: Json, old: Json | None) -> Json:
    spec = obj.get("spec") or {}
    kind = spec.get("type", "ClusterIP")
    ports = [
        {"protocol": "TCP"} | port | {"targetPort": port.get("targetPort", port.get("port"))}
        for port in spec.get("ports") or ()
    ]
    given = {key: value for key, value in spec.items() if key not in {"ports", "type"}}
    cluster_ip = (old or {}).get("spec", {}).get("clusterIP") or spec.get("clusterIP")
    filled: Json = {"ports": ports} if ports else {}
    if kind != "ExternalName":
        address = cluster_ip or _cluster_ip(obj["metadata"])
        filled |= {"clusterIP": address, "clusterIPs": [address]}
        filled |= {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
    filled |= {"sessionAffinity": "None", "type": kind, "internalTrafficPolicy": "Cluster"}
    obj = obj | {"spec": filled | given | ({"ports": ports} if ports else {})}
    return obj if old else obj | {"status": {"loadBalancer": {}}}


def _cluster_ip(metadata: Json) -> str:
    digest = base64.b16encode(f"{metadata.get('namespace')}/{metadata['name']}".encode())
    number = int(digest, 16)
    return f"10.96.{number // 251 % 256}.{number % 251 + 2}"


def _secret(obj: Json) -> Json:
    texts = obj.get("stringData") or {}
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    rest = {key: value for key, value in obj.items() if key != "stringData"}
    merged = (obj.get("data") or {}) | data
    return {"type": "Opaque"} | rest | ({"data": merged} if merged else {})


def _lease(obj: Json) -> Json:
    spec = dict(obj.get("spec") or {})
    for field in ("acquireTime", "renewTime"):
        if isinstance(spec.get(field), str):
            moment = datetime.fromisoformat(spec[field]).astimezone(UTC)
            spec[field] = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return obj | {"spec": spec}
