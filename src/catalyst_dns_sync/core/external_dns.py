"""external-dns's registry: which TXT record says whose a name is, and what may be taken over.

Its names are made as `registry/mapper/mapper.go` of external-dns makes them: the record's type
stands in front of the first label, or where ``%{record_type}`` stands in a prefix or a suffix.
Releases before 0.12 wrote one record for all types, without it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalyst_dns_sync.core.changes import Update
from catalyst_dns_sync.core.merge import Demand
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import (
    Identity,
    answering,
    is_other_cluster,
    is_ours,
    parse_marker,
)
from catalyst_dns_sync.core.records import HOST_TYPES, Record, Records, Zone
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.core.takeover import adoptions

_TEMPLATE = "%{record_type}"
_HERITAGE = "heritage=external-dns"
_WORD = re.compile(r"external-dns/([a-z-]+)=(.*)", re.ASCII)
_WRITTEN = frozenset(type_.value for type_ in HOST_TYPES)


@dataclass(frozen=True, slots=True)
class Affixes:
    """How external-dns was told to name its records: its options of the same names."""

    prefix: str = ""
    suffix: str = ""
    wildcard_replacement: str = ""

    def names(self, name: DnsName, kind: str) -> tuple[DnsName, DnsName]:
        """Return where the record for a name and a type is: in the new form, and in the old."""
        kind, affixes = kind.lower(), (self.prefix.lower(), self.suffix.lower())
        is_template = any(_TEMPLATE in affix for affix in affixes)
        new = [affix.replace(_TEMPLATE, kind) for affix in affixes]
        old = [affix.replace(_TEMPLATE, "") for affix in affixes]
        new[0] += "" if is_template else f"{kind}-"
        return self._named(name, *new), self._named(name, *old)

    def _named(self, name: DnsName, prefix: str, suffix: str) -> DnsName:
        first, dot, rest = name.partition(".")
        if first == "*" and self.wildcard_replacement:
            first = self.wildcard_replacement.lower()
        return DnsName(f"{prefix}{first}{suffix}{dot}{rest}")


@dataclass(frozen=True, slots=True)
class Text:
    """One TXT record of the registry: where it is, and its text as the server has it."""

    name: DnsName
    text: str
    owner: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What is taken over, and what is left as it is and why.

    ``owned`` are names that are ours already, and ``texts`` what the registry says of those and of
    the ones that are taken over. ``others`` are the registry's other owners, and the very one
    where its records, by their names, speak of nothing that is there.
    """

    changes: tuple[Update, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    owned: tuple[DnsName, ...] = ()
    texts: tuple[Text, ...] = ()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Registry:
    """The registry of one zone."""

    zone: Zone
    affixes: Affixes

    def texts(self, name: DnsName) -> tuple[Text, ...]:
        """Return the records that speak of a name, for all types that it has."""
        return tuple(dict.fromkeys(self._texts(name)))

    def texts_of(self, names: Sequence[DnsName], owner: str) -> tuple[Text, ...]:
        """Return the owner's records that speak of these names and, surely, of no other."""
        found = (
            text
            for name in names
            if not self.is_ambiguous(name)
            for text in self.texts(name)
            if text.owner == owner
        )
        return tuple(dict.fromkeys(found))

    def _texts(self, name: DnsName) -> Iterator[Text]:
        for kind in self.kinds(name):
            for where in self.affixes.names(name, kind):
                yield from texts_at(where, self.zone.names.get(where, ()))

    def kinds(self, name: DnsName) -> list[str]:
        records = self.zone.names.get(name, ())
        return sorted({record.type for record in records if record.type in _WRITTEN})

    def owners(self, name: DnsName) -> set[str | None]:
        """Return the owners of the name's records; None where one has no owner."""
        found: set[str | None] = set()
        for kind in self.kinds(name):
            new, old = (
                texts_at(where, self.zone.names.get(where, ()))
                for where in self.affixes.names(name, kind)
            )
            owners = {text.owner for text in new or old}
            found |= owners or {None}
        return found

    def is_ambiguous(self, name: DnsName) -> bool:
        """Tell whether a record that speaks of the name may speak of another one, in the old form.

        ``a-web`` in the old form is called as ``web`` with an A record is in the new one.
        """
        return any(
            text.name != name and self.kinds(text.name) and not self.affixes.prefix
            for text in self.texts(name)
        )


def texts_at(name: DnsName, records: Records) -> tuple[Text, ...]:
    """Return what the registry says at a name."""
    found = (_text(name, record) for record in records if record.type == "TXT")
    return tuple(text for text in found if text is not None)


def _text(name: DnsName, record: Record) -> Text | None:
    try:
        data = json.loads(record.value)
    except ValueError:
        return None
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str) or data.get("splitText"):
        return None
    words = text.strip('"').split(",")
    found = {match[1]: match[2] for word in words if (match := _WORD.fullmatch(word))}
    if _HERITAGE not in words or "owner" not in found:
        return None
    return Text(name, text, found["owner"])


def handover(
    demand: Demand, zone: Zone, identity: Identity, *, owner: str, affixes: Affixes
) -> Handover:
    """Return what is taken over of an owner of external-dns's.

    A name is taken where all of its records are that owner's and say what the cluster wants. What
    other owners have, and what people made, is in neither list.
    """
    registry = _Registry(zone, affixes)
    by_name = {change.name: change for change in adoptions(demand, zone, identity)}
    changes: list[Update] = []
    refusals: list[Refusal] = []
    owned: list[DnsName] = []
    for name in sorted(zone.names):
        owners = registry.owners(name)
        if owner not in owners:
            continue
        current = answering(zone.names[name], name, zone.name)
        if _is_own(current, identity):
            owned.append(name)
        elif owners != {owner}:
            refusals.append(Refusal(name, "only a part of its records is of that owner"))
        elif registry.is_ambiguous(name):
            refusals.append(Refusal(name, "its TXT record may speak of another name: `adopt` it"))
        elif name in by_name:
            changes.append(by_name[name])
        else:
            refusals.append(Refusal(name, _objection(name, demand, current)))
    texts = registry.texts_of([*(change.name for change in changes), *owned], owner)
    others = {text.owner for at in zone.names.items() for text in texts_at(*at)}
    if changes or refusals or owned:
        others.discard(owner)
    return Handover(tuple(changes), tuple(refusals), tuple(owned), texts, frozenset(others))


def removable(
    taken: Sequence[DnsName], zone: Zone, identity: Identity, *, owner: str, affixes: Affixes
) -> tuple[Text, ...]:
    """Return the registry's records of those of the names that the zone shows to be ours."""
    own = [
        name
        for name in taken
        if _is_own(answering(zone.names.get(name, ()), name, zone.name), identity)
    ]
    return _Registry(zone, affixes).texts_of(own, owner)


def _is_own(current: Records, identity: Identity) -> bool:
    markers = [parse_marker(record.comment) for record in current if is_ours(record, identity)]
    return (
        bool(current)
        and len(markers) == len(current)
        and not any(marker is not None and is_other_cluster(marker, identity) for marker in markers)
    )


def _objection(name: DnsName, demand: Demand, current: Records) -> str:
    endpoint = demand.endpoints.get(name)
    if endpoint is None:
        return "no object that is watched claims it"
    if any(parse_marker(record.comment) for record in current):
        return "it carries a marker of another installation"
    if any(record.disabled or record.expiry for record in current):
        return "a record of it is disabled, or expires"
    wanted = ", ".join(f"{target.type} {target.value}" for target in endpoint.targets)
    return f"the cluster wants {wanted}, and it has something else"
