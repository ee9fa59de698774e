"""What Traefik demands of single values of its matchers; each check says what is wrong, or None."""

import ipaddress
import re
from typing import Final, NamedTuple

from catalyst_dns_sync.core.rules.model import shown
from catalyst_dns_sync.core.rules.re2 import fault_of


class Complaint(NamedTuple):
    """Which argument of a matcher is wrong, and why."""

    argument: int
    message: str


ACME_PROTOCOL: Final = "acme-tls/1"


def ascii_only(value: str) -> str | None:
    """Say what is wrong with a value that has to be ASCII: Traefik converts no Unicode names."""
    if value.isascii():
        return None
    return f"{shown(value)} is not ASCII; write the name in its xn-- form"


def regexp(value: str) -> str | None:
    """Say why Go would not compile a regular expression."""
    fault = fault_of(value)
    return fault and f"Go does not compile {shown(value)}: {fault}"


def host_regexp(value: str) -> str | None:
    """Say what is wrong with a v3 HostRegexp or HostSNIRegexp."""
    return ascii_only(value) or regexp(value)


def rooted(value: str) -> str | None:
    """Say what is wrong with a path that does not begin at the root."""
    return None if value.startswith("/") else f"the path {shown(value)} does not begin with a /"


_MASK: Final = re.compile(r"0*([0-9]{1,3})")


def address(value: str) -> str | None:
    """Say what is wrong with what should be an IP address or a range in CIDR notation."""
    host, slash, mask = value.partition("/")
    width = _width(host)
    length = _MASK.fullmatch(mask)
    if width and (not slash or (length and int(length[1]) <= width)):
        return None
    return f"{shown(value)} is neither an IP address nor a range such as 10.0.0.0/8"


def _width(text: str) -> int:
    if "%" in text:
        return 0
    try:
        return ipaddress.ip_address(text).max_prefixlen
    except ValueError:
        return 0


def alpn(value: str) -> str | None:
    """Say what is wrong with an ALPN protocol: one belongs to Traefik's own ACME client."""
    return f"Traefik keeps {ACME_PROTOCOL} for itself" if value == ACME_PROTOCOL else None


_SNI_V3: Final = re.compile(r"\*|(?:\*\.)?[\w.:-]+", re.ASCII)
_SNI_V2: Final = re.compile(r"\*|[\w.:-]+", re.ASCII)


def sni_v3(value: str) -> str | None:
    """Say what is wrong with a v3 HostSNI."""
    return None if _SNI_V3.fullmatch(value) else f"{shown(value)} is no host name"


def sni_v2(value: str) -> str | None:
    """Say what is wrong with a v2 HostSNI, which knows no wildcard but a lone ``*``."""
    return None if _SNI_V2.fullmatch(value) else f"{shown(value)} is no host name, nor a lone *"
