"""What a zone holds, with what is counted of it, kept up to date name by name."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from catalyst_dns_sync.core.names import DnsName, is_wildcard
from catalyst_dns_sync.core.ownership import CUSTOM, Identity, answering, is_ours
from catalyst_dns_sync.core.plan import cut_at, our_marker
from catalyst_dns_sync.core.records import Records
from catalyst_dns_sync.core.wildcards import within

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many names are ours in a zone, and how many of them each kind has.

    Names that a person ordered and no object claims are none of ``names``: a measure of what may
    go by inference must not grow by what never does. A kind in a marker does not count where
    objects claim the name and none of the kind does.
    """

    names: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)


def holdings_of(kinds: Iterable[Collection[str]]) -> Holdings:
    """Count our names by the kinds of each."""
    found = list(kinds)
    return Holdings(len(found), Counter(chain.from_iterable(found)))


class Contents:
    """A zone's records by name, and what follows from all of them together.

    ``changed`` are the names that hold something else since somebody last emptied it, and
    ``cuts_changed`` tells that other names than those may lie below a delegation. ``wildcards``
    are the wildcards that the zone has.
    """

    def __init__(self, zone: DnsName) -> None:
        self.zone = zone
        self.names: dict[DnsName, Records] = {}
        self.cuts: dict[DnsName, str] = {}
        self.wildcards: set[DnsName] = set()
        self.changed: set[DnsName] = set()
        self.cuts_changed = False
        self._identity = Identity()
        self._ours = 0
        self._by_kind: Counter[str] = Counter()
        self._by_type: Counter[str] = Counter()
        # Names between the apex and others, by how many of those there are.
        self._between: Counter[DnsName] = Counter()

    def holdings(self, outdated: Mapping[str, int]) -> Holdings:
        """Count our names; ``outdated`` is of how many each kind is in the marker only."""
        held = {kind: count - outdated.get(kind, 0) for kind, count in self._by_kind.items()}
        return Holdings(self._ours, {kind: count for kind, count in held.items() if count})

    @property
    def managed(self) -> Mapping[str, int]:
        """How many records are ours now, by type."""
        return dict(self._by_type)

    def __contains__(self, name: object) -> bool:
        """Tell whether the name exists, be it without records (RFC 4592, 2.2.2)."""
        return name in self.names or name in self._between or name == self.zone

    def identify(self, identity: Identity) -> None:
        """Count anew as what is ours, if we are somebody else now."""
        if identity == self._identity:
            return
        self._identity = identity
        self._ours, self._by_kind, self._by_type = 0, Counter(), Counter()
        for name, records in self.names.items():
            self._count(name, records, 1)

    def put(self, name: DnsName, records: Records) -> None:
        """Take what one name holds now."""
        old = self.names.get(name, ())
        if old == records:
            return
        self.changed.add(name)
        self._count(name, old, -1)
        self._count(name, records, 1)
        self._take_cut(name, cut_at(name, records, self.zone))
        if bool(old) != bool(records):
            self._take_existence(name, 1 if records else -1)
        if records:
            self.names[name] = records
        else:
            del self.names[name]

    def replace(self, names: Mapping[DnsName, Records]) -> dict[DnsName, Records]:
        """Take a whole reading; returns the names that changed, with what they held before."""
        found = self.changes_to(names)
        before = {name: self.names.get(name, ()) for name, _ in found}
        for name, records in found:
            self.put(name, records)
        return before

    def changes_to(self, names: Mapping[DnsName, Records]) -> list[tuple[DnsName, Records]]:
        """Return what to `put` so that the zone holds what was read.

        What did not change is left as it is, so that only one of two equal values is kept.
        """
        found = [
            (name, records) for name, records in names.items() if self.names.get(name) != records
        ]
        return found + [(name, ()) for name in self.names if name not in names]

    def _count(self, name: DnsName, records: Records, sign: int) -> None:
        marker = our_marker(name, records, self.zone, self._identity)
        if marker is None:
            return
        if marker.kinds != (CUSTOM,):
            self._ours += sign
        _add(self._by_kind, marker.kinds, sign)
        types = [
            record.type
            for record in answering(records, name, self.zone)
            if is_ours(record, self._identity)
        ]
        _add(self._by_type, types, sign)

    def _take_cut(self, name: DnsName, cut: str | None) -> None:
        if self.cuts.get(name) == cut:
            return
        self.cuts_changed = True
        if cut is None:
            del self.cuts[name]
        else:
            self.cuts[name] = cut

    def _take_existence(self, name: DnsName, sign: int) -> None:
        if is_wildcard(name) and sign > 0:
            self.wildcards.add(name)
        elif is_wildcard(name):
            self.wildcards.discard(name)
        above = [each for each in within(name, self.zone) if each not in (name, self.zone)]
        _add(self._between, above, sign)


def _add(counter: Counter[K], keys: Iterable[K], sign: int) -> None:
    for key in keys:
        counter[key] += sign
        if not counter[key]:
            del counter[key]
