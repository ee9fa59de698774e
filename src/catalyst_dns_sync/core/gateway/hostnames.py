"""The intersection of a route's and a listener's hostnames, as the Gateway API defines it."""

from catalyst_dns_sync.core.names import DnsName, is_wildcard


def intersection(route: DnsName, listener: DnsName | None) -> DnsName | None:
    """Return the name that both serve, None where they have nothing in common.

    A listener without hostname takes every name. A wildcard stands for one or more labels, never
    for none: ``*.example.com`` takes ``a.b.example.com`` and not ``example.com`` (Gateway API,
    ``Listener.hostname`` and ``HTTPRouteSpec.hostnames``). Of two wildcards the closer one is
    what both serve.
    """
    if listener is None or route == listener:
        return route
    if is_wildcard(listener) and _covers(listener, route):
        return route
    if is_wildcard(route) and _covers(route, listener):
        return listener
    return None


def _covers(wildcard: DnsName, name: DnsName) -> bool:
    # The asterisk of a closer wildcard is a label as others are.
    return name.endswith(wildcard[1:])
