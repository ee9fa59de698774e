"""The ports for metrics and probes, asked well and asked badly."""

import asyncio
import logging

import pytest

from catalyst_dns_sync.control.health import Part
from catalyst_dns_sync.web.ops import metrics_app, probes_app
from catalyst_dns_sync.web.server import serve

WELL = Part("worker", ok=True, state="idle", since=0.0)
AGAIN = Part(
    "source/ingress", ok=True, state="synced", since=75.0, last_error="403", last_error_ago=80.0
)
LOST = Part("zone/lab.test", ok=False, state="failing", since=7300.0, error="timeout")


async def exchange(request: bytes, *parts: Part) -> bytes:
    app = probes_app(lambda: [WELL], lambda: parts)
    async with serve(app, "127.0.0.1", 0) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()


async def get(path: str, *parts: Part) -> str:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    return (await exchange(request.encode(), *parts)).decode()


async def test_verbose_answers_as_the_api_server_does() -> None:
    answer = await get("/readyz?verbose", WELL, AGAIN, LOST)

    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 503 ")
    assert "text/plain" in head
    assert body.splitlines() == [
        "[+]worker idle",
        "[+]source/ingress synced for 1m15s (last error 1m20s ago: 403)",
        "[-]zone/lab.test failing for 2h1m: timeout",
        "readyz check failed",
    ]


@pytest.mark.parametrize("path", ["/healthz?verbose", "/livez?verbose=true"])
async def test_liveness_does_not_look_at_readiness(path: str) -> None:
    answer = await get(path, LOST)

    name = path.strip("/").partition("?")[0]
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.endswith(f"[+]worker idle\n{name} check passed\n")


@pytest.mark.parametrize("target", [b"http://a:b/", b"http://[", b"//", b"\xff"])
async def test_a_request_for_nonsense_is_refused_and_leaves_no_trace(
    target: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    answer = await exchange(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % target)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ", b"HTTP/1.1 404 "))
    assert caplog.records == []


async def test_the_metrics_are_asked_for_in_a_form() -> None:
    app = metrics_app(lambda accept: (b"up 1\n", f"text/{accept}"))
    async with serve(app, "127.0.0.1", 0) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nAccept: x\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert b"Content-Type: text/x\r\n" in answer
    assert answer.endswith(b"up 1\n")
