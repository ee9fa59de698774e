"""What the zones answer to a question (RFC 1034 4.3.2, RFC 4592 for wildcards); pure."""

from dataclasses import dataclass, field, replace
from enum import Enum

from catalyst_dns_sync.sandbox.technitium.model.names import ancestors, is_within
from catalyst_dns_sync.sandbox.technitium.model.nodes import EMPTY, RRset
from catalyst_dns_sync.sandbox.technitium.model.rdata import Soa, Target, narrowed
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType
from catalyst_dns_sync.sandbox.technitium.model.zones import Zones

MAX_CHAIN = 16
"""CNAMEs that are followed for one question."""

_ADDRESSES = ("A", "AAAA")
_OWN_TYPES = frozenset({"FWD", "APP", "ANAME"})
_ANSWERING = frozenset({ZoneType.PRIMARY, ZoneType.SECONDARY, ZoneType.FORWARDER, ZoneType.CATALOG})


class Result(Enum):
    """How the question came out, as DNS names it."""

    NOERROR = 0
    SERVFAIL = 2
    NXDOMAIN = 3
    REFUSED = 5


@dataclass(slots=True)
class Reply:
    """An answer before it is a message: RRsets by owner name, in order."""

    result: Result = Result.NOERROR
    authoritative: bool = True
    answer: list[tuple[str, RRset]] = field(default_factory=list)
    authority: list[tuple[str, RRset]] = field(default_factory=list)
    additional: list[tuple[str, RRset]] = field(default_factory=list)


def lookup(zones: Zones, name: str, rtype: str) -> Reply:
    """Answer a question; the name keeps the case that the resolver sent."""
    reply = Reply()
    asked: set[str] = set()
    owner: str | None = name
    while owner is not None and owner.lower() not in asked and len(asked) < MAX_CHAIN:
        asked.add(owner.lower())
        owner = _step(zones, owner, rtype, reply, is_first=len(asked) == 1)
    return reply


def _step(zones: Zones, owner: str, rtype: str, reply: Reply, *, is_first: bool) -> str | None:
    """Add what one name has to say; return the name that it is an alias of, if it is one."""
    key = owner.lower()
    zone = zones.closest(key)
    if zone is None or zone.disabled or zone.kind not in _ANSWERING:
        # A resolver follows an alias that leads out of here by itself.
        if is_first:
            reply.result, reply.authoritative = Result.REFUSED, False
        return None
    if (cut := _delegation(zone, key, rtype)) is not None:
        _refer(zone, cut, reply, is_first=is_first)
        return None
    if (alias := _redirected(zone, key, owner, reply)) is not None:
        return alias
    found = _records_at(zone, key)
    if found is None:
        _deny(zone, reply, Result.NXDOMAIN)
        return None
    return _answer(zones, zone, (owner, rtype), found, reply)


def _answer(
    zones: Zones, zone: Zone, question: tuple[str, str], found: list[RRset], reply: Reply
) -> str | None:
    owner, rtype = question
    by_type = {rrset[0].type: rrset for rrset in found}
    if "CNAME" in by_type and rtype not in {"CNAME", "ANY"}:
        reply.answer.append((owner, by_type["CNAME"]))
        return _target_of(by_type["CNAME"])
    if rtype == "ANY":
        wanted = [rrset for kind, rrset in by_type.items() if kind not in _OWN_TYPES]
    elif rtype in by_type and rtype not in _OWN_TYPES:
        wanted = [by_type[rtype]]
    elif rtype in _ADDRESSES and "ANAME" in by_type:
        wanted = _flattened(zones, by_type["ANAME"], rtype)
    else:
        wanted = []
    reply.answer += [(owner, rrset) for rrset in wanted]
    if not wanted:
        _deny(zone, reply, Result.NOERROR)
    elif rtype == "NS":
        _add_glue(zone, wanted[0], reply)
    return None


def _records_at(zone: Zone, key: str) -> list[RRset] | None:
    """Return the enabled RRsets at a name, be it by a wildcard, or None for no such name."""
    if not zone.nodes.exists(key):
        encloser = next((name for name in ancestors(key) if zone.nodes.exists(name)), zone.name)
        key = f"*.{encloser}" if encloser else "*"
        if not zone.nodes.exists(key):
            return None
    node = zone.nodes.get(key) or EMPTY
    return [enabled for rrset in node.values() if (enabled := _enabled(rrset))]


def _delegation(zone: Zone, key: str, rtype: str) -> str | None:
    """Return the name of the zone cut that the name lies at or below."""
    path = ancestors(key)
    for name in reversed(path[: path.index(zone.name)]):
        node = zone.nodes.get(name)
        if node and "NS" in node and _enabled(node["NS"]) and not (rtype == "DS" and name == key):
            return name
    return None


def _refer(zone: Zone, cut: str, reply: Reply, *, is_first: bool) -> None:
    servers = _enabled((zone.nodes.get(cut) or EMPTY)["NS"])
    reply.authority.append((cut, servers))
    reply.authoritative = not is_first
    _add_glue(zone, servers, reply)


def _redirected(zone: Zone, key: str, owner: str, reply: Reply) -> str | None:
    """Apply a DNAME above the name (RFC 6672): it makes a CNAME for whatever is below."""
    path = ancestors(key)
    for name in path[1 : path.index(zone.name) + 1]:
        node = zone.nodes.get(name)
        if not node or "DNAME" not in node or not (rrset := _enabled(node["DNAME"])):
            continue
        target = f"{owner[: -len(name) - 1]}.{_target_of(rrset)}"
        made = Record(owner, "CNAME", rrset[0].ttl, Target(target, target.lower()))
        reply.answer += [(name, rrset), (owner, (made,))]
        return target
    return None


def _flattened(zones: Zones, alias: RRset, rtype: str) -> list[RRset]:
    """Return the addresses of an ANAME's target, as far as they are hosted here."""
    target = _target_of(alias)
    zone = zones.closest(target.lower())
    if zone is None or zone.disabled:
        return []
    rrset = _enabled((zone.nodes.get(target.lower()) or EMPTY).get(rtype, ()))
    return [tuple(replace(record, ttl=alias[0].ttl) for record in rrset)] if rrset else []


def _deny(zone: Zone, reply: Reply, result: Result) -> None:
    """Say no, with the SOA at the TTL of a negative answer (RFC 2308)."""
    if zone.kind is ZoneType.FORWARDER:
        # It would ask its forwarder; this server asks nobody.
        reply.result, reply.authoritative = Result.REFUSED, False
        return
    record = (zone.nodes.get(zone.name) or EMPTY)["SOA"][0]
    reply.result = result
    ttl = min(record.ttl, narrowed(record.data, Soa).minimum)
    reply.authority.append((zone.name, (replace(record, ttl=ttl),)))


def _add_glue(zone: Zone, servers: RRset, reply: Reply) -> None:
    for server in servers:
        target = _target_of((server,))
        if not is_within(target.lower(), zone.name):
            continue
        node = zone.nodes.get(target.lower()) or EMPTY
        for rtype in _ADDRESSES:
            if rrset := _enabled(node.get(rtype, ())):
                reply.additional.append((target, rrset))


def _enabled(rrset: RRset) -> RRset:
    if any(record.disabled for record in rrset):
        return tuple(record for record in rrset if not record.disabled)
    return rrset


def _target_of(rrset: RRset) -> str:
    return narrowed(rrset[0].data, Target).name
