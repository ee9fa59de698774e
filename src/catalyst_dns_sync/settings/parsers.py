"""The texts that settings take, and what each means; a fault says how to mend it."""

import ipaddress
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name
from catalyst_dns_sync.core.ownership import MAX_OWNER_LENGTH, is_owner_id
from catalyst_dns_sync.core.patterns import (
    Pattern,
    parse_host_pattern,
    parse_namespace_pattern,
)
from catalyst_dns_sync.core.records import RecordType, Targets, parse_targets
from catalyst_dns_sync.core.targets import Table, parse_table
from catalyst_dns_sync.settings.faults import file_text

E = TypeVar("E", bound=StrEnum)

SOURCES = (
    "ingress",
    "ingressroute",
    "ingressroutetcp",
    "ingressroute-legacy",
    "ingressroutetcp-legacy",
    "service",
    "dnsendpoint",
    "httproute",
    "grpcroute",
    "tlsroute",
)

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

SHORTEST_TOKEN = 16
"""Characters: a shorter one could be guessed, from a cookie that it signed."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be seen: it has to be asked for by name."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        """Return stars."""
        return "***"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; no host means every interface."""

    host: str | None
    port: int


def text(text: str) -> str:
    """Return the text as it is."""
    return text


def words(text: str) -> tuple[str, ...]:
    """Return the words that commas or blanks divide."""
    return tuple(word for word in re.split(r"[\s,]+", text) if word)


