"""One daemon in one life: from its start until it is stopped or killed."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import assemble
from catalyst_dns_sync.app.certificates import CertificateWatch
from catalyst_dns_sync.app.lanes import Backend, Lane
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.observer import Observer, Observers
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.core.election import Timing
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.skips import Skip
from catalyst_dns_sync.kube.leases import ApiLeaseKeeper
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.servers import views_of
from catalyst_dns_sync.telemetry.metrics import Metrics
from simulation import issuing, leases
from simulation.clock import PROCESS
from simulation.cluster import Cluster
from simulation.config import Config
from simulation.customs import Ordered, orders_in_force
from simulation.dns import Client, Dns
from simulation.faults import Faults, server_side
from simulation.knowledge import Key, Knowledge
from simulation.kube import KubeSide
from simulation.objects import CLAIMLESS, Issued, Spec, Value, claims_of, values_of

STEP = 12.0
"""Seconds that one call of a change may take, and then some."""
FORGOTTEN = 75.0
"""Seconds after which a record that was deleted needs new evidence, and then some."""


@dataclass(slots=True)
class Reading:
    """The last reading of one name, and whether a write has followed it."""

    asked_at: float
    node: Node | None = None
    is_used: bool = False


@dataclass(slots=True)
class Look:
    """A look at the serials, and what the zones held then; whether an import has followed it."""

    asked_at: float
    nodes: Mapping[str, Mapping[str, Node]]
    is_used: bool = False


class Watcher(Metrics):
    """The real metrics, and the simulation's view of each pass."""

    sides: "list[Life]"

    def pass_ended(self, outcome: Outcome) -> None:
        super().pass_ended(outcome)
        side = next(one for one in self.sides if outcome.plan.zone in one.config.zones)
        side.pass_ended(outcome)

    def under(self, labels: Mapping[DnsName, str]) -> Observer:
        names = {label.partition("@")[2] for label in labels.values()}
        side = next(one for one in self.sides if one.config.server in names)
        return Observers([super().under(labels), _Ear(side)])


class _Ear(Observer):
    """Tells a daemon's life at one of several servers of its passes there."""

    def __init__(self, side: "Life") -> None:
        self._side = side

    def pass_ended(self, outcome: Outcome) -> None:
        self._side.pass_ended(outcome)


@dataclass(slots=True)
class Told:
    """What the last pass over one zone said."""

    skips: tuple[Skip, ...] = ()
    waiting: frozenset[str] = frozenset()
    settled: bool = False
    at: float = 0.0


@dataclass(slots=True)
class Inferred:
    """A delete that was carried out on inference."""

    at: float
    zone: str
    kinds: frozenset[str]


