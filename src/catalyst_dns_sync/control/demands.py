"""Who wants which name of the zones of one server: objects, people, and names with an address."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from catalyst_dns_sync.control.intent import Intent
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.custom import custom_object, custom_objects, with_custom
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.index import ObjectIndex
from catalyst_dns_sync.core.merge import Defaults, Demand, Interest, merge
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import Identity, answering
from catalyst_dns_sync.core.plan import our_markers
from catalyst_dns_sync.core.records import Zone

if TYPE_CHECKING:
    from catalyst_dns_sync.control.reverse import ReverseNames
    from catalyst_dns_sync.core.pointers import Pointers


class Demands:
    """What is wanted of each zone, and by whom.

    ``identity`` returns who we are, as far as that is known now. ``touch`` lets a name be looked
    at by the next pass over its zone. ``index`` is what objects alone claim.
    """

    def __init__(
        self,
        sources: Sources,
        intent: Intent,
        views: Mapping[DnsName, ZoneView],
        identity: Callable[[], Identity],
        touch: Callable[[DnsName, DnsName], None],
    ) -> None:
        self.index = ObjectIndex(intent.zones)
        self._sources = sources
        self._intent = intent
        self._views = views
        self._identity = identity
        self._reverse = _reverse_names(views, touch) if intent.points_back else None

    @property
    def pointers(self) -> "Pointers | None":
        """What each address points back to; None where nothing is said of that."""
        return self._reverse.pointers if self._reverse is not None else None

    def defaults_in(self, zone: DnsName) -> Defaults:
        """Return what a claim gets in a zone now that says nothing itself."""
        return replace(self._intent.defaults_in(zone), service=self._sources.service())

    def is_wanted(self, name: DnsName) -> bool:
        """Tell whether an object claims the name, or some name is to be pointed to from there."""
        return self.index.is_claimed(name) or self._is_pointer(name)

    def wanted(self, zone: DnsName, names: Iterable[DnsName]) -> frozenset[DnsName]:
        """Return those of the names that are wanted so, or that a person ordered."""
        claimed, held = self.index.claimed(zone), self._views[zone].contents.names
        identity = self._identity()
        return frozenset(
            name
            for name in names
            if name in claimed
            or self._is_pointer(name)
            or custom_object(name, answering(held.get(name, ()), name, zone), identity)
        )

    def interests(self, zone: DnsName, name: DnsName) -> tuple[Interest, ...]:
        """Return who claims the name, or the name that it is to point back to."""
        found = self.index.interests(zone, name)
        if found or self._reverse is None:
            return found
        return self._reverse.wanted(zone, name)

    def objects(self, name: DnsName, contents: Zone | None) -> tuple[WatchedObject, ...]:
        """Return all objects, and whoever else claims the name, as if it were an object of theirs.

        That is a person who ordered it, or a name that it is to point back to; without
        ``contents`` nothing is known of them.
        """
        found = tuple(self._sources.objects())
        if contents is None:
            return found
        found = with_custom(found, name, contents, self._identity())
        if self._reverse is None or self.index.is_claimed(name):
            return found
        return (*found, *self._reverse.claimants(name))

    def demand(self, contents: Zone) -> Demand:
        """Return everything that is wanted of a zone that holds this."""
        defaults, identity = self.defaults_in(contents.name), self._identity()
        demand = merge(
            [*self._sources.objects(), *custom_objects(contents, identity)],
            zone=contents.name,
            zones=self._intent.zones,
            defaults=defaults,
            markers=our_markers(contents, identity),
        )
        if self._reverse is None:
            return demand
        pointed = self._reverse.pointers.endpoints(contents, defaults, identity)
        return replace(demand, endpoints={**pointed, **demand.endpoints})

    def excused(self, zone: DnsName, drift: list[Drift]) -> list[Drift]:
        """Return what others did in a zone, without what followed from something else."""
        return drift if self._reverse is None else self._reverse.pointers.excused(zone, drift)

    def unplanned_before(self, zone: DnsName) -> Collection[DnsName]:
        """Return the zones that must have been planned once before this one is looked at."""
        return () if self._reverse is None else self._reverse.unplanned_before(zone)

    def planned(self, zone: DnsName) -> None:
        """Take it that it is known what the names of a zone are to have; hands on."""
        if self._reverse is not None:
            self._reverse.planned(zone)

    def hand_on(self) -> None:
        """Let those names be looked at whose wishes rest on what was just done at others."""
        if self._reverse is not None:
            self._reverse.hand_on()

    def take_concerned(self) -> frozenset[DnsName]:
        """Return the zones that something was handed on to since this was asked for last."""
        return frozenset() if self._reverse is None else self._reverse.take_concerned()

    def _is_pointer(self, name: DnsName) -> bool:
        return self._reverse is not None and name in self._reverse


def _reverse_names(
    views: Mapping[DnsName, ZoneView], touch: Callable[[DnsName, DnsName], None]
) -> "ReverseNames":
    # Who wants no PTRs does not pay for it.
    from catalyst_dns_sync.control.reverse import ReverseNames

    return ReverseNames(views, touch)
