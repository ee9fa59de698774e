from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from catalyst_dns_sync.control.ports import KindState
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, error_of
from catalyst_dns_sync.kube.api import NO_PARAMS, Params, cluster_id
from catalyst_dns_sync.kube.errors import KubeError, NotFoundError, OutOfTouchError
from catalyst_dns_sync.kube.inspector import CrdInspector
from catalyst_dns_sync.kube.resources import RESOURCES, crd_path

NEW = "ingressroutes.traefik.io"
OLD = "ingressroutes.traefik.containo.us"
GONE = NotFoundError("gone")
FORBIDDEN = error_of(Answer("/crd", 403, b"{}"))
REFUSED = OutOfTouchError("refused")


class Objects:
    """An API that holds single objects."""

    def __init__(self, objects: dict[str, Json | KubeError]) -> None:
        self._objects = objects

    async def get(self, path: str, _params: Params = NO_PARAMS) -> Json:
        found = self._objects[path]
        if isinstance(found, KubeError):
            raise found
        return found

    def watch(
        self, path: str, params: Params, silence: float
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise NotImplementedError


def alive(uid: str) -> Json:
    return {"metadata": {"uid": uid}}


def dying(uid: str) -> Json:
    return {"metadata": {"uid": uid, "deletionTimestamp": "2026-01-01T00:00:00Z"}}


@pytest.mark.parametrize(
    ("crds", "uids", "expected"),
    [
        ([alive("1")], ["1"], KindState.SERVED),
        ([dying("1")], ["1"], KindState.REMOVED),
        ([dying("1")], [None], KindState.REMOVED),
        ([GONE], ["1"], KindState.REMOVED),
        ([GONE], [None], KindState.REMOVED),
        ([alive("2")], ["1"], KindState.REMOVED),
        ([alive("2")], ["1", "2"], KindState.REMOVED),
        ([alive("1")], [None], KindState.UNREADABLE),
        ([alive("1")], [], KindState.UNREADABLE),
        ([alive("1")], ["1", None], KindState.UNREADABLE),
        ([FORBIDDEN], ["1"], KindState.UNREADABLE),
        ([REFUSED], ["1"], KindState.UNKNOWN),
        ([{"metadata": {}}], ["1"], KindState.UNKNOWN),
        ([{"metadata": []}], ["1"], KindState.UNKNOWN),
        ([alive("1"), GONE], ["1"], KindState.SERVED),
        ([alive("1"), alive("2")], ["1", "2"], KindState.SERVED),
        ([alive("1"), dying("2")], ["1"], KindState.SERVED),
        ([alive("1"), dying("2")], ["1", "2"], KindState.REMOVED),
        ([alive("1"), REFUSED], ["1"], KindState.UNKNOWN),
    ],
)
async def test_a_kind_is_served_only_while_each_definition_in_question_lives(
    crds: list[Json | KubeError], uids: list[str | None], expected: KindState
) -> None:
    sources = ("ingressroute", "ingressroute-legacy")[: len(crds)]
    objects = dict(zip((crd_path(NEW), crd_path(OLD)), crds, strict=False))
    inspector = CrdInspector(Objects(objects), [RESOURCES[source] for source in sources])

    assert await inspector.kind_state("IngressRoute", uids) is expected


async def test_a_built_in_kind_is_always_served() -> None:
    inspector = CrdInspector(Objects({}), RESOURCES.values())

    assert await inspector.kind_state("Ingress", [None]) is KindState.SERVED


async def test_a_kind_that_is_not_watched_cannot_be_vouched_for() -> None:
    inspector = CrdInspector(Objects({}), [RESOURCES["ingress"]])

    assert await inspector.kind_state("IngressRoute", ["1"]) is KindState.UNREADABLE


KUBE_SYSTEM = "/api/v1/namespaces/kube-system"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (alive("3F2A91c0-aaaa-bbbb-cccc-1234567890ab"), "3f2a91c0"),
        (error_of(Answer(KUBE_SYSTEM, 403, b"{}")), None),
        (GONE, None),
    ],
    ids=["read", "not permitted", "not there"],
)
async def test_a_cluster_is_known_by_its_first_namespace(
    answer: Json | KubeError, expected: str | None
) -> None:
    assert await cluster_id(Objects({KUBE_SYSTEM: answer})) == expected


@pytest.mark.parametrize("code", [401, 429, 500, 503])
async def test_a_cluster_that_may_be_known_later_is_not_taken_for_a_nameless_one(
    code: int,
) -> None:
    answer = error_of(Answer(KUBE_SYSTEM, code, b"{}"))

    with pytest.raises(OutOfTouchError):
        await cluster_id(Objects({KUBE_SYSTEM: answer}))
