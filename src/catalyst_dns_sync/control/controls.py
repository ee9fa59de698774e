"""What a person tells the daemon as a whole, whichever way: to pause, and to let deletes go."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from catalyst_dns_sync.core.names import DnsName

log = logging.getLogger(__name__)


class Controls(Protocol):
    """What can be told to the daemon."""

    paused: bool

    def releasable(self) -> Mapping[DnsName, str]:
        """Return the names whose deletes wait for a person, each with the reason."""

    def waiting(self) -> Mapping[DnsName, float]:
        """Return the names whose deletes wait for their time, with the seconds that are left."""

    def release(self, names: Collection[DnsName]) -> frozenset[DnsName]:
        """Let those of the names go that wait for a person; returns them."""


def set_paused(
    controls: Controls, look_again: Callable[[], None], *, paused: bool, who: str
) -> None:
    """Begin no more changes, or end that; pages that are open say so at once."""
    controls.paused = paused
    log.warning("paused by a person" if paused else "resumed by a person", extra={"who": who})
    look_again()


def release(
    controls: Controls, look_again: Callable[[], None], names: Collection[DnsName], *, who: str
) -> list[DnsName]:
    """Let those of the names go that wait for a person, and no others; returns them in order."""
    released = sorted(controls.release(names))
    log.info("deletes released by a person", extra={"dns_names": released, "who": who})
    look_again()
    return released
