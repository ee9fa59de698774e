"""Bytes in, bytes out: one DNS query to its answer, whatever the bytes are."""

import re
import struct

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from catalyst_dns_sync.sandbox.technitium.dnsd.cache import Answer, AnswerCache
from catalyst_dns_sync.sandbox.technitium.dnsd.lookup import lookup
from catalyst_dns_sync.sandbox.technitium.dnsd.wire import fill
from catalyst_dns_sync.sandbox.technitium.model.rdata import TYPE_NAMES
from catalyst_dns_sync.sandbox.technitium.model.records import Usage
from catalyst_dns_sync.sandbox.technitium.server import Technitium

PLAIN_UDP_SIZE = 512
MAX_UDP_SIZE = 4096
OWN_PAYLOAD_SIZE = 1232
MAX_TCP_SIZE = 65535

_HEADER = struct.Struct("!HHHHHH")
_TRANSFERS = {dns.rdatatype.AXFR, dns.rdatatype.IXFR, dns.rdatatype.MAILA, dns.rdatatype.MAILB}
_QR = 0x8000
_OPCODE_AND_RD = 0x7900


class Responder:
    """Answers queries from the zones of one server."""

    def __init__(self, server: Technitium) -> None:
        self._server = server
        self._cache = AnswerCache()

    def respond(self, wire: bytes, *, is_tcp: bool = False) -> bytes | None:
        """Return the answer to a query, or None for what must not be answered.

        What is no query (too short, or itself a response) is dropped; what cannot be read is
        answered FORMERR. Over UDP an answer that is too long for the asker is cut, with TC set.
        """
        counted = self._server.traffic.queries
        if len(wire) < _HEADER.size or wire[2] & 0x80:
            counted["DROPPED"] += 1
            return None
        self._server.zones.expire_due()
        question, changes = (wire[2:], is_tcp), self._server.zones.disk.changes
        answer = self._cache.get(question, changes)
        if answer is None:
            answer = self._answer(wire, is_tcp=is_tcp)
            self._cache.put(question, changes, answer)
        counted[answer.rcode] += 1
        if answer.used:
            now = self._server.now()
            for usage in answer.used:
                usage.at = now
        return wire[:2] + answer.wire

    def _answer(self, wire: bytes, *, is_tcp: bool) -> Answer:
        try:
            query = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError):
            return Answer(_format_error(wire), "FORMERR", ())
        response = dns.message.make_response(query, our_payload=OWN_PAYLOAD_SIZE)
        response.flags &= ~dns.flags.CD
        refusal = _refusal(query)
        if refusal is not None:
            response.set_rcode(refusal)
            return _answer_of(response, _limit(query, is_tcp=is_tcp))
        try:
            used = self._look_up(query, response)
            return _answer_of(response, _limit(query, is_tcp=is_tcp), used)
        except (dns.exception.DNSException, ValueError):
            # The API takes names of 255 characters, which do not fit into a message.
            failure = dns.message.make_response(query, our_payload=OWN_PAYLOAD_SIZE)
            failure.set_rcode(dns.rcode.SERVFAIL)
            return _answer_of(failure, _limit(query, is_tcp=is_tcp))

    def _look_up(
        self, query: dns.message.Message, response: dns.message.Message
    ) -> tuple[Usage, ...]:
        question = query.question[0]
        reply = lookup(self._server.zones, _text_of(question.name), _type_name(question.rdtype))
        fill(response, reply)
        return tuple(record.usage for _, rrset in reply.answer for record in rrset)


def _answer_of(response: dns.message.Message, limit: int, used: tuple[Usage, ...] = ()) -> Answer:
    octets = response.to_wire(max_size=limit, prefer_truncation=True)
    return Answer(octets[2:], dns.rcode.to_text(response.rcode()), used)


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


def _text_of(name: dns.name.Name) -> str:
    """Return a name as the zones have it, a dot within a label escaped as a number."""
    text = name.to_text(omit_final_dot=True)
    if "\\" in text:
        text = re.sub(r"\\(.)", lambda found: "\\046" if found[1] == "." else found[0], text)
    return "" if text == "." else text


def _type_name(number: int) -> str:
    return "ANY" if number == dns.rdatatype.ANY else TYPE_NAMES.get(number, str(number))


def _limit(query: dns.message.Message, *, is_tcp: bool) -> int:
    if is_tcp:
        return MAX_TCP_SIZE
    if query.edns < 0:
        return PLAIN_UDP_SIZE
    return max(PLAIN_UDP_SIZE, min(query.payload, MAX_UDP_SIZE))


def _format_error(wire: bytes) -> bytes:
    """Return a bare header, after its id."""
    _, flags, *_ = _HEADER.unpack_from(wire)
    answered = _QR | (flags & _OPCODE_AND_RD) | dns.rcode.FORMERR
    return _HEADER.pack(0, answered, 0, 0, 0, 0)[2:]
