"""The lock-out after five failed logins from one network (AM:45-49, 767-885)."""

import ipaddress
from datetime import datetime, timedelta

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import IpAddress

MAX_ATTEMPTS = 5
BLOCKED_FOR = timedelta(seconds=300)

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Lockout:
    """Failed logins by network: an IPv4 address, or an IPv6 /64. In memory only."""

    def __init__(self) -> None:
        self._failures: dict[_Network, int] = {}
        self._blocked_since: dict[_Network, datetime] = {}

    def check(self, remote: IpAddress, now: datetime) -> None:
        """Raise if logins from the address are blocked."""
        network = _network_of(remote)
        since = self._blocked_since.get(network)
        if since is None:
            return
        if now - since >= BLOCKED_FOR:
            self.succeeded(remote)
            return
        raise ApiError(
            f"Max limit of {MAX_ATTEMPTS} attempts exceeded. "
            f"Access blocked for {int(BLOCKED_FOR.total_seconds())} seconds."
        )

    def failed(self, remote: IpAddress, now: datetime) -> None:
        """Count a failure; the fifth blocks the network."""
        network = _network_of(remote)
        self._failures[network] = self._failures.get(network, 0) + 1
        if self._failures[network] >= MAX_ATTEMPTS:
            self._blocked_since[network] = now

    def succeeded(self, remote: IpAddress) -> None:
        """Forget the network's failures."""
        network = _network_of(remote)
        self._failures.pop(network, None)
        self._blocked_since.pop(network, None)


def _network_of(remote: IpAddress) -> _Network:
    return ipaddress.ip_network((remote, 32 if remote.version == 4 else 64), strict=False)
