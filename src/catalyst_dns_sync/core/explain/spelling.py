"""Names that are spelled nearly alike."""

from collections.abc import Collection
from difflib import SequenceMatcher

from catalyst_dns_sync.core.names import DnsName

_ALIKE = 0.8


def nearest(name: DnsName, names: Collection[DnsName], at_most: int = 3) -> list[DnsName]:
    """Return the names that are spelled most nearly like this one, the nearest first."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(name)
    found: list[tuple[float, DnsName]] = []
    for other in sorted(names):
        matcher.set_seq1(other)
        # The cheap upper bounds first: there may be thousands of names.
        if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
            continue
        ratio = matcher.ratio()
        if other != name and ratio >= _ALIKE:
            found.append((-ratio, other))
    return [other for _, other in sorted(found)[:at_most]]
