"""Bytes at the ports of both servers, near enough to HTTP and DNS to get far into them.

Each is answered without a 5xx and without a traceback, or its connection is closed; none brings a
hang, and afterwards the servers answer as before.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import dns.message
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_technitium

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
PATIENCE = 5.0
MOMENT = 0.1
LOOPBACK = "127.0.0.1"

Exchange = Callable[[str, bytes], bytes]

ROUTES = b"/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"
TARGETS = st.sampled_from(
    [
        b"/", b"*", b"http://[", b"http://a:b/", b"//", b"/%", b"/%ff%00", b"/..;/", b"a:99999",
        b"/api/zones/list", b"/api/zones/records/get?domain=%ff&zone=%", b"/api/zones/import?zone",
        b"/api/user/login?user=admin&pass=%00", ROUTES, ROUTES + b"/%2e%2e", ROUTES + b"?watch=1",
        ROUTES + b"?limit=%ff&continue=%", b"/openapi/v3/%ff", b"/api/v1/namespaces/%00/secrets",
    ]
)  # fmt: skip
NOISE = st.binary(min_size=1, max_size=20).filter(lambda text: not set(text) & set(b" \r\n"))
METHODS = st.sampled_from(
    [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS", b"CONNECT", b"TRACE", b"X"]
)
HEADERS = st.sampled_from(
    [
        b"Content-Type: multipart/form-data",
        b"Content-Type: multipart/form-data; boundary=x",
        b"Content-Type: application/x-www-form-urlencoded; charset=nonsense",
        b"Content-Type: application/json; charset=\xff",
        b"Content-Type: application/apply-patch+yaml",
        b"Content-Type: application/merge-patch+json",
        b"Content-Type: ;;;",
        b"Content-Encoding: deflate",
        b"Content-Encoding: br",
        b"Content-Encoding: gzip",
        b"Expect: 100-continue",
        b"Expect: nothing",
        b"Upgrade: websocket",
        b"Accept: application/json;as=Table;v=v1;g=meta.k8s.io",
        b"Accept: a/b;q=\xff",
        b"Authorization: Bearer secret",
        b"Authorization: Basic ====",
        b"Cookie: =;;\xff",
        b"Range: bytes=-1",
        b"X-Real-IP: nowhere",
    ]
) | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(
    lambda text: b"X-Odd: " + text.encode()
)
HOSTS = st.sampled_from([b"a", b"a", b"a", b"[", b"a:b", b"", b"\xff"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "apiVersion", "metadata", "name", "spec", "status", ""]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
BODIES = (
    st.binary(max_size=60)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [
            b"zone=lab.test&domain=%ff.lab.test&type=A&ipAddress=::",
            b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--\r\n",
            b"--x\r\nContent-Disposition: form-data; filename*=u''%ff\r\n\r\na\r\n--x--",
            b"\x1f\x8b\x08\x00 broken",
        ]
    )
)
LENGTHS = st.sampled_from([None, b"Content-Length: 0", b"Transfer-Encoding: chunked"])


@asynccontextmanager
async def _servers() -> AsyncIterator[dict[str, int]]:
    technitium = Technitium()
    technitium.create_zone("lab.test")
    async with (
        serve_kube(KubeApi(token="secret", timings=INSTANT)) as kubernetes,
        serve_technitium(technitium, failed_login_delay=0) as ports,
    ):
        yield {"kubernetes": kubernetes, "technitium": ports.http, "dns": ports.dns}


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    """Return a function that sends bytes to one of the ports, and returns all that come back."""
    with asyncio.Runner() as runner:
        context = _servers()
        ports = runner.run(context.__aenter__())

        async def send(server: str, octets: bytes) -> bytes:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(LOOPBACK, ports[server])
                answer = b""
                try:
                    writer.write(octets)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0 if server == "dns" else MOMENT):
                            while part := await reader.read(65536):
                                answer += part
                            return answer
                    # It waits for more, and so would a real one.
                    writer.write_eof()
                    return answer + await reader.read()
                except ConnectionError:
                    return answer
                finally:
                    writer.close()

        yield lambda server, octets: runner.run(send(server, octets))
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    errors = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    assert errors == []


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)]


@FEW
@given(
    method=METHODS,
    target=st.one_of(TARGETS, TARGETS, TARGETS, NOISE),
    headers=st.lists(HEADERS, max_size=3, unique_by=lambda line: line.split(b":")[0]),
    host=HOSTS,
    length=LENGTHS,
    body=BODIES,
)
@pytest.mark.parametrize("server", ["kubernetes", "technitium"])
def test_a_request_that_is_wrong_somewhere_gets_an_answer_of_the_400s_or_none(
    exchange: Exchange,
    server: str,
    method: bytes,
    target: bytes,
    headers: list[bytes],
    host: bytes,
    length: bytes | None,
    body: bytes,
) -> None:
    length = length or b"Content-Length: %d" % len(body)
    head = [method + b" " + target + b" HTTP/1.1", b"Host: " + host, b"Connection: close"]
    lines = [*head, *headers, length]

    answer = exchange(server, b"\r\n".join([*lines, b"", body]))
    well = exchange(server, b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer == b"" or statuses(answer), answer
    assert all(status < 500 for status in statuses(answer)), answer
    assert statuses(well) == [200 if server == "kubernetes" else 404]


@FEW
@given(octets=st.binary(max_size=80))
@pytest.mark.parametrize("server", ["kubernetes", "technitium"])
def test_random_bytes_at_an_http_port_bring_a_400_or_nothing(
    exchange: Exchange, server: str, octets: bytes
) -> None:
    answer = exchange(server, octets)

    assert set(statuses(answer)) <= {400}


QUERY = dns.message.make_query("lab.test", "SOA").to_wire()


@FEW
@given(messages=st.lists(st.binary(max_size=40), max_size=4), frames=st.booleans())
def test_random_bytes_at_the_dns_port_over_tcp_end_in_answers_or_a_closed_connection(
    exchange: Exchange, messages: list[bytes], *, frames: bool
) -> None:
    octets = b"".join(
        len(message).to_bytes(2, "big") + message if frames else message for message in messages
    )

    exchange("dns", octets)
    well = exchange("dns", len(QUERY).to_bytes(2, "big") + QUERY)

    assert dns.message.from_wire(well[2:]).answer
