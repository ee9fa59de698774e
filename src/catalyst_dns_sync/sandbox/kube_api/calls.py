"""One request for objects: what its query says, and how its answer is written."""

from collections.abc import Mapping

from aiohttp import web

from catalyst_dns_sync.sandbox.kube_api.encoding import (
    list_bytes,
    object_bytes,
    to_bytes,
)
from catalyst_dns_sync.sandbox.kube_api.lists import Page
from catalyst_dns_sync.sandbox.kube_api.negotiation import (
    JSON,
    Form,
    accepted_form,
)
from catalyst_dns_sync.sandbox.kube_api.parts import Parts
from catalyst_dns_sync.sandbox.kube_api.registry import Served
from catalyst_dns_sync.sandbox.kube_api.requests import ResourceRequest
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.selection import Selection, parse_selection
from catalyst_dns_sync.sandbox.kube_api.status import (
    ApiError,
    Cause,
)
from catalyst_dns_sync.sandbox.kube_api.store import Stored
from catalyst_dns_sync.sandbox.kube_api.table import (
    TableForm,
    TableWriter,
    partial_metadata,
)
from catalyst_dns_sync.sandbox.kube_api.writes import WriteOptions

_NO_HEADERS: Mapping[str, str] = {}


def json_response(
    data: bytes, status: int = 200, headers: Mapping[str, str] = _NO_HEADERS
) -> web.Response:
    """Return an answer of ready JSON."""
    return web.Response(body=data, status=status, content_type=JSON, headers=headers)


class Call:
    """One request, with what was found out about it."""

    def __init__(
        self,
        parts: Parts,
        request: web.Request,
        wanted: ResourceRequest,
        resource: Resource,
        served: Served,
    ) -> None:
        self.parts = parts
        self.request = request
        self.wanted = wanted
        self.resource = resource
        self.served = served
        self.query = request.query
        self.form = accepted_form(request.headers.get("Accept", ""))

    def data_of(self, stored: Stored) -> bytes:
        """Return an object's JSON in the version that was asked for."""
        resource = self.resource
        if resource.version == resource.storage_version:
            return stored.data
        return object_bytes(resource, stored.obj | {"apiVersion": resource.group_version})

    def one(self, stored: Stored, status: int = 200) -> web.Response:
        """Return one object as the answer."""
        if self.form == Form.TABLE:
            metadata = {"resourceVersion": str(stored.version)}
            return json_response(to_bytes(self.table().table([stored], metadata)), status)
        if self.form == Form.PARTIAL:
            return json_response(to_bytes(partial_metadata(stored)), status)
        return json_response(self.data_of(stored), status)

    def many(self, page: Page) -> web.Response:
        """Return objects as the answer."""
        if self.form == Form.TABLE:
            metadata = page.metadata(custom=False)
            return json_response(to_bytes(self.table().table(page.items, metadata)))
        metadata = page.metadata(custom=self.resource.custom)
        if self.form == Form.PARTIAL:
            head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
            items = [partial_metadata(stored) for stored in page.items]
            return json_response(to_bytes(head | {"metadata": metadata, "items": items}))
        items_data = (self.data_of(stored) for stored in page.items)
        return json_response(list_bytes(self.resource, items_data, metadata))

    def table(self) -> TableWriter:
        """Return what makes Tables of this resource."""
        return TableWriter(self.resource, self.table_form(), self.parts.now())

    def table_form(self) -> TableForm:
        """Return which form of object the rows shall have."""
        return TableForm(self.query.get("includeObject", "") or "Metadata")

    def selection(self) -> Selection:
        """Return which objects the query is about."""
        fields = self.query.get("fieldSelector", "")
        if self.wanted.name:
            fields = ",".join(filter(None, (fields, f"metadata.name={self.wanted.name}")))
        labels = self.query.get("labelSelector", "")
        namespace = self.wanted.namespace if self.resource.namespaced else ""
        return parse_selection(self.resource, namespace, labels, fields)

    def write_options(self) -> WriteOptions:
        """Return what the query says about a write."""
        dry_run = self.query.get("dryRun", "")
        if dry_run not in {"", "All"}:
            raise _unsupported_option("dryRun", dry_run, ("All",))
        validation = self.query.get("fieldValidation", "") or "Warn"
        if validation not in {"Ignore", "Warn", "Strict"}:
            values = ("Ignore", "Warn", "Strict")
            raise _unsupported_option("fieldValidation", validation, values)
        agent = self.request.headers.get("User-Agent", "").split("/")[0]
        manager = self.query.get("fieldManager", "") or agent or "unknown"
        return WriteOptions(bool(dry_run), manager[:128], validation, self.wanted.subresource)


def _unsupported_option(field: str, value: str, supported: tuple[str, ...]) -> ApiError:
    listed = ", ".join(f'"{each}"' for each in supported)
    message = f'Unsupported value: "{value}": supported values: {listed}'
    cause = Cause(field, "FieldValueNotSupported", message)
    details = {"causes": [cause.as_json()]}
    return ApiError(422, "Invalid", f' "" is invalid: {field}: {message}', details)
