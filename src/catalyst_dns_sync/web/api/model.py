"""What the API acts on: each DNS server, and the daemon as a whole."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from catalyst_dns_sync.control.actions import Actions
from catalyst_dns_sync.control.controls import Controls
from catalyst_dns_sync.core.names import DnsName, zone_of
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.standby import check_leads


@dataclass(frozen=True, slots=True)
class Server:
    """One DNS server, with what people may do there; the only one has no ``name``."""

    name: str
    zones: Collection[DnsName]
    actions: Actions


@dataclass(frozen=True, slots=True)
class Office:
    """All that can be told to the daemon; ``look_again`` makes it look at every zone."""

    servers: Sequence[Server]
    controls: Controls
    look_again: Callable[[], None]
    leader: Callable[[], str] = lambda: ""

    def check_leads(self) -> None:
        """Raise `ProblemError` where another instance does the work."""
        check_leads(self.leader())

    def server_of(self, name: DnsName, wanted: str = "") -> Server:
        """Return the server of a name; raises `ProblemError` where that is not clear."""
        if wanted:
            found = [one for one in self.servers if one.name == wanted]
        else:
            zones = ((one, zone_of(name, one.zones)) for one in self.servers)
            found = [one for one, zone in zones if zone is not None] or list(self.servers[:1])
        if len(found) != 1:
            names = ", ".join(one.name for one in self.servers)
            status = 404 if wanted else 400
            raise ProblemError(status, f"server: name one of {names or 'none, there is only one'}")
        return found[0]
