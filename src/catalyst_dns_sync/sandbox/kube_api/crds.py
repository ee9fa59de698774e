"""CustomResourceDefinitions: how one is read, and what the server itself writes into it."""

from collections.abc import Mapping
from typing import Any

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Column, Resource

CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
_AGE = Column("Age", "date", ".metadata.creationTimestamp")


def resources_of(crd: Json) -> tuple[Resource, ...]:
    """Return one resource for each served version of a valid CRD, the stored version first."""
    versions = [version for version in crd["spec"]["versions"] if version.get("served")]
    stored = next((v["name"] for v in crd["spec"]["versions"] if v.get("storage")), "")
    versions.sort(key=lambda version: not version.get("storage"))
    return tuple(_resource(crd["spec"], version, stored) for version in versions)


def _resource(spec: Json, version: Json, stored: str) -> Resource:
    names = spec["names"]
    columns = tuple(_column(each) for each in version.get("additionalPrinterColumns") or ())
    return Resource(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        singular=names.get("singular", ""),
        list_kind=names.get("listKind", ""),
        custom=True,
        has_generation=True,
        has_status="status" in (version.get("subresources") or {}),
        storage_version=stored,
        columns=columns or (_AGE,),
        schema=(version.get("schema") or {}).get("openAPIV3Schema") or {},
    )


def _column(column: Mapping[str, Any]) -> Column:
    return Column(
        name=column["name"],
        type=column["type"],
        json_path=column["jsonPath"],
        format=column.get("format", ""),
        priority=column.get("priority", 0),
    )


def accepted_status(crd: Json, now: str) -> Json:
    """Return the status of a CRD whose names were accepted."""
    names = crd["spec"]["names"]
    conditions = [
        _condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
        _condition(
            "Established", "InitialNamesAccepted", "the initial names have been accepted", now
        ),
    ]
    stored = [version["name"] for version in crd["spec"]["versions"] if version.get("storage")]
    return {"conditions": conditions, "acceptedNames": names, "storedVersions": stored}


def terminating_status(crd: Json, now: str) -> Json:
    """Return the status of a CRD whose objects are being deleted."""
    status: Json = crd.get("status") or {}
    going = _condition(
        "Terminating",
        "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion",
        now,
    )
    return status | {"conditions": [*status.get("conditions", ()), going]}


def with_default_names(spec: Json) -> Json:
    """Return a CRD's spec with the names that may be left out."""
    names = spec["names"]
    defaults = {"singular": names["kind"].lower(), "listKind": f"{names['kind']}List"}
    return spec | {
        "names": defaults | names,
        "conversion": spec.get("conversion") or {"strategy": "None"},
    }


def _condition(kind: str, reason: str, message: str, now: str) -> Json:
    return {
        "type": kind,
        "status": "True",
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }
