import asyncio
import json
import logging
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from catalyst_dns_sync.kube.client import MAX_LINE, KubeClient, load_client
from catalyst_dns_sync.kube.config import Access, Login
from catalyst_dns_sync.kube.errors import (
    KubeConfigError,
    KubeError,
    NotServedError,
    OutOfTouchError,
    StreamLostError,
)

pytestmark = pytest.mark.looptime

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WATCH = {"watch": "1"}


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Tokens:
    """A login with a token that changes."""

    def __init__(self, url: str, token: str = "one") -> None:
        self.url = url
        self.token = token
        self.fault = ""
        self.loads = 0

    async def load(self, access: Access) -> Callable[[], Awaitable[None]]:
        async def renew() -> None:
            if self.fault:
                raise KubeConfigError(self.fault)
            access.host = self.url
            access.api_key["BearerToken"] = f"Bearer {self.token}"

        self.loads += 1
        await renew()
        return renew

    @property
    def login(self) -> Login:
        return Login(self.load, patience=10.0)


def answering(*bodies: bytes, status: int = 200, content_type: str = "application/json") -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=b"".join(bodies), content_type=content_type)

    return handler


def streaming(*chunks: bytes, end: bool = True) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(0.01)
        if not end:
            assert request.transport is not None
            request.transport.abort()
        return response

    return handler


async def lines_of(handler: Handler, silence: float = 90.0) -> list[bytes]:
    found: list[bytes] = []
    async with (
        serving(handler) as url,
        KubeClient(Tokens(url).login) as client,
        client.watch("/w", WATCH, silence) as lines,
    ):
        async for line in lines:
            found.append(line)  # noqa: PERF401  what came before an error counts as well
    return found


async def test_an_object_is_read_with_our_token_and_parameters() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        seen = {"path": request.path_qs, "who": request.headers["Authorization"]}
        return web.json_response(seen)

    async with serving(handler) as url, KubeClient(Tokens(url).login) as client:
        body = await client.get("/apis/x", {"limit": "500", "continue": "eyJ2+/="})

    assert body == {"path": "/apis/x?limit=500&continue=eyJ2%2B/%3D", "who": "Bearer one"}


async def test_the_lines_of_a_watch_come_whole_however_they_are_cut() -> None:
    big = b"x" * 3_000_000

    found = await lines_of(streaming(b'{"a"', b":1}\n{}\n[", b"]\n" + big, big + b"\n", b"half"))

    assert found == [b'{"a":1}', b"{}", b"[]", big + big]


async def test_a_watch_that_breaks_off_is_lost_and_not_ended() -> None:
    with pytest.raises(StreamLostError, match="broke off") as caught:
        await lines_of(streaming(b"{}\n", end=False))

    assert not caught.value.silent


async def test_a_watch_that_falls_silent_is_lost_after_that_time() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{}\n")
        await asyncio.sleep(3600)
        return response

    began = asyncio.get_running_loop().time()
    with pytest.raises(StreamLostError, match="silent for 90 s") as caught:
        await lines_of(handler)

    assert caught.value.silent
    assert asyncio.get_running_loop().time() - began == pytest.approx(90.0, abs=0.1)


