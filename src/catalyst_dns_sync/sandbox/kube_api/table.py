"""Tables: the columns that `kubectl get` prints, made by the server as a real one does."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import METADATA_FIELDS, Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.store import ChangeType, Stored
from catalyst_dns_sync.sandbox.kube_api.watch import event_line

_NAME = {"name": "Name", "type": "string", "format": "name", "priority": 0}
_STEP = re.compile(r"\.([\w-]+)|\[\*\]|\[(\d+)\]|\[\?\(@\.(\w+)\s*==\s*['\"]([^'\"]*)['\"]\)\]")


@dataclass(frozen=True, slots=True)
class TableForm:
    """What a client wants of a Table; ``include`` is Metadata, Object or None."""

    include: str = "Metadata"


class TableWriter:
    """Makes the Tables of one resource; the ages are those at this moment."""

    def __init__(self, resource: Resource, form: TableForm, now: datetime) -> None:
        self._resource = resource
        self._form = form
        self._now = now

    def table(self, items: Iterable[Stored], metadata: Json) -> Json:
        """Return the Table of a list, or of one object."""
        rows = [self.row(stored) for stored in items]
        return self._table(metadata, self._columns(), rows)

    def row(self, stored: Stored) -> Json:
        """Return one row, with the object in the form that was asked for."""
        return {"cells": self._cells(stored.obj), "object": self._object(stored)}

    def frame(self, stored: Stored, *, first: bool) -> Json:
        """Return the Table in a watch's event: only the first one has columns."""
        metadata = {"resourceVersion": str(stored.version)}
        return self._table(metadata, self._columns() if first else None, [self.row(stored)])

    def bookmark(self, metadata: Json, *, first: bool) -> Json:
        """Return the Table in a bookmark: one row without cells' values."""
        columns = self._columns()
        cells: list[object] = ["", *(None for _ in columns[1:])]
        partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
        rows = [{"cells": cells, "object": partial | {"metadata": metadata}}]
        version = {"resourceVersion": metadata["resourceVersion"]}
        return self._table(version, columns if first else None, rows)

    def _table(self, metadata: Json, columns: list[Json] | None, rows: list[Json]) -> Json:
        head: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
        return head | {"columnDefinitions": columns, "rows": rows}

    def _columns(self) -> list[Json]:
        if self._resource.custom:
            return [
                _NAME,
                *(
                    {
                        "name": each.name,
                        "type": each.type,
                        "format": each.format,
                        "priority": each.priority,
                    }
                    for each in self._resource.columns
                ),
            ]
        columns, _ = _BUILT_IN.get(self._resource, _ONLY_AGE)
        return [_NAME, *(_column(name) for name in columns)]

    def _cells(self, obj: Json) -> list[object]:
        name = obj["metadata"]["name"]
        if not self._resource.custom:
            _, cells = _BUILT_IN.get(self._resource, _ONLY_AGE)
            return [name, *cells(obj, self._now)]
        found: list[object] = [name]
        for column in self._resource.columns:
            values = json_path(obj, column.json_path)
            if not values:
                found.append(
                    self._age(obj)
                    if column.type == "date" and "creation" in column.json_path
                    else None
                )
            elif column.type == "date":
                found.append(age(str(values[0]), self._now))
            elif column.type == "string":
                found.append(_text(values))
            else:
                found.append(values[0])
        return found

    def _age(self, obj: Json) -> str:
        return age(obj["metadata"].get("creationTimestamp", ""), self._now)

    def _object(self, stored: Stored) -> Json | None:
        if self._form.include == "None":
            return None
        if self._form.include == "Object":
            return stored.obj
        return partial_metadata(stored)


class TableFrames:
    """A watch's lines as Tables."""

    def __init__(self, resource: Resource, form: TableForm, now: Callable[[], datetime]) -> None:
        self._resource = resource
        self._form = form
        self._now = now
        self._first = True

    def change(self, kind: ChangeType, stored: Stored) -> bytes:
        """Return the line for one change."""
        return event_line(kind, to_bytes(self._writer().frame(stored, first=self._is_first())))

    def bookmark(self, metadata: Json) -> bytes:
        """Return the line that says up to which version everything was sent."""
        table = self._writer().bookmark(metadata, first=self._is_first())
        return event_line("BOOKMARK", to_bytes(table))

    def _writer(self) -> TableWriter:
        return TableWriter(self._resource, self._form, self._now())

    def _is_first(self) -> bool:
        first, self._first = self._first, False
        return first


def partial_metadata(stored: Stored) -> Json:
    """Return only an object's metadata, in the order of Go's struct."""
    metadata = stored.obj["metadata"]
    ordered = {key: metadata[key] for key in METADATA_FIELDS if key in metadata}
    head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return head | {"metadata": ordered}


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


def _text(values: list[Any]) -> str:
    value = values[0] if len(values) == 1 else values
    if isinstance(value, dict | list):
        return to_bytes(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(name: str) -> Json:
    return {"name": name, "type": "string", "format": "", "priority": 0}


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


def _crd(obj: Json, _now: datetime) -> list[object]:
    return [obj["metadata"].get("creationTimestamp", "")]


def _event(obj: Json, now: datetime) -> list[object]:
    about = obj.get("involvedObject") or {}
    last = obj.get("lastTimestamp") or obj.get("eventTime") or ""
    subject = f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"
    seen = age(last, now) if isinstance(last, str) else "<unknown>"
    return [seen, obj.get("type"), obj.get("reason"), subject, str(obj.get("message", "")).strip()]


_Cells = Callable[[Json, datetime], list[object]]
_ONLY_AGE: tuple[tuple[str, ...], _Cells] = (("Age",), lambda obj, now: [_age_of(obj, now)])
_BUILT_IN: Mapping[Resource, tuple[tuple[str, ...], _Cells]] = {
    resources.NAMESPACES: (("Status", "Age"), _namespace),
    resources.SERVICES: (
        ("Type", "Cluster-IP", "External-IP", "Port(s)", "Age"),
        _service,
    ),
    resources.INGRESSES: (("Class", "Hosts", "Address", "Ports", "Age"), _ingress),
    resources.SECRETS: (("Type", "Data", "Age"), _secret),
    resources.CONFIG_MAPS: (("Data", "Age"), _config_map),
    resources.LEASES: (("Holder", "Age"), _lease),
    resources.CRDS: (("Created At",), _crd),
    resources.EVENTS: (("Last Seen", "Type", "Reason", "Object", "Message"), _event),
}
