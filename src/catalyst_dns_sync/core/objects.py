"""What is kept of one object of the cluster: the names that it claims, and its faults."""

from dataclasses import dataclass, field

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import ObjectRef, Targets
from catalyst_dns_sync.core.skips import SkipReason

ANY = DnsName("")
"""Stands for the names of the listeners, in a route of the Gateway API that lists none itself."""

NO_NAMES: frozenset[DnsName] = frozenset()
"""The one empty set that all objects share: each of its own would take 216 bytes."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What few objects say, and all names of an object share.

    ``ways`` are the entry points and classes by which it is reached, of those that `DNS_TARGETS`
    names. A higher ``priority`` wins a conflict over age. ``note`` is a text for people, which
    goes into the records' comments; ``quiet`` means that nobody is to be notified.
    """

    ways: tuple[str, ...] = ()
    priority: int = 0
    note: str = ""
    quiet: bool = False


NO_EXTRAS = Extras()


@dataclass(frozen=True, slots=True)
class Claim:
    """One name that an object wants.

    ``targets``, ``ttl`` and ``remediate`` are what the object itself says (else None), in most
    kinds by annotations; no targets at all, ``()``, mean that it has none now and takes no others.
    ``status`` is what the object's own load balancer status says, the last resort for a target.
    ``rule`` is the text that gives the name, for people; two claims that differ in it alone are
    equal.
    """

    name: DnsName
    targets: Targets | None = None
    ttl: int | None = None
    status: Targets = ()
    remediate: bool | None = None
    rule: str = field(default="", compare=False)
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in an object that could not be used.

    ``value`` is the text that is wrong; ``costs_names`` says that the object may have lost a name
    by it, so that the names that it had before are held.
    """

    reason: SkipReason
    value: str
    detail: str
    costs_names: bool = True


@dataclass(frozen=True, slots=True)
class WatchedObject:
    """The few facts of an object that later steps read.

    ``holds`` are names that its broken parts held, or seem to mean: records at them stay, but none
    is made. ``filtered`` are the names of an object that the settings leave out now.
    ``created`` is the RFC 3339 text of the API server, which sorts as the times do. ``term`` is
    for what does not last.
    """

    ref: ObjectRef
    created: str = ""
    claims: tuple[Claim, ...] = ()
    faults: tuple[Fault, ...] = ()
    holds: frozenset[DnsName] = NO_NAMES
    filtered: frozenset[DnsName] = NO_NAMES
    term: "Term | None" = None

    @property
    def names(self) -> frozenset[DnsName]:
        """The names that it claims."""
        return frozenset(claim.name for claim in self.claims)

    @property
    def all_names(self) -> frozenset[DnsName]:
        """Every name that it claims, holds or would claim."""
        if not self.holds and not self.filtered and not self.faults:
            return self.names
        return self.names | self.holds | self.filtered | self.barred

    @property
    def barred(self) -> frozenset[DnsName]:
        """The names that it would claim and may not: it keeps what it has of them."""
        if not self.faults:
            return NO_NAMES
        found = (one.value for one in self.faults if one.reason is SkipReason.NOT_ALLOWED)
        return frozenset(map(DnsName, found))

    @property
    def is_faulty(self) -> bool:
        """Tell whether a fault may have cost it a name."""
        return any(fault.costs_names for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Balancer(WatchedObject):
    """An object that claims nothing, and whose load balancer has these addresses."""

    addresses: Targets = ()


@dataclass(frozen=True, slots=True)
class Term:
    """What bears on how long the names of an object last; few objects have one.

    ``base`` is the object while its time lasts, ``previews`` are those of its names that are of a
    preview environment. It ``expires`` at a time in seconds since 1970; None is never.
    ``labelled`` says that all of its names are previews, ``faults`` what could not be read of it.
    """

    base: WatchedObject
    previews: frozenset[DnsName] = NO_NAMES
    expires: float | None = None
    labelled: bool = False
    faults: tuple[Fault, ...] = ()
