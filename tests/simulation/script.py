"""From one seed to a script: who lives in the world, and what happens to it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simulation.bounds import (
    DNS,
    EDIT,
    HALF_OPEN,
    HUMAN,
    INFERRED,
    LAPSE,
    LIED,
    NAMESPACE,
    RESTORE,
    TURN,
    UNNOTICED,
)
from simulation.certificates import certificates
from simulation.config import Config
from simulation.customs import give_orders
from simulation.faults import server_side
from simulation.gateways import gateways
from simulation.latecomers import latecomers
from simulation.objects import KINDS, Ref, Spec
from simulation.people import (
    handed,
    late,
    moved,
    orphaned,
    out_of_touch,
    pauses,
    with_people,
    withheld,
)
from simulation.servers import servers
from simulation.targets import targets
from simulation.world import Script, Step

ZONE = "lab.test"
INNER = "dev.lab.test"
REVERSE = "2.0.192.in-addr.arpa"
NAMESPACES = ("a", "b", "c")
TARGETS = ("192.0.2.1", "192.0.2.7", "192.0.2.7,192.0.2.8", "192.0.2.8,192.0.2.9", "2001:db8::1")
HOSTS = tuple(f"h{number}.lab.test" for number in range(8))
BULK: tuple[Mapping[str, int], ...] = (
    {},
    {"bulk": 2, "chunk": 2},
    {"bulk": 2, "chunk": 5},
)
"""From how many changes on names are imported, if at all, and how many lines at once."""
IMPORT_FAULTS = (
    "half", "half", "skips", "skips", "lost", "lost-hang", "hang", "late", "cut", "nonsense",
    "again", "denied", "502", "after-lost", "after-hang",
)  # fmt: skip
MEDDLING = (("list", 1), ("list", 2), ("list", 3), ("get", 1), ("import", 1))
ODD_HOSTS = ("H1.LAB.test", "*.w.lab.test", "lab.test", "x.dev.lab.test", "dev.lab.test")
LONG_TEXT = " ".join(["long"] * 40)
OUTSIDE = ("app.xlab.test", "lab.test.example.org", "other.test")


class Writer:
    """Writes one script; keeps in mind which objects there should be."""

    def __init__(self, seed: int, profile: str) -> None:
        self.rng = random.Random(f"simulation/{profile}/{seed}")
        self.script = Script(seed, profile, page=self.rng.choice((1, 2, 3, 10)))
        self.steps: list[Step] = []
        self.objects: dict[tuple[int, Ref], Spec] = {}
        self.at = 0.0
        self.grace = self.rng.choice((0.0, 2.0, 10.0, 10.0))
        self.aliases = self.rng.random() < 0.3
        self.hosts = HOSTS[: self.rng.choice((3, 5, 8))]
        self.tells = False
        # Its own dice: the rest of a schedule is the same with and without.
        self.bulk = random.Random(f"bulk/{profile}/{seed}").choice(BULK)

    def done(self) -> Script:
        return replace(self.script, steps=tuple(sorted(self.steps, key=lambda step: step.at)))

    def add(
        self,
        what: str,
        *args: Any,
        settles: float = EDIT,
        lasts: float = 0.0,
        only: int | None = None,
    ) -> None:
        self.steps.append(Step(round(self.at, 3), what, args, settles, lasts, only))

    def add_at(self, after: float, what: str, *args: Any) -> None:
        """Add a step for a while later, which has no effects."""
        self.steps.append(Step(round(self.at + after, 3), what, args, 0.0))

    def wait(self, *around: float) -> None:
        """Let time pass: a moment, or about one of these times."""
        self.at += self.rng.choice(around) * (0.2 + 1.6 * self.rng.random())

    def daemons(self, *configs: Config, clusters: int = 1) -> None:
        pairs = tuple((config, number % clusters) for number, config in enumerate(configs))
        zones = tuple(dict.fromkeys(zone for config in configs for zone in config.zones))
        others = tuple(server.zones for server in configs[0].others)
        self.script = replace(
            self.script, daemons=pairs, zones=zones, others=others, clusters=clusters
        )

    def zones_of(self, server: int) -> tuple[str, ...]:
        """Return the zones of one of the DNS servers."""
        return (self.script.zones, *self.script.others)[server]

    def config(self, **more: Any) -> Config:
        zones = (ZONE, INNER) if self.rng.random() < 0.3 else (ZONE,)
        return Config(zones=zones, grace=self.grace, **{**self.bulk, **more})

    # Objects.

    def new_spec(self, number: int | None = None) -> Spec:
        rng = self.rng
        kind = rng.choice(KINDS)
        pool = self.hosts if rng.random() < 0.9 else (*ODD_HOSTS, *OUTSIDE)
        hosts = tuple(dict.fromkeys(rng.choice(pool) for _ in range(rng.choice((1, 1, 1, 2)))))
        name = f"o{rng.randrange(8) if number is None else number}"
        spec = Spec(kind, rng.choice(NAMESPACES), name, hosts)
        return self.varied(spec) if rng.random() < 0.3 else spec

    def varied(self, spec: Spec) -> Spec:
        rng = self.rng
        if self.tells and rng.random() < 0.5:
            return self.told(spec)
        match rng.randrange(11):
            case 0 | 1:
                targets = (*TARGETS, "alias.example.org") if self.aliases else TARGETS
                return replace(spec, target=rng.choice(("", *targets)))
            case 2:
                return replace(spec, ttl=rng.choice(("", "60", "120", "nonsense")))
            case 3:
                return replace(spec, ignore=not spec.ignore)
            case 4:
                kinds = ("", "target") if spec.kind == "Ingress" else ("", "rule", "target")
                return replace(spec, fault=rng.choice((*kinds, "host")))
            case 5:
                return replace(spec, extra=tuple(rng.sample(self.hosts, rng.randrange(2))))
            case 6:
                return replace(spec, klass=rng.choice(("", "x", "y")))
            case 7:
                return replace(spec, label=rng.choice(("", "x", "y")))
            case 8:
                return replace(spec, noise=str(rng.random()))
            case _:
                return replace(spec, hosts=(rng.choice(self.hosts),))

    def told(self, spec: Spec) -> Spec:
        """Return an object with other words to people, another rank or another way to it."""
        rng = self.rng
        match rng.randrange(6):
            case 5:
                return replace(spec, address=rng.choice(("", "192.0.2.99")))
            case 0 | 1:
                return replace(spec, about=rng.choice(("", "the app", "its new text", LONG_TEXT)))
            case 2:
                return replace(spec, whose=rng.choice(("", "ops", "Ann")))
            case 3:
                return replace(spec, priority=rng.choice((0, 5, -3)))
            case _:
                return replace(spec, entry=rng.choice(("", "web", "vpn")))

    def put(self, spec: Spec, cluster: int = 0, settles: float = EDIT) -> None:
        if spec.kind == "Ingress" and spec.fault == "rule":
            spec = replace(spec, fault="")
        self.objects[cluster, spec.ref] = spec
        self.add("put", spec, cluster, settles=settles)

    def delete(self, ref: Ref, cluster: int = 0, settles: float = EDIT) -> None:
        self.objects.pop((cluster, ref), None)
        self.add("delete", ref, cluster, settles=settles)

    def fill(self, count: int, cluster: int = 0, kind: str = "") -> None:
        """Make some objects, each with a host of its own, and some that share one."""
        for number in range(count):
            spec = self.new_spec(number % 8)
            if count > 8 or self.rng.random() < 0.6:
                spec = replace(spec, hosts=(f"h{number}.lab.test",), name=f"o{number}")
            if kind:
                spec = replace(spec, kind=kind, fault="")
            self.put(spec, cluster)

    def edit(self, cluster: int = 0, settles: float = EDIT) -> None:
        """One random edit of the cluster."""
        mine = sorted(ref for at, ref in self.objects if at == cluster)
        dice = self.rng.random()
        if not mine or dice < 0.25:
            self.put(self.new_spec(), cluster, settles)
            return
        ref = self.rng.choice(mine)
        if dice < 0.55:
            self.put(self.varied(self.objects[cluster, ref]), cluster, settles)
        elif dice < 0.85:
            spec = self.objects[cluster, ref]
            self.delete(ref, cluster, settles)
            if self.rng.random() < 0.4:
                again = self.rng.choice((spec, replace(spec, kind=self.rng.choice(KINDS))))
                self.at += self.rng.choice((0.05, 1.0, 5.0, 9.0, 12.0))
                self.put(again, cluster, settles)
        elif dice < 0.93:
            namespace = self.rng.choice(NAMESPACES)
            for ref in mine:
                if ref[1] == namespace:
                    self.objects.pop((cluster, ref), None)
            self.add("namespace_gone", namespace, cluster, settles=NAMESPACE, lasts=6.0)
        else:
            self.put(self.new_spec(), cluster, settles)

    # People, and what breaks.

    def person_at_address(self) -> None:
        """Edit what an address points back to."""
        rng = self.rng
        name = f"{rng.choice((1, 1, 7))}.{REVERSE}"
        edits = ("point", "clear", "clear", "disable", "enable", "note", "garble", "strip", "ttl")
        self.add("person", rng.choice(edits), name, REVERSE, rng.choice(self.hosts))

    def person(self, server: int = 0) -> None:
        rng = self.rng
        zone = ZONE
        name = rng.choice((*self.hosts, *self.hosts, "lab.test"))
        edit = rng.choice(
            [
                "add",
                "take",
                "clear",
                "clear",
                "disable",
                "disable",
                "enable",
                "ttl",
                "note",
                "garble",
                "strip",
                "text",
                "alias",
                "same",
                "delegate",
            ]
        )
        if name == ZONE and edit in ("alias", "delegate", "clear"):
            edit = "text"
        if edit == "delegate" and rng.random() < 0.7:
            edit = "clear"
        extra = {"alias": "elsewhere.example.org", "delegate": "ns.example.org"}.get(
            edit, rng.choice(("203.0.113.5", "192.0.2.1", "192.0.2.7"))
        )
        only = server if self.script.others else None
        self.add("person", edit, name, zone, extra, server, settles=HUMAN, only=only)

    def dns_fault(self, server: int = 0) -> None:
        rng = self.rng
        what = rng.choice(("", "list", "get", "add", "update", "delete", "user", "add"))
        if what == "user":
            kind = rng.choice(("refused", "hang", "500", "nonsense"))
        else:
            kind = rng.choice(
                [
                    "refused",
                    "hang",
                    "lost",
                    "lost",
                    "lost-hang",
                    "late",
                    "cut",
                    "echo",
                    "nonsense",
                    "again",
                    "denied",
                    "502",
                ]
            )
        lasts = rng.choice((1.0, 5.0, 20.0, 60.0))
        chance = rng.choice((0.2, 0.5, 1.0))
        self.add(
            "fault", server_side(server), what, kind, lasts, chance, rng.choice((1, 3, 10**6)),
            3.0, settles=lasts + DNS, lasts=lasts, only=server if self.script.others else None,
        )  # fmt: skip

    def kube_fault(self) -> None:
        rng = self.rng
        kind_of = rng.choice(("", *KINDS))
        match rng.randrange(8):
            case 0 | 1:
                what = rng.choice(("", f"list {kind_of}", f"watch {kind_of}", "crd", "self"))
                kind = rng.choice(
                    ["401", "403", "429", "500", "503", "refused", "hang", "cut", "missing"]
                )
                lasts = rng.choice((0.5, 5.0, 30.0, 90.0))
                chance = rng.choice((0.3, 1.0))
                self.add(
                    "fault",
                    "kube",
                    what,
                    kind,
                    lasts,
                    chance,
                    settles=lasts + INFERRED,
                    lasts=lasts,
                )
                if rng.random() < 0.6:
                    how = rng.choice(("eof", "reset", "gone"))
                    self.add("disturb", kind_of or "*", how, settles=INFERRED)
            case 2:
                what = rng.choice((f"list {kind_of}", f"page {kind_of}"))
                kind = rng.choice(("empty", "partial")) if what[0] == "l" else "expired"
                # What a lying list left out is known again by the next one.
                lasts = LIED if what[0] == "l" else 0.0
                times = rng.choice((1, 2))
                self.add("fault", "kube", what, kind, 30.0, 1.0, times, settles=LIED, lasts=lasts)
                how = rng.choice(("gone", "garbage"))
                self.add("disturb", kind_of or "*", how, settles=INFERRED)
            case 3:
                self.add("disturb", kind_of or "*", "half-open", settles=HALF_OPEN, lasts=92.0)
            case 4:
                kind = rng.choice(KINDS)
                self.add("compact", kind, settles=INFERRED)
                self.add("disturb", kind, rng.choice(("eof", "reset")), settles=INFERRED)
            case 5:
                late = rng.choice((0.3, 2.0, 15.0))
                lasts = rng.choice((5.0, 30.0))
                self.add(
                    "fault", "stream", "", "late", lasts, 1.0, 10**6, late,
                    settles=lasts + 60.0 + INFERRED, lasts=lasts + 60.0,
                )  # fmt: skip
            case 6:
                self.add("fault", "stream", "", "twice", 30.0, settles=60.0)
            case _:
                how = rng.choice(("reset", "gone", "garbage", "eof"))
                self.add("disturb", kind_of or "*", how, settles=INFERRED)

    def restart(self, slot: int = 0, *, settings: bool = False) -> None:
        """Kill or stop a daemon somehow, and start it again."""
        rng = self.rng
        match rng.randrange(3):
            case 0:
                self.add("kill", slot, settles=INFERRED)
            case 1:
                self.add("stop", slot, settles=INFERRED)
            case _:
                self.add("kill_at_write", slot, rng.randrange(1, 5), settles=INFERRED)
        self.wait(0.1, 3.0, 20.0)
        changes = self.changes() if settings else {}
        self.add("start", slot, changes, settles=INFERRED + 10.0)

    def changes(self) -> Mapping[str, Any]:
        rng = self.rng
        match rng.randrange(7):
            case 0:
                return {"kinds": tuple(sorted(rng.sample(KINDS, 2)))}
            case 1:
                return {"namespaces": tuple(sorted(rng.sample(NAMESPACES, 2)))}
            case 2:
                return {"klass": rng.choice(("x", "y"))}
            case 3:
                return {"label": rng.choice(("x", "y"))}
            case 4:
                return {"policy": rng.choice(("upsert-only", "create-only"))}
            case 5:
                return {"zones": (ZONE,)}
            case _:
                return {
                    "kinds": KINDS,
                    "namespaces": (),
                    "klass": "",
                    "label": "",
                    "policy": "sync",
                }


def edits(writer: Writer) -> None:
    """A healthy world in which the cluster changes, under any of the policies."""
    policies = ("sync", "sync", "sync", "upsert-only", "create-only")
    writer.daemons(writer.config(policy=writer.rng.choice(policies)))
    writer.fill(writer.rng.randrange(6))
    writer.add("start", 0, settles=EDIT)
    for _ in range(writer.rng.randrange(4, 16)):
        writer.wait(0.05, 0.5, 4.0, 15.0)
        writer.edit()


def human(writer: Writer) -> None:
    """A person works in the same zone."""
    writer.daemons(writer.config())
    for _ in range(writer.rng.randrange(4)):
        writer.person()
    writer.fill(writer.rng.randrange(2, 7))
    writer.add("start", 0, settles=EDIT)
    for _ in range(writer.rng.randrange(5, 18)):
        writer.wait(0.05, 1.0, 6.0, 20.0)
        if writer.rng.random() < 0.55:
            writer.person()
        else:
            writer.edit()


def dns_trouble(writer: Writer) -> None:
    """The DNS server fails, loses answers, dies, forgets."""
    writer.daemons(writer.config())
    writer.fill(writer.rng.randrange(2, 8))
    writer.add("start", 0, settles=EDIT)
    for _ in range(writer.rng.randrange(5, 14)):
        writer.wait(0.05, 1.0, 5.0, 20.0)
        dice = writer.rng.random()
        if dice < 0.35:
            writer.dns_fault()
        elif dice < 0.45:
            jump = writer.rng.choice((0.0, 0.0, 3600.0))
            writer.add("dns_crash", jump, settles=100.0)
        elif dice < 0.5:
            writer.add("dns_restart", settles=100.0)
        elif dice < 0.55:
            writer.add("token_replaced", settles=DNS)
        elif dice < 0.6:
            writer.add("zone_gone", ZONE, settles=DNS)
            writer.wait(1.0, 30.0)
            writer.add("zone_back", ZONE, settles=DNS)
        elif dice < 0.7:
            writer.person()
        else:
            writer.edit(settles=EDIT)


def imports(writer: Writer) -> None:
    """Many names come and move at once, by imports, and somebody or something is in the way."""
    rng = writer.rng
    writer.daemons(writer.config(bulk=2, chunk=rng.choice((2, 3, 100))))
    for _ in range(rng.randrange(3)):
        writer.person()
    writer.fill(rng.randrange(3, 9))
    writer.add("start", 0, settles=DNS)
    for _ in range(rng.randrange(3, 9)):
        writer.wait(1.0, 8.0, 20.0)
        if rng.random() < 0.4:
            kind = rng.choice(IMPORT_FAULTS)
            lasts = rng.choice((5.0, 40.0))
            times = rng.choice((1, 2, 10**6))
            writer.add(
                "fault", "dns", "import", kind, lasts, 1.0, times, 3.0,
                settles=lasts + DNS, lasts=lasts,
            )  # fmt: skip
        target = rng.choice(TARGETS)
        specs = [
            replace(writer.new_spec(number), hosts=(f"h{number}.lab.test",), target=target)
            for number in rng.sample(range(8), rng.randrange(2, 7))
        ]
        if rng.random() < 0.7:
            what, count = rng.choice(MEDDLING)
            edit = rng.choice(("add", "take", "alias", "text", "same", "clear", "disable", "note"))
            extra = "elsewhere.example.org" if edit == "alias" else "203.0.113.5"
            name = rng.choice(specs).hosts[0]
            writer.add("person_at_call", 0, what, count, edit, name, ZONE, extra, settles=DNS)
        for spec in specs:
            writer.put(spec, settles=DNS)
        if rng.random() < 0.15:
            writer.restart()


def forget(writer: Writer) -> None:
    """The server dies in the middle of a pass, and what it forgot can't be seen by its serial."""
    writer.daemons(writer.config())
    writer.fill(writer.rng.randrange(1, 4))
    writer.add("start", 0, settles=EDIT)
    writer.wait(8.0, 30.0)
    writer.at += 8.0
    writer.add("forget", 0, 3, settles=85.0)
    for _ in range(writer.rng.randrange(1, 4)):
        writer.put(writer.new_spec(), settles=85.0)


