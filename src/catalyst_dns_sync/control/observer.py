"""What the loop tells to whoever counts: metrics are one such."""

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.names import DnsName


class Observer:
    """Told of each pass; does nothing by itself. All times are in seconds."""

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:
        """Take that a pass could not be made."""

    def propagated(self, seconds: float) -> None:
        """Take the time from an event to the end of the pass that carried it out."""
