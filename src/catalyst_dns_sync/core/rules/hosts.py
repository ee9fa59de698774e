"""Which names a rule's host values stand for, and which values stand for none."""

import ipaddress
import re
from typing import Final

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.rules.model import LeftOut, Protocol, Syntax

_PORT: Final = re.compile(r"[^:]*:[0-9]*", re.ASCII)
_BLANK: Final = re.compile(r"\s")


def host_of(value: str, syntax: Syntax, protocol: Protocol) -> DnsName | LeftOut:
    """Return the name that a positive host value stands for, or why it stands for none."""
    plain_star = (syntax, protocol) == (Syntax.V2, Protocol.HTTP)
    if value == "*" and not plain_star:
        return LeftOut(value, "it matches every name", broken=False)
    if reason := _reason(value, plain_star=plain_star):
        return LeftOut(value, reason, broken=True)
    try:
        return parse_name(value)
    except InvalidNameError as error:
        return LeftOut(value, error.reason, broken=True)


def _reason(value: str, *, plain_star: bool) -> str | None:
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
    if "*" in value and plain_star:
        return "in v2 rules a * is plain text, so it never matches; use HostRegexp"
    if "*" in value.removeprefix("*."):
        return "a * may only be the whole first label, so it never matches"
    return None


def _is_address(value: str) -> bool:
    host = value.removesuffix(".")
    if bracketed := re.fullmatch(r"\[([^\]]*)\](?::[0-9]*)?", host):
        host = bracketed[1]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
