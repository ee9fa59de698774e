"""The plan of one zone, kept name by name: what `merge` and `make_plan` would say, at any time.

Only names that something touched are decided anew; where what all names depend on has changed,
all are. That both ways come to the same is held by a property test.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.contents import Contents, Holdings
from catalyst_dns_sync.core.custom import custom_object
from catalyst_dns_sync.core.index import ObjectIndex
from catalyst_dns_sync.core.merge import Defaults, Interest, decide
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import Identity, Marker, answering
from catalyst_dns_sync.core.plan import Ground, Plan, is_our_name, our_marker, plan_name
from catalyst_dns_sync.core.records import Endpoint, ObjectRef, Records, Zone, ZoneStamp
from catalyst_dns_sync.core.skips import Skip
from catalyst_dns_sync.core.terms import Rules
from catalyst_dns_sync.core.wildcards import notes_on_emptied

if TYPE_CHECKING:
    from catalyst_dns_sync.core.pointers import Pointers

T = TypeVar("T")

FEW_ORIGINS = 10

_NONE: frozenset[str] = frozenset()


class Draft:
    """What is to be done in one zone, and what is left alone there, by name.

    ``objects`` and ``contents`` live on; `touch` has to be told what a change of an object
    concerns, while ``contents`` remembers its own. ``seen_ends`` returns what `Demand`
    keeps in ``ended``. ``pointers`` are there where addresses get PTR records.
    """

    def __init__(
        self,
        contents: Contents,
        objects: ObjectIndex,
        defaults: Defaults,
        seen_ends: Callable[[DnsName], frozenset[str]] = lambda _name: frozenset(),
        pointers: "Pointers | None" = None,
    ) -> None:
        self._contents = contents
        self._objects = objects
        self._defaults = defaults
        self._seen_ends = seen_ends
        self._pointers = pointers
        # Names whose marker says kinds of which no object claims them.
        self._outdated: dict[DnsName, frozenset[str]] = {}
        self._outdated_kinds: Counter[str] = Counter()
        self._rules: Rules | None = None
        self._touched: dict[DnsName, None] = {}
        self._origins: set[str] = set()
        self._changes: dict[DnsName, Change] = {}
        self._skips: dict[DnsName, Skip] = {}
        self._losers: dict[DnsName, list[Skip]] = {}
        self._ordered: tuple[Change, ...] | None = ()
        self._told: tuple[Skip, ...] | None = ()
        self._faults: tuple[Skip, ...] = ()

    def touch(self, names: Iterable[DnsName], origins: Iterable[str] = ()) -> None:
        """Take that these names may be wanted otherwise now.

        ``origins`` are texts of markers: names whose records have one are to be looked at too.
        """
        self._touched.update(dict.fromkeys(names))
        self._origins.update(origins)

    def work(self, rules: Rules, at_most: int | None = None) -> bool:
        """Decide the touched names, or so many of them; tell whether there are none left.

        Rules other than those before touch every name.
        """
        contents = self._contents
        if rules != self._rules or contents.cuts_changed:
            self._rules = rules
            self._defaults = replace(self._defaults, service=rules.service)
            self.touch(self._objects.claimed(contents.zone))
            self.touch(contents.names)
            for told in (self._changes, self._skips, self._losers):
                self.touch(told)
            if self._pointers is not None:
                self.touch(self._pointers.within(contents.zone))
        self.touch(contents.changed)
        contents.changed.clear()
        contents.cuts_changed = False
        if self._origins:
            self.touch(self._with_origins(self._origins))
            self._origins.clear()
        zone = Zone(contents.zone, ZoneStamp(0, ""), contents.names)
        objects = self._objects
        ground = Ground(zone, rules, contents.cuts, objects.faulty, objects.filtered)
        left = len(self._touched)
        for _ in range(left if at_most is None else min(at_most, left)):
            self._decide(self._touched.popitem()[0], ground)
        if self._touched:
            return False
        # A dictionary that held many names keeps its table.
        self._touched = {}
        return True

    def plan(self) -> Plan:
        """Return the plan as far as it is decided; what did not change are the same tuples."""
        if self._ordered is None:
            self._ordered = tuple(self._changes[name] for name in sorted(self._changes))
        if self._told is None or self._faults is not self._objects.fault_skips:
            self._faults = self._objects.fault_skips
            losers = (skip for name in sorted(self._losers) for skip in self._losers[name])
            skips = (self._skips[name] for name in sorted(self._skips))
            self._told = (*self._faults, *losers, *skips)
        contents = self._contents
        notes = (
            notes_on_emptied(self._ordered, contents.zone, contents, contents.wildcards)
            if contents.wildcards
            else ()
        )
        return Plan(contents.zone, self._ordered, self._told, notes)

    @property
    def holdings(self) -> Holdings:
        """How many names are ours, as far as it is decided."""
        return self._contents.holdings(self._outdated_kinds)

    def endpoint(self, name: DnsName) -> Endpoint | None:
        """Return what the cluster wants for a name, None where that has no target."""
        if self._rules is None:
            return None
        identity = self._rules.identity
        records = self._contents.names.get(name, ())
        interests = self._interests(name, records, identity)
        marker = our_marker(name, records, self._contents.zone, identity)
        found = self._wish(name, records, interests, marker, identity)[0]
        return found if isinstance(found, Endpoint) else None

    def _wish(
        self,
        name: DnsName,
        records: Records,
        interests: tuple[Interest, ...],
        marker: Marker | None,
        identity: Identity,
    ) -> tuple[Endpoint | ObjectRef | None, list[Skip]]:
        if not interests and self._pointers is not None:
            zone = self._contents.zone
            is_ours = is_our_name(name, records, zone, identity)
            found = self._pointers.sought(name, answering(records, name, zone), is_ours=is_ours)
            if isinstance(found, ObjectRef):
                return found, []
            interests = found
        if not interests:
            return None, []
        return decide(name, interests, self._defaults, marker)

    def _interests(
        self, name: DnsName, records: Records, identity: Identity
    ) -> tuple[Interest, ...]:
        zone = self._contents.zone
        interests = self._objects.interests(zone, name)
        if ordered := custom_object(name, answering(records, name, zone), identity):
            interests = (*interests, (ordered, ordered.claims[0]))
        return interests

    def _decide(self, name: DnsName, ground: Ground) -> None:
        zone, rules = ground.zone, ground.rules
        records = zone.names.get(name, ())
        interests = self._interests(name, records, rules.identity)
        marker = our_marker(name, records, zone.name, rules.identity)
        wish, losers = self._wish(name, records, interests, marker, rules.identity)
        self._count_claimers(name, marker, wish)
        if self._pointers is not None:
            endpoint = wish if isinstance(wish, Endpoint) else None
            self._pointers.take(name, endpoint, interests, rules.identity)
        step: Change | Skip | None = None
        if wish is not None or is_our_name(name, records, zone.name, rules.identity):
            if self._pointers is not None and isinstance(wish, Endpoint):
                ground = replace(ground, rules=self._pointers.rules_for(wish, rules))
            step = plan_name(name, wish, self._seen_ends(name), ground)
        self._keep(name, step, losers)

    def _keep(self, name: DnsName, step: Change | Skip | None, losers: list[Skip]) -> None:
        change = None if isinstance(step, Skip) else step
        skip = step if isinstance(step, Skip) else None
        if change != self._changes.get(name):
            _put(self._changes, name, change)
            self._ordered = None
        if skip != self._skips.get(name):
            _put(self._skips, name, skip)
            self._told = None
        if losers != self._losers.get(name, []):
            _put(self._losers, name, losers or None)
            self._told = None

    def _count_claimers(
        self, name: DnsName, marker: Marker | None, wish: Endpoint | ObjectRef | None
    ) -> None:
        # A marker may name a kind for longer than any object of it claims the name.
        outdated: frozenset[str] = _NONE
        if marker is not None and isinstance(wish, Endpoint) and marker.kinds != wish.kinds:
            outdated = frozenset(marker.kinds).difference(wish.kinds)
        before = self._outdated.get(name, _NONE)
        if outdated != before:
            self._outdated_kinds.update(outdated)
            self._outdated_kinds.subtract(before)
            _put(self._outdated, name, outdated or None)

    def _with_origins(self, origins: Collection[str]) -> Iterable[DnsName]:
        # Seldom, and cheaper than to remember which names have an origin: a search through all
        # comments. To find some names too many does no harm.
        names = self._contents.names
        if len(origins) > FEW_ORIGINS:
            return names
        words = [f"origin={text}" for text in origins]
        return (
            name
            for name, records in names.items()
            for record in records
            if any(word in record.comment for word in words)
        )


def _put(steps: dict[DnsName, T], name: DnsName, step: T | None) -> None:
    if step is None:
        steps.pop(name, None)
    else:
        steps[name] = step
