"""The Lease that daemons of one cluster share, as its API server keeps it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, body_of

PATH = "/apis/coordination.k8s.io/v1/namespaces/infra/leases"
NAME = "shared"


@dataclass(slots=True)
class SharedLease:
    """One Lease; ``renewed_at`` is when it was written last, by the world's clock."""

    clock: Callable[[], float]
    version: int = 0
    spec: dict[str, Any] = field(default_factory=dict)
    renewed_at: float = float("-inf")

    @property
    def holder(self) -> str:
        """Return who may write now, by what the server knows: nobody once it has run out."""
        if self.clock() >= self.renewed_at + self.spec.get("leaseDurationSeconds", 0):
            return ""
        return str(self.spec.get("holderIdentity", ""))

    def read(self) -> Json:
        if not self.version:
            raise_status(404, "NotFound")
        return self._body()

    def create(self, body: Json) -> Json:
        if self.version:
            raise_status(409, "AlreadyExists")
        return self._write(body)

    def replace(self, body: Json) -> Json:
        if str(self.version) != body["metadata"]["resourceVersion"]:
            raise_status(409, "Conflict")
        return self._write(body)

    def _write(self, body: Json) -> Json:
        self.version += 1
        self.spec = dict(body["spec"])
        self.renewed_at = self.clock()
        return self._body()

    def _body(self) -> Json:
        metadata = {"name": NAME, "resourceVersion": str(self.version)}
        return {"metadata": metadata, "spec": dict(self.spec)}


def raise_status(code: int, reason: str) -> None:
    """Raise what such an answer stands for."""
    status = {"kind": "Status", "reason": reason, "details": {"name": NAME}}
    body_of(Answer(f"{PATH}/{NAME}", code, json.dumps(status).encode()))
