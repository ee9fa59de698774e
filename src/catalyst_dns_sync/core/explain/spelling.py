"""Names that are spelled nearly alike."""

from collections.abc import Collection
from difflib import SequenceMatcher

from catalyst_dns_sync.core.names import DnsName

_ALIKE = 0.7
_MOST = 3


def nearest(name: DnsName, names: Collection[DnsName]) -> list[DnsName]:
    """Return the names that are spelled most nearly like this one, the nearest first.

    What both end in, as all names of a zone do, makes them no more alike.
    """
    found = ((_likeness(name, other), other) for other in names)
    alike = sorted((-ratio, other) for ratio, other in found if ratio >= _ALIKE)
    return [other for _, other in alike[:_MOST]]


def _likeness(one: DnsName, other: DnsName) -> float:
    ours, theirs = one.split("."), other.split(".")
    while ours and theirs and ours[-1] == theirs[-1]:
        del ours[-1], theirs[-1]
    if not ours or not theirs:
        return 0.0
    if len(ours) == len(theirs):
        return min(map(_ratio, ours, theirs))
    return _ratio(".".join(ours), ".".join(theirs))


def _ratio(one: str, other: str) -> float:
    # The cheap bound first: there may be thousands of names.
    if 2 * min(len(one), len(other)) < _ALIKE * len(one + other):
        return 0.0
    return SequenceMatcher(a=one, b=other, autojunk=False).ratio()
