"""What one daemon, in one life, was told by its API server, as honest servers would have told it.

It is kept by the simulated server, not by the daemon: the laws measure the daemon by it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from simulation.cluster import Event
from simulation.objects import REFUSED, Ref, Spec, Value, attached, claims_of, meant_by, values_of

Key: TypeAlias = tuple[str, str | None]
"""A watched resource: its kind, and its namespace or None for all."""


@dataclass(frozen=True, slots=True)
class End:
    """A name left an object; ``seen`` by an event or in the living object, else inferred."""

    kind: str
    ref: Ref
    seen: bool
    at: float
    why: str


class Knowledge:
    """The told objects, and what follows from them; ``sees`` says whether the filters pass one.

    What is watched ``beside`` the sources vouches for no name. At ``service_at`` the Service, or
    the Gateway, that names targets was last told otherwise.
    """

    def __init__(
        self,
        keys: Iterable[Key],
        sees: Callable[[Spec], bool],
        clock: Callable[[], float],
        beside: Iterable[Key] = (),
    ) -> None:
        self.sees = sees
        self.began = clock()
        self.touch: dict[Key, tuple[str, float]] = dict.fromkeys(keys, ("new", self.began))
        self.lists: dict[Key, float] = {}
        self.ends: dict[str, list[End]] = {}
        self.claimed_at: dict[str, float] = {}
        self.reclaimed_at: dict[str, float] = {}
        self.lost_at: dict[str, float] = {}
        self.told_at: dict[Ref, float] = {}
        self.removed_crd: dict[str, int] = {}
        self.lied: dict[str, list[float]] = {}
        self.left: dict[tuple[str, str], End] = {}
        self.crd_unsure: set[str] = set()
        self.crd_reads: dict[str, tuple[str, float]] = {}
        self._told: dict[Key, dict[Ref, Spec]] = {key: {} for key in (*self.touch, *beside)}
        self.service_at = float("-inf")
        self._footprints: dict[Ref, frozenset[str]] = {}
        self._routes: dict[Ref, tuple[Key, Spec]] = {}
        self._clock = clock

    def listed(self, key: Key, specs: Iterable[Spec], began: float) -> None:
        """Take a whole list, whose first request was sent at ``began``."""
        fresh = {spec.ref: spec for spec in specs}
        for ref in [*self._told[key]]:
            if ref not in fresh:
                self._change(key, ref, None, seen=False, why="unseen")
        for ref, spec in fresh.items():
            self._change(key, ref, spec, seen=True, why="edited")
        self.lists[key] = began
        self.touched(key, "ok")

    def heard(self, key: Key, event: Event) -> None:
        """Take one event."""
        if event.type == "DELETED":
            if event.why == "crd":
                self.removed_crd[key[0]] = self.removed_crd.get(key[0], 0) + 1
            self._change(key, event.spec.ref, None, seen=True, why=event.why)
        else:
            self._change(key, event.spec.ref, event.spec, seen=True, why="edited")

    def ended(self, old: Spec, over: Spec) -> None:
        """Take that an object's own end has come."""
        for key, told in self._told.items():
            if told.get(old.ref) == old:
                self._change(key, old.ref, over, seen=True, why="over")

    def absent(self, key: Key) -> None:
        """Take that the kind is not served."""
        for ref in [*self._told[key]]:
            self._change(key, ref, None, seen=False, why="absent")
        self.lists.pop(key, None)
        self.touched(key, "absent")

    def touched(self, key: Key, how: str) -> None:
        """Take how a call went: ``ok``, ``bad`` or ``absent``."""
        if key not in self.touch or (how == "ok" and key not in self.lists):
            return
        if self.touch[key][0] != how:
            self.touch[key] = (how, self._clock())

    def specs(self) -> Iterator[Spec]:
        """Yield what the daemon knows of."""
        for told in self._told.values():
            yield from told.values()

    def addresses(self, kind: str) -> frozenset[Value]:
        """Return those of the Service, or the Gateway, that names targets; at times it has none."""
        return frozenset[Value]().union(
            *(values_of(spec.address) for spec in self.specs() if spec.kind == kind)
        )

    def claimers(self, name: str) -> list[Spec]:
        """Return the valid, visible objects that claim a name."""
        return [spec for spec in self.specs() if name in claims_of(spec) and self.sees(spec)]

    def doubtful(self, since: float) -> set[str]:
        """Return the origins that a list has lacked since then, and nobody saw end."""
        return {
            origin for (_, origin), end in self.left.items() if not end.seen and end.at >= since
        }

    def meant(self, ref: Ref) -> frozenset[str]:
        """Return the names that stay for an object's sake, though it may not claim them."""
        return frozenset(self._footprints.get(ref, ()))

    def keepers(self, name: str) -> list[Spec]:
        """Return the objects for whose sake a name stays, though they may not claim it."""
        return [spec for spec in self.specs() if name in self._footprints.get(spec.ref, ())]

    def spec_of(self, origin: str) -> Spec | None:
        """Return the object that a marker's origin names."""
        return next((spec for spec in self.specs() if spec.origin == origin), None)

    def bad_since(self) -> float | None:
        """Return since when some source is out of touch."""
        return min((at for how, at in self.touch.values() if how in ("bad", "new")), default=None)

    def has_lied_twice(self, kind: str, seconds: float) -> bool:
        """Tell whether two lists, so far apart, left out what lives."""
        times = self.lied.get(kind, [0.0])
        return max(times) - min(times) >= seconds

    def is_hidden(self, spec: Spec) -> bool:
        """Tell whether an object came when lists of its kind already left things out."""
        return self.told_at[spec.ref] >= min(self.lied.get(spec.kind, [float("inf")]))

    def _change(self, key: Key, ref: Ref, spec: Spec | None, *, seen: bool, why: str) -> None:
        if key[0] == "HTTPRoute":
            self._routes.pop(ref, None)
            if spec is not None:
                self._routes[ref] = (key, spec)
                gateways = [one for one in self.specs() if one.kind == "Gateway"]
                spec = attached(spec, gateways)
        self._count(key, ref, spec, seen=seen, why=why)
        if key[0] == "Gateway":
            for route, (at, written) in [*self._routes.items()]:
                self._change(at, route, written, seen=True, why="edited")

    def _count(self, key: Key, ref: Ref, spec: Spec | None, *, seen: bool, why: str) -> None:
        told, now = self._told[key], self._clock()
        spec = spec.at(now) if spec is not None else None
        if key[0] in ("Service", "Gateway") and told.get(ref) != spec:
            self.service_at = now
        old = self._footprints.pop(ref, frozenset())
        new = self._footprint(spec, old) if spec is not None else frozenset()
        if spec is None:
            told.pop(ref, None)
        else:
            if told.get(ref) != spec:
                self.told_at[ref] = now
            told[ref] = spec
            self._footprints[ref] = new
        for name in old - new:
            end = End(key[0], ref, seen, now, why)
            self.ends.setdefault(name, []).append(end)
            self.left[name, "/".join(ref)] = end
            self.lost_at[name] = now
        for name in sorted({*old, *new}):
            if self.claimers(name):
                if name not in self.claimed_at:
                    self.claimed_at[name] = self.reclaimed_at[name] = now
                # An end that was not seen no longer counts once the name is claimed.
                self.ends[name] = [end for end in self.ends.get(name, ()) if end.seen]
            elif self.claimed_at.pop(name, None) is not None:
                self.lost_at[name] = now

    def _footprint(self, spec: Spec, old: frozenset[str]) -> frozenset[str]:
        is_held = spec.fault not in ("", REFUSED)
        if is_held and not spec.ignore and not spec.over and self.sees(spec):
            return old | meant_by(spec)
        return meant_by(spec)
