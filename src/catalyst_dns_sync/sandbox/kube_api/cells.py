"""What stands in the cells of Tables: columns of built-in kinds, ages, and paths into objects."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

_STEP = re.compile(r"\.([\w-]+)|\[\*\]|\[(\d+)\]|\[\?\(@\.(\w+)\s*==\s*['\"]([^'\"]*)['\"]\)\]")


def age(timestamp: str, now: datetime) -> str:
    """Return a duration as kubectl writes it: at most two units, fewer the longer it is."""
    try:
        since = datetime.fromisoformat(timestamp)
    except ValueError:
        return "<unknown>"
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return human_duration(now - since)


def human_duration(duration: timedelta) -> str:
    """Return a duration as `k8s.io/apimachinery/pkg/util/duration` writes it for people."""
    seconds = int(duration.total_seconds())
    if seconds < -1:
        return "<invalid>"
    seconds = max(seconds, 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    years = days // 365
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 365 * 2:
        return f"{days}d"
    if years < 8:
        return _two(years, "y", days % 365, "d")
    return f"{years}y"


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def json_path(obj: object, path: str) -> list[Any]:
    """Return what a CRD's column points at; the part of JSONPath that columns use."""
    found = [obj]
    position = 0
    for step in _STEP.finditer(path):
        if step.start() != position:
            return []
        position = step.end()
        found = [each for value in found for each in _stepped(value, step)]
    return [value for value in found if value is not None] if position == len(path) else []


def _stepped(value: object, step: re.Match[str]) -> list[Any]:
    key, index, filter_key, filter_value = step.groups()
    if key is not None:
        return [value[key]] if isinstance(value, dict) and key in value else []
    if not isinstance(value, list):
        return []
    if index is not None:
        return value[int(index) : int(index) + 1]
    if filter_key is None:
        return value
    return [v for v in value if isinstance(v, dict) and v.get(filter_key) == filter_value]


def shown(values: list[Any]) -> str:
    """Return what a path found as the text of one cell."""
    value = values[0] if len(values) == 1 else values
    if isinstance(value, dict | list):
        return to_bytes(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _age_of(obj: Json, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp", ""), now)


def _namespace(obj: Json, now: datetime) -> list[object]:
    return [obj.get("status", {}).get("phase", ""), _age_of(obj, now)]


def _service(obj: Json, now: datetime) -> list[object]:
    spec = obj.get("spec", {})
    balancer = obj.get("status", {}).get("loadBalancer", {})
    external = _addresses(balancer) or ",".join(spec.get("externalIPs") or ())
    if not external:
        external = "<pending>" if spec.get("type") == "LoadBalancer" else "<none>"
    if spec.get("type") == "ExternalName":
        external = str(spec.get("externalName", ""))
    ports = ",".join(
        f"{port.get('port')}:{port['nodePort']}/{port.get('protocol', 'TCP')}"
        if port.get("nodePort")
        else f"{port.get('port')}/{port.get('protocol', 'TCP')}"
        for port in spec.get("ports") or ()
    )
    address = spec.get("clusterIP") or "<none>"
    return [spec.get("type", ""), address, external, ports or "<none>", _age_of(obj, now)]


def _ingress(obj: Json, now: datetime) -> list[object]:
    spec = obj.get("spec", {})
    hosts = [rule["host"] for rule in spec.get("rules") or () if rule.get("host")]
    shown = ",".join(hosts[:3]) + (f" + {len(hosts) - 3} more..." if len(hosts) > 3 else "")
    ports = "80, 443" if spec.get("tls") else "80"
    addresses = _addresses(obj.get("status", {}).get("loadBalancer", {}))
    kind = spec.get("ingressClassName")
    if not kind:
        annotations = obj["metadata"].get("annotations") or {}
        kind = annotations.get("kubernetes.io/ingress.class", "<none>")
    return [kind, shown or "*", addresses, ports, _age_of(obj, now)]


def _addresses(balancer: Json) -> str:
    ingress = balancer.get("ingress") or ()
    return ",".join(str(each.get("ip") or each.get("hostname") or "") for each in ingress)


def _secret(obj: Json, now: datetime) -> list[object]:
    return [obj.get("type", ""), len(obj.get("data") or {}), _age_of(obj, now)]


def _config_map(obj: Json, now: datetime) -> list[object]:
    count = len(obj.get("data") or {}) + len(obj.get("binaryData") or {})
    return [count, _age_of(obj, now)]


def _lease(obj: Json, now: datetime) -> list[object]:
    return [(obj.get("spec") or {}).get("holderIdentity", ""), _age_of(obj, now)]


def _event(obj: Json, now: datetime) -> list[object]:
    about = obj.get("involvedObject") or {}
    last = obj.get("lastTimestamp") or obj.get("eventTime") or ""
    subject = f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"
    seen = age(last, now) if isinstance(last, str) else "<unknown>"
    return [seen, obj.get("type"), obj.get("reason"), subject, str(obj.get("message", "")).strip()]


def _deployment(obj: Json, now: datetime) -> list[object]:
    status = obj.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{obj.get('spec', {}).get('replicas', 1)}"
    counts = [status.get(key, 0) for key in ("updatedReplicas", "availableReplicas")]
    return [ready, *counts, _age_of(obj, now)]


def _created_at(obj: Json, _now: datetime) -> list[object]:
    return [obj["metadata"].get("creationTimestamp", "")]


def _binding(obj: Json, now: datetime) -> list[object]:
    role = obj.get("roleRef", {})
    return [f"{role.get('kind', '')}/{role.get('name', '')}", _age_of(obj, now)]


Cells = Callable[[Json, datetime], list[object]]
ONLY_AGE: tuple[tuple[str, ...], Cells] = (("Age",), lambda obj, now: [_age_of(obj, now)])
BUILT_IN: Mapping[Resource, tuple[tuple[str, ...], Cells]] = {
    resources.NAMESPACES: (("Status", "Age"), _namespace),
    resources.SERVICES: (
        ("Type", "Cluster-IP", "External-IP", "Port(s)", "Age"),
        _service,
    ),
    resources.INGRESSES: (("Class", "Hosts", "Address", "Ports", "Age"), _ingress),
    resources.SECRETS: (("Type", "Data", "Age"), _secret),
    resources.CONFIG_MAPS: (("Data", "Age"), _config_map),
    resources.LEASES: (("Holder", "Age"), _lease),
    resources.CRDS: (("Created At",), _created_at),
    resources.DEPLOYMENTS: (("Ready", "Up-to-date", "Available", "Age"), _deployment),
    resources.ROLES: (("Created At",), _created_at),
    resources.CLUSTER_ROLES: (("Created At",), _created_at),
    resources.ROLE_BINDINGS: (("Role", "Age"), _binding),
    resources.CLUSTER_ROLE_BINDINGS: (("Role", "Age"), _binding),
    resources.EVENTS: (("Last Seen", "Type", "Reason", "Object", "Message"), _event),
}
