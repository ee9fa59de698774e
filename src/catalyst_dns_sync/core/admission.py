"""Which objects and names the settings let in: filters, and who may claim what.

What filters leave out is kept where it is (an orphan). A name that an object's namespace may not
claim is no claim at all: it never wins, and keeps only records that this very object has.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import NO_NAMES, Fault, WatchedObject
from catalyst_dns_sync.core.patterns import Pattern, host_matches
from catalyst_dns_sync.core.skips import SkipReason


@dataclass(frozen=True, slots=True)
class Scope:
    """The namespaces and hosts that are looked at; ``hosts`` empty means all."""

    no_namespaces: tuple[Pattern, ...] = ()
    hosts: tuple[Pattern, ...] = ()
    no_hosts: tuple[Pattern, ...] = ()

    def takes_namespace(self, namespace: str) -> bool:
        """Tell whether objects of the namespace count."""
        return not any(pattern.matches(namespace) for pattern in self.no_namespaces)

    def takes_host(self, name: DnsName) -> bool:
        """Tell whether the name counts."""
        included = not self.hosts or host_matches(name, self.hosts)
        return included and not (self.no_hosts and host_matches(name, self.no_hosts))


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """The hosts that some namespaces may claim."""

    namespaces: Pattern
    hosts: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Admission:
    """What an object may claim; without ``rows`` (None) each may claim everything."""

    scope: Scope = EVERYTHING
    rows: tuple[ClaimRow, ...] | None = None

    def allows(self, namespace: str, name: DnsName) -> bool:
        """Tell whether objects of the namespace may claim the name."""
        return self.rows is None or any(
            row.namespaces.matches(namespace) and host_matches(name, row.hosts) for row in self.rows
        )

    @property
    def is_open(self) -> bool:
        """Tell whether everything is let in."""
        return self.rows is None and self.scope == EVERYTHING


def admitted(obj: WatchedObject, admission: Admission) -> WatchedObject:
    """Return the object with what it may claim."""
    scope, namespace = admission.scope, obj.ref.namespace
    barred = frozenset(name for name in obj.all_names if not admission.allows(namespace, name))
    if not scope.takes_namespace(namespace):
        left_out = obj.all_names
    else:
        left_out = frozenset(name for name in obj.all_names if not scope.takes_host(name))
    if not left_out and not barred:
        return obj
    gone = left_out | barred
    # Only a name that it may claim is kept for its sake, whoever made the record.
    return replace(
        obj,
        claims=tuple(claim for claim in obj.claims if claim.name not in gone),
        faults=(*_faults(obj, left_out, scope), *_not_allowed(barred - left_out, namespace)),
        holds=obj.holds - gone or NO_NAMES,
        filtered=(obj.filtered | left_out) - barred or NO_NAMES,
    )


def _faults(obj: WatchedObject, left_out: frozenset[DnsName], scope: Scope) -> tuple[Fault, ...]:
    # Nobody wants to hear of objects that are left out as a whole.
    return obj.faults if scope.takes_namespace(obj.ref.namespace) or not left_out else ()


def _not_allowed(names: Iterable[DnsName], namespace: str) -> Iterable[Fault]:
    detail = f"DNS_CLAIMS does not let namespace {namespace} claim it"
    return (
        Fault(SkipReason.NOT_ALLOWED, name, detail, costs_names=False) for name in sorted(names)
    )
