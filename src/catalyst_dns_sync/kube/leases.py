"""The Lease that several instances share, as an object of the API (``coordination.k8s.io/v1``)."""

from typing import Any

from catalyst_dns_sync.control.ports import KeptLease, LeaseError, LeaseTakenError
from catalyst_dns_sync.core.election import LeaseRecord
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.api import WritableApi
from catalyst_dns_sync.kube.errors import KubeError, NotFoundError, OutOfTouchError
from catalyst_dns_sync.kube.watch import version_of


class ApiLeaseKeeper:
    """One Lease; a `LeaseKeeper`."""

    def __init__(self, api: WritableApi, namespace: str, name: str) -> None:
        self._api = api
        self._namespace = namespace
        self._name = name
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"

    async def read(self) -> KeptLease | None:
        """Return the Lease as it is, None where there is none."""
        try:
            return _kept(await self._api.get(f"{self._collection}/{self._name}"))
        except NotFoundError:
            return None
        except KubeError as error:
            raise self._translated(error, "get") from error

    async def create(self, record: LeaseRecord) -> KeptLease:
        """Make the Lease."""
        try:
            return _kept(await self._api.create(self._collection, self._body(record)))
        except KubeError as error:
            raise self._translated(error, "create") from error

    async def replace(self, record: LeaseRecord, version: str) -> KeptLease:
        """Write the Lease, if its version is still this one."""
        try:
            body = self._body(record, version)
            return _kept(await self._api.replace(f"{self._collection}/{self._name}", body))
        except KubeError as error:
            raise self._translated(error, "update") from error

    def _body(self, record: LeaseRecord, version: str = "") -> Json:
        metadata = {"name": self._name, "namespace": self._namespace}
        if version:
            metadata["resourceVersion"] = version
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": record.holder,
                "leaseDurationSeconds": record.duration,
                "acquireTime": record.acquired,
                "renewTime": record.renewed,
                "leaseTransitions": record.transitions,
            },
        }

    def _translated(self, error: KubeError, verb: str) -> LeaseError:
        status = error.status if isinstance(error, OutOfTouchError) else None
        if status == 409:
            return LeaseTakenError(str(error))
        if status == 403:
            advice = f"allow to {verb} leases in namespace {self._namespace}, `check` says how"
            return LeaseError(f"{error}: {advice}")
        return LeaseError(str(error))


def _kept(body: Json) -> KeptLease:
    version = version_of(body)
    if version is None:
        raise KubeError("the answer is no Lease: it has no version")
    spec = body.get("spec")
    found: dict[str, Any] = spec if isinstance(spec, dict) else {}
    record = LeaseRecord(
        holder=_text(found.get("holderIdentity")),
        duration=_number(found.get("leaseDurationSeconds")),
        acquired=_text(found.get("acquireTime")),
        renewed=_text(found.get("renewTime")),
        transitions=_number(found.get("leaseTransitions")),
    )
    return KeptLease(record, version)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
