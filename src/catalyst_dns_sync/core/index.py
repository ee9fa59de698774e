"""Objects by the names that they are about, kept up to date object by object.

What `merge` finds out by going through all objects can be looked up here for one name.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from catalyst_dns_sync.core.merge import (
    Interest,
    Keepers,
    Kept,
    fault_skips,
    kept_for_faults,
    kept_for_filters,
)
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import origin_texts
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.skips import Skip

K = TypeVar("K")

_Claimants: TypeAlias = WatchedObject | tuple[Interest, ...]
"""An object alone, if it is the only one and claims nothing else: the tuples take 100 bytes."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What one change of an object concerns.

    ``names`` are those that it is or was about; ``origins`` the texts by which a marker may name
    it, where records begin or cease to be kept for its sake.
    """

    names: frozenset[DnsName]
    origins: tuple[str, ...] = ()


class _Firsts(Generic[K]):
    """Objects by keys; ``told`` has the first in order where a key has several."""

    def __init__(self) -> None:
        self.told: dict[K, ObjectRef] = {}
        self._all: dict[K, tuple[ObjectRef, ...]] = {}

    def add(self, keys: Iterable[K], ref: ObjectRef) -> None:
        for key in keys:
            self._set(key, tuple(sorted({*self._all.get(key, ()), ref})))

    def remove(self, keys: Iterable[K], ref: ObjectRef) -> None:
        for key in keys:
            self._set(key, tuple(one for one in self._all[key] if one != ref))

    def _set(self, key: K, refs: tuple[ObjectRef, ...]) -> None:
        if refs:
            self._all[key], self.told[key] = refs, refs[0]
        else:
            del self._all[key], self.told[key]


class _Kept:
    """For whose sake records are kept: `Keepers` that live on."""

    def __init__(self, kept_for: Callable[[WatchedObject], Kept]) -> None:
        self._kept_for = kept_for
        self._names = _Firsts[DnsName]()
        self._origins = _Firsts[str]()
        self._pairs = _Firsts[tuple[DnsName, str]]()
        self.told = Keepers(self._names.told, self._origins.told, self._pairs.told)

    def add(self, obj: WatchedObject) -> None:
        kept = self._kept_for(obj)
        self._names.add(kept.names, obj.ref)
        self._origins.add(kept.origins(obj.ref), obj.ref)
        self._pairs.add(kept.pairs(obj.ref), obj.ref)

    def remove(self, obj: WatchedObject) -> None:
        kept = self._kept_for(obj)
        self._names.remove(kept.names, obj.ref)
        self._origins.remove(kept.origins(obj.ref), obj.ref)
        self._pairs.remove(kept.pairs(obj.ref), obj.ref)


class ObjectIndex:
    """The claims of each managed zone by name, and for whose sake other names are kept."""

    def __init__(self, zones: frozenset[DnsName]) -> None:
        self._zones = zones
        self._interests: dict[DnsName, dict[DnsName, _Claimants]] = {zone: {} for zone in zones}
        self._faulty = _Kept(kept_for_faults)
        self._filtered = _Kept(kept_for_filters)
        self._faults: dict[ObjectRef, list[Skip]] = {}
        self._fault_skips: tuple[Skip, ...] | None = ()

    @property
    def faulty(self) -> Keepers:
        """The objects that have a fault, as `merge` tells them; it lives on."""
        return self._faulty.told

    @property
    def filtered(self) -> Keepers:
        """The objects that the settings leave out, as `merge` tells them; it lives on."""
        return self._filtered.told

    @property
    def fault_skips(self) -> tuple[Skip, ...]:
        """What is to be said of all faults; the same tuple until one changes."""
        if self._fault_skips is None:
            self._fault_skips = tuple(
                skip for ref in sorted(self._faults) for skip in self._faults[ref]
            )
        return self._fault_skips

    def claimed(self, zone: DnsName) -> Collection[DnsName]:
        """Return the names of the zone that some object claims."""
        return self._interests[zone].keys()

    def interests(self, zone: DnsName, name: DnsName) -> tuple[Interest, ...]:
        """Return who claims the name of the zone."""
        return _unpacked(self._interests[zone].get(name, ()))

    def is_claimed(self, name: DnsName) -> bool:
        """Tell whether some object claims the name, in the managed zone that it lies in."""
        zone = zone_of(name, self._zones)
        return zone is not None and name in self._interests[zone]

    def replace(self, old: WatchedObject | None, new: WatchedObject | None) -> Touched:
        """Take a new state of one object for its old one; None is where it does not exist."""
        if old is not None:
            self._leave(old)
        if new is not None:
            self._enter(new)
        before, after = _keeps(old), _keeps(new)
        ref = old.ref if old is not None else new.ref if new is not None else None
        origins = origin_texts(ref) if ref is not None and before != after else ()
        return Touched(_names(old) | _names(new), origins)

    def _enter(self, obj: WatchedObject) -> None:
        for claim in obj.claims:
            zone = zone_of(claim.name, self._zones)
            if zone is not None:
                found = self._interests[zone]
                before = _unpacked(found.get(claim.name, ()))
                found[claim.name] = _packed((*before, (obj, claim)))
        if obj.faults:
            self._faults[obj.ref] = fault_skips(obj)
            self._fault_skips = None
            self._faulty.add(obj)
        if obj.filtered:
            self._filtered.add(obj)

    def _leave(self, obj: WatchedObject) -> None:
        for claim in obj.claims:
            zone = zone_of(claim.name, self._zones)
            if zone is not None:
                self._drop(zone, claim.name, obj.ref)
        if obj.faults:
            del self._faults[obj.ref]
            self._fault_skips = None
            self._faulty.remove(obj)
        if obj.filtered:
            self._filtered.remove(obj)

    def _drop(self, zone: DnsName, name: DnsName, ref: ObjectRef) -> None:
        found = self._interests[zone]
        left = tuple(one for one in _unpacked(found.get(name, ())) if one[0].ref != ref)
        if left:
            found[name] = _packed(left)
        else:
            found.pop(name, None)


def _packed(interests: tuple[Interest, ...]) -> _Claimants:
    (obj, _), *others = interests
    return interests if others or len(obj.claims) > 1 else obj


def _unpacked(claimants: _Claimants) -> tuple[Interest, ...]:
    if isinstance(claimants, WatchedObject):
        return ((claimants, claimants.claims[0]),)
    return claimants


def _names(obj: WatchedObject | None) -> frozenset[DnsName]:
    return obj.all_names if obj is not None else frozenset()


def _keeps(obj: WatchedObject | None) -> tuple[bool, bool]:
    if obj is None:
        return False, False
    return kept_for_faults(obj).whole, kept_for_filters(obj).whole
