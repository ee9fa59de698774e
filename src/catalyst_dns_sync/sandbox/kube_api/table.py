"""Tables: the columns that `kubectl get` prints, made by the server as a real one does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from catalyst_dns_sync.sandbox.kube_api.cells import BUILT_IN, ONLY_AGE, age, json_path, shown
from catalyst_dns_sync.sandbox.kube_api.encoding import METADATA_FIELDS, Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.store import ChangeType, Stored
from catalyst_dns_sync.sandbox.kube_api.watch import event_line

_NAME = {"name": "Name", "type": "string", "format": "name", "priority": 0}


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
        columns, _ = BUILT_IN.get(self._resource, ONLY_AGE)
        return [_NAME, *(_column(name) for name in columns)]

    def _cells(self, obj: Json) -> list[object]:
        name = obj["metadata"]["name"]
        if not self._resource.custom:
            _, cells = BUILT_IN.get(self._resource, ONLY_AGE)
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
                found.append(shown(values))
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


def _column(name: str) -> Json:
    return {"name": name, "type": "string", "format": "", "priority": 0}
