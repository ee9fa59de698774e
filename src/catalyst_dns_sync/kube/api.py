"""What we ask of the Kubernetes API, and reading a list by pages."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeAlias

from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.errors import NotFoundError, OutOfTouchError
from catalyst_dns_sync.kube.watch import version_of

Params: TypeAlias = Mapping[str, str]
NO_PARAMS: Params = MappingProxyType({})
PAGE_SIZE = 100
"""A page takes some 20 times its length while it is read: so few, and a handful of calls more."""


class Api(Protocol):
    """The Kubernetes API, as raw JSON; all its methods raise `KubeError` and nothing else."""

    async def get(self, path: str, params: Params = NO_PARAMS) -> Json:
        """Read one object or one page of a list."""

    def watch(
        self, path: str, params: Params, silence: float
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open a watch: entering it means that the server accepted it; inside, its lines come.

        The lines end when the server ends the answer properly. Where it breaks off, or is silent
        for ``silence`` seconds, `StreamLostError` is raised.
        """


class WritableApi(Api, Protocol):
    """The API with the writes that we need: a Lease, and questions about our own rights.

    An object that was changed meanwhile, or is there already, is an `OutOfTouchError` with status
    409.
    """

    async def create(self, path: str, body: Json) -> Json:
        """Create an object in a collection, and return it as it is now."""

    async def replace(self, path: str, body: Json) -> Json:
        """Replace an object, if its version is the one in ``body``, and return it as it is now."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; all pages have the same version."""

    version: str
    items: list[object]


async def pages(api: Api, path: str, chosen: Params = NO_PARAMS) -> AsyncIterator[Page]:
    """Read a list by pages; an `ExpiredError` on the way means that all must be read again.

    A page's items are gone when the next one is asked for, so that there is only one at a time.
    No resourceVersion is asked for: ``resourceVersion=0`` makes the server ignore ``limit``.
    ``chosen`` are parameters that choose objects.
    """
    params = {"limit": str(PAGE_SIZE), **chosen}
    while True:
        body = await api.get(path, params)
        page, token = _page(path, body), body["metadata"].get("continue")
        del body
        yield page
        page.items.clear()
        if not (isinstance(token, str) and token):
            return
        params = {"limit": str(PAGE_SIZE), **chosen, "continue": token}


async def cluster_id(api: Api) -> str | None:
    """Return what tells this cluster from others: 8 hex digits of the uid of ``kube-system``.

    None where we are not permitted to read that namespace. An answer that may be another one
    later (also a 401: the token may be mended) is raised as `OutOfTouchError`.
    """
    path = "/api/v1/namespaces/kube-system"
    try:
        body = await api.get(path)
    except NotFoundError:
        return None
    except OutOfTouchError as error:
        if error.status == 403:
            return None
        raise
    uid = uid_of(body)
    if uid is None:
        raise OutOfTouchError(f"{path} has no uid", status=200)
    return uid.replace("-", "")[:8].lower()


def uid_of(item: Json) -> str | None:
    """Return the uid of an object, None where there is none."""
    match item:
        case {"metadata": {"uid": str(uid)}} if uid:
            return uid
        case _:
            return None


def _page(path: str, body: Json) -> Page:
    version = version_of(body)
    # A Go server may send an empty list as null; where there is no such key, it is no list.
    items = body.get("items", ()) or []
    if version is None or "items" not in body or not isinstance(items, list):
        raise OutOfTouchError(f"{path} answered 200 with something that is no list", status=200)
    return Page(version, items)
