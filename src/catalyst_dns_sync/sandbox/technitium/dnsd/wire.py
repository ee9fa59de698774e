"""Records as dnspython's objects, and replies as messages."""

from functools import lru_cache

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from catalyst_dns_sync.sandbox.technitium.dnsd.lookup import Reply
from catalyst_dns_sync.sandbox.technitium.model.nodes import RRset
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    Address,
    App,
    Caa,
    Data,
    Forward,
    Mail,
    Raw,
    Service,
    Soa,
    Target,
    Text,
    type_number,
)

_CACHED = 16384
_IN = dns.rdataclass.IN


def fill(message: dns.message.Message, reply: Reply) -> None:
    """Put a reply into a response message; the owner of the answer is what was asked."""
    message.set_rcode(dns.rcode.Rcode(reply.result.value))
    if reply.authoritative:
        message.flags |= dns.flags.AA
    for section, rrsets in (
        (message.answer, reply.answer),
        (message.authority, reply.authority),
        (message.additional, reply.additional),
    ):
        section.extend(_rrset(owner, rrset) for owner, rrset in rrsets)


def _rrset(owner: str, rrset: RRset) -> dns.rrset.RRset:
    first = rrset[0]
    out = dns.rrset.RRset(_name(owner), _IN, _kind(first.type))
    for record in rrset:
        out.add(_rdata(record.type, record.data), first.ttl)
    return out


@lru_cache(_CACHED)
def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text or ".")


def _rdata(rtype: str, data: Data) -> dns.rdata.Rdata:
    match data:
        case Address(ip):
            return _parsed(rtype, str(ip))
        case Target(name):
            return _parsed(rtype, _dotted(name))
        case Text(strings):
            return _parsed(rtype, " ".join(map(_quoted, strings)))
        case Soa():
            user, _, host = data.mailbox.rpartition("@")
            mailbox = user.replace(".", "\\.") + "." + _dotted(host)
            times = f"{data.serial} {data.refresh} {data.retry} {data.expire} {data.minimum}"
            return _parsed(rtype, f"{_dotted(data.primary)} {mailbox} {times}")
        case Mail(preference, exchange):
            return _parsed(rtype, f"{preference} {_dotted(exchange.name)}")
        case Service(priority, weight, port, target):
            return _parsed(rtype, f"{priority} {weight} {port} {_dotted(target.name)}")
        case Caa(flags, tag, value):
            octets = tag.encode()[:255]
            octets = bytes((flags, len(octets))) + octets + value.encode("utf-8", "replace")
            return dns.rdata.GenericRdata(_IN, _kind(rtype), octets)
        case Raw(octets):
            # Stored as they came, whether or not they suit their type.
            return dns.rdata.GenericRdata(_IN, _kind(rtype), octets)
        case Forward() | App():
            raise AssertionError("types of the server's own are never in an answer")


@lru_cache(_CACHED)
def _parsed(rtype: str, text: str) -> dns.rdata.Rdata:
    return dns.rdata.from_text(_IN, _kind(rtype), text)


def _kind(rtype: str) -> dns.rdatatype.RdataType:
    return dns.rdatatype.RdataType.make(type_number(rtype))


def _dotted(name: str) -> str:
    return f"{name}." if name else "."


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(octet) for octet in text.encode("utf-8", "replace")) + '"'


def _escaped(octet: int) -> str:
    if 32 <= octet < 127 and octet not in b'"\\':
        return chr(octet)
    return f"\\{octet:03}"
