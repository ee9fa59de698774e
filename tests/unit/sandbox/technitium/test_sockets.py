"""The servers on real loopback sockets."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing, suppress

import aiohttp
import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from catalyst_dns_sync.sandbox.technitium import Technitium, serve
from unit.sandbox.technitium.builders import ZONE, a, running

WEB = f"web.{ZONE}"


async def test_what_the_api_acknowledges_dns_answers_at_once() -> None:
    async with running() as api:
        await api.add("web", ttl=60)

        query = dns.message.make_query(WEB, "A")
        over_udp = await dns.asyncquery.udp(query, api.ports.host, 5, api.ports.dns)
        over_tcp = await dns.asyncquery.tcp(query, api.ports.host, 5, api.ports.dns)

    assert str(over_udp.answer[0]) == f"{WEB}. 60 IN A 192.0.2.1"
    assert over_tcp.answer == over_udp.answer


async def test_a_cut_answer_over_udp_is_whole_over_tcp() -> None:
    async with running() as api:
        for number in range(60):
            await api.add("web", f"10.0.0.{number}")
        query = dns.message.make_query(WEB, "A")

        response, used_tcp = await dns.asyncquery.udp_with_fallback(
            query, api.ports.host, 5, api.ports.dns
        )

    assert used_tcp
    assert len(response.answer[0]) == 60


async def test_one_connection_takes_many_queries_in_any_portions() -> None:
    async with running() as api:
        await api.add("web")
        wires = [dns.message.make_query(WEB, "A", id=number).to_wire() for number in range(3)]
        stream = b"".join(len(wire).to_bytes(2, "big") + wire for wire in wires)
        reader, writer = await asyncio.open_connection(api.ports.host, api.ports.dns)
        async with asyncio.timeout(5):
            for octet in stream:
                writer.write(bytes([octet]))
                await writer.drain()
            answers = []
            for _ in wires:
                length = int.from_bytes(await reader.readexactly(2), "big")
                answers.append(dns.message.from_wire(await reader.readexactly(length)))
        writer.close()

    assert [answer.id for answer in answers] == [0, 1, 2]


async def test_a_connection_that_sends_what_is_no_query_is_closed() -> None:
    async with running() as api, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(api.ports.host, api.ports.dns)
        writer.write(b"\x00\x03abc")

        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()


async def test_nonsense_over_udp_does_not_disturb_the_next_query() -> None:
    async with running() as api:
        await api.add("web")
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asker:
            asker.sendto(b"\xff" * 30, (api.ports.host, api.ports.dns))
        query = dns.message.make_query(WEB, "A")

        response = await dns.asyncquery.udp(query, api.ports.host, 5, api.ports.dns)

    assert response.rcode() == dns.rcode.NOERROR


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_given_ports_are_taken() -> None:
    http, dns_port = _free_port(), _free_port()

    async with serve(Technitium(), http_port=http, dns_port=dns_port) as ports:
        assert (ports.http, ports.dns) == (http, dns_port)


def _tcp(port: int) -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", port))
    taken.listen()
    return taken


def _udp(port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", port))
    return taken


@pytest.mark.parametrize(
    ("option", "take"),
    [("http_port", _tcp), ("dns_port", _tcp), ("dns_port", _udp)],
    ids=["HTTP", "DNS over TCP", "DNS over UDP"],
)
async def test_a_port_in_use_is_an_os_error_and_leaves_nothing_open(
    option: str, take: Callable[[int], socket.socket]
) -> None:
    port = _free_port()

    with closing(take(port)), pytest.raises(OSError, match="in use"):
        async with serve(Technitium(), http_port=0 if option != "http_port" else port,
                         dns_port=0 if option != "dns_port" else port):  # fmt: skip
            pass

    with closing(_tcp(port)):
        pass


async def test_it_stops_at_once_whatever_is_connected() -> None:
    loop = asyncio.get_running_loop()
    server = Technitium()
    server.create_zone(ZONE).add(a("web"))
    async with aiohttp.ClientSession() as client, asyncio.timeout(5):
        async with serve(server) as ports:
            async with client.get(f"{ports.url}/api/sso/status") as answer:
                await answer.read()
            reader, writer = await asyncio.open_connection(ports.host, ports.dns)
            query = dns.message.make_query(WEB, "A").to_wire()
            writer.write(len(query).to_bytes(2, "big") + query)
            await reader.readexactly(2)
            began = loop.time()
        took = loop.time() - began
        with suppress(ConnectionResetError):
            await reader.read()
        writer.close()

    assert took < 1
    assert reader.at_eof() or reader.exception() is not None