def lapses(writer: Writer) -> None:
    """The server dies soon after a change, and all else is well: its serial tells at once."""
    rng = writer.rng
    writer.daemons(writer.config())
    writer.fill(rng.randrange(1, 5))
    writer.add("start", 0, settles=LAPSE)
    for _ in range(rng.randrange(1, 4)):
        writer.at += 20.0 + rng.random() * 60.0
        writer.put(writer.new_spec(), settles=LAPSE)
        writer.at += rng.choice((0.5, 1.0, 3.0))
        writer.add("dns_crash", settles=LAPSE)


def _rivals(writer: Writer) -> None:
    """Names have two objects that want different targets; a list leaves the first one out."""
    rng = writer.rng
    first, second = rng.sample(KINDS, 2)
    owners = [Spec(first, "a", f"o{n}", (f"h{n}.lab.test",), target=TARGETS[1]) for n in range(3)]
    for spec in owners:
        writer.put(spec)
    writer.add("start", 0, settles=EDIT)
    writer.wait(3.0)
    for number in range(rng.randrange(1, 4)):
        target = rng.choice(("", TARGETS[2], "alias.example.org"))
        writer.put(Spec(second, "a", f"r{number}", (f"h{number}.lab.test",), target=target))
    writer.at += 16.0
    is_restart = rng.random() < 0.5
    if is_restart:
        writer.add("kill", 0, settles=INFERRED)
        writer.at += 0.5
    if rng.random() < 0.5:
        lie = rng.choice(("empty", "partial"))
        writer.add("fault", "kube", f"list {first}", lie, 10.0, 1.0, 1, settles=LIED)
    else:
        if not is_restart:
            out_of_touch(writer, first)
            writer.at += 1.0
        writer.delete(owners[0].ref, settles=INFERRED)
        writer.add("compact", first, settles=INFERRED)
    if is_restart:
        writer.add("start", 0, settles=INFERRED)
    else:
        writer.add("disturb", first, "gone", settles=INFERRED)


