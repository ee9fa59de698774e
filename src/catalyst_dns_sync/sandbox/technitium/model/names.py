"""Domain names as the server takes them: trimmed, punycode, case kept, compared without case."""

import ipaddress
import re

import idna

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_GOOD_LABEL = re.compile(r"[A-Za-z0-9_/-]+|\*", re.ASCII)
_GOOD_USER = re.compile(r"[A-Za-z0-9_.+-]{1,63}", re.ASCII)
_GOOD_CHARACTER = re.compile(r"[A-Za-z0-9_/-]", re.ASCII)


def domain_of(text: str) -> str:
    """Return the name without outer dots, Unicode labels as punycode, the case kept."""
    trimmed = text.strip(".")
    if trimmed.isascii():
        return trimmed
    return ".".join(_ascii_label(label) for label in trimmed.split("."))


def checked_domain(text: str) -> str:
    """Return `domain_of` the text; raise the server's error for what cannot be a name."""
    name = domain_of(text)
    if len(name) > 255:
        raise _invalid(name, "length cannot exceed 255 bytes.")
    if name:
        for label in name.split("."):
            _check_label(name, label)
    return name


def checked_mailbox(text: str) -> str:
    """Return a mail address in its mail form, also if it came as a domain name."""
    user, at, host = text.strip(".").rpartition("@")
    if not at:
        user, _, host = host.partition(".")
    if not _GOOD_USER.fullmatch(user):
        raise ApiError("The specified string is not in the form required for an e-mail address.")
    return f"{user}@{checked_domain(host)}"


def key_of(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return name.lower()


def ancestors(key: str) -> list[str]:
    """Return the name and every name above it, the root (empty) last."""
    found = [key]
    while key:
        key = key.partition(".")[2]
        found.append(key)
    return found


def is_within(key: str, zone: str) -> bool:
    """Tell whether a key is the zone's apex or below it."""
    return key == zone or not zone or key.endswith("." + zone)


def canonical(key: str) -> tuple[str, ...]:
    """Return a sort key: labels from the right, lower case (RFC 4034, 6.1)."""
    return tuple(reversed(key.split(".")))


def idn_of(name: str) -> str | None:
    """Return the Unicode form, or None where the name has no ``xn--`` label."""
    if "xn--" not in name.lower():
        return None
    return ".".join(_unicode_label(label) for label in name.split("."))


def reverse_name(address: IpAddress) -> str:
    """Return the name of the address's PTR record."""
    return address.reverse_pointer


def reverse_zone(address: IpAddress, prefix: int) -> str:
    """Return the reverse zone of a network; the mask is rounded up to whole bytes."""
    octets = max(1, -(-prefix // 8))
    labels = address.reverse_pointer.split(".")
    count = octets if address.version == 4 else octets * 2
    return ".".join([*labels[-2 - count : -2], *labels[-2:]])


def zone_name_of(text: str) -> str:
    """Return the zone that `zones/create` means: a name, an address or a network."""
    try:
        if "/" in text:
            network = ipaddress.ip_interface(text)
            return reverse_zone(network.ip, network.network.prefixlen)
        return reverse_name(ipaddress.ip_address(text))
    except ValueError:
        return checked_zone_name(text)


def checked_zone_name(text: str) -> str:
    """Return the key of a zone to be created."""
    name = domain_of(text)
    if "*" in name:
        raise ApiError("Domain name for a zone cannot contain wildcard character.")
    for character in name:
        if character != "." and not _GOOD_CHARACTER.fullmatch(character):
            raise ApiError(f"The zone name contains an invalid character: {character}")
    return key_of(checked_domain(name))


def _check_label(name: str, label: str) -> None:
    if not label:
        raise _invalid(name, "label length cannot be 0 byte.")
    if len(label) > 63:
        raise _invalid(name, "label length cannot exceed 63 bytes.")
    if not _GOOD_LABEL.fullmatch(label):
        bad = next((c for c in label if not _GOOD_CHARACTER.fullmatch(c)), label[0])
        raise _invalid(name, f"invalid character [{ord(bad)}] was found.")


def _invalid(name: str, reason: str) -> ApiError:
    return ApiError(f"Invalid domain name [{name}]: {reason}")


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise ApiError(f"Invalid domain name [{label}]: {_IDN_TROUBLE}") from None


_IDN_TROUBLE = "the label is not a valid international name."


def _unicode_label(label: str) -> str:
    try:
        return idna.decode(label) if label.lower().startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label
