"""Whom a request comes from, where a proxy stands between."""

import ipaddress
from collections.abc import Iterable, Sequence

FORWARDED_FOR = "X-Forwarded-For"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_of(peer: str, forwarded: Iterable[str], ranges: Sequence[Network]) -> str:
    """Return the address of whoever asks: the peer's, or the one that a proxy of ours names.

    ``forwarded`` are the values of X-Forwarded-For. Each proxy adds at the end by whom it was
    asked, so it is read from there, up to the first that is no proxy of ours: anybody could have
    written what stands before that.
    """
    client = peer
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    while hops and is_within(client, ranges):
        address = _parsed(hops.pop())
        if address is None:
            break
        client = str(address)
    return client


def is_within(address: str, ranges: Sequence[Network]) -> bool:
    """Tell whether an address is in one of the ranges."""
    found = _parsed(address)
    return found is not None and any(found in network for network in ranges)


def _parsed(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return found
    # A zone may be any text, and says nothing on another machine.
    return None if found.scope_id is not None else found.ipv4_mapped or found