def twins(writer: Writer) -> None:
    """Names have two objects; a list leaves one of them out, and the other is deleted."""
    rng = writer.rng
    writer.daemons(writer.config())
    if rng.random() < 0.4:
        _rivals(writer)
        return
    kinds = rng.sample(KINDS, 2)
    writer.fill(rng.randrange(4))
    for number in range(rng.randrange(2, 4)):
        for kind in kinds:
            host = f"h{number}.lab.test"
            writer.put(Spec(kind, "a", f"twin{number}", (host,)))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    lie = rng.choice(("empty", "partial"))
    writer.add("fault", "kube", f"list {kinds[0]}", lie, 10.0, 1.0, 1, settles=LIED)
    writer.add("disturb", kinds[0], "gone", settles=LIED)
    for number in range(rng.randrange(1, 3)):
        writer.wait(1.0, 10.0)
        writer.delete((kinds[1], "a", f"twin{number}"), settles=LIED)
    if rng.random() < 0.4:
        # One of two goes for good while nobody looks, and the other keeps the name.
        writer.at += 30.0
        out_of_touch(writer, kinds[0])
        writer.at += 2.0
        writer.delete((kinds[0], "a", "twin1"), settles=LIED)
        writer.add("compact", kinds[0], settles=LIED)


def refused(writer: Writer) -> None:
    """One source is refused for a while, and the others go on."""
    rng = writer.rng
    writer.daemons(writer.config())
    away, *others = rng.sample(KINDS, 3)
    for number in range(rng.randrange(2, 5)):
        host = f"h{number}.lab.test"
        for kind in (away, *others)[: rng.randrange(1, 4)]:
            writer.put(Spec(kind, rng.choice(NAMESPACES), f"o{number}", (host,)))
        writer.put(Spec(rng.choice(others), "a", f"p{number}", (f"p{number}.lab.test",)))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    lasts = rng.choice((40.0, 90.0))
    status = rng.choice(("403", "500", "503", "refused"))
    settles = lasts + INFERRED
    writer.add("fault", "kube", f"list {away}", status, lasts, settles=settles, lasts=lasts)
    writer.add("fault", "kube", f"watch {away}", status, lasts, settles=settles, lasts=lasts)
    writer.add("disturb", away, "eof", settles=INFERRED)
    writer.at += rng.choice((3.0, 22.0))
    for _, ref in sorted(writer.objects):
        if ref[0] != away and rng.random() < 0.5:
            writer.delete(ref, settles=INFERRED)
            writer.at += rng.choice((0.0, 0.5, 3.0))


