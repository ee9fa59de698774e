"""What addresses point back to: the laws of PTR records, from the specification."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from simulation.customs import CUSTOM
from simulation.dns import value_of
from simulation.life import Life
from simulation.marks import answering, has_owner, is_mine, mark_of, records_of
from simulation.objects import Spec, claims_of

if TYPE_CHECKING:
    from simulation.laws import Write

SETTLED = timedelta(seconds=40)
"""So old is an address that a daemon must know of, whatever a person or a crash did meanwhile."""


def is_reverse(name: str) -> bool:
    return name.endswith("in-addr.arpa")


def keeps_the_name(write: "Write") -> str | None:
    """What points to a name stays while that has the address, and never moves to another."""
    new = {value_of(record)[1] for record in write.answers(write.new)}
    for record in write.answers(write.seen):
        kind, name = value_of(record)
        if kind != "PTR" or not write.is_ours(record) or name in new:
            continue
        for address in _addresses(write.life, name):
            modified = address.last_modified
            is_old = modified is None or write.life.dns.now() - modified > SETTLED
            if _back(address) == write.name and is_old and write.is_ours(address):
                return f"it pointed to {name}, which has the address since {modified}"
    return None


def points_to_who_wants_it(write: "Write", specs: Iterable[Spec], ordered: set[str]) -> str | None:
    """Only names that somebody wants, or ordered, are pointed to, and no wildcards."""
    if write.op == "delete":
        return None
    name, life = write.form["ptrName"], write.life
    if name.startswith("*."):
        return f"{name} is a wildcard"
    if name in ordered:
        return None
    for spec in specs:
        if name in claims_of(spec) and life.config.sees(spec):
            values = life.wants(spec, name)
            if any(kind == "A" and _name_of(text) == write.name for kind, text in values):
                return None
    return f"nobody ever wanted {name} to have this address"


def unmet(
    life: Life,
    zone: str,
    specs: list[Spec],
    said: Mapping[str, set[str]],
    waiting: frozenset[str],
    still: str,
) -> Iterator[str]:
    """Yield what is not pointed back to as it should be, in a zone of addresses."""
    wanted = _wanted(life, specs)
    nodes = life.dns.nodes(zone)
    for name in sorted({*wanted, *nodes}):
        if not f".{name}".endswith(f".{zone}"):
            continue
        told = said.get(name, set())
        current = answering(nodes.get(name, {}), name, zone)
        if name in wanted:
            yield from _pointing(life, name, current, wanted[name], told, still)
        elif any(has_owner(record, life.config.owner) for record in current):
            yield from _left(life, name, current, told, waiting)


def _pointing(
    life: Life, name: str, current: list[Record], wanted: set[str], told: set[str], still: str
) -> Iterator[str]:
    reason = _why_left(life, current)
    if reason is not None:
        if not reason & told:
            yield f"{name} should be said to be {sorted(reason)}, said: {told}"
        return
    values = [value_of(record)[1] for record in current]
    if len(values) != 1:
        yield f"{name} should point to one of {sorted(wanted)}, and has {values}"
    elif values[0] not in wanted and not _has(life, values[0], name) and "policy" not in told:
        yield f"{name} points to {values}, not to one of {sorted(wanted)}"
    elif values[0] in wanted and life.config.policy != "create-only":
        yield from _mark(life, name, current[0], _addresses(life, values[0])[0], still)


def _mark(life: Life, name: str, pointer: Record, address: Record, still: str) -> Iterator[str]:
    """Yield where a pointer's mark says something else than that of the name it points to."""
    here, there = mark_of(pointer.comments), mark_of(address.comments)
    if here is None or there is None:
        return
    if pointer.ttl != address.ttl:
        yield f"{name} has the TTL {pointer.ttl}, not {address.ttl}"
    away = {kind for kind in here.kinds | there.kinds if not life.cluster.is_served(kind)}
    if (here.kinds ^ there.kinds) - away:
        yield f"{name}: {still} {sorted(here.kinds)}, not {sorted(there.kinds)}"


def _left(
    life: Life, name: str, current: list[Record], told: set[str], waiting: frozenset[str]
) -> Iterator[str]:
    if _why_left(life, current) is not None:
        return
    if any(_has(life, value_of(record)[1], name) for record in current):
        return
    kept = {"policy", "withheld", "source-absent", "source-unknown"} & told
    if not kept and name not in waiting:
        yield f"{name} should be gone: {list(map(value_of, current))} has it no more; said: {told}"


def _why_left(life: Life, current: list[Record]) -> set[str] | None:
    if any(not has_owner(record, life.config.owner) for record in current):
        return {"not-ours", "adoptable"}
    if any(not _is_mine(life, record) for record in current):
        return {"other-cluster"}
    return {"held"} if any(record.disabled for record in current) else None


def _wanted(life: Life, specs: list[Spec]) -> dict[str, set[str]]:
    """Return for each address the names that we hold with it, and that somebody wants."""
    found: dict[str, set[str]] = {}
    claimed = {name for spec in specs if life.config.sees(spec) for name in claims_of(spec)}
    for zone in life.config.zones:
        if is_reverse(zone):
            continue
        for name, node in life.dns.nodes(zone).items():
            current = answering(node, name, zone)
            marks = [mark_of(record.comments) for record in current if _is_mine(life, record)]
            is_custom = any(mark is not None and CUSTOM in mark.kinds for mark in marks)
            if not marks or len(marks) < len(current) or name.startswith("*."):
                continue
            if name in claimed or is_custom:
                for record in current:
                    if record.type == "A" and not record.disabled:
                        found.setdefault(_back(record), set()).add(name)
    return found


def _has(life: Life, name: str, reverse: str) -> bool:
    return any(_back(record) == reverse for record in _addresses(life, name))


def _addresses(life: Life, name: str) -> list[Record]:
    zone = life.config.zone_of(name)
    node: Node = life.dns.nodes(zone).get(name, {}) if zone is not None else {}
    return [one for one in records_of(node) if one.type == "A" and not one.disabled]


def _back(record: Record) -> str:
    return _name_of(value_of(record)[1])


def _name_of(address: str) -> str:
    return ipaddress.ip_address(address).reverse_pointer


def _is_mine(life: Life, record: Record) -> bool:
    return is_mine(record, life.config.owner, life.cluster.cluster_id)
