"""All sources together: what they hold, and how far it can be trusted."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from catalyst_dns_sync.control.store import Follower, SourceState, Store, StoreChange
from catalyst_dns_sync.core.merge import without_shadowed_legacy
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Balancer, WatchedObject
from catalyst_dns_sync.core.records import ObjectRef, Targets
from catalyst_dns_sync.core.targets import ServiceTarget


@dataclass(frozen=True, slots=True)
class SourcesState:
    """How far the sources can be trusted, at one moment.

    ``answered`` says that each gave some answer since the start, be it "not served".
    ``lists_began`` is when the oldest of the newest full lists began, in the loop's seconds.
    ``lost_kinds`` are those of the absent kinds that were served since the start. ``agreement``
    tells for each kind for how many seconds its lists agreed that nothing is missing, and
    ``doubted_at`` when a list last lacked something, or was the first.
    """

    answered: bool
    unknown: tuple[str, ...]
    absent_kinds: frozenset[str]
    lists_began: float
    unknown_kinds: frozenset[str] = frozenset()
    lost_kinds: frozenset[str] = frozenset()
    agreement: Mapping[str, float] = field(default_factory=dict)
    doubted_at: float = float("-inf")
    service: ServiceTarget | None = None

    def unconfirmed_kinds(self, confirm: float) -> frozenset[str]:
        """Return the kinds whose lists agree for less than ``confirm`` seconds."""
        return frozenset(kind for kind, span in self.agreement.items() if span < confirm)

    @property
    def synced(self) -> bool:
        """Tell whether every source vouches for what it knows, absent ones included."""
        return not self.unknown


class Sources:
    """The Stores of all resources; ``request_lists`` makes the reflectors list again.

    ``target`` is the Store of the one Service that names targets, called ``target_name``.
    """

    def __init__(
        self,
        stores: Sequence[Store],
        legacy: Sequence[Store] = (),
        request_lists: Callable[[], None] = lambda: None,
        *,
        target: Store | None = None,
        target_name: str = "",
    ) -> None:
        self.stores = (*stores, *legacy)
        self.request_lists = request_lists
        self._current = tuple(stores)
        self._legacy = tuple(legacy)
        self._target = target
        self._target_name = target_name
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Say that a Store changed."""
        self._changed.set()

    def listen(self, listener: Callable[[StoreChange], None]) -> None:
        """Let the listener know of each change of a Store, that of the target's Service too."""
        for store in self._awaited:
            store.listener = listener

    def follow(self, follower: Follower) -> None:
        """Let the follower know of each object that counts: all there are, and what changes."""
        for obj in self.objects():
            follower(None, obj)
        for store in self._current:
            store.followers.append(partial(_follow_current, self._legacy, follower))
        for store in self._legacy:
            store.followers.append(partial(_follow_legacy, self._current, follower))

    def has(self, ref: ObjectRef) -> bool:
        """Tell whether the object exists."""
        return any(ref in store.objects for store in self.stores)

    def claimed_names(self) -> frozenset[DnsName]:
        """Return the names that some object claims now."""
        return frozenset(claim.name for obj in self.objects() for claim in obj.claims)

    async def wait_answered(self) -> None:
        """Wait until each source gave some answer."""
        while not self.state().answered:
            self._changed.clear()
            await self._changed.wait()

    def objects(self) -> list[WatchedObject]:
        """Return the objects of all sources."""
        return without_shadowed_legacy(
            (obj for store in self._current for obj in store.objects.values()),
            (obj for store in self._legacy for obj in store.objects.values()),
        )

    def state(self) -> SourcesState:
        """Return how far the sources can be trusted now."""
        unknown = [store for store in self.stores if store.state is SourceState.UNKNOWN]
        listed = [store for store in self.stores if store.state is not SourceState.ABSENT]
        served = {store.kind for store in listed}
        absent = frozenset(store.kind for store in self.stores) - served
        return SourcesState(
            answered=all(store.answered for store in self._awaited),
            unknown=tuple(sorted({store.source for store in unknown})),
            unknown_kinds=frozenset(store.kind for store in unknown),
            absent_kinds=absent,
            lost_kinds=absent.intersection(one.kind for one in self.stores if one.was_served),
            lists_began=min((store.listed_at for store in listed), default=float("-inf")),
            agreement=_agreement(listed),
            doubted_at=max((one.doubted_at for one in listed), default=float("-inf")),
            service=self.service(),
        )

    @property
    def _awaited(self) -> tuple[Store, ...]:
        return self.stores if self._target is None else (*self.stores, self._target)

    def service(self) -> ServiceTarget | None:
        """Return what the Service says that names targets; None where the settings name none.

        While we are out of touch it is what it said last.
        """
        store = self._target
        if store is None:
            return None
        targets: Targets = ()
        for obj in store.objects.values():
            if isinstance(obj, Balancer):
                targets = obj.addresses
        if targets:
            trouble = ""
        elif store.objects:
            trouble = "its load balancer has no address"
        else:
            trouble = "there is no such Service" if store.answered else store.error
        return ServiceTarget(self._target_name, targets, trouble)

    def troubles(self) -> tuple[str, ...]:
        """Return the sources that are out of touch, each with the reason."""
        unknown = self.state().unknown
        return tuple(
            f"{store.source}: {store.error}" for store in self.stores if store.source in unknown
        )

    def uids(self, kind: str) -> frozenset[str | None]:
        """Return the uids of the kind's CRD as of the newest lists."""
        return frozenset(store.uid for store in self.stores if store.kind == kind)


def _follow_current(
    legacy: Sequence[Store],
    follower: Follower,
    old: WatchedObject | None,
    new: WatchedObject | None,
) -> None:
    # Where there is no newer twin, the legacy object comes to the fore.
    follower(old or _twin(legacy, new), new or _twin(legacy, old))


def _follow_legacy(
    current: Sequence[Store],
    follower: Follower,
    old: WatchedObject | None,
    new: WatchedObject | None,
) -> None:
    if _twin(current, old or new) is None:
        follower(old, new)


def _twin(stores: Sequence[Store], obj: WatchedObject | None) -> WatchedObject | None:
    if obj is None:
        return None
    return next((store.objects[obj.ref] for store in stores if obj.ref in store.objects), None)


def _agreement(stores: Iterable[Store]) -> dict[str, float]:
    spans: dict[str, float] = {}
    for store in stores:
        spans[store.kind] = min(store.agreement, spans.get(store.kind, float("inf")))
    return spans