def lies(writer: Writer) -> None:
    """A list leaves out, with 200, what lives, just before its twin goes."""
    rng = writer.rng
    writer.daemons(writer.config())
    if rng.random() < 0.5:
        _first_list_lies(writer)
        return
    kind = rng.choice(KINDS)
    for number in range(8):
        writer.put(Spec(kind, "a", f"o{number}", (f"h{number // 2}.lab.test",)))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.add("fault", "kube", f"list {kind}", "partial", 30.0, 1.0, 1, settles=30.0 + LIED)
    writer.add("disturb", kind, "gone", settles=INFERRED)
    writer.wait(3.0)
    for number in range(rng.randrange(2), 8, 2):
        writer.delete(Spec(kind, "a", f"o{number}", ()).ref, settles=INFERRED)


def _first_list_lies(writer: Writer) -> None:
    rng = writer.rng
    going, staying = rng.sample(KINDS, 2)
    for number in range(3):
        writer.put(Spec(going, "a", f"o{number}", (f"h{number}.lab.test",)))
    twin = Spec(staying, "a", "o9", ("h0.lab.test",))
    writer.put(twin)
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.add("kill", 0, settles=INFERRED)
    writer.add("fault", "kube", f"list {staying}", "empty", 30.0, 1.0, 1, settles=30.0 + INFERRED)
    writer.add("start", 0, settles=INFERRED)
    writer.wait(0.5, 3.0)
    writer.delete(Spec(going, "a", "o0", ("h0.lab.test",)).ref, settles=INFERRED)


