"""A Provider that looks and does not touch."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime

from catalyst_dns_sync.control.ports import Applied, HostedZone, Provider, always
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Zone


class DryRunProvider:
    """Reads through another provider and makes no change.

    ``apply`` yields nothing, because nothing became of any change: no verdict would be true, and
    a "done" would be counted, logged and taken into the view of the zone. What would be done is
    the plan, which whoever made it shows.
    """

    def __init__(self, inner: Provider) -> None:
        self.inner = inner

    async def zones(self) -> Mapping[DnsName, HostedZone]:
        """List the zones of the provider behind."""
        return await self.inner.zones()

    async def started_at(self) -> datetime | None:
        """Return when the server behind started."""
        return await self.inner.started_at()

    async def read(self, zone: DnsName) -> Zone:
        """Read the zone from the provider behind."""
        return await self.inner.read(zone)

    async def apply(
        self,
        zone: DnsName,  # noqa: ARG002  the port's signature
        changes: Sequence[Change],  # noqa: ARG002
        may_begin: Callable[[Change], bool] = always,  # noqa: ARG002
        seen: Zone | None = None,  # noqa: ARG002
    ) -> AsyncIterator[Applied]:
        """Do nothing, and say so by yielding nothing."""
        nothing: tuple[Applied, ...] = ()
        for applied in nothing:
            yield applied
