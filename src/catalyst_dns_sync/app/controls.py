"""What a person tells the daemon, told to every lane."""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce

from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.control.controls import Controls
from catalyst_dns_sync.core.names import DnsName


def controls_of(lanes: Sequence[Lane]) -> Controls:
    """Return the controls of all lanes as one."""
    return lanes[0].reconciler if len(lanes) == 1 else AllControls(lanes)


class AllControls:
    """Tells each lane what it is told; what waits on several servers is told of each."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = tuple(lanes)

    @property
    def paused(self) -> bool:
        """Whether no server is written to."""
        return all(lane.reconciler.paused for lane in self._lanes)

    @paused.setter
    def paused(self, value: bool) -> None:
        for lane in self._lanes:
            lane.reconciler.paused = value

    def releasable(self) -> Mapping[DnsName, str]:
        """Return the names whose deletes wait for a person, with the reason at each server."""
        found: dict[DnsName, list[str]] = {}
        for lane in self._lanes:
            for name, reason in lane.reconciler.releasable().items():
                found.setdefault(name, []).append(f"{lane.name}: {reason}")
        return {name: "; ".join(reasons) for name, reasons in found.items()}

    def waiting(self) -> Mapping[DnsName, float]:
        """Return the names whose deletes wait, with the seconds until the last of them."""
        found: dict[DnsName, float] = {}
        for lane in self._lanes:
            for name, left in lane.reconciler.waiting().items():
                found[name] = max(left, found.get(name, 0.0))
        return found

    def release(self, names: Collection[DnsName]) -> frozenset[DnsName]:
        """Let those of the names go, on every server, that wait for a person; returns them."""
        released = (lane.reconciler.release(names) for lane in self._lanes)
        return reduce(frozenset.union, released, frozenset())