def doubts(writer: Writer) -> None:
    """A CRD goes slowly and can't be read just then; or what was withheld is back, and goes."""
    rng = writer.rng
    writer.daemons(writer.config())
    kind = rng.choice(KINDS[1:])
    count = rng.randrange(4, 8)
    for number in range(count):
        writer.put(Spec(kind, "a", f"o{number}", (f"h{number}.lab.test",)))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    if rng.random() < 0.5:
        error = rng.choice(("500", "refused"))
        writer.add("fault", "kube", "crd", error, 150.0, settles=150.0 + INFERRED, lasts=150.0)
        writer.at += 1.0
        spacing = rng.choice((0.01, 4.0))
        writer.add("crd_gone", kind, spacing, settles=60.0 + INFERRED, lasts=spacing * count)
        writer.at += spacing * count + rng.choice((0.1, 0.5, 5.0))
        writer.add("crd_back", kind, settles=75.0 + INFERRED)
        return
    specs = [spec for _, spec in sorted(writer.objects.items())]
    writer.add("kill", 0, settles=INFERRED)
    if rng.random() < 0.3:
        # One object is missing, and all is listed again before a minute is over.
        writer.delete(specs[0].ref, settles=INFERRED)
        writer.add("start", 0, settles=INFERRED)
        writer.at += rng.choice((5.0, 30.0, 50.0))
        writer.add("disturb", "*", "gone", settles=INFERRED)
        return
    for spec in specs:
        writer.delete(spec.ref, settles=INFERRED)
    writer.add("start", 0, settles=INFERRED)
    writer.at += 75.0
    writer.wait(5.0)
    for spec in specs:
        writer.put(spec)
    writer.wait(20.0)
    writer.at += 3.0
    for spec in specs[: rng.randrange(1, count)]:
        writer.delete(spec.ref)
        writer.wait(0.1, 2.0)


def pages(writer: Writer) -> None:
    """Lists expire between two of their pages."""
    rng = writer.rng
    writer.daemons(writer.config())
    writer.script = replace(writer.script, page=rng.choice((1, 2)))
    kind = rng.choice(KINDS)
    writer.fill(rng.randrange(9, 12), kind=kind)
    times = rng.choice((1, 1, 2))
    writer.add("fault", "kube", f"page {kind}", "expired", 60.0, 0.5, times, settles=EDIT)
    writer.add("start", 0, settles=EDIT)
    for _ in range(rng.randrange(4)):
        writer.wait(3.0, 10.0)
        writer.edit()