async def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    chunk = b"x" * 2**20

    with pytest.raises(StreamLostError, match="without an end"):
        await lines_of(streaming(*[chunk] * (MAX_LINE // 2**20 + 2)))


async def test_a_watch_that_is_refused_is_the_error_that_its_answer_means() -> None:
    with pytest.raises(NotServedError):
        await lines_of(answering(b"404 page not found\n", status=404, content_type="text/plain"))


@pytest.mark.parametrize(
    "handler",
    [
        answering(b"<html>", content_type="text/html"),
        answering(b'{"a": ', content_type="application/json"),
        answering(b"", status=302),
        answering(b"{}", status=500),
    ],
    ids=["html", "cut short", "sent elsewhere", "500"],
)
async def test_an_answer_that_makes_no_sense_proves_nothing(handler: Handler) -> None:
    async with serving(handler) as url, KubeClient(Tokens(url).login) as client:
        with pytest.raises(OutOfTouchError):
            await client.get("/p")


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    async with serving(handler) as url, KubeClient(Tokens(url).login) as client:
        with pytest.raises(OutOfTouchError, match="not answered in time"):
            await client.get("/p")
        with pytest.raises(OutOfTouchError, match="not answered in time"):
            async with client.watch("/p", WATCH, 90.0):
                pass


async def test_a_refused_connection_says_so_in_one_short_line() -> None:
    async with serving(answering()) as url:
        pass
    async with KubeClient(Tokens(url).login) as client:
        with pytest.raises(OutOfTouchError, match=r"^/p cannot be reached: ") as caught:
            await client.get("/p")

    assert "one" not in str(caught.value).split()


def guarded(accepted: set[str]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] not in accepted:
            return web.json_response({"kind": "Status", "message": "Unauthorized"}, status=401)
        return web.json_response({})

    return handler


async def test_a_token_is_renewed_while_it_is_still_good() -> None:
    accepted = {"Bearer one"}
    async with serving(guarded(accepted)) as url:
        tokens = Tokens(url)
        async with KubeClient(tokens.login) as client:
            await client.get("/p")
            tokens.token = "two"
            await asyncio.sleep(61)
            accepted.clear()
            accepted.add("Bearer two")

            assert await client.get("/p") == {}
            assert tokens.loads == 1


async def test_after_a_401_the_login_begins_from_nothing_but_not_all_the_time() -> None:
    async with serving(guarded({"Bearer two"})) as url:
        tokens = Tokens(url)
        async with KubeClient(tokens.login) as client:
            for _ in range(60):
                with pytest.raises(OutOfTouchError, match="401"):
                    await client.get("/p")
                await asyncio.sleep(1)
            loads = tokens.loads
            tokens.token = "two"
            await asyncio.sleep(10)
            with pytest.raises(OutOfTouchError, match="401"):
                await client.get("/p")

            assert await client.get("/p") == {}
            assert loads <= 7


async def test_a_login_that_cannot_be_renewed_is_said_once_and_the_old_one_is_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with serving(guarded({"Bearer one"})) as url:
        tokens = Tokens(url)
        async with KubeClient(tokens.login) as client:
            tokens.fault = "the token file has gone"
            for _ in range(5):
                await asyncio.sleep(61)
                await client.get("/p")

    assert [record.getMessage() for record in caplog.records] == ["login not renewed"]


async def test_a_pods_token_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalyst_dns_sync.kube.lean import config_module

    token, certificate = tmp_path / "token", tmp_path / "ca.crt"
    token.write_text("one", encoding="utf-8")
    certificate.write_text("not looked at without TLS", encoding="utf-8")
    library = config_module("incluster_config")
    monkeypatch.setattr(library, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(library, "SERVICE_CERT_FILENAME", str(certificate))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.delenv("KUBECONFIG", raising=False)

    client = await load_client()
    first = await client._authorization()
    token.write_text("two", encoding="utf-8")
    await asyncio.sleep(61)

    assert client.host == "https://10.0.0.1:443"
    assert (first, await client._authorization()) == ("Bearer one", "Bearer two")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=20)


def make_certificates(folder: Path) -> None:
    """Make a CA as kubeadm does, without a key identifier, and certificates of both sides."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(folder, "req", "-x509", *curve, "-subj", "/CN=ca", "-keyout", "ca.key", "-out",
            "ca.pem", "-days", "3650", "-addext", "authorityKeyIdentifier=none")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:k8s.lab\n", encoding="utf-8")
    for name in ("server", "client"):
        openssl(folder, "req", *curve, "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                "-out", f"{name}.csr")  # fmt: skip
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey",
                "ca.key", "-CAcreateserial", "-days", "3650", "-out", f"{name}.pem",
                "-extfile", "names")  # fmt: skip


@pytest.mark.tool("openssl")
async def test_tls_checks_the_server_and_shows_our_certificate(tmp_path: Path) -> None:
    await asyncio.to_thread(make_certificates, tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    tls.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    tls.verify_mode = ssl.CERT_REQUIRED

    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peercert")
        return web.json_response({"who": dict(pair[0] for pair in peer["subject"])["commonName"]})

    def kubeconfig(url: str, **cluster: str | bool) -> str:
        user = {
            "client-certificate": str(tmp_path / "client.pem"),
            "client-key": str(tmp_path / "client.key"),
        }
        config = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
            "users": [{"name": "u", "user": user}],
        }
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config), encoding="utf-8")
        return str(path)

    async def who(path: str) -> object:
        async with await load_client(path) as client:
            try:
                return (await client.get("/p"))["who"]
            except KubeError as error:
                return str(error)

    ca = {"certificate-authority": str(tmp_path / "ca.pem")}
    async with serving(handler, tls) as url:
        trusted = await who(kubeconfig(url, **ca))
        named = await who(kubeconfig(url, **ca, **{"tls-server-name": "k8s.lab"}))
        misnamed = await who(kubeconfig(url, **ca, **{"tls-server-name": "other.lab"}))
        unknown = await who(kubeconfig(url))
        unchecked = await who(kubeconfig(url, **{"insecure-skip-tls-verify": True}))

    assert (trusted, named, unchecked) == ("client", "client", "client")
    assert "Hostname mismatch" in str(misnamed)
    assert "certificate verify failed" in str(unknown)
