"""What is left alone now, over all zones: how much of each reason, and what is new in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.skips import Skip, SkipReason


@dataclass(frozen=True, slots=True)
class SkipChange:
    """What is newly left alone, and what no longer is; each in a fixed order."""

    appeared: tuple[Skip, ...] = ()
    ended: tuple[Skip, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.appeared or self.ended)


NO_CHANGE = SkipChange()


class SkipBook:
    """Keeps the skips of each zone. A faulty object is in every zone's, and counts once.

    ``reasons`` counts what is left alone now, ``withheld`` the withheld deletes of each zone.
    Books of several servers share ``faults``, those of objects, which have no name: all of their
    ``reasons`` together count each fault once, and the first to meet it tells it.
    """

    def __init__(self, faults: Counter[Skip] | None = None) -> None:
        self.reasons: Counter[SkipReason] = Counter()
        self._by_zone: dict[DnsName, tuple[Skip, ...]] = {}
        self._zones_of: Counter[Skip] = Counter()
        self._faults = Counter[Skip]() if faults is None else faults

    @property
    def withheld(self) -> Mapping[DnsName, int]:
        """The withheld deletes of each zone."""
        return {
            zone: sum(skip.reason is SkipReason.WITHHELD for skip in skips)
            for zone, skips in self._by_zone.items()
        }

    def take(self, zone: DnsName, skips: tuple[Skip, ...]) -> SkipChange:
        """Take all that a pass over the zone left alone, and return what changed."""
        before = self._by_zone.get(zone, ())
        if skips == before:
            return NO_CHANGE
        old, new = frozenset(before), frozenset(skips)
        self._by_zone[zone] = skips
        appeared = [skip for skip in _sorted(new - old) if self._enters(skip)]
        ended = [skip for skip in _sorted(old - new) if self._leaves(skip)]
        # Where only the detail is another one, nothing has ended.
        told_anew = {(skip.reason, skip.name, skip.origin) for skip in appeared if skip.name}
        ended = [one for one in ended if (one.reason, one.name, one.origin) not in told_anew]
        return SkipChange(tuple(appeared), tuple(ended))

    def _enters(self, skip: Skip) -> bool:
        zones_of = self._counter(skip)
        zones_of[skip] += 1
        if zones_of[skip] > 1:
            return False
        self.reasons[skip.reason] += 1
        return True

    def _leaves(self, skip: Skip) -> bool:
        zones_of = self._counter(skip)
        zones_of[skip] -= 1
        if zones_of[skip]:
            return False
        del zones_of[skip]
        self.reasons[skip.reason] -= 1
        return True

    def _counter(self, skip: Skip) -> Counter[Skip]:
        return self._faults if skip.name is None else self._zones_of


def _sorted(skips: frozenset[Skip]) -> list[Skip]:
    return sorted(skips, key=repr)
