"""The HTTP client of the Kubernetes API: JSON both ways, watches, and a login kept fresh."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Self

import aiohttp

from catalyst_dns_sync import __version__
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, body_of, error_of
from catalyst_dns_sync.kube.api import NO_PARAMS, Params
from catalyst_dns_sync.kube.config import Access, Login, login_for, proxy_of, tls_of
from catalyst_dns_sync.kube.errors import KubeConfigError, OutOfTouchError, StreamLostError, short

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
"""How long the server may be silent before an answer, or in the middle of a short one."""
REQUEST_SECONDS = 30.0
RENEW_SECONDS = 60.0
MAX_LINE = 16 * 2**20
"""Bytes. Any object is smaller by far: etcd takes 1.5 MiB."""

_SHORT = aiohttp.ClientTimeout(
    total=REQUEST_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS
)
_OPEN_ENDED = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
_USERINFO = re.compile(r"//[^/@\s]*@")


class KubeClient:
    """One cluster's API; an async context manager, which owns the connections."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._access = Access()
        self._proxy: str | None = None
        self._renew: Callable[[], Awaitable[None]] | None = None
        self._renewed_at = float("-inf")
        self._loaded_at = float("-inf")
        self._trouble = ""
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """Where the API server is, fit to be shown."""
        return self._access.url

    async def log_in(self) -> None:
        """Load the configuration; raises `KubeConfigError`."""
        access = Access()
        self._loaded_at = self._renewed_at = _now()
        self._renew = await self._login.load(access)
        self._proxy = proxy_of(access)
        self._access = access

    async def __aenter__(self) -> Self:
        """Make ready to connect."""
        if self._renew is None:
            await self.log_in()
        await self._connect()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, params: Params = NO_PARAMS) -> Json:
        """Read one object or one page of a list."""
        with _translated(path):
            answer = await _answer(path, await self._request(path, params, _SHORT))
        await self._consider(answer)
        return body_of(answer)

    async def create(self, path: str, body: Json) -> Json:
        """Create an object; see `WritableApi`."""
        return await self._write("POST", path, body)

    async def replace(self, path: str, body: Json) -> Json:
        """Replace an object; see `WritableApi`."""
        return await self._write("PUT", path, body)

    async def _write(self, method: str, path: str, body: Json) -> Json:
        with _translated(path):
            response = await self._request(path, NO_PARAMS, _SHORT, method=method, body=body)
            answer = await _answer(path, response)
        await self._consider(answer)
        return body_of(answer)

    @asynccontextmanager
    async def watch(
        self, path: str, params: Params, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a watch; see `Api.watch`."""
        with _translated(path):
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await self._request(path, params, _OPEN_ENDED)
                answer = None if response.status == 200 else await _answer(path, response)
        try:
            if answer is not None:
                await self._consider(answer)
                raise error_of(answer)
            async with aclosing(_lines(path, response.content, silence)) as lines:
                yield lines
        finally:
            response.close()

    async def _request(
        self,
        path: str,
        params: Params,
        limits: aiohttp.ClientTimeout,
        *,
        method: str = "GET",
        body: Json | None = None,
    ) -> aiohttp.ClientResponse:
        authorization = await self._authorization()
        if self._session is None:
            raise RuntimeError("the client is used outside of its async with block")
        try:
            return await self._session.request(
                method,
                self._access.url + path,
                params=params,
                json=body,
                headers={"Authorization": authorization} if authorization else None,
                timeout=limits,
                proxy=self._proxy,
                server_hostname=self._access.tls_server_name,
                # An API server sends nobody elsewhere; what does is a login page in front of it.
                allow_redirects=False,
            )
        except aiohttp.ClientSSLError:
            await self._log_in_again(reconnect=True)
            raise

    async def _authorization(self) -> str | None:
        if self._renew is not None and _now() >= self._renewed_at + RENEW_SECONDS:
            self._renewed_at = _now()
            await self._try(self._renew)
        return self._access.authorization

    async def _consider(self, answer: Answer) -> None:
        if answer.status == 401:
            # A client certificate is shown when a connection is made, so that needs new ones.
            await self._log_in_again(reconnect=self._access.cert_file is not None)

    async def _log_in_again(self, *, reconnect: bool) -> None:
        if _now() < self._loaded_at + self._login.patience:
            return
        await self._try(self.log_in)
        if reconnect and self._session is not None:
            old = self._session
            await self._try(self._connect)
            if self._session is not old:
                await old.close()

    async def _try(self, step: Callable[[], Awaitable[None]]) -> None:
        # What we have may still be good, and the next request will tell.
        try:
            await step()
        except KubeConfigError as error:
            if self._trouble != str(error):
                log.warning("login not renewed", extra={"error": str(error)})
            self._trouble = str(error)
        else:
            self._trouble = ""

    async def _connect(self) -> None:
        secure = self._access.host.startswith("https:")
        tls = await asyncio.to_thread(tls_of, self._access) if secure else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls, limit=0),
            headers={
                "Accept": "application/json",
                "User-Agent": f"catalyst-dns-sync/{__version__}",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
        )


async def load_client(kubeconfig: str | None = None, context: str | None = None) -> KubeClient:
    """Return a client, not yet entered, for the cluster that is configured.

    The configuration is the given kubeconfig, else that of KUBECONFIG, else the service account of
    the pod, else ~/.kube/config. Raises `KubeConfigError`.
    """
    client = KubeClient(login_for(kubeconfig, context))
    await client.log_in()
    return client


async def _answer(path: str, response: aiohttp.ClientResponse) -> Answer:
    async with response:
        return Answer(
            path, response.status, await response.read(), response.headers.get("Retry-After")
        )


async def _lines(
    path: str, content: aiohttp.StreamReader, silence: float
) -> AsyncGenerator[bytes, None]:
    rest = b""
    while chunk := await _chunk(path, content, silence):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > MAX_LINE:
            raise StreamLostError(f"the watch of {path} sent a line without an end", silent=False)


async def _chunk(path: str, content: aiohttp.StreamReader, silence: float) -> bytes:
    try:
        async with asyncio.timeout(silence):
            return await content.readany()
    except TimeoutError as error:
        raise StreamLostError(
            f"the watch of {path} was silent for {silence:.0f} s", silent=True
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise StreamLostError(
            f"the watch of {path} broke off: {_reason(error)}", silent=False
        ) from error


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise OutOfTouchError(f"{path} was not answered in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise OutOfTouchError(f"{path} cannot be reached: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return short(_USERINFO.sub("//", text))


def _now() -> float:
    return asyncio.get_running_loop().time()
