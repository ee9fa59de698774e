"""Between the API's JSON and our values. Total: any JSON gives a value or a `ProviderError`."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from catalyst_dns_sync.control.ports import (
    HostedZone,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import MAX_COMMENT_BYTES
from catalyst_dns_sync.core.records import (
    ADDRESS_TYPES,
    Record,
    Records,
    RecordType,
    Zone,
    ZoneStamp,
    address_target,
)
from catalyst_dns_sync.providers.technitium.messages import Failure, shortened
from catalyst_dns_sync.providers.technitium.steps import Add, Amend, Call, Remove

Payload: TypeAlias = Mapping[str, object]
"""What an answer carries beside its envelope."""

NOTHING_KNOWN: Mapping[DnsName, Records] = MappingProxyType({})

_WRITABLE = frozenset({"Primary", "Forwarder"})


class _Named(NamedTuple):
    name: DnsName
    record: Record


def payload_of(answer: object, *, flat: bool = False) -> Payload | Failure:
    """Take an answer's envelope off; ``flat`` answers have their payload beside the status."""
    body = _object(answer, "the answer")
    status = _text(body, "status")
    if status == "ok":
        return body if flat else _object(body.get("response"), "response")
    text = body.get("errorMessage")
    return Failure(status, text if isinstance(text, str) else "")


def zones_of(payload: Payload) -> dict[DnsName, HostedZone]:
    """Read the answer of zones/list."""
    zones = (_hosted_zone(_object(item, "a zone")) for item in _list(payload, "zones"))
    return {zone.name: zone for zone in zones}


def zone_of(payload: Payload, known: Mapping[DnsName, Records] = NOTHING_KNOWN) -> Zone:
    """Read the answer of records/get: the zone that it is about, and the records in it.

    What a name holds is the same tuple as the ``known`` one where that is equal. The list of the
    records is used up meanwhile, so that a large zone is there once.
    """
    hosted = _hosted_zone(_object(payload.get("zone"), "zone"))
    names: dict[DnsName, Records] = {}
    several: dict[DnsName, list[Record]] = {}
    items = _list(payload, "records")
    while items:
        item = items.pop()
        name, record = item if isinstance(item, _Named) else _named(_object(item, "a record"))
        if name in names:
            several.setdefault(name, [*names[name]]).append(record)
        else:
            names[name] = _shared((record,), known.get(name))
    for name, records in several.items():
        names[name] = _shared(tuple(sorted(records)), known.get(name))
    return Zone(hosted.name, hosted.stamp, names)


def slimmed(entry: object, known: Mapping[DnsName, Records] = NOTHING_KNOWN) -> object:
    """Return what `zone_of` needs of one item of the list of records.

    A record that is among the ``known`` ones is that one, so that only one of two is kept.
    """
    name, record = _named(_object(entry, "a record"))
    same = next((one for one in known.get(name, ()) if one == record), record)
    return _Named(name, same)


def server_of(payload: Payload) -> tuple[str, datetime | None]:
    """Read the answer of user/session/get: the server's version, and when it started.

    The payload holds the token: it must not get into a log or an error.
    """
    info = _object(payload.get("info"), "info")
    stamp = info.get("uptimestamp")
    return _text(info, "version"), _moment(stamp) if isinstance(stamp, str) else None


def primary_of(payload: Payload) -> str | None:
    """Read the answer of user/session/get: another node that is the primary of the cluster.

    None where the server itself is it, where there is no cluster, or where none is told.
    """
    info = payload.get("info")
    nodes = info.get("clusterNodes") if isinstance(info, dict) else None
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and node.get("type") == "Primary":
            name = node.get("name")
            return name if isinstance(name, str) and node.get("state") != "Self" else None
    return None


def canonical(text: str) -> DnsName:
    """Return a name as we compare it.

    Technitium keeps the case that a name was sent with, and takes names that `parse_name` does
    not (``-x``, ``a/b``): what a zone holds is never thrown away for its name.
    """
    return DnsName(text.lower().rstrip("."))


def form_of(call: Call, zone: DnsName, name: DnsName) -> tuple[str, dict[str, str]]:
    """Return the path and the form of the call, with every field that it can have."""
    record = call.record
    form = {"zone": zone, "domain": name, "type": record.type} | _value_fields(call)
    match call:
        case Remove():
            return "/api/zones/records/delete", form
        case Add(overwrite=overwrite):
            form |= _metadata_fields(record)
            return "/api/zones/records/add", form | {"overwrite": _flag(value=overwrite)}
        case Amend():
            form |= _metadata_fields(record)
            return "/api/zones/records/update", form | {"disable": _flag(value=record.disabled)}


