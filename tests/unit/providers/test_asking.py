"""In real time: the threads that ask know of no other."""

import socket
import threading

from catalyst_dns_sync.core.explain import Answer
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.providers.asking import ask_system


async def test_the_resolver_of_the_system_is_not_waited_for_too_long() -> None:
    never = threading.Event()

    def hangs(_name: DnsName) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        never.wait()
        return []

    def finds(_name: DnsName) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", ("192.0.2.7", 0))]

    late = await ask_system(parse_name("a.test"), 0.01, hangs)
    never.set()
    found = await ask_system(parse_name("a.test"), 5, finds)

    assert late == Answer("the system's resolver", code="", error="nothing within 0 s")
    assert found.values == ("A 192.0.2.7",)


async def test_a_name_that_the_system_does_not_know_is_an_answer_and_its_trouble_is_none() -> None:
    def unknown(_name: DnsName) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def broken(_name: DnsName) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    no_name = await ask_system(parse_name("a.test"), 5, unknown)
    trouble = await ask_system(parse_name("a.test"), 5, broken)

    assert (no_name.code, no_name.values, no_name.error) == ("NXDOMAIN", (), "")
    assert trouble.error == "Temporary failure in name resolution"
