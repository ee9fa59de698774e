"""The records of one zone, indexed by name, and which names exist for DNS."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from catalyst_dns_sync.sandbox.technitium.model.names import ancestors, canonical
from catalyst_dns_sync.sandbox.technitium.model.rdata import type_number
from catalyst_dns_sync.sandbox.technitium.model.records import Record

RRset = tuple[Record, ...]
Node = Mapping[str, RRset]
"""The RRsets of one name, by type. Never changed in place: writers store another."""

EMPTY: Node = MappingProxyType({})


class Nodes:
    """Nodes by key; every write is O(labels), whatever the size of the zone."""

    def __init__(self, apex: str) -> None:
        self._apex = apex
        self._nodes: dict[str, Node] = {}
        self._active_below: dict[str, int] = {}
        self.unsaveable: set[str] = set()
        """Names with a comment that the zone file has no room for."""

    def __contains__(self, key: str) -> bool:
        """Tell whether the tree has the name, be it without records."""
        return key in self._nodes

    def get(self, key: str) -> Node | None:
        """Return the node of the name, or None."""
        return self._nodes.get(key)

    def records_at(self, key: str) -> list[Record]:
        """Return the records at the name, in the order that the API lists them."""
        return _in_order(self._nodes.get(key, EMPTY))

    def all_records(self) -> Iterator[Record]:
        """Yield every record in the order that the API lists them (RFC 4034, 6.1, then type)."""
        for key in sorted(self._nodes, key=canonical):
            yield from _in_order(self._nodes[key])

    def exists(self, key: str) -> bool:
        """Tell whether DNS sees the name: it, or a name below it, has an enabled record."""
        return self._active_below.get(key, 0) > 0

    def put(self, key: str, node: Node | None) -> None:
        """Store a node, or take the name out of the tree with None."""
        before, after = _is_active(self._nodes.get(key)), _is_active(node)
        if node is None:
            self._nodes.pop(key, None)
            self.unsaveable.discard(key)
        else:
            self._nodes[key] = node
            self.unsaveable.discard(key)
            for rrset in node.values():
                for record in rrset:
                    if record.is_too_long_for_disk():
                        self.unsaveable.add(key)
        if before != after:
            self._count(key, 1 if after else -1)

    def swap(self, key: str, node: Node) -> None:
        """Store another node where one is that DNS sees as much of, and the disk has room for."""
        self._nodes[key] = node

    def items(self) -> list[tuple[str, Node]]:
        """Return the nodes by key, as they are now."""
        return list(self._nodes.items())

    def _count(self, key: str, step: int) -> None:
        for name in ancestors(key):
            count = self._active_below.get(name, 0) + step
            if count:
                self._active_below[name] = count
            else:
                del self._active_below[name]
            if name == self._apex:
                return


def _in_order(node: Node) -> list[Record]:
    if len(node) == 1:
        return [record for rrset in node.values() for record in rrset]
    return [record for rtype in sorted(node, key=type_number) for record in node[rtype]]


def _is_active(node: Node | None) -> bool:
    """Tell whether DNS sees the node: one with disabled records only it does not."""
    if node is None:
        return False
    for rrset in node.values():
        for record in rrset:
            if not record.disabled:
                return True
    return not node
