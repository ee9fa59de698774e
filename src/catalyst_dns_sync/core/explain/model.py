"""What is known of one name, and what follows from it, step by step."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from catalyst_dns_sync.core.certificates import Certificate
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.explain.bystanders import Bystander
from catalyst_dns_sync.core.merge import Defaults, Interest
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Zone


class Stage(StrEnum):
    """Where on the way from the cluster to the answer a step is, in the order of the way."""

    ZONE = "zone"
    OBJECTS = "objects"
    TARGET = "target"
    SERVER = "server"
    RECORD = "record"
    CHANGE = "change"
    ANSWER = "answer"
    RESOLVER = "resolver"
    CERTIFICATE = "certificate"


class Outcome(StrEnum):
    """What a step came to.

    NOTE: it goes on, but a person should know. WAITS: it comes to pass by itself. STOPS: it does
    not, before somebody mends something.
    """

    OK = "ok"
    NOTE = "note"
    WAITS = "waits"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is so, what else is to be said of it, and what would mend it."""

    stage: Stage
    outcome: Outcome
    detail: str
    more: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered who was asked for the name's addresses.

    ``code`` is DNS's response code, such as NXDOMAIN; where there was no answer it is empty and
    ``error`` says why. ``values`` are texts such as ``A 192.0.2.1``.
    """

    asked: str
    values: tuple[str, ...] = ()
    code: str = "NOERROR"
    milliseconds: float = 0.0
    error: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """The values without CNAMEs: those a resolver of the operating system does not tell."""
        return frozenset(value for value in self.values if not value.startswith("CNAME "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that bears on one name.

    ``zones`` are the managed ones. ``unknown`` are the sources that are out of touch, each with
    the reason. ``contents`` and ``plan`` are of the name's zone, None where ``trouble`` says why it
    can't be read or changed. ``waiting`` are names whose deletes wait for a second list.
    A running daemon withholds the names of ``withheld``, each with the reason, deletes those of
    ``graced`` in so many seconds, and is ``paused``. ``answer`` is the DNS server's, ``resolver``
    that of the system. ``in_hosts_file`` says that a hosts file stands for the DNS server, as in
    dev mode. ``drift_policy`` says what becomes of what people change. ``certificates`` are those
    of the cluster, None where nobody looks at them; ``now`` is the Unix time.
    """

    name: DnsName
    zones: frozenset[DnsName]
    objects: tuple[WatchedObject, ...] = ()
    bystanders: tuple[Bystander, ...] = ()
    unknown: tuple[str, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    identity: Identity = field(default_factory=Identity)
    contents: Zone | None = None
    plan: Plan | None = None
    trouble: str = ""
    waiting: frozenset[DnsName] = frozenset()
    withheld: Mapping[DnsName, str] = field(default_factory=dict)
    graced: Mapping[DnsName, float] = field(default_factory=dict)
    paused: bool = False
    answer: Answer | None = None
    resolver: Answer | None = None
    in_hosts_file: bool = False
    drift_policy: DriftPolicy = DriftPolicy.REPAIR
    certificates: tuple[Certificate, ...] | None = None
    now: float = 0.0

    @property
    def interests(self) -> tuple[Interest, ...]:
        """Who claims the name."""
        found = [
            (obj, claim) for obj in self.objects for claim in obj.claims if claim.name == self.name
        ]
        return tuple(sorted(found, key=lambda one: one[0].ref))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The steps, as far as there was something to say."""

    name: DnsName
    steps: tuple[Step, ...]

    @property
    def stopped_by(self) -> Step | None:
        """The first step that stops the name."""
        return next((step for step in self.steps if step.outcome is Outcome.STOPS), None)

    @property
    def waits_for(self) -> Step | None:
        """The first step that comes to pass by itself."""
        return next((step for step in self.steps if step.outcome is Outcome.WAITS), None)

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs, as plain values."""
        stop = self.stopped_by
        return {
            "name": self.name,
            "verdict": self.verdict,
            "stoppedBy": stop.stage.value if stop is not None else None,
            "advice": stop.advice if stop is not None else "",
            "steps": [asdict(step) for step in self.steps],
        }

    @property
    def is_in_step(self) -> bool:
        """Tell whether the name is in DNS as the cluster wants it."""
        return self.stopped_by is None and self.waits_for is None

    @property
    def verdict(self) -> str:
        """The whole in one line."""
        if stop := self.stopped_by:
            return f"{self.name} is stopped at {stop.stage}: {stop.detail}"
        if wait := self.waits_for:
            return f"{self.name} is under way: {wait.detail}"
        return f"{self.name} is in DNS as the cluster wants it"
