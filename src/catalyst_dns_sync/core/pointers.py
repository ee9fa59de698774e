"""Which name each address points back to, kept name by name: for the PTR records of `DNS_PTR`.

An address has one PTR. It points to a name that an object wants and that has the address in a
record of ours; of several it is the first by the order that decides conflicts. A name that has the
PTR keeps it, whoever comes later, for as long as it has the address.
"""

import ipaddress
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from catalyst_dns_sync.core.custom import is_custom
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.merge import Defaults, Interest, decide
from catalyst_dns_sync.core.names import DnsName, is_reverse, is_wildcard, zone_of
from catalyst_dns_sync.core.ownership import Identity, answering, is_ours
from catalyst_dns_sync.core.plan import our_marker
from catalyst_dns_sync.core.records import (
    ADDRESS_TYPES,
    Endpoint,
    ObjectRef,
    Record,
    Records,
    RecordType,
    Target,
    Zone,
)
from catalyst_dns_sync.core.terms import Rules

_Rank: TypeAlias = tuple[bool, int, str, ObjectRef, DnsName]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One name that addresses may point back to; ``ttl`` is that of a preview.

    ``kinds`` are those that its own marker says.
    """

    reverse: tuple[DnsName, ...]
    rank: _Rank
    winners: tuple[Interest, ...]
    ttl: int | None
    kinds: tuple[str, ...]


@lru_cache(maxsize=256)
def reverse_name(address: str) -> DnsName:
    """Return the name that stands for an address (RFC 1035, 3.5; RFC 3596, 2.5)."""
    return DnsName(ipaddress.ip_address(address).reverse_pointer)


class Pointers:
    """The names of each address, as far as it lies in one of the ``zones``.

    ``held`` returns what a managed zone holds at a name, as far as that is known. ``touched`` are
    names of addresses that may have to point elsewhere now, ``unread`` the zones of which it is
    not known yet what their names have.
    """

    def __init__(self, zones: frozenset[DnsName], held: Callable[[DnsName], Records]) -> None:
        self.touched: set[DnsName] = set()
        self.unread = {zone for zone in zones if not is_reverse(zone)}
        self._zones = zones
        self._held = held
        self._candidates: dict[DnsName, _Candidate] = {}
        self._ranks: dict[DnsName, list[_Rank]] = {}
        # What waits for a name to lose an address, and the other way round.
        self._waits: dict[DnsName, DnsName] = {}
        self._awaited: dict[DnsName, set[DnsName]] = {}
        self._lost: set[DnsName] = set()
        # Names that nobody wants any more, and the addresses that they had when that became known.
        self._leaving: set[tuple[DnsName, DnsName]] = set()

    def __contains__(self, reverse: object) -> bool:
        """Tell whether some name is to be pointed to from there."""
        return reverse in self._ranks

    def within(self, zone: DnsName) -> Iterable[DnsName]:
        """Return the names of addresses in one zone that have something to point to."""
        return [name for name in self._ranks if zone_of(name, self._zones) == zone]

    def take(
        self,
        name: DnsName,
        endpoint: Endpoint | None,
        interests: Iterable[Interest],
        identity: Identity,
    ) -> None:
        """Take what is wanted of a name, or that it may have another address now."""
        if is_reverse(name) or is_wildcard(name):
            return
        old = self._candidates.get(name)
        new = self._candidate(name, endpoint, interests, identity) if endpoint else None
        concerned = self._awaited.pop(name, set())
        for reverse in concerned:
            del self._waits[reverse]
        if new != old:
            left = self._leave(name)
            self._leaving.update((name, reverse) for reverse in left)
            concerned.update(left, self._enter(name, new))
        if concerned:
            self.touched |= concerned
            self._lost.update(one for one in concerned if not self._has(name, one))

    def sought(
        self, reverse: DnsName, current: Records, *, is_ours: bool
    ) -> tuple[Interest, ...] | ObjectRef:
        """Return who wants the PTR that a name of an address should have; nothing for others.

        What stands for a name means that the PTR is to stay as it is: the name that it points to
        is not wanted any more, but has the address still.
        """
        if not is_reverse(reverse):
            return ()
        self._wait(reverse, None)
        if found := self._named(reverse, current):
            return found
        pointed = (DnsName(one.value) for one in current if one.type == RecordType.PTR)
        kept = (name for name in pointed if is_ours and self._may_have(name, reverse))
        if (name := next(kept, None)) is not None:
            self._wait(reverse, name)
            return ObjectRef("PTR", "", name)
        return self._first(reverse)

    def rules_for(self, endpoint: Endpoint, rules: Rules) -> Rules:
        """Return the rules for an address: it gives up a kind when the name that it has does."""
        target = endpoint.targets[0]
        found = self._candidates.get(DnsName(target.value))
        if target.type is not RecordType.PTR or found is None:
            return rules
        return replace(rules, unconfirmed_kinds=frozenset(found.kinds))

    def wanted(self, reverse: DnsName, current: Records) -> tuple[Interest, ...]:
        """Return who wants a PTR at a name of an address, if it were free to be changed."""
        return self._named(reverse, current) or self._first(reverse)

    def endpoints(
        self, zone: Zone, defaults: Defaults, identity: Identity
    ) -> dict[DnsName, Endpoint]:
        """Return all PTRs that a zone should have, had it none that must stay."""
        found: dict[DnsName, Endpoint] = {}
        for name in self.within(zone.name):
            records = zone.names.get(name, ())
            marker = our_marker(name, records, zone.name, identity)
            interests = self.wanted(name, answering(records, name, zone.name))
            verdict, _ = decide(name, interests, defaults, marker)
            if isinstance(verdict, Endpoint):
                found[name] = verdict
        return found

    def excused(self, zone: DnsName, drift: Collection[Drift]) -> list[Drift]:
        """Return what others did in a zone, without the PTRs that went with their addresses.

        Technitium takes a PTR away with the address record of the name that it points to. A name
        without grace loses its address in the very pass that learns that nobody wants it.
        """
        left = {pair for pair in self._leaving if zone_of(pair[1], self._zones) == zone}
        self._leaving -= left
        lost = {name for name in self._lost if zone_of(name, self._zones) == zone}
        self._lost -= lost
        lost.update(reverse for name, reverse in left if not self._has(name, reverse))
        return [one for one in drift if one.kind != "removed" or one.name not in lost]

    def _candidate(
        self,
        name: DnsName,
        endpoint: Endpoint,
        interests: Iterable[Interest],
        identity: Identity,
    ) -> _Candidate | None:
        zone = zone_of(name, self._zones)
        if zone is None:
            return None
        records = self._held(name)
        current = answering(records, name, zone)
        marker = our_marker(name, records, zone, identity)
        if marker is None:
            return None
        if not all(is_ours(record, identity) for record in current):
            return None
        found = (reverse_name(one.value) for one in current if _is_address(one))
        reverse = tuple(sorted({one for one in found if zone_of(one, self._zones)}))
        winners = tuple(one for one in interests if one[0].ref in endpoint.origins)
        first = next((one for one in winners if one[0].ref == endpoint.origins[0]), None)
        if not reverse or first is None:
            return None
        obj, claim = first
        rank = (not is_custom(obj.ref), -claim.extras.priority, obj.created, obj.ref, name)
        ttl = endpoint.ttl if endpoint.preview else None
        return _Candidate(reverse, rank, winners, ttl, marker.kinds)

    def _leave(self, name: DnsName) -> Collection[DnsName]:
        old = self._candidates.pop(name, None)
        if old is None:
            return ()
        for reverse in old.reverse:
            ranks = self._ranks[reverse]
            del ranks[bisect_left(ranks, old.rank)]
            if not ranks:
                del self._ranks[reverse]
        return old.reverse

    def _enter(self, name: DnsName, new: _Candidate | None) -> Collection[DnsName]:
        if new is None:
            return ()
        self._candidates[name] = new
        for reverse in new.reverse:
            insort(self._ranks.setdefault(reverse, []), new.rank)
        return new.reverse

    def _named(self, reverse: DnsName, current: Records) -> tuple[Interest, ...]:
        """Return the claims of the name that is pointed to already, if it has any."""
        pointed = (DnsName(one.value) for one in current if one.type == RecordType.PTR)
        found = (self._candidates.get(name) for name in pointed)
        ranks = [one.rank for one in found if one is not None and reverse in one.reverse]
        return self._claims(reverse, min(ranks)[-1]) if ranks else ()

    def _first(self, reverse: DnsName) -> tuple[Interest, ...]:
        ranks = self._ranks.get(reverse)
        return self._claims(reverse, ranks[0][-1]) if ranks else ()

    def _claims(self, reverse: DnsName, name: DnsName) -> tuple[Interest, ...]:
        chosen, targets = self._candidates[name], (Target(RecordType.PTR, name),)
        return tuple(
            (
                obj,
                replace(
                    claim,
                    name=reverse,
                    targets=targets,
                    ttl=claim.ttl if claim.ttl is not None else chosen.ttl,
                    status=(),
                    rule=f"the address of {name}",
                ),
            )
            for obj, claim in chosen.winners
        )

    def _may_have(self, name: DnsName, reverse: DnsName) -> bool:
        """Tell whether the name has the address, or that is not known yet."""
        zone = zone_of(name, self._zones)
        return zone is not None and (zone in self.unread or self._has(name, reverse))

    def _has(self, name: DnsName, reverse: DnsName) -> bool:
        return any(
            _is_address(record) and reverse_name(record.value) == reverse
            for record in self._held(name)
        )

    def _wait(self, reverse: DnsName, name: DnsName | None) -> None:
        if (before := self._waits.pop(reverse, None)) is not None:
            waiting = self._awaited[before]
            waiting.discard(reverse)
            if not waiting:
                del self._awaited[before]
        if name is not None:
            self._waits[reverse] = name
            self._awaited.setdefault(name, set()).add(reverse)


def _is_address(record: Record) -> bool:
    return record.type in ADDRESS_TYPES and not record.disabled
