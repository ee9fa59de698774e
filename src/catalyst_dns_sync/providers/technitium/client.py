"""The HTTP side: one session, one token, one place where failures get their names."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import aiohttp

from catalyst_dns_sync import __version__
from catalyst_dns_sync.control.ports import (
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from catalyst_dns_sync.providers.technitium.codec import Payload, payload_of, primary_of, slimmed
from catalyst_dns_sync.providers.technitium.errors import (
    NotLeadingError,
    NotNowError,
    NotReachedError,
    TokenRefusedError,
)
from catalyst_dns_sync.providers.technitium.forms import CONTENT_TYPE, body_of
from catalyst_dns_sync.providers.technitium.listing import Keep, Listing
from catalyst_dns_sync.providers.technitium.messages import Asked, Failure, error_for, shortened
from catalyst_dns_sync.providers.technitium.tokens import TokenSource

log = logging.getLogger(__name__)

SESSION_PATH = "/api/user/session/get"
CONNECT_TIMEOUT = 5.0
_ZONES = "/api/zones/"
READS = frozenset({SESSION_PATH, "/api/zones/list", "/api/zones/records/get"})
"""The calls that change nothing; every other one needs the right to write."""


class Observer(Protocol):
    """Is told of every call that ended."""

    def called(self, endpoint: str, method: str, outcome: str, seconds: float) -> None:
        """Take note of one call.

        ``outcome`` is the HTTP status; ``error`` or ``invalid-token`` where the server answers 200
        with a failure inside, or with nonsense; ``timeout`` or ``connection`` without an answer.
        """


class Silent:
    """An observer that takes no note."""

    def called(self, endpoint: str, method: str, outcome: str, seconds: float) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str
    body: bytes
    parsed: object = None


class TechnitiumClient:
    """Calls one server's API; open while its ``async with`` block runs.

    Every call is a POST form, so that neither the token nor a record gets into an access log, and
    carries the token twice: as a form field for servers before v15.0, as a header for the others.
    Redirects are not followed: the token would go along. ``timeout`` is for a whole call.
    Where the server is a node of a cluster (v14.0+) calls about zones are for the ``primary`` node:
    the others refuse changes, and their copies have no comments. It is learnt from each answer of
    user/session/get.
    ``may_write`` is asked when a call that changes something is about to leave: a process that was
    stopped in between must not send it when it goes on.
    """

    def __init__(
        self,
        url: str,
        tokens: TokenSource,
        *,
        ca_file: Path | None = None,
        timeout: float = 10.0,
        observer: Observer | None = None,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        self.url = url.rstrip("/")
        self.refusal: TokenRefusedError | None = None
        self.primary: str | None = None
        self._tokens = tokens
        # The system's authorities take a megabyte and some time.
        is_secure = self.url.startswith("https:") or ca_file is not None
        self._tls = tls_context(ca_file) if is_secure else True
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)
        self._observer = Silent() if observer is None else observer
        self._may_write = may_write
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Accept": "application/json",
                "User-Agent": f"catalyst-dns-sync/{__version__}",
            },
            timeout=self._timeout,
            trace_configs=[self._last_question()],
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session and its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        flat: bool = False,
        keep: Keep = slimmed,
    ) -> Payload:
        """Make one call and return the answer's payload; any failure is a `ProviderError`.

        ``keep`` returns what to keep of each record in the answer for a whole zone.

        A refused token is remembered in ``refusal`` until a call succeeds. While it is, the
        token's file is read again before each call; nothing ever logs in.
        """
        if self.refusal is not None and self._tokens.may_change:
            await self.reload_token()
        fields = dict(form or {})
        if self.primary is not None and path.startswith(_ZONES):
            fields["node"] = self.primary
        began = asyncio.get_running_loop().time()
        try:
            answer = await self._post(path, fields, keep)
            outcome, result = self._read(answer, Asked(path, fields.get("zone", "")), flat=flat)
        except NotLeadingError:
            self._tell(path, "connection", began)
            raise
        except ProviderUnavailableError as error:
            self._tell(path, "error", began)
            raise ProviderUnavailableError(f"{path}: {error}") from error
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            outcome, failure = self._translated(path, error)
            self._tell(path, outcome, began)
            raise failure from error
        self._tell(path, outcome, began)
        if isinstance(result, ProviderError):
            if isinstance(result, TokenRefusedError):
                self.refusal = result
            raise result
        self.refusal = None
        if path == SESSION_PATH and "node" not in fields:
            self.primary = primary_of(result)
        return result

    async def reload_token(self) -> bool:
        """Read the token's file again, and tell whether the token changed."""
        changed = await asyncio.to_thread(self._tokens.reload)
        if changed:
            self.refusal = None
        return changed

    async def _post(self, path: str, fields: Mapping[str, str], keep: Keep) -> _Answer:
        if self._session is None:
            raise AssertionError("the client is used inside its async with block")
        token = self._tokens.value
        async with self._session.post(
            self.url + path,
            data=body_of({**fields, "token": token}),
            headers={"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE},
            allow_redirects=False,
            trace_request_ctx={"path": path},
        ) as response:
            location = response.headers.get("Location", "")
            if "listZone" in fields and response.status == 200:
                return _Answer(200, location, b"", await _listed(response.content, keep))
            return _Answer(response.status, location, await response.read())

    def _last_question(self) -> aiohttp.TraceConfig:
        """Return what makes the session ask `admit` right before it sends a request's bytes.

        That is after all waiting for a connection. aiohttp sends the head of a request together
        with its first piece of body, so that both hooks come before anything was sent.
        """

        async def ask(_session: aiohttp.ClientSession, context: SimpleNamespace, _: object) -> None:
            self.admit(context.trace_request_ctx["path"])

        hooks = aiohttp.TraceConfig()
        hooks.on_request_headers_sent.append(ask)
        hooks.on_request_chunk_sent.append(ask)
        return hooks

    def admit(self, path: str) -> None:
        """Raise `NotLeadingError` for a call that may not be sent now."""
        if path not in READS and not self._may_write():
            raise NotLeadingError(f"{path}: not sent, this instance does not lead any more")

    def _read(
        self, answer: _Answer, asked: Asked, *, flat: bool
    ) -> tuple[str, Payload | ProviderError]:
        if answer.status != 200:
            return str(answer.status), self._http_error(answer, asked.path)
        try:
            parsed = json.loads(answer.body) if answer.parsed is None else answer.parsed
            result = payload_of(parsed, flat=flat)
        except ProviderUnavailableError as error:
            return "error", ProviderUnavailableError(f"{asked.path}: {error}")
        if isinstance(result, Failure):
            status = result.status if result.status == "invalid-token" else "error"
            shown = Failure(self._blotted(result.status), self._blotted(result.text))
            return status, error_for(shown, asked)
        return "200", result

    def _http_error(self, answer: _Answer, path: str) -> ProviderError:
        if 300 <= answer.status < 400:
            return _redirected(answer, path)
        body = shortened(self._blotted(answer.body[:2000].decode(errors="replace")))
        text = f"{path}: HTTP {answer.status} {body!r}"
        if answer.status in {401, 403}:
            return ProviderRejectedError(
                f"{text}: something in front of the DNS server refuses us: mend DNS_SERVER_URL"
            )
        if answer.status == 404:
            text += ": does DNS_SERVER_URL lead to a Technitium server?"
        # Who says that we are to blame (413 for a big form, 429) did nothing of what was asked.
        kind = NotNowError if 400 <= answer.status < 500 else ProviderUnavailableError
        return kind(text)

    def _translated(
        self, path: str, error: aiohttp.ClientError | OSError | ValueError | RecursionError
    ) -> tuple[str, ProviderError]:
        """Return the outcome and the error that a library's exception stands for."""
        cause = shortened(self._blotted(str(error) or type(error).__name__))
        match error:
            case TimeoutError():
                text = f"{path}: no answer from {self.url} in {self._timeout.total:g} s"
                return "timeout", NotReachedError(text)
            case aiohttp.ClientConnectorCertificateError():
                text = f"{path}: {cause}: let DNS_CA_FILE name the authority that signed it"
                return "connection", ProviderRejectedError(text)
            case aiohttp.InvalidURL():
                text = f"{path}: DNS_SERVER_URL is no URL: {cause}"
                return "connection", ProviderRejectedError(text)
            case aiohttp.ClientError() | OSError():
                return "connection", NotReachedError(f"{path}: {self.url} not reached: {cause}")
            case ValueError() | RecursionError():
                text = f"{path}: the answer is no JSON: does DNS_SERVER_URL lead to Technitium?"
                return "error", ProviderUnavailableError(text)

    def _tell(self, path: str, outcome: str, began: float) -> None:
        seconds = asyncio.get_running_loop().time() - began
        self._observer.called(path, "POST", outcome, seconds)
        log.debug(
            "called", extra={"endpoint": path, "outcome": outcome, "seconds": round(seconds, 4)}
        )

    def _blotted(self, text: str) -> str:
        return text.replace(self._tokens.value, "<token>")


async def _listed(content: aiohttp.StreamReader, keep: Keep) -> object:
    listing = Listing(keep)
    async for piece in content.iter_any():
        listing.feed(piece)
        # A whole zone takes a while, and others have their turn meanwhile.
        await asyncio.sleep(0)
    return listing.answer()


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return what to trust: the system's authorities, and those in the file; reads files."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ProviderRejectedError(
                f"DNS_CA_FILE: {ca_file} holds no certificate that can be read: "
                f"{error.strerror or error}"
            ) from error
    return context


def _redirected(answer: _Answer, path: str) -> ProviderError:
    target = urlsplit(answer.location)
    where = f"{target.scheme}://{target.netloc}" if target.netloc else "another address"
    return ProviderRejectedError(
        f"{path}: HTTP {answer.status}, the server redirects to {where}:"
        f" set DNS_SERVER_URL to that address"
    )
