"""DNS names in their one canonical form, and how they lie within zones."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NewType

DnsName = NewType("DnsName", str)
"""Lower case, IDNA ASCII, no trailing dot; the first label may be ``*``. Made by `parse_name`."""

ROOT = DnsName(".")
"""The zone in which every name lies; only where there is no DNS server, as in a hosts file."""

_REVERSE_4, _REVERSE_6 = DnsName("in-addr.arpa"), DnsName("ip6.arpa")

MAX_NAME_LENGTH = 253
MAX_LABEL_LENGTH = 63

# RFC 1123 host names, and the underscore, which Traefik (since v2.11.22) and Technitium take.
_LONGEST_SHOWN = 80
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?", re.ASCII)


class InvalidNameError(ValueError):
    """The text is not a DNS name that a record could have; ``reason`` says why."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{_shortened(text)!r} is not a DNS name: {reason}")
        self.reason = reason


def parse_name(text: str) -> DnsName:
    """Return the canonical form of a host name, or of a wildcard such as ``*.example.org``.

    One trailing dot is allowed; Unicode is mapped as UTS 46 says and encoded as IDNA 2008.
    Raises `InvalidNameError`, also for what would be an IP address.
    """
    folded = text.lower() if text.isascii() else _mapped(text)
    labels = folded.removesuffix(".").split(".")
    ascii_labels = [label if label.isascii() else _encoded(text, label) for label in labels]
    hosts = ascii_labels[1:] if ascii_labels[0] == "*" else ascii_labels
    if not hosts:
        raise InvalidNameError(text, "a lone * stands for every name")
    for label in hosts:
        _check_label(text, label)
    if hosts[-1].isdigit():
        raise InvalidNameError(text, "it ends in a number, like an IP address")
    name = ".".join(ascii_labels)
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidNameError(text, f"it is longer than {MAX_NAME_LENGTH} characters")
    return DnsName(name)


def is_wildcard(name: DnsName) -> bool:
    """Tell whether the name is a wildcard as RFC 4592 has it: its first label is ``*``."""
    return name.startswith("*.")


def is_within(name: DnsName, zone: DnsName) -> bool:
    """Tell whether the name is the zone's apex or below it, on a label boundary."""
    return name == zone or name.endswith("." + zone)


def is_reverse(name: DnsName) -> bool:
    """Tell whether the name stands for an address, or for some (RFC 1035, 3.5; RFC 3596, 2.5)."""
    return is_within(name, _REVERSE_4) or is_within(name, _REVERSE_6)


def in_order_of_passes(zones: Iterable[DnsName]) -> list[DnsName]:
    """Return the zones sorted, those of addresses last: what these point back to follows names."""
    return sorted(zones, key=lambda zone: (is_reverse(zone), zone))


def ancestors(name: DnsName) -> Iterator[DnsName]:
    """Yield the name itself and then each name above it, the longest first."""
    while name:
        yield name
        name = DnsName(name.partition(".")[2])


def zone_of(name: DnsName, zones: Collection[DnsName]) -> DnsName | None:
    """Return the longest of the zones that the name lies in, or None."""
    candidate = name
    while candidate:
        if candidate in zones:
            return candidate
        candidate = DnsName(candidate.partition(".")[2])
    return ROOT if ROOT in zones else None


def _check_label(text: str, label: str) -> None:
    if not label:
        raise InvalidNameError(text, "it has an empty label")
    if label == "*":
        raise InvalidNameError(text, "a * may only be the first label")
    if len(label) > MAX_LABEL_LENGTH:
        raise InvalidNameError(text, f"a label is longer than {MAX_LABEL_LENGTH} characters")
    if not _LABEL.fullmatch(label):
        raise InvalidNameError(
            text, "labels hold letters, digits, - and _, and neither begin nor end with -"
        )


def _mapped(text: str) -> str:
    # Imported where it is used: the tables of idna are large, and nearly all names are ASCII.
    import idna

    try:
        return idna.uts46_remap(text, std3_rules=False, transitional=False).lower()
    except idna.IDNAError as error:
        raise InvalidNameError(text, str(error)) from error


def _encoded(text: str, label: str) -> str:
    import idna

    try:
        return idna.alabel(label).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidNameError(text, str(error)) from error


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
