"""Which names a browser may call us by.

A page of somebody else's can let its own name resolve to our address (DNS rebinding), and then
reads what we answer as its own. It can't do that with a name that it does not control.
"""

import ipaddress
from collections.abc import Collection

_INSIDE = (".localhost", ".svc", ".cluster.local")


def host_of(authority: str) -> str:
    """Return the host of a Host header, without its port, in small letters."""
    if authority.startswith("["):
        return authority.partition("]")[0].removeprefix("[")
    return authority.partition(":")[0].rstrip(".").lower()


def is_known_host(authority: str, hosts: Collection[str], zones: Collection[str]) -> bool:
    """Tell whether a Host header is one that we answer to.

    Addresses are, names without a dot, those of services in the cluster, those of the managed
    zones (whoever can make one there is trusted with names), and ``hosts``. ``*`` is any.
    """
    host = host_of(authority)
    if not host:
        return False
    if "*" in hosts or host in hosts or not {".", ":"} & set(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(_INSIDE) or any(
            host == zone or host.endswith(f".{zone}") for zone in zones if zone
        )
    return True
