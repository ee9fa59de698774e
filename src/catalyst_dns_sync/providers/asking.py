"""Asks for a name's addresses as any program does: a DNS server, and the system's resolver."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from catalyst_dns_sync.core.explain import Answer
from catalyst_dns_sync.core.names import DnsName, is_reverse
from catalyst_dns_sync.core.records import address_target

TIMEOUT = 2.0
SYSTEM = "the system's resolver"

_Found: TypeAlias = Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]
_Lookup: TypeAlias = Callable[[DnsName], _Found]


async def ask_server(name: DnsName, host: str, port: int, timeout: float = TIMEOUT) -> Answer:  # noqa: ASYNC109 (dnspython's own)
    """Ask a DNS server for A and AAAA, by UDP and, where that is cut short, by TCP.

    A name that stands for an address is asked for its PTR.
    """
    began, asked = _now(), f"{host}:{port}"
    values: dict[str, None] = {}
    code = dns.rcode.NOERROR
    try:
        address = await _address(host)
        for kind in ("PTR",) if is_reverse(name) else ("A", "AAAA"):
            query = dns.message.make_query(name, kind)
            reply, _ = await dns.asyncquery.udp_with_fallback(query, address, timeout, port)
            code = code or reply.rcode()
            for rrset in reply.answer:
                values.update(dict.fromkeys(_text(rrset.rdtype, str(one)) for one in rrset))
    except (dns.exception.DNSException, OSError) as error:
        return Answer(asked, code="", error=_reason(error))
    return Answer(asked, tuple(values), dns.rcode.to_text(code), (_now() - began) * 1000)


async def ask_system(
    name: DnsName,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 (the thread can't be cancelled, only left alone)
    lookup: _Lookup = lambda name: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM),
) -> Answer:
    """Ask as programs on this machine do, hosts file included.

    The operating system's call can't be ended; it is left alone after the time is up.
    """
    began, loop = _now(), asyncio.get_running_loop()
    answered: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer) -> None:
        if not answered.done():
            answered.set_result(answer)

    def work() -> None:
        try:
            answer = _told(lookup(name))
        except OSError as error:
            answer = _refused(error)
        try:
            loop.call_soon_threadsafe(settle, answer)
        except RuntimeError:
            # The loop has ended: nobody waits any more.
            return

    # Neither the pool of the loop nor a thread that is waited for: both would hold up the end.
    threading.Thread(target=work, daemon=True).start()
    try:
        async with asyncio.timeout(timeout):
            answer = await answered
    except TimeoutError:
        return Answer(SYSTEM, code="", error=f"nothing within {timeout:.0f} s")
    milliseconds = (_now() - began) * 1000
    return Answer(SYSTEM, answer.values, answer.code, milliseconds, answer.error)


def _told(found: _Found) -> Answer:
    addresses = (str(entry[4][0]) for entry in found)
    targets = {address_target(address) for address in addresses}
    texts = sorted(f"{target.type} {target.value}" for target in targets if target is not None)
    return Answer(SYSTEM, tuple(texts))


def _refused(error: OSError) -> Answer:
    # With EAI_NODATA the name exists; glibc tells the two apart only where it knows.
    if isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME:
        return Answer(SYSTEM, code="NXDOMAIN")
    return Answer(SYSTEM, code="", error=str(error.strerror or error))


_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


async def _address(host: str) -> str:
    if address_target(host) is not None:
        return host
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


def _text(kind: int, value: str) -> str:
    return f"{dns.rdatatype.to_text(dns.rdatatype.RdataType(kind))} {value.removesuffix('.')}"


def _reason(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return f"nothing within {TIMEOUT:.0f} s"
    return str(error) or type(error).__name__


def _now() -> float:
    return asyncio.get_running_loop().time()
