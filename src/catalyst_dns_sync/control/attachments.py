"""Keeps what routes claim in step with their Gateways: when either changes, it is derived anew."""

from collections.abc import Callable, Sequence

from catalyst_dns_sync.control.store import Store
from catalyst_dns_sync.core.gateway.attaching import attached
from catalyst_dns_sync.core.gateway.model import GatewayObject, RoutedObject
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.records import ObjectRef


class Attachments:
    """Ties the Stores of routes to those of Gateways; a change costs what hangs on one Gateway.

    ``finish`` is given each route after that, with all that it claims.
    """

    def __init__(
        self,
        gateways: Sequence[Store],
        routes: Sequence[Store],
        finish: Callable[[WatchedObject], WatchedObject],
    ) -> None:
        self._gateways = gateways
        self._routes = routes
        self._finish = finish
        self._of: dict[ObjectRef, set[ObjectRef]] = {}
        for store in routes:
            store.derive = self._derived
            store.followers.append(self._route_changed)
        for store in gateways:
            store.followers.append(self._gateway_changed)

    def _derived(self, obj: WatchedObject) -> WatchedObject:
        if isinstance(obj, RoutedObject):
            obj = attached(obj, self._gateway)
        return self._finish(obj)

    def _gateway(self, ref: ObjectRef) -> GatewayObject | None:
        for store in self._gateways:
            found = store.objects.get(ref)
            if isinstance(found, GatewayObject):
                return found
        return None

    def _route_changed(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        before, after = _gateways(old), _gateways(new)
        for ref in _refs(old):
            for gateway in before - after:
                self._of[gateway].discard(ref)
                if not self._of[gateway]:
                    del self._of[gateway]
        for ref in _refs(new):
            for gateway in after:
                self._of.setdefault(gateway, set()).add(ref)

    def _gateway_changed(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        routes = {route for ref in {*_refs(old), *_refs(new)} for route in self._of.get(ref, ())}
        for store in self._routes:
            store.reconsider(routes)


def _gateways(obj: WatchedObject | None) -> frozenset[ObjectRef]:
    if not isinstance(obj, RoutedObject):
        return frozenset()
    return frozenset(parent.gateway for parent in obj.route.parents)


def _refs(obj: WatchedObject | None) -> tuple[ObjectRef, ...]:
    return () if obj is None else (obj.ref,)
