"""Any parameters and any bytes: each call has a status, nothing brings a traceback or a hang."""

import asyncio
import json

import aiohttp
from hypothesis import given, settings
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium import serve
from catalyst_dns_sync.sandbox.technitium.api.routes import CALLS, OPEN_CALLS
from unit.sandbox.technitium.builders import ZONE, lab

STATUSES = {"ok", "error", "invalid-token", "2fa-required"}

NAMES = st.sampled_from(
    ["domain", "zone", "type", "ttl", "ipAddress", "value", "cname", "text", "newIpAddress",
     "newDomain", "comments", "overwrite", "disable", "expiryTtl", "ptr", "createPtrZone",
     "records", "listZone", "pageNumber", "zonesPerPage", "user", "pass", "tokenName", "section",
     "userPermissions", "groupPermissions", "preference", "exchange", "flags", "tag", "rdata",
     "overwriteZone", "node", "splitText", "partialToken", "forwarder"]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["true", "false", "A", "AAAA", "CNAME", "TXT", "SOA", "MX", "CAA", "FWD", "4711",
         ZONE, f"x.{ZONE}", f"*.{ZONE}", "192.0.2.1", "2001:db8::1", "1.2.3.0/24", "localhost",
         "0", "-1", "65536", "1w", "admin", "Zones", "a|true|true|true", "Forwarder", "Catalog",
         "x 60 IN A 192.0.2.1\n", "@ 60 IN SOA a b 1 2 3 4 5\n"]
    ),
)  # fmt: skip
CALL = st.tuples(
    st.sampled_from(sorted({*CALLS, *OPEN_CALLS} - {"/api/user/logout"})),
    st.dictionaries(NAMES, VALUES, max_size=8),
)


@settings(max_examples=25)
@given(st.lists(CALL, min_size=1, max_size=10))
def test_every_call_is_answered_with_a_status(calls: list[tuple[str, dict[str, str]]]) -> None:
    asyncio.run(_make(calls))


async def _make(calls: list[tuple[str, dict[str, str]]]) -> None:
    server, _ = lab()
    async with (
        serve(server, failed_login_delay=0) as ports,
        aiohttp.ClientSession() as client,
    ):
        for path, parameters in calls:
            form = parameters | {"token": server.create_token()}
            async with client.post(ports.url + path, data=form) as answer:
                text = await answer.text()
            assert answer.status == 200, (path, parameters, text)
            if answer.content_type == "application/json":
                assert json.loads(text)["status"] in STATUSES


BEGINNINGS = st.sampled_from(
    [
        b"",
        b"GET /api/zones/list?",
        b"POST /api/zones/list HTTP/1.1\r\n",
        b"POST /api/zones/list HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n",
        b"POST /api/zones/list HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]
)


@settings(max_examples=25)
@given(st.lists(st.tuples(BEGINNINGS, st.binary(max_size=60)), min_size=1, max_size=5))
def test_bytes_that_are_no_request_end_in_an_answer_or_a_closed_connection(
    requests: list[tuple[bytes, bytes]],
) -> None:
    answers = asyncio.run(_send([beginning + rest for beginning, rest in requests]))

    assert all(not answer or answer.startswith(b"HTTP/1.") for answer in answers)


async def _send(requests: list[bytes]) -> list[bytes]:
    answers = []
    async with serve(lab()[0]) as ports, asyncio.timeout(10):
        for octets in requests:
            reader, writer = await asyncio.open_connection(ports.host, ports.http)
            writer.write(octets)
            writer.write_eof()
            answers.append(await reader.read())
            writer.close()
    return answers
