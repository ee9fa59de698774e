"""One daemon in one life: from its start until it is stopped or killed."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import Parts, assemble
from catalyst_dns_sync.app.lanes import Backend
from catalyst_dns_sync.control.election import Elector, Leadership
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.core.election import Timing
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.skips import Skip
from catalyst_dns_sync.kube.leases import ApiLeaseKeeper
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Secret
from catalyst_dns_sync.telemetry.metrics import Metrics
from simulation import leases
from simulation.clock import PROCESS
from simulation.cluster import Cluster
from simulation.customs import Ordered, orders_in_force
from simulation.dns import Client, Dns
from simulation.faults import Faults
from simulation.knowledge import Knowledge
from simulation.kube import KubeSide
from simulation.objects import KINDS, PREVIEW_TTL, Spec

STEP = 12.0
"""Seconds that one call of a change may take, and then some."""
FORGOTTEN = 75.0
"""Seconds after which a record that was deleted needs new evidence, and then some."""


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator sets; the laws read it here and not in the daemon's settings."""

    owner: str = "default"
    zones: tuple[str, ...] = ("lab.test",)
    kinds: tuple[str, ...] = KINDS
    namespaces: tuple[str, ...] = ()
    klass: str = ""
    label: str = ""
    policy: str = "sync"
    elected: bool = False
    grace: float = 10.0
    confirm: float = 60.0
    bulk: int = 0
    chunk: int = 100
    previews: tuple[str, ...] = ()

    def grace_of(self, name: str) -> float:
        """Return for how long a name must be unclaimed before it goes."""
        return 0.0 if name in self.previews else self.grace

    @property
    def watched(self) -> tuple[str, ...]:
        """The kinds that the daemon lists: Gateways for the sake of routes."""
        return (*self.kinds, "Gateway") if "HTTPRoute" in self.kinds else self.kinds

    def sees(self, spec: Spec) -> bool:
        """Tell whether the filters pass an object."""
        return self.klass in ("", spec.klass) and self.label in ("", spec.label)

    def covers(self, kind: str, namespace: str) -> bool:
        return kind in self.kinds and (not self.namespaces or namespace in self.namespaces)

    def zone_of(self, name: str) -> str | None:
        """Return the longest of the zones that a name lies in, on a label's boundary."""
        inside = [zone for zone in self.zones if f".{name}".endswith(f".{zone}")]
        return max(inside, key=len, default=None)

    def settings(self) -> Settings:
        values: dict[str, Any] = {
            "sources": tuple(kind.lower() for kind in self.kinds),
            "watch_namespaces": self.namespaces or None,
            "ingress_classes": (self.klass,) if self.klass else None,
            "label_selector": parse_label_selector(f"tier={self.label}") if self.label else None,
            "dns_server_url": "http://dns.test:5380",
            "dns_api_token": Secret("in the world's own token source"),
            "dns_zones": frozenset(map(parse_name, self.zones)),
            "dns_ip_address": parse_targets("192.0.2.1"),
            "owner_id": self.owner,
            # What happened is kept for people, names and all, up to a bound of its own.
            "ui": False,
            "policy": Policy(self.policy),
            "delete_grace": self.grace,
            "preview_hosts": tuple(map(parse_host_pattern, self.previews)) or None,
            "preview_ttl": PREVIEW_TTL,
            "confirm_seconds": self.confirm,
        }
        return Settings(**values)


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

    life: "Life"

    def pass_ended(self, outcome: Outcome) -> None:
        super().pass_ended(outcome)
        self.life.pass_ended(outcome)


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
    """A daemon: its settings, its connections, and what the laws must remember of it.

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
        keys = [
            (kind, namespace)
            for kind in self.config.watched
            for namespace in (self.config.namespaces or (None,))
        ]
        self.knowledge = Knowledge(keys, self.config.sees, self.clock)
        self.kube = KubeSide(
            self.cluster,
            self.faults,
            self.knowledge,
            self.rng,
            self.clock,
            self.page,
            self.slot,
        )
        self.metrics = Watcher(
            sorted(map(parse_name, self.config.zones)), [kind.lower() for kind in self.config.kinds]
        )
        self.metrics.life = self
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
        self.client.die = self.kill
        self.client.may_be_stopped = self.config.elected
        self.task: asyncio.Task[None] | None = None
        provider = TechnitiumProvider(
            self.client, bulk_threshold=self.config.bulk, chunk_lines=self.config.chunk
        )
        settings = self.config.settings()
        self.parts: Parts = assemble(
            settings,
            self.kube,
            [Backend("", settings, provider, self.client.reload_token)],
            self.metrics,
            self._elector() if self.config.elected else None,
        )

        if self.parts.previews is not None:
            self.parts.previews.now = self.dns.now

    def _elector(self) -> Elector:
        return Elector(
            keeper=ApiLeaseKeeper(self.kube, "infra", leases.NAME),
            identity=f"{self.slot}/{self.began}",
            leadership=Leadership(self.clock),
            timing=Timing(),
            jitter=self.rng.random,
        )

    @property
    def stands_by(self) -> bool:
        return self.parts.stands_by

    @property
    def may_write(self) -> bool:
        """Tell whether it may write now, by what the API server knows."""
        elector = self.parts.elector
        return elector is None or self.cluster.lease.holder == elector.identity

    @property
    def is_alive(self) -> bool:
        return not self.ended and not self.client.is_dead

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
        self.client.is_dead = self.kube.is_dead = True
        if self.task is not None:
            self.task.cancel()

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
        self.writes += 1
        self.judge.wrote(self, path, form, before)
        self.after_write()
        if self.writes == self.kill_at_write:
            self.kill()

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


def changed(config: Config, changes: Mapping[str, Any]) -> Config:
    """Return settings that an operator changed."""
    return replace(config, **changes)
