"""What the loop tells to whoever counts: metrics are one such, Kubernetes Events another."""

from collections.abc import Sequence

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.control.skipbook import SkipChange
from catalyst_dns_sync.core.names import DnsName


class Observer:
    """Told of each pass; does nothing by itself. All times are in seconds."""

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:
        """Take that a pass could not be made."""

    def skips_changed(self, change: SkipChange) -> None:
        """Take what is newly left alone, and what no longer is."""

    def propagated(self, seconds: float) -> None:
        """Take the time from an event to the end of the pass that carried it out."""


class Observers(Observer):
    """Tells several observers what it is told, one after the other."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def pass_ended(self, outcome: Outcome) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.pass_ended(outcome)

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.pass_failed(zone, error, seconds)

    def skips_changed(self, change: SkipChange) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.skips_changed(change)

    def propagated(self, seconds: float) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.propagated(seconds)
