"""Which objects of a resource a list or watch is about."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalyst_dns_sync.core.selectors import LabelSelector, parse_label_selector
from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import bad_request
from catalyst_dns_sync.sandbox.kube_api.store import Stored

# Beside metadata.name and metadata.namespace, which all resources have.
_FIELDS: Mapping[Resource, tuple[str, ...]] = {
    resources.NAMESPACES: ("status.phase",),
    resources.SECRETS: ("type",),
    resources.SERVICES: ("spec.clusterIP", "spec.type"),
    resources.EVENTS: (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}


_ALL = LabelSelector()


@dataclass(frozen=True, slots=True)
class Selection:
    """A namespace (all: empty), labels, and the values that fields must, or must not, have."""

    namespace: str = ""
    labels: LabelSelector = _ALL
    fields: tuple[tuple[str, bool, str], ...] = ()

    @property
    def first_key(self) -> str:
        """Return the first key in the store that an object of the namespace could have."""
        return f"{self.namespace}/" if self.namespace else ""

    @property
    def end_key(self) -> str | None:
        """Return the key behind the last one that an object of the namespace could have."""
        return f"{self.namespace}0" if self.namespace else None

    @property
    def selects(self) -> bool:
        """Tell whether there is a condition beside the namespace."""
        return bool(self.labels.requirements or self.fields)

    def holds_for(self, stored: Stored | None) -> bool:
        """Tell whether an object, in one of its states, is chosen."""
        if stored is None or not stored.key.startswith(self.first_key):
            return False
        if not self.selects:
            return True
        labels = stored.obj["metadata"].get("labels") or {}
        return self.labels.matches(labels) and all(
            (_field(stored.obj, path) == value) is wanted for path, wanted, value in self.fields
        )


def parse_selection(
    resource: Resource, namespace: str, label_selector: str, field_selector: str
) -> Selection:
    """Return what a query selects; raises `ApiError` 400 for selectors that cannot be read."""
    try:
        labels = parse_label_selector(label_selector)
    except ValueError as error:
        raise bad_request(f"unable to parse requirement: {error}") from error
    allowed = {"metadata.name", "metadata.namespace", *_FIELDS.get(resource, ())}
    return Selection(namespace, labels, tuple(_fields(field_selector, allowed)))


def _fields(text: str, allowed: set[str]) -> list[tuple[str, bool, str]]:
    found = []
    for term in filter(None, (each.strip() for each in text.split(","))):
        path, equals, value = term.partition("=")
        if not equals:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        wanted = not path.endswith("!")
        path = path.removesuffix("!").strip()
        if path not in allowed:
            raise bad_request(f"field label not supported: {path}")
        found.append((path, wanted, value.removeprefix("=").strip()))
    return found


def _field(obj: Json, path: str) -> str:
    value: object = obj
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else str(value)
