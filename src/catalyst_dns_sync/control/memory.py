"""What is remembered of zones between two passes, and what makes it doubtful."""

from collections.abc import Callable, Mapping
from functools import partial

from catalyst_dns_sync.control.desk import OrderDesk
from catalyst_dns_sync.control.orders import DURABLE
from catalyst_dns_sync.control.review import DeleteReview
from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import ZoneStamp


class Memory:
    """The last readings of one server's zones, the evidence for deletes, and people's orders.

    ``clock`` returns the loop's time in seconds.
    """

    def __init__(
        self,
        views: Mapping[DnsName, ZoneView],
        reviews: Mapping[DnsName, DeleteReview],
        desk: OrderDesk,
        clock: Callable[[], float],
    ) -> None:
        self._views = views
        self._reviews = reviews
        self._desk = desk
        self._clock = clock

    def stamp(self, zone: DnsName) -> ZoneStamp | None:
        """Return the stamp that the server should show, None where the zone must be read."""
        return self._views[zone].stamp

    @property
    def reading_takes(self) -> float:
        """How many seconds it took to read all zones, when each was last read."""
        return sum(view.reading_took for view in self._views.values())

    def invalidate(self, zone: DnsName | None = None) -> None:
        """Read a zone, or every one, again at its next pass."""
        for name, view in self._views.items():
            if zone in (None, name):
                view.invalidate()

    def another_led(self) -> None:
        """Take it that another instance wrote until now, and has dealt with people's orders."""
        self._desk.clear()
        for view in self._views.values():
            view.distrust()

    def forget_evidence(self, before: float) -> None:
        """Forget what ended before a time, in the loop's seconds: the leader has dealt with it."""
        for review in self._reviews.values():
            review.ledger.forget_ends(before)

    def server_restarted(self) -> None:
        """Take it that the server may have forgotten writes, ours and others'."""
        for zone, view in self._views.items():
            view.distrust()
            self._doubt(zone)

    def server_may_have_restarted(self) -> None:
        """Take it that what people ordered lately may be lost."""
        for zone in self._views:
            self._desk.book(zone).repeat()

    def server_still_runs(self) -> None:
        """Take it that the server was not restarted: what it acknowledged a while ago is saved."""
        now = self._clock()
        for zone, review in self._reviews.items():
            is_unsure = partial(review.ledger.is_unsure, now=now)
            self._desk.book(zone).forget(now - DURABLE, is_unsure)

    def heed_reading(self, zone: DnsName) -> None:
        """Doubt what was known of a zone whose last reading was older than that."""
        view = self._views[zone]
        if view.went_back:
            view.went_back = False
            self._doubt(zone)

    def _doubt(self, zone: DnsName) -> None:
        self._reviews[zone].require_lists(self._clock())
        self._desk.book(zone).repeat()
