"""Tells whether the definition (CRD) behind a kind is still the one that we listed."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from catalyst_dns_sync.control.ports import KindState
from catalyst_dns_sync.kube.api import Api, uid_of
from catalyst_dns_sync.kube.errors import KubeError, NotFoundError, OutOfTouchError
from catalyst_dns_sync.kube.resources import Resource, crd_path


class CrdInspector:
    """A `KindInspector` that reads the CRDs of the kinds that we watch."""

    def __init__(self, api: Api, resources: Iterable[Resource]) -> None:
        crds: dict[str, list[str]] = {}
        for resource in resources:
            names = crds.setdefault(resource.kind, [])
            if resource.crd is not None and resource.crd not in names:
                names.append(resource.crd)
        self._api = api
        self._crds: Mapping[str, list[str]] = MappingProxyType(crds)

    async def kind_state(self, kind: str, uids: Collection[str | None]) -> KindState:
        """Say what became of the kind, now; see `KindInspector`.

        A kind may have two CRDs, of Traefik's new and old group: then each of the ``uids`` must
        belong to one that is alive, since we do not know which name came from which.
        """
        crds = self._crds.get(kind)
        if crds is None:
            return KindState.UNREADABLE
        if not crds:
            return KindState.SERVED
        try:
            alive = {uid for crd in crds if (uid := await self._living_uid(crd)) is not None}
        except KubeError as error:
            denied = isinstance(error, OutOfTouchError) and error.status == 403
            return KindState.UNREADABLE if denied else KindState.UNKNOWN
        asked = set(uids)
        if not alive or asked - {None} - alive:
            return KindState.REMOVED
        return KindState.UNREADABLE if None in asked or not asked else KindState.SERVED

    async def _living_uid(self, crd: str) -> str | None:
        """Return the CRD's uid, None where it is terminating or gone."""
        try:
            body = await self._api.get(crd_path(crd))
        except NotFoundError:
            return None
        uid = uid_of(body)
        if uid is None:
            raise KubeError(f"{crd} has no uid")
        metadata = body["metadata"]
        return None if metadata.get("deletionTimestamp") else uid
