"""Records to a zone file, as `zones/export` writes it (Z:1979-2009)."""

import json
from collections.abc import Iterable

from catalyst_dns_sync.sandbox.technitium.model.names import key_of
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
)
from catalyst_dns_sync.sandbox.technitium.model.records import Record

_FIRST = ("SOA", "NS")


def render_zone_file(records: Iterable[Record], origin: str) -> str:
    """Return the zone's text: SOA, then NS, then the rest; comments are kept, expiry is not."""
    found = list(records)
    ordered = [record for rtype in _FIRST for record in found if record.type == rtype]
    ordered += [record for record in found if record.type not in _FIRST]
    lines = [f"$ORIGIN {origin}.", *(_line(record, origin) for record in ordered)]
    return "\n".join(lines) + "\n"


def _line(record: Record, origin: str) -> str:
    name = _relative(record.name, origin)
    data = _data(record.data, origin)
    line = f"{name:<31} {record.ttl:<10} IN          {record.type:<10} {data}"
    comment = _comment(record)
    return f"{line}\t\t\t;{comment}" if comment else line


def _comment(record: Record) -> str:
    """Wrap what a plain comment cannot say: disabled, or beginning with a brace."""
    if record.disabled or record.comments.startswith("{"):
        wrapper = {"disabled": record.disabled, "comments": record.comments}
        return json.dumps(wrapper, separators=(",", ":"))
    return record.comments.replace("\n", "\\n")


def _data(data: Data, origin: str) -> str:
    match data:
        case Address(ip):
            return str(ip)
        case Target(name):
            return _relative(name, origin)
        case Text(strings):
            return " ".join(map(_quoted, strings))
        case Soa():
            mailbox = data.mailbox.replace("@", ".", 1)
            times = f"{data.serial} {data.refresh} {data.retry} {data.expire} {data.minimum}"
            return f"{_relative(data.primary, origin)} {_relative(mailbox, origin)} {times}"
        case Mail(preference, exchange):
            return f"{preference} {_relative(exchange.name, origin)}"
        case Service(priority, weight, port, target):
            return f"{priority} {weight} {port} {_relative(target.name, origin)}"
        case Caa(flags, tag, value):
            return f"{flags} {tag} {_quoted(value)}"
        case Forward(protocol, forwarder, dnssec_validation, _):
            return f"{protocol} {str(dnssec_validation).lower()} {_quoted(forwarder)}"
        case App(name, class_path, text):
            return f"{_quoted(name)} {_quoted(class_path)} {_quoted(text)}"
        case Raw(octets):
            return f"\\# {len(octets)} {octets.hex().upper()}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _relative(name: str, origin: str) -> str:
    if key_of(name) == origin:
        return "@"
    if origin and key_of(name).endswith("." + origin):
        return name[: -len(origin) - 1]
    return f"{name}."
