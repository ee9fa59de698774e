"""The file DNS_SERVERS: several DNS servers, each with its zones; all faults are told at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import Targets, parse_ttl
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.faults import FaultsError, file_text

if TYPE_CHECKING:
    from yaml import Node

T = TypeVar("T")

_SERVER_KEYS = (
    "name",
    "url",
    "zones",
    "token_file",
    "ca_file",
    "targets",
    "ttl",
    "query_port",
)
_ZONE_KEYS = ("name", "ttl", "targets", "policy")

_policy = parsers.member(Policy)


@dataclass(frozen=True, slots=True)
class DnsServer:
    """One DNS server of the file; what it does not say is as the settings say it for all."""

    name: str
    url: str
    token_file: Path
    zones: Mapping[DnsName, ZoneTerms]
    ca_file: Path | None = None
    targets: Targets = ()
    ttl: int | None = None
    query_port: int | None = None


def servers(text: str) -> tuple[DnsServer, ...]:
    """Return the servers of the file with this path; raises `FaultsError`."""
    path = parsers.path(text)
    return parse_servers(file_text(path), path)


def parse_servers(content: str, path: Path) -> tuple[DnsServer, ...]:
    """Return the servers that a file's text names; raises `FaultsError`.

    Paths in it are seen from the folder of the file.
    """
    # The parser takes memory, and most have one server and no such file.
    import yaml

    try:
        root = yaml.compose(content, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise FaultsError([f"{path}{line}: {problem}"]) from error
    reader = _Reader(path)
    found = reader.servers(root)
    if reader.faults:
        raise FaultsError(reader.faults)
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    """Reads the nodes of a file, and keeps what is wrong with them."""

    path: Path
    faults: list[str] = field(default_factory=list)

    def fault(self, node: "Node | None", where: str, text: str) -> None:
        line = f":{node.start_mark.line + 1}" if node is not None else ""
        self.faults.append(f"{self.path}{line}: {where}: {text}")

    def servers(self, root: "Node | None") -> list[DnsServer]:
        node = root
        if root is not None and _is(root, "mapping"):
            node = self.keys(root, "the file", ("servers",)).get("servers")
        found = [self.server(one, where) for one, where in self.items(node, "servers", root)]
        names: set[str] = set()
        for one in found:
            if one is not None and one.name in names:
                text = f"two servers are called {one.name!r}: give each a `name` of its own"
                self.fault(root, "servers", text)
            names.update({one.name} if one is not None else ())
        return [one for one in found if one is not None]

    def server(self, node: "Node", where: str) -> DnsServer | None:
        if not _is(node, "mapping"):
            self.fault(node, where, "a server is wanted: url, token_file and zones")
            return None
        keys = self.keys(node, where, _SERVER_KEYS)
        for wanted, like in (
            ("url", "http://192.168.1.10:5380"),
            ("token_file", "/etc/catalyst-dns-sync/token"),
            ("zones", "[home.arpa]"),
        ):
            if wanted not in keys:
                self.fault(node, where, f"`{wanted}` is missing; write it like {like}")
        url = self.value(keys, "url", where, parsers.url)
        zones = self.zones(keys["zones"], f"{where}.zones") if "zones" in keys else {}
        token_file = self.value(keys, "token_file", where, self.file)
        server = DnsServer(
            name=self.value(keys, "name", where, _server_name) or _host(url),
            url=url or "",
            token_file=token_file or Path(),
            zones=zones,
            ca_file=self.value(keys, "ca_file", where, self.file),
            targets=self.value(keys, "targets", where, parsers.addresses) or (),
            ttl=self.value(keys, "ttl", where, parse_ttl),
            query_port=self.value(keys, "query_port", where, parsers.port),
        )
        return server if url else None

    def file(self, text: str) -> Path:
        return self.path.parent / parsers.path(text)

    def zones(self, node: "Node", where: str) -> dict[DnsName, ZoneTerms]:
        zones: dict[DnsName, ZoneTerms] = {}
        for one, place in self.items(node, where, node):
            keys: dict[str, Node] = {"name": one}
            if _is(one, "mapping"):
                keys = self.keys(one, place, _ZONE_KEYS)
                if "name" not in keys:
                    self.fault(one, place, "`name` is missing; write it like home.arpa")
            name = self.value(keys, "name", place, _zone)
            terms = ZoneTerms(
                self.value(keys, "targets", place, parsers.addresses) or (),
                self.value(keys, "ttl", place, parse_ttl),
                self.value(keys, "policy", place, _policy),
            )
            if name is not None and name in zones:
                self.fault(one, place, f"{name} is there twice: keep one of them")
            elif name is not None:
                zones[name] = terms
        return zones

    def items(
        self, node: "Node | None", where: str, parent: "Node | None"
    ) -> Iterator[tuple["Node", str]]:
        if node is None or not _is(node, "sequence") or not node.value:
            self.fault(node or parent, where, "a list with at least one entry is wanted")
            return
        for number, one in enumerate(node.value):
            yield one, f"{where}[{number}]"

    def keys(self, node: "Node", where: str, known: tuple[str, ...]) -> dict[str, "Node"]:
        found: dict[str, Node] = {}
        for key, value in node.value:
            if key.value not in known:
                self.fault(key, where, f"{key.value!r} is no key here; {', '.join(known)} are")
            elif key.value in found:
                self.fault(key, where, f"`{key.value}` is there twice: keep one of them")
            else:
                found[key.value] = value
        return found

    def value(
        self, keys: Mapping[str, "Node"], key: str, where: str, parse: Callable[[str], T]
    ) -> T | None:
        node = keys.get(key)
        if node is None:
            return None
        try:
            return parse(_text(node))
        except ValueError as error:
            self.fault(node, where if key == "name" else f"{where}.{key}", str(error))
            return None


def zone_options(text: str) -> Mapping[DnsName, ZoneTerms]:
    """Return the terms of zones, from ``lab.home ttl=60 policy=upsert-only; other.home ttl=120``.

    ``targets`` are addresses with ``+`` between them.
    """
    found: dict[DnsName, ZoneTerms] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, *options = part.split()
        zone = _zone(name)
        given = dict(option.partition("=")[::2] for option in options)
        if unknown := [key for key in given if key not in ("ttl", "policy", "targets")]:
            raise ValueError(f"{unknown[0]!r} is no option of a zone; ttl, policy and targets are")
        if not given or zone in found:
            raise ValueError(f"{zone}: write it once, like {zone} ttl=60 policy=upsert-only")
        found[zone] = ZoneTerms(
            parsers.addresses(given["targets"].replace("+", ",")) if "targets" in given else (),
            parse_ttl(given["ttl"]) if "ttl" in given else None,
            _policy(given["policy"]) if "policy" in given else None,
        )
    return found


def _zone(text: str) -> DnsName:
    zones = parsers.zones(text)
    if len(zones) != 1:
        raise ValueError(f"{text.strip()!r} is no name of a zone; write it like home.arpa")
    return next(iter(zones))


def _server_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", text, re.ASCII):
        raise ValueError(f"{text!r} is no name of a server; letters, digits and . _ - are allowed")
    return text


def _host(url: str | None) -> str:
    return (urlsplit(url or "").hostname or "").replace(":", "-")


def _is(node: "Node", shape: str) -> bool:
    return getattr(node, "id", None) == shape


def _text(node: "Node") -> str:
    if _is(node, "scalar"):
        return str(node.value)
    if _is(node, "sequence") and all(_is(one, "scalar") for one in node.value):
        return ",".join(str(one.value) for one in node.value)
    raise ValueError("a text is wanted here")
