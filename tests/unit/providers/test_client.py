"""The client and the odd answers that it may get."""

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
from aioresponses import aioresponses

from catalyst_dns_sync.control.ports import (
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Record
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.errors import (
    AccessDeniedError,
    NotNowError,
    NotReachedError,
    TokenRefusedError,
)
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource

URL = "http://dns.test:5380"
TOKEN = "0123456789abcdef" * 4
ZONE = DnsName("lab.test")
LIST = "/api/zones/list"


@dataclass
class Notes:
    """An observer that remembers what it was told."""

    outcomes: list[tuple[str, str, str]] = field(default_factory=list)

    def called(self, endpoint: str, method: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0.0
        self.outcomes.append((endpoint, method, outcome))


@contextlib.asynccontextmanager
async def client(notes: Notes | None = None) -> AsyncIterator[TechnitiumClient]:
    async with TechnitiumClient(URL, TokenSource(TOKEN), observer=notes) as opened:
        yield opened


def causes(error: BaseException) -> str:
    """Return the texts of an error and of all that it came from."""
    texts = []
    current: BaseException | None = error
    while current is not None:
        texts.append(f"{current} {current!r}")
        current = current.__cause__ or current.__context__
    return " ".join(texts)


def enveloped(status: str, text: str) -> dict[str, Any]:
    return {"body": json.dumps({"status": status, "errorMessage": text, "server": "ns1"})}


@dataclass(frozen=True)
class Odd:
    """An odd answer: what it is, what it means, and what the observer is told."""

    answer: dict[str, Any]
    kind: type[ProviderError]
    outcome: str
    says: str = ""


ODD = {
    "error": Odd(enveloped("error", "Disk full."), NotNowError, "error", "Disk full."),
    "denied": Odd(
        enveloped("error", "Access was denied."),
        AccessDeniedError,
        "error",
        "give the token's user",
    ),
    "invalid-token": Odd(
        enveloped("invalid-token", "Invalid token or session expired."),
        TokenRefusedError,
        "invalid-token",
        "DNS_API_TOKEN",
    ),
    "2fa-required": Odd(
        enveloped("2fa-required", "A time-based ..."), ProviderRejectedError, "error", "one-time"
    ),
    "unknown status": Odd(enveloped("busy", ""), ProviderUnavailableError, "error", "busy"),
    "token echoed": Odd(
        enveloped("error", f"no such session {TOKEN}"),
        NotNowError,
        "error",
        "<token>",
    ),
    "HTML 502": Odd(
        {"status": 502, "body": "<html>" + "Bad Gateway " * 99},
        ProviderUnavailableError,
        "502",
        "Bad Gateway",
    ),
    "503 with the token": Odd(
        {"status": 503, "body": f"token={TOKEN}"}, ProviderUnavailableError, "503", "<token>"
    ),
    "404": Odd({"status": 404}, NotNowError, "404", "DNS_SERVER_URL"),
    "401": Odd({"status": 401}, ProviderRejectedError, "401", "in front"),
    "HTML 200": Odd({"body": "<html>"}, ProviderUnavailableError, "error", "no JSON"),
    "truncated": Odd(
        {"body": '{"status":"ok","resp'}, ProviderUnavailableError, "error", "no JSON"
    ),
    "not UTF-8": Odd({"body": b"\xff\xfe\xfd"}, ProviderUnavailableError, "error", "no JSON"),
    "very deep": Odd({"body": "[" * 200_000}, ProviderUnavailableError, "error", "no JSON"),
    "no object": Odd({"body": "[]"}, ProviderUnavailableError, "error", "not an answer"),
    "empty": Odd({"body": ""}, ProviderUnavailableError, "error", "no JSON"),
    "redirect": Odd(
        {"status": 307, "headers": {"Location": "https://dns.test:53443/api/zones/list?x=y"}},
        ProviderRejectedError,
        "307",
        "redirects to https://dns.test:53443: set DNS_SERVER_URL",
    ),
    "reset": Odd(
        {"exception": aiohttp.ServerDisconnectedError()}, NotReachedError, "connection", URL
    ),
    "refused": Odd(
        {"exception": ConnectionRefusedError(111, "refused")}, NotReachedError, "connection", URL
    ),
    "cut off": Odd(
        {"exception": aiohttp.ClientPayloadError("incomplete")}, NotReachedError, "connection"
    ),
    "timeout": Odd({"exception": TimeoutError()}, NotReachedError, "timeout", "in 10 s"),
    "connect timeout": Odd(
        {"exception": aiohttp.ConnectionTimeoutError()}, NotReachedError, "timeout", "in 10 s"
    ),
    "bad URL": Odd(
        {"exception": aiohttp.InvalidURL("x:")}, ProviderRejectedError, "connection", "no URL"
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_an_odd_answer_is_an_error_that_says_what_to_do(
    odd: Odd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notes = Notes()

    async with client(notes) as dns:
        with aioresponses() as server:
            server.post(URL + LIST, **odd.answer)
            with pytest.raises(ProviderError) as caught:
                await dns.call(LIST)

    assert type(caught.value) is odd.kind
    assert odd.says in str(caught.value)
    assert str(caught.value).startswith(LIST)
    assert len(str(caught.value)) < 450
    assert "\n" not in str(caught.value)
    assert notes.outcomes == [(LIST, "POST", odd.outcome)]
    assert TOKEN not in causes(caught.value) + caplog.text


CHANGE = Delete(DnsName("a.lab.test"), (Record("A", "192.0.2.1", 60, "mine"),), frozenset())
HELD = {
    "zone": {"name": "lab.test", "type": "Primary", "lastModified": "now", "soaSerial": 7},
    "records": [
        {
            "name": "a.lab.test",
            "type": "A",
            "ttl": 60,
            "comments": "mine",
            "rData": {"ipAddress": "192.0.2.1"},
        }
    ],
}


async def zones(provider: TechnitiumProvider) -> None:
    await provider.zones()


async def started_at(provider: TechnitiumProvider) -> None:
    await provider.started_at()


async def read(provider: TechnitiumProvider) -> None:
    await provider.read(ZONE)


async def apply(provider: TechnitiumProvider) -> None:
    async for applied in provider.apply(ZONE, [CHANGE]):
        assert applied.writes == 0
        if applied.error is not None:
            raise applied.error


Ask: TypeAlias = Callable[[TechnitiumProvider], Awaitable[None]]
GET = "/api/zones/records/get"
CALLS: dict[str, tuple[str, Ask]] = {
    "zones": (LIST, zones),
    "started_at": ("/api/user/session/get", started_at),
    "read": (GET, read),
    "apply, reading": (GET, apply),
    "apply, writing": ("/api/zones/records/delete", apply),
}
WITHOUT_RESPONSE = Odd({"body": '{"status":"ok"}'}, ProviderUnavailableError, "error")


@pytest.mark.parametrize(("path", "ask"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("odd", [*ODD.values(), WITHOUT_RESPONSE], ids=[*ODD, "no response"])
async def test_no_call_takes_an_odd_answer_for_success(path: str, ask: Ask, odd: Odd) -> None:
    async with client() as dns:
        provider = TechnitiumProvider(dns)
        provider.version = "15.2"
        with aioresponses() as server:
            server.post(URL + path, **odd.answer)
            server.post(URL + GET, payload={"status": "ok", "response": HELD})
            with pytest.raises(ProviderError) as caught:
                await ask(provider)

    assert isinstance(caught.value, odd.kind)


async def test_the_token_goes_into_form_and_header_and_never_into_the_url() -> None:
    async with client() as dns:
        with aioresponses() as server:
            server.post(URL + LIST, payload={"status": "ok", "response": {"zones": []}})
            payload = await dns.call(LIST, {"zone": "lab.test"})

    assert payload == {"zones": []}
    ((method, url), (request,)) = next(iter(server.requests.items()))
    assert (method, str(url)) == ("POST", URL + LIST)
    assert request.kwargs["data"] == f"zone=lab.test&token={TOKEN}".encode()
    assert request.kwargs["headers"]["Authorization"] == f"Bearer {TOKEN}"
    content_type = request.kwargs["headers"]["Content-Type"]
    assert content_type == "application/x-www-form-urlencoded", "an import takes no other"
    assert request.kwargs["allow_redirects"] is False


async def test_a_server_below_a_path_is_reached() -> None:
    async with TechnitiumClient(URL + "/dns/", TokenSource(TOKEN)) as dns:
        with aioresponses() as server:
            server.post(URL + "/dns" + LIST, payload={"status": "ok", "response": {"zones": []}})

            assert await dns.call(LIST) == {"zones": []}


async def test_a_success_is_told_to_the_observer() -> None:
    notes = Notes()
    async with client(notes) as dns:
        with aioresponses() as server:
            server.post(URL + LIST, payload={"status": "ok", "response": {"zones": []}})
            await dns.call(LIST)

    assert notes.outcomes == [(LIST, "POST", "200")]


async def test_a_refused_token_is_remembered_until_a_call_succeeds() -> None:
    async with client() as dns:
        with aioresponses() as server:
            server.post(URL + LIST, **enveloped("invalid-token", "Invalid token."))
            server.post(URL + LIST, payload={"status": "ok", "response": {"zones": []}})
            with pytest.raises(TokenRefusedError) as caught:
                await dns.call(LIST)

            assert dns.refusal is caught.value
            await dns.call(LIST)
            assert dns.refusal is None


async def test_after_a_refused_token_the_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    tokens = await asyncio.to_thread(TokenSource, file=file)
    async with TechnitiumClient(URL, tokens) as dns:
        with aioresponses() as server:
            server.post(URL + LIST, **enveloped("invalid-token", "Invalid token."))
            with pytest.raises(TokenRefusedError):
                await dns.call(LIST)
            file.write_text("new\n")
            server.post(URL + LIST, payload={"status": "ok", "response": {"zones": []}})
            await dns.call(LIST)

    sent = [request.kwargs["data"] for calls in server.requests.values() for request in calls]
    assert sent == [b"token=old", b"token=new"]


async def test_a_cancelled_call_stays_cancelled() -> None:
    async with client() as dns:
        with aioresponses() as server:
            server.post(URL + LIST, exception=asyncio.CancelledError())
            with pytest.raises(asyncio.CancelledError):
                await dns.call(LIST)


async def test_a_certificate_that_is_not_trusted_names_the_setting() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("dns.test", 53443, True, True, None, None, None)  # noqa: FBT003
    untrusted = aiohttp.ClientConnectorCertificateError(
        key, ssl.SSLCertVerificationError("self-signed")
    )
    async with client() as dns:
        with aioresponses() as server:
            server.post(URL + LIST, exception=untrusted)
            with pytest.raises(ProviderRejectedError, match="DNS_CA_FILE"):
                await dns.call(LIST)


def test_a_file_without_certificates_names_the_setting(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing")

    with pytest.raises(ProviderRejectedError, match=r"DNS_CA_FILE: .*ca\.pem"):
        TechnitiumClient(URL, TokenSource(TOKEN), ca_file=file)
