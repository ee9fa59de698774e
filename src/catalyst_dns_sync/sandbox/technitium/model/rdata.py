"""The data of a record, one frozen class per shape; what compares equal is one value."""

import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import IpAddress, checked_domain

TYPE_NUMBERS = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16,
    "RP": 17, "AAAA": 28, "SRV": 33, "NAPTR": 35, "DNAME": 39, "DS": 43, "SSHFP": 44,
    "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52,
    "SVCB": 64, "HTTPS": 65, "URI": 256, "CAA": 257,
    "ANAME": 65280, "FWD": 65281, "APP": 65282,
}  # fmt: skip
"""Record types that the API knows by name; the last three exist in this server only."""

_DOTTED_QUAD = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}", re.ASCII)

TYPE_NAMES = {number: name for name, number in TYPE_NUMBERS.items()}

MAX_STRING = 255
"""Bytes in one character string (RFC 1035, 3.3)."""


def type_number(name: str) -> int:
    """Return the number of a type; one without a name is written as its number."""
    return TYPE_NUMBERS[name] if name in TYPE_NUMBERS else int(name)


def parse_type(text: str) -> str:
    """Return the type that `Enum.Parse` of .NET finds: by name in any case, or by number."""
    stripped = text.strip()
    if stripped.upper() in TYPE_NUMBERS:
        return stripped.upper()
    if stripped.isascii() and stripped.isdigit() and int(stripped) < 65536:
        return TYPE_NAMES.get(int(stripped), str(int(stripped)))
    raise ApiError(f"Requested value '{text}' was not found.")


@dataclass(frozen=True, slots=True)
class Address:
    """A or AAAA."""

    ip: IpAddress


@dataclass(frozen=True, slots=True)
class Target:
    """CNAME, NS, PTR, ANAME or DNAME: a name, compared without case."""

    name: str = field(compare=False)
    key: str

    @classmethod
    def of(cls, text: str) -> "Target":
        """Return the target that a parameter names; an empty name is the root."""
        name = checked_domain(text)
        return cls(name, name.lower())


@dataclass(frozen=True, slots=True)
class Text:
    """TXT: its character strings."""

    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Soa:
    """SOA, with the mailbox in its mail form."""

    primary: str
    mailbox: str
    serial: int
    refresh: int = 900
    retry: int = 300
    expire: int = 604800
    minimum: int = 900

    def with_serial(self, serial: int) -> "Soa":
        """Return the data at another serial; each commit does this, so it is spelled out."""
        return Soa(
            self.primary,
            self.mailbox,
            serial,
            self.refresh,
            self.retry,
            self.expire,
            self.minimum,
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """MX."""

    preference: int
    exchange: Target


@dataclass(frozen=True, slots=True)
class Service:
    """SRV: where a service of the domain is (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: Target


@dataclass(frozen=True, slots=True)
class Caa:
    """CAA: which authority may sign certificates (RFC 8659)."""

    flags: int
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class Forward:
    """FWD, the server's own type: where queries of the zone are sent."""

    protocol: str
    forwarder: str
    dnssec_validation: bool = False
    priority: int = 0


@dataclass(frozen=True, slots=True)
class App:
    """APP, the server's own type: an extension that answers."""

    name: str
    class_path: str
    data: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Any other type, as its bytes (RFC 3597)."""

    octets: bytes


Kind = TypeVar("Kind")
Data = Address | Target | Text | Soa | Mail | Service | Caa | Forward | App | Raw


def narrowed(data: Data, kind: type[Kind]) -> Kind:
    """Return the data, which its record's type says is of this kind."""
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is not of the kind {kind.__name__}")
    return data


@lru_cache(maxsize=1024)
def parse_address(text: str, rtype: str) -> Address:
    """Return the address of an A or AAAA record; Linux's `inet_aton` forms are taken."""
    ip = _ip_of(text)
    if ip.version != (4 if rtype == "A" else 6):
        raise ApiError("Invalid IP address family.")
    return Address(ip)


def text_of(value: str, *, split: bool) -> Text:
    """Return TXT data: strings of 255 bytes, or one a line with ``split``."""
    if split:
        return Text(tuple(_unescaped(line) for line in value.split("\n") if line) or ("",))
    octets = value.encode("utf-8", "surrogatepass")
    chunks = [octets[i : i + MAX_STRING] for i in range(0, len(octets), MAX_STRING)] or [b""]
    return Text(tuple(chunk.decode("utf-8", "replace") for chunk in chunks))


def _unescaped(line: str) -> str:
    pairs = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\"}
    out, rest = [], line
    while rest:
        out.append(pairs.get(rest[:2], rest[:1]))
        rest = rest[2:] if rest[:2] in pairs else rest[1:]
    return "".join(out)


def _ip_of(text: str) -> IpAddress:
    value = text.strip()
    try:
        if ":" in value:
            return ipaddress.ip_address(value.strip("[]"))
        if _DOTTED_QUAD.fullmatch(value):
            return ipaddress.IPv4Address(value)
        return _inet_aton(value)
    except ValueError:
        raise ApiError("An invalid IP address was specified.", "Invalid argument") from None


def _inet_aton(text: str) -> ipaddress.IPv4Address:
    """Read 1 to 4 parts, each decimal, octal or hexadecimal; the last fills what is left."""
    *heads, last = (_number(part) for part in text.split("."))
    if len(heads) > 3 or any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        raise ValueError(text)
    value = last
    for position, head in enumerate(heads):
        value += head << (24 - 8 * position)
    return ipaddress.IPv4Address(value)


def _number(text: str) -> int:
    if not text.isascii() or not text.isalnum():
        raise ValueError(text)
    if text[:2].lower() == "0x":
        return int(text, 16)
    return int(text, 8 if len(text) > 1 and text[0] == "0" else 10)
