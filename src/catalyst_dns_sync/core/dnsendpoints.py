"""Reads external-dns's DNSEndpoint: names, types and targets as somebody wrote them down."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalyst_dns_sync.core.findings import Findings
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.rawjson import Json, text_at, texts_at
from catalyst_dns_sync.core.records import (
    HOST_TYPES,
    MAX_TTL,
    InvalidTargetError,
    RecordType,
    Targets,
    parse_targets,
)
from catalyst_dns_sync.core.skips import SkipReason


@dataclass(frozen=True, slots=True)
class Wish:
    """What one object says of one name: no targets mean the defaults, as external-dns has it."""

    rule: str
    targets: Targets = ()
    ttl: int | None = None


@dataclass(slots=True)
class Wishes(Findings):
    """All that one object says."""

    names: dict[DnsName, Wish] = field(default_factory=dict)

    def add(self, name: DnsName, wish: Wish) -> None:
        """Take one more entry; a name may have one of each family, but a CNAME stands alone."""
        first = self.names.get(name)
        if first is None:
            self.names[name] = wish
            return
        targets = tuple(sorted({*first.targets, *wish.targets}))
        if any(one.type is RecordType.CNAME for one in targets) and len(targets) > 1:
            # What it has stays: which of the two is meant, nobody can tell.
            detail = f"a CNAME can't stand beside another target: {first.rule}, {wish.rule}"
            self.fault(SkipReason.INVALID_HOST, name, detail)
            return
        ttl = wish.ttl if first.ttl is None else first.ttl
        self.names[name] = Wish(f"{first.rule}, {wish.rule}", targets, ttl)


def read_wishes(endpoints: Iterable[Json]) -> Wishes:
    """Return what the entries of ``spec.endpoints`` say; total over any JSON."""
    found = Wishes()
    for entry in endpoints:
        _read(entry, found)
    broken = {name for fault in found.faults if (name := fault.value) in found.names}
    for name in broken:
        del found.names[DnsName(name)]
    return found


def _read(entry: Json, found: Wishes) -> None:
    text, kind = text_at(entry, "dnsName"), text_at(entry, "recordType")
    try:
        name = parse_name(text)
    except InvalidNameError as error:
        found.fault(SkipReason.INVALID_HOST, text, str(error))
        return
    if kind not in HOST_TYPES:
        detail = f"{text} has recordType {kind or 'none'}; A, AAAA and CNAME are written"
        found.fault(SkipReason.UNSUPPORTED, f"{kind or '?'} {text}", detail, costs_names=False)
        return
    words = texts_at(entry, "targets")
    try:
        targets = parse_targets(" ".join(words)) if words else ()
    except InvalidTargetError as error:
        found.fault(SkipReason.INVALID_HOST, name, f"targets: {error}")
        return
    if wrong := [one.value for one in targets if one.type != kind]:
        found.fault(SkipReason.INVALID_HOST, name, f"{wrong[0]} is no target of an {kind} record")
        return
    found.add(name, Wish(f"{kind} in spec.endpoints", targets, _ttl(entry)))


def _ttl(entry: Json) -> int | None:
    # In external-dns zero is not a time but "not said".
    seconds = entry.get("recordTTL")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    return min(seconds, MAX_TTL)
