"""Who may write, of several instances: what a Lease says, and what follows from it at a time.

The rules are those of client-go (``tools/leaderelection``), Kubernetes' own. Times that others
wrote are never compared with ours: an instance trusts only when it saw, on its own clock, that a
Lease had changed. So clocks may differ by any amount, as long as they run at about one speed.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a Lease holds, when its holder gives up, and how often it is asked for; seconds.

    ``renew`` is counted from when the last renewal that succeeded was sent, so that a holder ends
    before anybody else may begin: the others count ``lease`` from when they saw it, which is later.
    """

    lease: float = 15.0
    renew: float = 10.0
    retry: float = 2.0

    @property
    def call(self) -> float:
        """Return how long one call may take: there must be time for a second one."""
        return self.renew / 2

    def pause(self, jitter: float, *, leads: bool) -> float:
        """Return how long to wait after a call; ``jitter`` lies in 0 to 1.

        A standby looks twice as often as the holder renews, so that what was released is taken
        within two seconds; client-go would look every 2 to 4.4 s.
        """
        return self.retry if leads else self.retry * (0.4 + 0.2 * jitter)


def timing_for(lease: float) -> Timing:
    """Return the timing for a Lease of so many seconds, in client-go's proportions, 15 : 10 : 2."""
    return Timing(lease, lease * 2 / 3, lease * 2 / 15)


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What a Lease says; no ``holder`` means that it was released.

    ``duration`` is in whole seconds. The times are for people, as text.
    """

    holder: str = ""
    duration: int = 0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A Lease as it was seen, and since when, on our own clock, it is known to be so."""

    record: LeaseRecord
    since: float


def sighted(before: Sighting | None, record: LeaseRecord, now: float) -> Sighting:
    """Return what is known of a Lease that was read again; only a change starts its time anew."""
    if before is not None and before.record == record:
        return before
    return Sighting(record, now)


def may_take(sighting: Sighting, identity: str, now: float) -> bool:
    """Tell whether the Lease is ours already, was released, or has run out."""
    record = sighting.record
    return record.holder in ("", identity) or now >= sighting.since + record.duration


def claimed(old: LeaseRecord | None, identity: str, duration: int, moment: str) -> LeaseRecord:
    """Return the Lease as we write it at ``moment``, to renew it or to take it.

    ``old`` is what it says now, None where there is no Lease yet.
    """
    if old is None:
        return LeaseRecord(identity, duration, moment, moment)
    if old.holder == identity:
        return replace(old, duration=duration, renewed=moment)
    return LeaseRecord(identity, duration, moment, moment, old.transitions + 1)


def released(old: LeaseRecord, moment: str) -> LeaseRecord:
    """Return the Lease as its holder leaves it: nobody's, and with a second to run at most."""
    return LeaseRecord("", 1, moment, moment, old.transitions)