@dataclass(eq=False)
class Life:
    """A daemon at one DNS server: settings, connections, and what the laws must remember of it.

    Where it works on several servers, the life at the first one has all ``sides``, itself among
    them, and is the ``host`` of the others; ``judges`` measure what is done at those.

    With another ``purpose`` it is one opening of a command that works beside the daemon; ``other``
    is the cluster whose records it is to take over. ``going`` are the names on which work had begun
    when a pause did.
    """

    slot: int
    config: Config
    cluster: Cluster
    dns: Dns
    faults: Faults
    judge: Any
    rng: random.Random
    page: int = 3
    purpose: str = "daemon"
    other: str = ""
    judges: tuple[Any, ...] = ()
    beside: "Life | None" = None
    number: int = 0
    told: dict[str, Told] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    looks: dict[object, Look] = field(default_factory=dict)
    imported: dict[str, frozenset[tuple[str, str, str]]] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)
    withheld_at: dict[str, float] = field(default_factory=dict)
    inferred: list[Inferred] = field(default_factory=list)
    released: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    orders: dict[str, list[Ordered]] = field(default_factory=dict)
    paused_at: float | None = None
    going: set[str] = field(default_factory=set)
    gone_with_crd: dict[str, int] = field(default_factory=dict)
    writes: int = 0
    kill_at_write: int = 0
    ended: bool = False
    stopped_until: float = 0.0
    on_reading: Callable[[], None] = lambda: None
    after_end: Callable[[], None] = lambda: None
    after_write: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.clock = loop.time
        self.began = loop.time()
        self.stop = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        whole = self.config
        self.config = whole.at(self.number) if whole.others else whole
        self.host: Life = self.beside or self
        self.knowledge: Knowledge
        self.kube: KubeSide
        self.metrics: Watcher
        if self.beside is None:
            self._open(whole)
        else:
            self.knowledge, self.kube = self.host.knowledge, self.host.kube
            self.metrics = self.host.metrics
        self.client = Client(
            self.dns,
            self.faults,
            self,
            self.metrics,
            self.rng,
            self.clock,
            lambda: not self.stands_by,
            self.slot,
        )
        self.client.side = server_side(self.number)
        self.client.die = self.host.kill
        self.client.may_be_stopped = self.config.elected
        if self.beside is None:
            self.sides = [self, *self._others(whole)]
            self.parts = self._assembled(whole.settings())

    def _open(self, whole: Config) -> None:
        keys = [
            (kind, namespace)
            for kind in whole.watched
            for namespace in (whole.namespaces or (None,))
        ]
        beside: list[Key] = [("Service", "a")] if whole.service else []
        if whole.certificates:
            beside += [("Certificate", None), ("Secret", None)]
        self.knowledge = Knowledge(keys, whole.sees, self.clock, beside)
        self.kube = KubeSide(
            self.cluster,
            self.faults,
            self.knowledge,
            self.rng,
            self.clock,
            self.page,
            self.slot,
        )
        self.metrics = Watcher(sorted(whole.labels), [kind.lower() for kind in whole.kinds])

    def _others(self, whole: Config) -> "Iterator[Life]":
        for number, judge in enumerate(self.judges, start=1):
            yield Life(
                self.slot, whole, self.cluster, judge.dns, self.faults, judge,
                random.Random(self.rng.random()), self.page, self.purpose, self.other,
                beside=self, number=number,
            )  # fmt: skip

    def _assembled(self, settings: Settings) -> Parts:
        self.metrics.sides = self.sides
        parts = assemble(
            settings,
            self.kube,
            [
                Backend(view.name, view.settings, side._provider(), side.client.reload_token)
                for view, side in zip(views_of(settings), self.sides, strict=True)
            ],
            self.metrics,
            self._elector() if self.config.elected else None,
            certificates=self._certificates(settings),
        )
        if parts.previews is not None:
            parts.previews.now = self.dns.now
        return parts

    def _certificates(self, settings: Settings) -> CertificateWatch | None:
        if not self.config.certificates or self.purpose != "daemon":
            return None
        self.kube.certificates.wrote = self._wrote_certificate
        return CertificateWatch(settings, self.kube, lambda: True)

    def _wrote_certificate(self, old: Issued | None, new: Issued) -> None:
        self.judge.writes += 1
        for law, text in issuing.broken(self, old, new):
            self.judge.report(law, f"daemon {self.slot}: {text}")

    def _provider(self) -> TechnitiumProvider:
        return TechnitiumProvider(
            self.client, bulk_threshold=self.config.bulk, chunk_lines=self.config.chunk
        )

    def _elector(self) -> Elector:
        return Elector(
            keeper=ApiLeaseKeeper(self.kube, "infra", leases.NAME),
            identity=f"{self.slot}/{self.began}",
            leadership=Leadership(self.clock),
            timing=Timing(),
            jitter=self.rng.random,
        )

    @property
    def lane(self) -> Lane:
        """What works on this server."""
        return self.host.parts.lanes[self.number]

    @property
    def stands_by(self) -> bool:
        return self.host.parts.stands_by

    @property
    def may_write(self) -> bool:
        """Tell whether it may write now, by what the API server knows."""
        elector = self.host.parts.elector
        return elector is None or self.cluster.lease.holder == elector.identity

    @property
    def is_alive(self) -> bool:
        return not self.host.ended and not self.client.is_dead

    async def run(self) -> None:
        """Run until it is stopped, or killed."""
        PROCESS.set(self)
        try:
            await daemon.work(self.parts, self.stop)
        except asyncio.CancelledError:
            if not self.client.is_dead:
                raise
        except Exception as error:  # noqa: BLE001 (any end of the daemon breaks a law)
            if not self.client.is_dead:
                self.judge.report("never_exits", f"daemon {self.slot} died: {error!r}")
        finally:
            self.ended = True
            self.after_end()

    def kill(self) -> None:
        """End it at this very moment: nothing that it sends arrives any more."""
        for side in self.sides:
            side.client.is_dead = True
        self.kube.is_dead = True
        if self.task is not None:
            self.task.cancel()

    def wants(self, spec: Spec, name: str) -> frozenset[Value]:
        """Return the values that an object wants for a name here; none where it has no target."""
        values = claims_of(spec)[name].values
        if values is not None:
            return values
        config = self.config
        if config.table and (row := config.row_of(spec)) is not None:
            # Several ways to one host are no conflict: the first of their rows counts for all.
            others = [config.row_of(one) for one in self.knowledge.claimers(name) if not one.target]
            return values_of(config.table[min(row, *(n for n in others if n is not None), row)][1])
        if config.target:
            return values_of(config.target)
        if config.service:
            return self.knowledge.addresses("Service")
        if spec.kind == "HTTPRoute":
            return self.knowledge.addresses("Gateway")
        return values_of(spec.address)

    def may_ever_want(self, spec: Spec, name: str) -> frozenset[Value]:
        """Return the values that an object's claim may have come to at any time, here."""
        values = claims_of(spec)[name].values
        if values is not None:
            return values
        texts = [self.config.target, *(text for _, text in self.config.table)]
        is_own = not (self.config.target or self.config.service)
        texts += [
            one.address
            for one in self.judge.ever
            if one.kind in CLAIMLESS or (is_own and one == spec)
        ]
        return frozenset[Value]().union(*map(values_of, texts))

    def known_since(self, name: str) -> float:
        """Return since when all is known that says what a name should have."""
        known = self.knowledge
        times = [known.told_at[spec.ref] for spec in known.claimers(name)]
        return max([*times, known.service_at, known.lost_at.get(name, 0.0)])

    def pause(self) -> None:
        """Take that a person paused it."""
        now = self.clock()
        if self.paused_at is None:
            self.paused_at = now
            self.going = {name for name, one in self.readings.items() if one.asked_at > now - STEP}

    def resume(self) -> None:
        """Take that a person ended the pause."""
        self.paused_at = None

    def release(self, names: Iterable[str]) -> None:
        """Take that a person released names that were shown."""
        self.released.update(dict.fromkeys(names, self.clock()))

    def is_released(self, name: str) -> bool:
        """Tell whether a person let the name go, and nobody claimed it since."""
        if self.is_ordered_away(name):
            return True
        if name not in self.released:
            return False
        # A release is forgotten a while after the delete that it let go, not after an earlier one.
        ended_at = self.ended_at.get(name)
        if ended_at is None or ended_at < self.released[name]:
            return True
        return self.clock() - ended_at <= FORGOTTEN

    def ordered(self, name: str) -> list[Ordered]:
        """Return the orders of people that a write of now may belong to."""
        return orders_in_force(self.orders.get(name, []), self.clock())

    def is_ordered_away(self, name: str) -> bool:
        """Tell whether a person ordered the name's end."""
        return any(not one.values for one in self.ordered(name))

    def reading(self, name: str) -> None:
        self.on_reading()
        now = self.clock()
        self.readings[name] = Reading(now)
        if self.paused_at is not None and now <= self.paused_at + 1.0:
            self.going.add(name)

    def read(self, name: str, node: Node) -> None:
        self.readings[name].node = node

    def looked(self, asked_at: float) -> None:
        # Each task by itself: what the drift watch sees is no news to a pass under way.
        held = {zone: self.dns.nodes(zone) for zone in self.config.zones}
        self.looks[asyncio.current_task()] = Look(asked_at, held)

    def sending(self, path: str, form: Mapping[str, str]) -> None:
        name = form["domain"]
        self.under_way[name] = self.under_way.get(name, 0) + 1
        self.judge.sending(self, path, form)

    def sent(self, _path: str, form: Mapping[str, str]) -> None:
        self.under_way[form["domain"]] -= 1

    def wrote(self, path: str, form: Mapping[str, str], before: dict[str, Node]) -> None:
        host = self.host
        host.writes += 1
        self.judge.wrote(self, path, form, before)
        self.after_write()
        if host.writes == host.kill_at_write:
            host.kill()

    def later(self, path: str, form: Mapping[str, str]) -> Callable[[dict[str, Node]], None]:
        reading = self.readings.get(form.get("domain", ""))
        look = self.looks.get(asyncio.current_task())

        def tell(before: dict[str, Node]) -> None:
            self.judge.wrote_late(self, path, form, before, reading, look)

        return tell

    def pass_ended(self, outcome: Outcome) -> None:
        now = self.clock()
        for name in list(self.released):
            if self.knowledge.claimed_at.get(name, now) < outcome.began - 0.01:
                del self.released[name]
        self.told[outcome.plan.zone] = Told(
            outcome.plan.skips, frozenset(outcome.waiting), outcome.is_settled, now
        )
        for skip in outcome.plan.skips:
            if skip.reason.value == "withheld" and skip.name is not None:
                self.withheld_at.setdefault(skip.name, now)
        self.judge.pass_ended(self, outcome)
