"""Names of addresses, which follow what the zones of other names hold: for `DNS_PTR`."""

from collections.abc import Callable, Collection, Mapping

from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.merge import Interest
from catalyst_dns_sync.core.names import DnsName, is_reverse, zone_of
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import answering
from catalyst_dns_sync.core.pointers import Pointers
from catalyst_dns_sync.core.records import Records


class ReverseNames:
    """The names of addresses in all zones of one server: who wants them, and what to look at.

    What they point to is planned with the zones of other names. So those are planned first, and
    each pass over one of them may leave something to do in a zone of addresses. ``touch`` lets a
    name be looked at by the next pass over its zone.
    """

    def __init__(
        self, views: Mapping[DnsName, ZoneView], touch: Callable[[DnsName, DnsName], None]
    ) -> None:
        self.pointers = Pointers(frozenset(views), self._held)
        self._views = views
        self._touch = touch
        self._concerned: set[DnsName] = set()

    def __contains__(self, name: object) -> bool:
        """Tell whether some name is to be pointed to from there."""
        return name in self.pointers

    def wanted(self, zone: DnsName, name: DnsName) -> tuple[Interest, ...]:
        """Return who claims the name that a name of an address is to point back to."""
        return self.pointers.wanted(name, answering(self._held(name), name, zone))

    def claimants(self, name: DnsName) -> tuple[WatchedObject, ...]:
        """Return the same as objects, as if they claimed the name of the address."""
        zone = zone_of(name, self._views)
        found = self.wanted(zone, name) if zone is not None else ()
        return tuple(WatchedObject(obj.ref, obj.created, (claim,)) for obj, claim in found)

    def unplanned_before(self, zone: DnsName) -> Collection[DnsName]:
        """Return the zones that must have been planned once before this one is looked at."""
        return sorted(self.pointers.unread) if is_reverse(zone) else ()

    def planned(self, zone: DnsName) -> None:
        """Take it that it is known what the names of a zone have; hands on."""
        pointers = self.pointers
        if zone in pointers.unread:
            pointers.unread.discard(zone)
            # What was kept because nothing was known of the zone is to be looked at now.
            for name, view in self._views.items():
                if is_reverse(name):
                    pointers.touched.update(view.contents.names)
        self.hand_on()

    def hand_on(self) -> None:
        """Let those names of addresses be looked at that may have to point elsewhere now."""
        for name in self.pointers.touched:
            zone = zone_of(name, self._views)
            if zone is not None:
                self._touch(zone, name)
                self._concerned.add(zone)
        self.pointers.touched.clear()

    def take_concerned(self) -> frozenset[DnsName]:
        """Return the zones that something was handed on to since this was asked for last."""
        found, self._concerned = frozenset(self._concerned), set()
        return found

    def _held(self, name: DnsName) -> Records:
        zone = zone_of(name, self._views)
        return self._views[zone].contents.names.get(name, ()) if zone is not None else ()
