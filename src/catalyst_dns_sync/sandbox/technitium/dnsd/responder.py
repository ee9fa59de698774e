"""Bytes in, bytes out: one DNS query to its answer, whatever the bytes are."""

import struct

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from catalyst_dns_sync.sandbox.technitium.dnsd.lookup import lookup
from catalyst_dns_sync.sandbox.technitium.dnsd.wire import fill
from catalyst_dns_sync.sandbox.technitium.model.rdata import TYPE_NAMES
from catalyst_dns_sync.sandbox.technitium.server import Technitium

PLAIN_UDP_SIZE = 512
MAX_UDP_SIZE = 4096
OWN_PAYLOAD_SIZE = 1232
MAX_TCP_SIZE = 65535

_HEADER = struct.Struct("!HHHHHH")
_TRANSFERS = {dns.rdatatype.AXFR, dns.rdatatype.IXFR, dns.rdatatype.MAILA, dns.rdatatype.MAILB}
_QR = 0x8000
_OPCODE_AND_RD = 0x7900


def respond(server: Technitium, wire: bytes, *, is_tcp: bool = False) -> bytes | None:
    """Return the answer to a query, or None for what must not be answered.

    What is no query (too short, or itself a response) is dropped; what cannot be read is
    answered FORMERR. Over UDP an answer that is too long for the asker is cut, with TC set.
    """
    if len(wire) < _HEADER.size or wire[2] & 0x80:
        server.traffic.queries["DROPPED"] += 1
        return None
    try:
        query = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError):
        server.traffic.queries["FORMERR"] += 1
        return _format_error(wire)
    response = _response(server, query)
    server.traffic.queries[dns.rcode.to_text(response.rcode())] += 1
    return response.to_wire(max_size=_limit(query, is_tcp=is_tcp), prefer_truncation=True)


def _response(server: Technitium, query: dns.message.Message) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=OWN_PAYLOAD_SIZE)
    response.flags &= ~dns.flags.CD
    refusal = _refusal(query)
    if refusal is not None:
        response.set_rcode(refusal)
        return response
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True)
    server.zones.expire_due()
    reply = lookup(server.zones, "" if name == "." else name, _type_name(question.rdtype))
    fill(response, reply)
    now = server.now()
    for _, rrset in reply.answer:
        for record in rrset:
            record.usage.at = now
    return response


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode | None:
    """Return the code for what is understood and not done."""
    if query.edns > 0:
        return dns.rcode.BADVERS
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    question = query.question[0]
    if question.rdclass not in {dns.rdataclass.IN, dns.rdataclass.ANY}:
        return dns.rcode.REFUSED
    return dns.rcode.REFUSED if question.rdtype in _TRANSFERS else None


def _type_name(number: int) -> str:
    return "ANY" if number == dns.rdatatype.ANY else TYPE_NAMES.get(number, str(number))


def _limit(query: dns.message.Message, *, is_tcp: bool) -> int:
    if is_tcp:
        return MAX_TCP_SIZE
    if query.edns < 0:
        return PLAIN_UDP_SIZE
    return max(PLAIN_UDP_SIZE, min(query.payload, MAX_UDP_SIZE))


def _format_error(wire: bytes) -> bytes:
    identity, flags, *_ = _HEADER.unpack_from(wire)
    answered = _QR | (flags & _OPCODE_AND_RD) | dns.rcode.FORMERR
    return _HEADER.pack(identity, answered, 0, 0, 0, 0)
