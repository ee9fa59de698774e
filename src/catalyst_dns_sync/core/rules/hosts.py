"""Which names a rule's host values stand for, and which values stand for none."""

import ipaddress
import re
from typing import Final

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name
from catalyst_dns_sync.core.rules.model import LeftOut, Protocol, Syntax

_BLANK: Final = re.compile(r"\s")
_PORT: Final = re.compile(r"[^:]*:[0-9]*")
_BRACKETED: Final = re.compile(r"\[([^\]]*)\](?::[0-9]*)?")


def host_of(value: str, syntax: Syntax, protocol: Protocol) -> DnsName | LeftOut:
    """Return the name that a host value stands for, or why it stands for none.

    A ``*`` is a wildcard of one label in v3 rules, and plain text in v2 rules for HTTP.
    """
    plain_star = syntax is Syntax.V2 and protocol is Protocol.HTTP
    if value == "*" and not plain_star:
        return LeftOut(value, "it matches every name", broken=False)
    try:
        name = parse_name(value)
    except InvalidNameError as error:
        return LeftOut(value, _reason(value, plain_star=plain_star) or error.reason, broken=True)
    if plain_star and is_wildcard(name):
        return LeftOut(value, _PLAIN_STAR, broken=True)
    return name


_PLAIN_STAR: Final = "in v2 rules a * is plain text, so it never matches; use HostRegexp"


def _reason(value: str, *, plain_star: bool) -> str | None:
    """Say in Traefik's terms why a value is no name."""
    if "://" in value:
        return "it is a URL; write the name alone"
    if "/" in value:
        return "it holds a path; use PathPrefix for that"
    if "," in value:
        return "it holds a comma; write one matcher for each name, joined by ||"
    if _BLANK.search(value):
        return "it holds a blank"
    if _is_address(value):
        return "it is an IP address"
    if _PORT.fullmatch(value):
        return "it holds a port, so it never matches; write the name alone"
    if "{" in value:
        return "its braces are plain text, so it never matches; use HostRegexp"
    if "*" in value and plain_star:
        return _PLAIN_STAR
    if "*" in value.removeprefix("*."):
        return "a * may only be the whole first label, so it never matches"
    return None


def _is_address(value: str) -> bool:
    host = value.removesuffix(".")
    if bracketed := _BRACKETED.fullmatch(host):
        host = bracketed[1]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