def kube_trouble(writer: Writer) -> None:
    """The API server fails in all ways."""
    writer.daemons(writer.config())
    writer.fill(writer.rng.randrange(2, 9))
    writer.add("start", 0, settles=EDIT)
    for _ in range(writer.rng.randrange(5, 14)):
        writer.wait(0.05, 1.0, 8.0, 25.0)
        if writer.rng.random() < 0.4:
            writer.kube_fault()
        else:
            writer.edit(settles=EDIT)


def restarts(writer: Writer) -> None:
    """The daemon is killed at any moment, and comes back, at times with other settings."""
    writer.daemons(writer.config())
    writer.fill(writer.rng.randrange(3, 10))
    writer.add("start", 0, settles=EDIT)
    settings = writer.rng.random() < 0.5
    for _ in range(writer.rng.randrange(4, 12)):
        writer.wait(0.05, 1.0, 5.0, 40.0)
        dice = writer.rng.random()
        if dice < 0.35:
            writer.restart(settings=settings)
        elif dice < 0.45:
            writer.person()
        elif dice < 0.5:
            writer.kube_fault()
        else:
            writer.edit(settles=EDIT)


def mass(writer: Writer) -> None:
    """Many objects vanish while nobody looks, and some come back one by one."""
    rng = writer.rng
    writer.daemons(writer.config())
    count = rng.randrange(8, 24)
    writer.fill(count, kind=rng.choice(("", "IngressRoute")))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    gone = rng.sample(sorted(writer.objects), rng.randrange(1, count + 1) // rng.choice((1, 2)))
    way = rng.randrange(4)
    kept = [(cluster, writer.objects[cluster, ref]) for cluster, ref in gone]
    if way == 0:
        writer.add("kill", 0)
    elif way == 1:
        writer.add("fault", "kube", "", "refused", 20.0, settles=20.0 + INFERRED, lasts=20.0)
        writer.add("disturb", "*", "reset", settles=INFERRED)
    for cluster, spec in kept:
        writer.delete(spec.ref, cluster)
        writer.at += rng.choice((0.0, 0.0, 0.3))
    if way == 1:
        for kind in KINDS:
            writer.add("compact", kind, settles=INFERRED)
    writer.wait(1.0, 10.0)
    if way == 0:
        writer.add("start", 0, settles=INFERRED + 10.0)
    writer.wait(2.0, 70.0, 120.0)
    for cluster, spec in kept[: rng.randrange(len(kept) + 1)]:
        writer.put(spec, cluster)
        writer.wait(0.5, 5.0, 15.0)
    for _ in range(rng.randrange(4)):
        writer.edit()
        writer.wait(5.0, 20.0)


def definitions(writer: Writer) -> None:
    """A CRD is removed, at once or slowly, and made again or not."""
    rng = writer.rng
    writer.daemons(writer.config())
    kind = rng.choice(KINDS[1:])
    writer.fill(rng.randrange(1, 12), kind=kind)
    writer.fill(rng.randrange(3))
    denied = rng.random() < 0.3
    if denied:
        writer.add("fault", "kube", "crd", "403", 10**6, settles=0.0)
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    mine = [spec for (_, ref), spec in sorted(writer.objects.items()) if ref[0] == kind]
    spacing = rng.choice((0.0, 0.003, 0.5, 4.0))
    if not denied and rng.random() < 0.4:
        lasts = rng.choice((1.0, 15.0, 40.0))
        error = rng.choice(("500", "refused", "hang"))
        writer.add("fault", "kube", "crd", error, lasts, settles=lasts + INFERRED, lasts=lasts)
    writer.add(
        "crd_gone", kind, spacing, settles=spacing * len(mine) + INFERRED, lasts=spacing * len(mine)
    )
    if rng.random() < 0.25:
        writer.at += 0.5
        writer.restart()
    if rng.random() < 0.7:
        writer.at += spacing * len(mine)
        writer.wait(1.0, 4.0, 20.0, 90.0)
        writer.add("crd_back", kind, settles=75.0 + INFERRED)
        writer.wait(0.5, 5.0, 70.0)
        for spec in mine[: rng.randrange(len(mine) + 1)]:
            writer.put(spec, settles=75.0 + EDIT)
            writer.wait(0.1, 3.0)
    for _ in range(rng.randrange(5)):
        writer.wait(3.0, 20.0, 60.0)
        writer.edit(settles=75.0)


def previews(writer: Writer) -> None:
    """Some names are previews, which go without a grace; others beside them keep theirs."""
    rng = writer.rng
    writer.daemons(writer.config(previews=tuple(rng.sample(HOSTS, rng.randrange(1, 6)))))
    writer.fill(rng.randrange(3, 12))
    writer.add("start", 0, settles=EDIT)
    for _ in range(rng.randrange(4, 12)):
        writer.wait(0.05, 1.0, 8.0, 25.0)
        match rng.randrange(8):
            case 0:
                writer.kube_fault()
            case 1:
                writer.dns_fault()
            case 2:
                writer.restart()
            case 3:
                writer.person()
            case 4 | 5:
                lasts = rng.choice((0.3, 5.0, 40.0, 90.0))
                spec = replace(writer.new_spec(), ends=round(writer.at + lasts, 3))
                writer.objects[0, spec.ref] = spec
                writer.add("put", spec, 0, settles=lasts + INFERRED, lasts=lasts)
            case _:
                writer.edit(settles=INFERRED)


def pointers(writer: Writer) -> None:
    """Addresses point back to one of several names; people have PTRs of their own, too."""
    rng = writer.rng
    policies = ("sync", "sync", "sync", "sync", "upsert-only", "create-only")
    config = writer.config(policy=rng.choice(policies))
    writer.daemons(replace(config, zones=(*config.zones, REVERSE)))
    for _ in range(rng.randrange(3)):
        writer.person_at_address()
    writer.fill(rng.randrange(3, 10))
    writer.add("start", 0, settles=EDIT)
    for _ in range(rng.randrange(4, 14)):
        writer.wait(0.05, 1.0, 8.0, 25.0)
        match rng.randrange(12):
            case 0:
                writer.kube_fault()
            case 1:
                writer.dns_fault()
            case 2:
                writer.restart()
            case 3 | 4:
                writer.person()
            case 5 | 6:
                writer.person_at_address()
            case 7:
                writer.add("dns_crash", settles=DNS)
            case _:
                writer.edit(settles=INFERRED)


def neighbours(writer: Writer) -> None:
    """Two daemons in one zone: two owners, or two clusters with one owner."""
    rng = writer.rng
    two_clusters = rng.random() < 0.5
    first = writer.config()
    second = first if two_clusters else replace(first, owner="other")
    clusters = 2 if two_clusters or rng.random() < 0.5 else 1
    writer.daemons(first, second, clusters=clusters)
    writer.add("start", 0, settles=EDIT)
    writer.fill(rng.randrange(1, 6))
    if clusters == 2:
        writer.fill(rng.randrange(1, 6), cluster=1)
    writer.wait(0.1, 5.0)
    writer.add("start", 1, settles=EDIT)
    for _ in range(rng.randrange(4, 14)):
        writer.wait(0.05, 1.0, 10.0)
        dice = rng.random()
        if dice < 0.1:
            writer.restart(rng.randrange(2))
        elif dice < 0.2:
            writer.person()
        elif dice < 0.25:
            writer.dns_fault()
        else:
            writer.edit(rng.randrange(clusters))


def leaders(writer: Writer) -> None:
    """Two or three instances, one of which writes; they die, sleep, and lose touch."""
    rng = writer.rng
    config = writer.config(elected=True)
    writer.daemons(*[config] * rng.choice((2, 2, 3)))
    count = len(writer.script.daemons)
    writer.fill(rng.randrange(2, 6))
    for slot in range(count):
        writer.add("start", slot, settles=EDIT)
        writer.wait(0.0, 2.0)
    writer.wait(5.0)
    for _ in range(rng.randrange(6, 16)):
        writer.wait(0.05, 1.0, 5.0, 20.0)
        slot, dice = rng.randrange(count), rng.random()
        if dice < 0.12:
            writer.add(rng.choice(("kill", "stop")), slot, settles=TURN)
            writer.wait(0.5, 10.0, 30.0)
            writer.add("start", slot, settles=TURN)
        elif dice < 0.22:
            lasts = rng.choice((0.5, 6.0, 11.0, 14.5, 17.0, 40.0))
            writer.add("freeze", slot, lasts, settles=lasts + TURN, lasts=lasts)
        elif dice < 0.30:
            lasts = rng.choice((14.5, 17.0, 40.0))
            for each in range(count):
                writer.add("freeze_at_reading", each, lasts, settles=lasts + TURN, lasts=lasts)
            writer.put(writer.new_spec(), settles=lasts + TURN)
        elif dice < 0.42:
            # What it knows of already it may still want to write when its time is up.
            lasts = rng.choice((3.0, 8.0, 14.0, 30.0))
            writer.edit(settles=lasts + TURN)
            writer.at += rng.choice((0.1, 0.5))
            writer.add("cut_off", slot, lasts, settles=lasts + TURN, lasts=lasts)
            writer.add(
                "fault", "dns", "", rng.choice(("refused", "500")), rng.choice((5.0, 13.0)), 0.8,
                settles=13.0 + TURN,
            )  # fmt: skip
        elif dice < 0.52:
            what = rng.choice(("lease", "lease get", "lease update"))
            kind = rng.choice(("slow", "lost", "hang", "503", "409"))
            lasts, chance = rng.choice((3.0, 12.0, 30.0)), rng.choice((0.4, 1.0))
            seconds = rng.choice((1.0, 4.0, 9.0))
            writer.add(
                "fault", "kube", what, kind, lasts, chance, 10**6, seconds,
                settles=lasts + TURN, lasts=lasts,
            )  # fmt: skip
        elif dice < 0.60:
            lasts = rng.choice((5.0, 20.0))
            kind = rng.choice(("refused", "hang", "lost", "lost-hang"))
            writer.add("fault", "dns", "", kind, lasts, 0.4, settles=lasts + TURN, lasts=lasts)
        else:
            for _ in range(rng.choice((1, 1, 4))):
                writer.edit(settles=TURN)


def rebuilt(writer: Writer) -> None:
    """A cluster is built again with the same owner id, and filled slowly."""
    rng = writer.rng
    config = writer.config()
    writer.daemons(config, config, clusters=2)
    writer.fill(rng.randrange(2, 9))
    old = [spec for _, spec in sorted(writer.objects.items())]
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 10.0
    writer.add("kill", 0)
    writer.add("start", 1, settles=INFERRED)
    for spec in old:
        writer.wait(1.0, 10.0)
        writer.put(writer.varied(spec) if rng.random() < 0.2 else spec, 1)
    for _ in range(rng.randrange(4)):
        writer.wait(5.0)
        writer.edit(1)


def backups(writer: Writer) -> None:
    """The API server comes back from a backup."""
    rng = writer.rng
    writer.daemons(writer.config())
    writer.fill(rng.randrange(4, 14))
    writer.add("start", 0, settles=EDIT)
    writer.wait(5.0)
    writer.add("backup", settles=0.0)
    for _ in range(rng.randrange(1, 12)):
        writer.edit()
        writer.wait(0.2, 3.0, 15.0)
    writer.at += rng.choice((0.0, 30.0))
    later = rng.randrange(4) * rng.randrange(2)
    if not later:
        # Versions that soon reach the old ones again hide a restore until the next list of all.
        writer.at += 6.0
    writer.add("restore", settles=RESTORE if later else UNNOTICED)
    for _ in range(later):
        writer.wait(1.0, 30.0)
        writer.put(writer.new_spec(), settles=RESTORE)


def crashes(writer: Writer) -> None:
    """The daemon dies at one of its first calls, before or after it is carried out."""
    rng = writer.rng
    writer.daemons(writer.config())
    writer.fill(rng.randrange(2, 7))
    writer.add("start", 0, settles=EDIT)
    if rng.random() < 0.6:
        writer.wait(10.0)
        writer.at += 6.0
        writer.add("kill", 0)
        for _ in range(rng.randrange(1, 6)):
            writer.edit()
        writer.add("start", 0, settles=INFERRED + 10.0)
    writer.add("kill_at_call", 0, rng.randrange(1, 30), rng.random() < 0.5, settles=INFERRED)
    writer.at += rng.choice((2.0, 20.0))
    writer.add("start", 0, settles=INFERRED + 10.0)


def orders(writer: Writer) -> None:
    """Several objects change within a moment, each of them once."""
    rng = writer.rng
    config = replace(writer.config(), zones=(ZONE,))
    writer.daemons(config)
    writer.hosts = HOSTS[:3]
    for number in range(rng.randrange(4)):
        writer.put(replace(writer.new_spec(number), namespace="a"))
    writer.add("start", 0, settles=EDIT)
    writer.at = 20.2
    for ref in sorted(ref for _, ref in writer.objects):
        dice = rng.random()
        if dice < 0.4:
            writer.delete(ref)
        elif dice < 0.7:
            writer.put(writer.varied(writer.objects[0, ref]))
        writer.at += 0.01
    for number in range(5, 5 + rng.randrange(2, 6)):
        spec = replace(writer.new_spec(number), target=rng.choice(TARGETS[:3]), fault="")
        writer.put(spec)
        writer.at += 0.01


def storm(writer: Writer) -> None:
    """Everything."""
    rng = writer.rng
    writer.daemons(writer.config())
    for _ in range(rng.randrange(3)):
        writer.person()
    writer.fill(rng.randrange(3, 12))
    writer.add("start", 0, settles=EDIT)
    writer.add("backup", settles=0.0)
    for _ in range(rng.randrange(8, 26)):
        writer.wait(0.05, 1.0, 5.0, 20.0)
        dice = rng.random()
        if dice < 0.12:
            writer.kube_fault()
        elif dice < 0.24:
            writer.dns_fault()
        elif dice < 0.34:
            writer.person()
        elif dice < 0.42:
            writer.restart(settings=rng.random() < 0.3)
        elif dice < 0.45:
            writer.add("dns_crash", 0.0, settles=120.0)
        elif dice < 0.47:
            writer.add("clock_jumps", rng.choice((-3600.0, 86400.0)), settles=0.0)
        elif dice < 0.49:
            writer.add("restore", settles=RESTORE)
        elif dice < 0.51:
            writer.add("crd_gone", rng.choice(KINDS[1:]), 0.01, settles=INFERRED)
        elif dice < 0.55:
            writer.add("crd_back", rng.choice(KINDS[1:]), settles=75.0 + INFERRED)
        else:
            writer.edit(settles=EDIT)


def people(writer: Writer) -> None:
    """Any other trouble, and a person at the command line in the middle of it."""
    with_people(
        writer,
        writer.rng.choice(
            (edits, human, dns_trouble, kube_trouble, restarts, mass, definitions, neighbours,
             rebuilt, storm)
        ),
    )  # fmt: skip


def customs(writer: Writer) -> None:
    """Any other trouble, and people who add and remove records of their own in the middle of it."""
    give_orders(
        writer,
        writer.rng.choice(
            (edits, human, dns_trouble, kube_trouble, restarts, mass, definitions, neighbours,
             forget, late, imports, rebuilt, moved, pauses, twins, people, storm)
        ),
    )  # fmt: skip


PROFILES: Mapping[str, Callable[[Writer], None]] = {
    one.__name__: one
    for one in (
        edits, human, dns_trouble, forget, lapses, kube_trouble, twins, refused,
        pages, doubts, restarts, mass, definitions,
        lies, neighbours, rebuilt, backups, crashes, orders, storm,
        leaders, people, pauses, withheld, handed, orphaned, moved, late, imports, customs,
        gateways, previews, servers, pointers, targets, certificates,
        latecomers,
    )
}  # fmt: skip


def script_of(seed: int, profile: str = "") -> Script:
    """Return the script of a seed."""
    name = profile or list(PROFILES)[seed % len(PROFILES)]
    writer = Writer(seed, name)
    PROFILES[name](writer)
    return writer.done()
