"""What the control loop asks of the outside, as Protocols; adapters fit them by shape."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.election import LeaseRecord
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Records, Zone, ZoneStamp


class ProviderError(CatalystError):
    """A DNS server did not do what it was asked; the text says what to do next."""


class ProviderUnavailableError(ProviderError):
    """It may work later: not reached, no answer in time, or an answer that makes no sense."""


class ProviderRejectedError(ProviderError):
    """It will not work until a person changes something: the token, a permission, the zone."""


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A zone as the server's list shows it; ``writable`` is false for secondaries and the like.

    ``untidy`` says that its form has to be put in order, whatever its records are: `apply` does
    so, without changes too.
    """

    name: DnsName
    stamp: ZoneStamp
    kind: str
    writable: bool
    disabled: bool
    untidy: bool = False


class Verdict(StrEnum):
    """What became of one change."""

    DONE = "done"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one change.

    ``records`` is all that the name holds now, as far as it is known: after DONE what was made,
    after STALE what was found instead of ``change.before``, after FAILED None. ``writes`` is the
    number of steps of the zone's serial that are known to be ours.
    """

    change: Change
    verdict: Verdict
    records: Records | None
    writes: int
    error: ProviderError | None = None


def always(_change: Change) -> bool:
    """Let any change begin."""
    return True


class Provider(Protocol):
    """A DNS server, or something that stands for one.

    All methods raise `ProviderError` where the server as a whole fails.
    """

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        """List the zones that the server lets us see, by name: one cheap call."""

    async def started_at(self) -> datetime | None:
        """Return when the server started, or None where it does not say."""

    async def read(self, zone: DnsName) -> Zone:
        """Read the whole zone; a zone that is missing or refused raises, it is never empty."""

    def apply(
        self,
        zone: DnsName,
        changes: Sequence[Change],
        may_begin: Callable[[Change], bool] = always,
        seen: Zone | None = None,
    ) -> AsyncIterator[Applied]:
        """Carry the changes out, several names at once, and yield each as it ends.

        ``may_begin`` is asked about each change just before it is begun, and about a delete once
        more when its name was read; a change that may not is left out, and nothing is yielded for
        it.

        Before each call that changes a name the name is read again; where it does not hold what
        the change expects, the change is STALE and nothing is done. One failed change fails alone.

        ``seen`` is the reading that the changes were planned on. With it, many names that are ours
        may be changed by one call: that its stamp still holds stands for reading each of them, and
        what was done is read afterwards.
        """


class KindState(StrEnum):
    """What became of a kind whose objects were deleted."""

    SERVED = "served"
    REMOVED = "removed"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


class KindInspector(Protocol):
    """Looks at the definition (CRD) behind a kind."""

    async def kind_state(self, kind: str, uids: Collection[str | None]) -> KindState:
        """Say what became of the kind, now.

        REMOVED: its CRD is terminating, gone, or has a uid that is not among ``uids``. SERVED: it
        has one of them, or the kind is built in. UNREADABLE: it may not be read, or none of the
        ``uids`` is known. UNKNOWN: it could not be read this time, which proves nothing.
        """


class LeaseError(CatalystError):
    """The Lease could not be read or written; the text says what to mend, where a person must."""


class LeaseTakenError(LeaseError):
    """Somebody else wrote the Lease since it was read."""


@dataclass(frozen=True, slots=True)
class KeptLease:
    """A Lease as the cluster keeps it; ``version`` guards the next write."""

    record: LeaseRecord
    version: str


class LeaseKeeper(Protocol):
    """Where the Lease is kept; all methods raise `LeaseError` and nothing else."""

    async def read(self) -> KeptLease | None:
        """Return the Lease as it is, None where there is none."""

    async def create(self, record: LeaseRecord) -> KeptLease:
        """Make the Lease; fails where there is one."""

    async def replace(self, record: LeaseRecord, version: str) -> KeptLease:
        """Write the Lease; fails where it is not the one of ``version`` any more."""
