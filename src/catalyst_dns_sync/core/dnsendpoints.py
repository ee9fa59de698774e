"""Reads external-dns's DNSEndpoint: names, types and targets as somebody wrote them down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.objects import Fault
from catalyst_dns_sync.core.records import (
    MAX_TTL,
    InvalidTargetError,
    RecordType,
    Targets,
    parse_targets,
)
from catalyst_dns_sync.core.rules import mentioned_names
from catalyst_dns_sync.core.skips import SkipReason


@dataclass(frozen=True, slots=True)
class Wish:
    """What one object says of one name: no targets mean the defaults, as external-dns has it."""

    rule: str
    targets: Targets = ()
    ttl: int | None = None


@dataclass(slots=True)
class Wishes:
    """All that one object says."""

    names: dict[DnsName, Wish] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    holds: set[DnsName] = field(default_factory=set)

    def add(self, name: DnsName, wish: Wish) -> None:
        """Take one more entry; a name may have one of each family, but a CNAME stands alone."""
        first = self.names.get(name)
        if first is None:
            self.names[name] = wish
            return
        targets = tuple(sorted({*first.targets, *wish.targets}))
        if any(one.type is RecordType.CNAME for one in targets) and len(targets) > 1:
            # What it has stays: which of the two is meant, nobody can tell.
            self.fault(
                name, f"a CNAME can't stand beside another target: {first.rule}, {wish.rule}"
            )
            return
        ttl = wish.ttl if first.ttl is None else first.ttl
        self.names[name] = Wish(f"{first.rule}, {wish.rule}", targets, ttl)

    def fault(
        self,
        value: str,
        detail: str,
        reason: SkipReason = SkipReason.INVALID_HOST,
        *,
        costs_names: bool = True,
    ) -> None:
        """Note what can't be used; the names that it may mean are held."""
        self.faults.append(Fault(reason, value[:200], detail, costs_names))
        if costs_names:
            self.holds |= mentioned_names(value)


def read_wishes(endpoints: Iterable[Mapping[str, Any]]) -> Wishes:
    """Return what the entries of ``spec.endpoints`` say; total over any JSON."""
    found = Wishes()
    for entry in endpoints:
        _read(entry, found)
    broken = {name for fault in found.faults if (name := fault.value) in found.names}
    for name in broken:
        del found.names[DnsName(name)]
    return found


def _read(entry: Mapping[str, Any], found: Wishes) -> None:
    text, kind = _text(entry, "dnsName"), _text(entry, "recordType")
    try:
        name = parse_name(text)
    except InvalidNameError as error:
        found.fault(text, str(error))
        return
    if kind not in RecordType.__members__:
        detail = f"{text} has recordType {kind or 'none'}; A, AAAA and CNAME are written"
        found.fault(f"{kind or '?'} {text}", detail, SkipReason.UNSUPPORTED, costs_names=False)
        return
    listed = entry.get("targets")
    words = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    try:
        targets = parse_targets(" ".join(words)) if words else ()
    except InvalidTargetError as error:
        found.fault(name, f"targets: {error}")
        return
    if wrong := [one.value for one in targets if one.type != kind]:
        found.fault(name, f"{wrong[0]} is no target of an {kind} record")
        return
    found.add(name, Wish(f"{kind} in spec.endpoints", targets, _ttl(entry)))


def _ttl(entry: Mapping[str, Any]) -> int | None:
    # In external-dns zero is not a time but "not said".
    seconds = entry.get("recordTTL")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    return min(seconds, MAX_TTL)


def _text(value: Mapping[str, Any], key: str) -> str:
    inner = value.get(key)
    return inner if isinstance(inner, str) else ""