def import_form(lines: str, zone: DnsName, *, overwrite: bool) -> dict[str, str]:
    """Return the form of zones/import for lines of a zone file."""
    return {"zone": zone, "overwrite": _flag(value=overwrite), "records": lines}


def _value_fields(call: Call) -> dict[str, str]:
    record = call.record
    if record.type in ADDRESS_TYPES:
        return {"ipAddress": record.value}
    if record.type == RecordType.CNAME:
        # Deleting a CNAME takes the whole set, whatever its value.
        return {} if isinstance(call, Remove) else {"cname": record.value}
    if record.type == RecordType.PTR:
        return {"ptrName": record.value}
    raise ProviderRejectedError(
        f"a {record.type} record with our marker is not one that we write:"
        " delete it in the DNS console"
    )


def _metadata_fields(record: Record) -> dict[str, str]:
    # Our part of a comment is short ASCII, but people write behind it. Technitium's API counts
    # characters and its zone file bytes: between the two, the zone can't be saved any more.
    if len(record.comment.encode(errors="surrogatepass")) > MAX_COMMENT_BYTES:
        raise ProviderRejectedError(
            f"the comment of {record.type} {record.value} is longer than {MAX_COMMENT_BYTES}"
            " bytes: shorten it in the DNS console"
        )
    return {
        "ttl": str(record.ttl),
        "comments": record.comment,
        "expiryTtl": str(record.expiry),
    }


def _flag(*, value: bool) -> str:
    return "true" if value else "false"


def _hosted_zone(entry: Payload) -> HostedZone:
    kind = _text(entry, "type")
    return HostedZone(
        name=canonical(_text(entry, "name")),
        stamp=ZoneStamp(_number(entry, "soaSerial"), _text(entry, "lastModified")),
        kind=kind,
        writable=kind in _WRITABLE and not _bool(entry, "internal"),
        disabled=_bool(entry, "disabled"),
    )


def _shared(records: Records, known: Records | None) -> Records:
    return known if known is not None and known == records else records


def _named(entry: Payload) -> _Named:
    return _Named(canonical(_text(entry, "name")), _record(entry))


def _record(entry: Payload) -> Record:
    kind = sys.intern(_text(entry, "type"))
    return Record(
        type=kind,
        value=_value(kind, _object(entry.get("rData"), "rData")),
        ttl=_number(entry, "ttl"),
        comment=_text(entry, "comments", default=""),
        disabled=_bool(entry, "disabled"),
        expiry=_number(entry, "expiryTtl", default=0),
    )


def _value(kind: str, data: Payload) -> str:
    if kind in ADDRESS_TYPES:
        return _address(kind, _text(data, "ipAddress"))
    if kind == RecordType.CNAME:
        return canonical(_text(data, "cname")) or "."
    if kind == RecordType.PTR:
        return canonical(_text(data, "ptrName")) or "."
    if kind == "SOA":
        # Its serial moves with every change of the zone; the record itself stays what it is.
        data = {key: value for key, value in data.items() if key != "serial"}
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=1024)
def _address(kind: str, text: str) -> str:
    # .NET shows the scope of a link-local address that was entered with one.
    target = address_target(text.partition("%")[0])
    if target is None or target.type != kind:
        raise _unexpected(f"{shortened(text)!r} is no address for a record of type {kind}")
    return target.value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unexpected(f"{shortened(text)!r} is no time") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _object(value: object, what: str) -> Payload:
    if not isinstance(value, dict):
        raise _unexpected(f"{what} is no object")
    return value


def _list(entry: Payload, key: str) -> list[object]:
    value = entry.get(key)
    if not isinstance(value, list):
        raise _unexpected(f"{key} is no list")
    return value


def _text(entry: Payload, key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise _unexpected(f"{key} is no text")
    return value


def _number(entry: Payload, key: str, default: int | None = None) -> int:
    value = entry.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _unexpected(f"{key} is no number")
    return value


def _bool(entry: Payload, key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise _unexpected(f"{key} is neither true nor false")
    return value


def _unexpected(what: str) -> ProviderUnavailableError:
    return ProviderUnavailableError(f"not an answer that Technitium gives: {what}")
