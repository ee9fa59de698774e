"""The parts that a daemon is built of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalyst_dns_sync.app.lanes import Lane, Notifier
from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.election import Elector
from catalyst_dns_sync.control.happenings import Happenings
from catalyst_dns_sync.control.health import Part, readiness
from catalyst_dns_sync.control.ports import Provider
from catalyst_dns_sync.control.reconciler import Reconciler
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.worker import Worker
from catalyst_dns_sync.control.workqueue import WorkQueue
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.kube.api import Api
from catalyst_dns_sync.kube.reflector import Reflector
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.telemetry.metrics import Metrics
from catalyst_dns_sync.web.standby import NOBODY

if TYPE_CHECKING:
    from catalyst_dns_sync.app.certificates import CertificateWatch
    from catalyst_dns_sync.control.previews import Previews
    from catalyst_dns_sync.kube.events import EventRecorder


@dataclass(frozen=True, slots=True)
class Parts:
    """The daemon, ready to run: what the cluster says, and a lane for each DNS server.

    Without ``elector`` there is nobody to share the work with. What is told of one server only
    (``board`` and the like) is of the first.
    """

    settings: Settings
    kube: Api
    sources: Sources
    reflectors: tuple[Reflector, ...]
    lanes: tuple[Lane, ...]
    metrics: Metrics
    previews: "Previews | None" = None
    elector: Elector | None = None
    events: "EventRecorder | None" = None
    notifier: Notifier | None = None
    happenings: Happenings | None = None
    certificates: "CertificateWatch | None" = None

    @property
    def provider(self) -> Provider:
        """The DNS server, or the first of them."""
        return self.lanes[0].provider

    @property
    def reconciler(self) -> Reconciler:
        """What plans for the DNS server, or for the first of them."""
        return self.lanes[0].reconciler

    @property
    def queue(self) -> WorkQueue[DnsName]:
        """The zones of the DNS server, or of the first of them, that ask to be worked on."""
        return self.lanes[0].queue

    @property
    def worker(self) -> Worker:
        """What works on the DNS server, or on the first of them."""
        return self.lanes[0].worker

    @property
    def board(self) -> StatusBoard:
        """What is known of the DNS server, or of the first of them."""
        return self.lanes[0].board

    @property
    def actions(self) -> Actions:
        """What people may do on the DNS server, or on the first of them."""
        return self.lanes[0].actions

    @property
    def boards(self) -> tuple[StatusBoard, ...]:
        """What is known of each DNS server."""
        return tuple(lane.board for lane in self.lanes)

    def prepare(self) -> None:
        """Let every zone of every server be read, until `begin` is called."""
        for lane in self.lanes:
            lane.worker.prepare()

    async def wait_first_passes(self) -> None:
        """Wait until a pass over each zone of every server ended, well or not."""
        for board in self.boards:
            await board.wait_first_passes()

    def begin(self) -> None:
        """Ask for every zone of every server."""
        for lane in self.lanes:
            lane.worker.begin()

    def readiness(self, now: float) -> list[Part]:
        """Tell, part by part, whether all is well enough to work."""
        return readiness(
            self.sources,
            self.board,
            now,
            others=self.boards[1:],
            paused=self.reconciler.paused,
            stands_by=self.stands_by,
        )

    @property
    def stands_by(self) -> bool:
        """Whether another instance does the work."""
        return self.elector is not None and not self.elector.leadership.is_leader

    @property
    def other_leader(self) -> str:
        """Who does the work, where it is not this instance."""
        if self.elector is None or not self.stands_by:
            return ""
        return self.elector.holder or NOBODY
