"""Remembers where names came from, for a provider that can't keep markers (a hosts file)."""

from dataclasses import dataclass, replace

from catalyst_dns_sync.core.goal import goal_records
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import parse_marker
from catalyst_dns_sync.core.records import Endpoint, Records, Zone
from catalyst_dns_sync.core.terms import Rules


@dataclass(frozen=True, slots=True)
class _Lines:
    """What would stand beside the values of a name."""

    comment: str
    ttl: int


class Origins:
    """Adds to the records of one zone what was learned of them since the start.

    A restart forgets it: then the origin of a name that nobody claims is not known, its kinds are
    not either, and its end can only be inferred.
    """

    def __init__(self) -> None:
        self._known: dict[DnsName, _Lines] = {}

    def recalled(self, zone: Zone) -> Zone:
        """Return the zone with all markers and TTLs that are known."""
        names = {name: self._with_origin(name, held) for name, held in zone.names.items()}
        return replace(zone, names=names)

    def learned(self, zone: Zone, demand: Demand, rules: Rules) -> Zone:
        """Learn from what is wanted and is already there; returns the zone as `recalled`."""
        self._known = {name: lines for name, lines in self._known.items() if name in zone.names}
        for name, endpoint in demand.endpoints.items():
            held = zone.names.get(name, ())
            if _is_as_wanted(held, endpoint):
                record = goal_records(endpoint, held, rules)[0]
                self._known[name] = _Lines(record.comment, record.ttl)
        return self.recalled(zone)

    def _with_origin(self, name: DnsName, held: Records) -> Records:
        known = self._known.get(name)
        if known is None or not _are_ours(held):
            return held
        return tuple(replace(one, comment=known.comment, ttl=known.ttl) for one in held)


def _is_as_wanted(held: Records, endpoint: Endpoint) -> bool:
    values = sorted((record.type, record.value) for record in held)
    wanted = sorted((target.type.value, target.value) for target in endpoint.targets)
    return values == wanted and _are_ours(held)


def _are_ours(held: Records) -> bool:
    return all(parse_marker(record.comment) is not None for record in held)