def command(text: str) -> tuple[str, ...]:
    """Return a program and its arguments, divided as a shell does it, which has no other part."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"a program and its arguments are wanted: {error}") from error


def path(text: str) -> Path:
    """Return the path, with ~ resolved."""
    return Path(text).expanduser()


def seconds(text: str) -> float:
    """Return seconds for ``10``, ``500ms``, ``10s``, ``5m`` or ``1h``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip(), re.ASCII)
    if match is None:
        raise ValueError("a duration is wanted: seconds, or a form like 500ms, 10s, 5m or 1h")
    return float(match[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[match[2] or "s"]


def positive_seconds(text: str) -> float:
    """Return seconds above 0."""
    wanted = seconds(text)
    if wanted <= 0:
        raise ValueError("a duration above 0 is wanted")
    return wanted


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not re.fullmatch(r"[1-9]\d{0,5}", text.strip(), re.ASCII):
        raise ValueError("a whole number from 1 to 999999 is wanted")
    return int(text)


def port(text: str) -> int:
    """Return a port, from 1 to 65535."""
    if not re.fullmatch(r"[1-9]\d{0,4}", text.strip(), re.ASCII) or int(text) > 65535:
        raise ValueError(f"{text.strip()!r} is no port from 1 to 65535")
    return int(text)


def count_or_none(text: str) -> int:
    """Return a whole number from 0."""
    if not re.fullmatch(r"0|[1-9]\d{0,5}", text.strip(), re.ASCII):
        raise ValueError("a whole number from 0 to 999999 is wanted")
    return int(text)


def percent(text: str) -> int:
    """Return a whole number from 0 to 100."""
    if not re.fullmatch(r"\d{1,3}", text.strip(), re.ASCII) or int(text) > 100:
        raise ValueError("a whole number from 0 to 100 is wanted")
    return int(text)


def boolean(text: str) -> bool:
    """Return yes or no."""
    word = text.strip().lower()
    if word not in ("true", "yes", "on", "1", "false", "no", "off", "0"):
        raise ValueError("true or false is wanted")
    return word in ("true", "yes", "on", "1")


def lease_seconds(text: str) -> float:
    """Return whole seconds that a Lease can hold."""
    wanted = seconds(text)
    if wanted != int(wanted) or not 3 <= wanted <= 3600:
        raise ValueError("whole seconds from 3 to 3600 are wanted")
    return wanted


def choice(*choices: str) -> Callable[[str], str]:
    """Return a parser that takes one of the words, in any case."""

    def parse(text: str) -> str:
        if text.strip().lower() not in choices:
            raise ValueError(f"one of {', '.join(choices)} is wanted")
        return text.strip().lower()

    return parse


def member(kind: type[E]) -> Callable[[str], E]:
    """Return a parser that takes the word of one member, in any case."""
    read = choice(*kind)
    return lambda text: kind(read(text))


def sources(text: str) -> tuple[str, ...]:
    """Return sources, of those that there are."""
    chosen = tuple(dict.fromkeys(word.lower() for word in words(text)))
    if unknown := [word for word in chosen if word not in SOURCES]:
        raise ValueError(f"{unknown[0]!r} is no source; there are {', '.join(SOURCES)}")
    if not chosen:
        raise ValueError(f"at least one source is wanted, of {', '.join(SOURCES)}")
    return chosen


def zones(text: str) -> frozenset[DnsName]:
    """Return names of zones."""
    try:
        zones = frozenset(parse_name(word) for word in words(text))
    except InvalidNameError as error:
        raise ValueError(str(error)) from error
    if wild := [zone for zone in zones if is_wildcard(zone)]:
        raise ValueError(f"{wild[0]!r} is a wildcard; a zone is a plain name like home.arpa")
    return zones


def host_patterns(text: str) -> tuple[Pattern, ...]:
    """Return patterns of host names."""
    return tuple(parse_host_pattern(word) for word in words(text))


def namespace_patterns(text: str) -> tuple[Pattern, ...]:
    """Return patterns of namespaces."""
    return tuple(parse_namespace_pattern(word) for word in words(text))


def addresses(text: str) -> Targets:
    """Return A and AAAA targets."""
    targets = parse_targets(text)
    if any(target.type is RecordType.CNAME for target in targets):
        raise ValueError(f"{text.strip()!r} is no IP address; write one or more, with commas")
    return targets


def object_name(text: str) -> tuple[str, str]:
    """Return the namespace and the name of ``traefik/traefik``."""
    match = re.fullmatch(r"([a-z0-9][a-z0-9-]{0,62})/([a-z0-9][a-z0-9.-]{0,252})", text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is no Service; write it like traefik/traefik")
    return match[1], match[2]


def target_table(text: str) -> Table:
    """Return the rows of a table, or of the file that a path names."""
    where = text.strip()
    if where.startswith(("/", "./", "~")):
        text = file_text(path(where))
    if not (table := parse_table(text)):
        raise ValueError("at least one row is wanted, like websecure=192.168.1.54")
    return table


def url(text: str) -> str:
    """Return an http or https URL without a slash at its end."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text.strip()!r} is no URL; write it like http://192.168.1.10:5380")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a URL without user, password, query and fragment is wanted")
    return text.strip().rstrip("/")


def secret_url(text: str) -> Secret:
    """Return an http or https URL that nobody may see; no fault tells it either."""
    try:
        parts = urlsplit(text.strip())
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or len(text.split()) != 1:
        raise ValueError("an http or https URL is wanted")
    return Secret(text.strip())


def owner(text: str) -> str:
    """Return an owner id."""
    if not is_owner_id(text.strip()):
        raise ValueError(
            f"{text.strip()!r} is no owner id; letters, digits and . _ - are allowed, "
            f"at most {MAX_OWNER_LENGTH}"
        )
    return text.strip()


def address(text: str) -> Address:
    """Return where to listen, from ``:8080`` or ``host:8080``."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ValueError(f"{text.strip()!r} is no address; write it like :8080 or 127.0.0.1:8080")
    return Address(host.strip("[]") or None, int(port))


def hosts(text: str) -> tuple[str, ...]:
    """Return names of hosts, without a port, as a Host header has them."""
    names = tuple(word.lower().rstrip(".") for word in words(text))
    if bad := [name for name in names if name != "*" and not re.fullmatch(r"[a-z0-9._-]+", name)]:
        raise ValueError(f"{bad[0]!r} is no host; write names like dns.example.com, without a port")
    return names


def ui_token(text: str) -> Secret:
    """Return a token that nobody guesses."""
    if len(text.strip()) < SHORTEST_TOKEN:
        raise ValueError(f"{SHORTEST_TOKEN} characters or more are wanted: `openssl rand -hex 32`")
    return Secret(text.strip())


def header(text: str) -> str:
    """Return the name of a header."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", text.strip()):
        raise ValueError(f"{text.strip()!r} is no header; write it like Remote-User")
    return text.strip()


def networks(text: str) -> tuple[Network, ...]:
    """Return ranges of addresses."""
    try:
        return tuple(ipaddress.ip_network(word) for word in words(text))
    except ValueError as error:
        raise ValueError(f"{error}; write ranges like 10.42.0.0/16") from error
