"""One world: clusters, a DNS server, daemons, and a script of what happens to them."""

# ruff: noqa: T201 (it is a program that speaks on standard output)

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from catalyst_dns_sync.app.controls import controls_of
from catalyst_dns_sync.control.health import readiness
from catalyst_dns_sync.web.control import Commands
from simulation.bounds import DOUBT
from simulation.clock import VirtualLoop, run_virtually
from simulation.cluster import Cluster, State
from simulation.command_laws import COMMAND_LAWS
from simulation.config import Config, changed
from simulation.customs import Customs
from simulation.dns import Dns, value_of
from simulation.elections import Succession
from simulation.errands import Errand, as_text
from simulation.faults import Faults, Rule
from simulation.issuing import wildcard_of
from simulation.laws import Judge, Violation
from simulation.life import Life
from simulation.marks import answering
from simulation.memory import strangers
from simulation.objects import DEFAULT_TARGET, REFUSED, Ref, Spec, claims_of, meant_by, values_of
from simulation.peace import STILL, WAITS, late, missing, unmet

TELLING = frozenset({"Certificate", "Gateway"})
"""Kinds that claim no name, and have some in them."""
QUIET_SECONDS = 320.0
"""Longer than the time between two lists of everything."""
PROMPT = 2.5
"""A source out of touch is tried again at most so long after the API server's recovery."""
SOON = 5.0
"""Seconds until a new name has its record, where all is well, and then some."""
STEP = 4.0
REST = 12.0
"""Seconds in which what the last steps set off has begun."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a time: one of the world's ``do_`` methods and what it is given.

    It goes on for ``lasts`` seconds; ``settles`` is how many seconds after its beginning, at most,
    its effects are over. What happens to one DNS server, whose number is ``only``, bears on no
    other.
    """

    at: float
    what: str
    args: tuple[Any, ...] = ()
    settles: float = 30.0
    lasts: float = 0.0
    only: int | None = None

    def __str__(self) -> str:
        return f"{self.at:8.2f}  {self.what} {', '.join(map(repr, self.args))}"


@dataclass(frozen=True, slots=True)
class Script:
    """A world's beginning, and what happens in it; ``others`` are the zones of more servers."""

    seed: int
    profile: str
    daemons: tuple[tuple[Config, int], ...] = ((Config(), 0),)
    zones: tuple[str, ...] = ("lab.test",)
    others: tuple[tuple[str, ...], ...] = ()
    clusters: int = 1
    page: int = 3
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, profile {self.profile}, zones {', '.join(self.zones)}"]
        lines += [f"server {n}: {', '.join(zones)}" for n, zones in enumerate(self.others, start=1)]
        lines += [
            f"daemon {n}: {config} on cluster {c}" for n, (config, c) in enumerate(self.daemons)
        ]
        return "\n".join([*lines, *map(str, self.steps)])


@dataclass(slots=True)
class Result:
    """What became of a schedule."""

    script: Script
    violations: list[Violation]
    calls: int = 0
    writes: int = 0
    virtual: float = 0.0
    zone: dict[str, Any] = field(default_factory=dict)


def run(script: Script, *, quiet: float = QUIET_SECONDS) -> Result:
    """Play a script, then leave the world in peace, and check the laws."""
    random.seed(script.seed)
    return run_virtually(_run(script, quiet))


async def _run(script: Script, quiet: float) -> Result:
    world = World(script)
    with _listening(world):
        try:
            async with asyncio.TaskGroup() as tasks:
                world.tasks = tasks
                await world.play(quiet)
        except BaseExceptionGroup as error:
            world.judge.report("never_exits", repr(error.exceptions))
    return Result(
        script,
        world.judge.violations,
        sum(side.client.calls for life in world.lives for side in life.sides)
        + sum(life.kube.calls for life in world.lives),
        world.writes,
        world.clock(),
        {zone: _shown(world, zone) for zone in script.zones},
    )


class World:
    """What a script acts on."""

    def __init__(self, script: Script) -> None:
        self.script = script
        loop = asyncio.get_running_loop()
        self.clock: Callable[[], float] = loop.time
        self.faults = Faults()
        self.dns = Dns(self.clock, script.zones)
        self.offset = 0.0
        self.clusters = [
            Cluster(f"{script.seed}/{number}", self._stamp) for number in range(script.clusters)
        ]
        self.backups: list[State | None] = [None] * script.clusters
        self.judge = Judge(self.dns, self.clock, command_laws=COMMAND_LAWS)
        others = (Dns(self.clock, zones) for zones in script.others)
        self.judges = [self.judge, *map(self.judge.at, others)]
        self.secrets = {judge.dns.token for judge in self.judges}
        self.customs = Customs(self.dns, self.clock, self.show, self.judge.ordered)
        self.judge.came_late = self.customs.came_late
        self.halted = asyncio.Event()
        for judge in self.judges:
            judge.on_violation = self.halted.set
        self.tasks: asyncio.TaskGroup
        self.lives: list[Life] = []
        self.configs = [config for config, _ in script.daemons]
        self.current: list[Life | None] = [None] * len(script.daemons)
        self.crd_removals: set[str] = set()
        self.log: list[str] = []
        self._ticks: list[tuple[float, Callable[[], None]]] = []
        self.succession = Succession(
            lambda: [life for life in self.current if life is not None], self.judge.report
        )
        self.is_elected = any(config.elected for config in self.configs)
        if self.is_elected:
            self.succession.begin()

    async def play(self, quiet: float) -> None:
        """Play all steps, and then the peace."""
        try:
            for step in self.script.steps:
                if not await self._sleep_until(step.at):
                    return
                getattr(self, f"do_{step.what}")(*step.args)
            if await self._settle() and await self._stay_quiet(quiet) and await self._look_again():
                self._check_peace("")
                if quiet >= QUIET_SECONDS:
                    self._check_memory()
                self._check_secrets()
        finally:
            self.succession.is_over = True
            for one in self.lives:
                self._loop.go_on(one)
            for life in self.current:
                if life is not None:
                    life.stop.set()
            for life in self.lives:
                if life.purpose != "daemon" and life.is_alive:
                    life.kill()

    async def _sleep_until(self, at: float) -> bool:
        """Let time pass; returns False when a law was broken meanwhile."""
        if self.halted.is_set():
            return False
        try:
            async with asyncio.timeout_at(max(at, self.clock())):
                await self.halted.wait()
        except TimeoutError:
            return True
        return False

    async def _settle(self) -> bool:
        """Wait for each server, whatever becomes of those whose trouble lasts longer."""
        servers = range(len(self.judges))
        return all([await self._settle_at(one) for one in sorted(servers, key=self._bound)])

    def _bound(self, server: int) -> float:
        steps = self._steps_for(server)
        return max((step.at + step.settles for step in steps), default=0.0) + 15.0

    def _steps_for(self, server: int) -> Iterator[Step]:
        return (step for step in self.script.steps if step.only in (None, server))

    async def _settle_at(self, server: int) -> bool:
        last = max((step.at + step.lasts for step in self._steps_for(server)), default=0.0)
        bound = self._bound(server)
        while not self.halted.is_set():
            now = self.clock()
            found = self._unmet_at(server)
            if not found and now >= last + REST:
                return True
            if now >= bound and (now >= bound + QUIET_SECONDS or not _wait_for_lists(found)):
                self.judge.report("converged", "; ".join(found[:5]))
                return False
            await self._sleep_until(min(now + STEP, max(bound, now + 1.0)))
        return False

    async def _stay_quiet(self, seconds: float) -> bool:
        writes, since = self.writes, self.clock()
        if not await self._sleep_until(since + seconds):
            return False
        if self.writes != writes:
            text = f"{self.writes - writes} writes after all was in order at {since:.1f}"
            self.judge.report("quiet", text)
            return False
        return True

    @property
    def writes(self) -> int:
        """How many calls have changed something, or meant to."""
        return sum(judge.writes for judge in self.judges)

    def unmet(self) -> list[str]:
        """Return what is not yet as it should be."""
        return [text for server in range(len(self.judges)) for text in self._unmet_at(server)]

    def _unmet_at(self, server: int) -> list[str]:
        if self.is_elected and not any(life and not life.stands_by for life in self.current):
            return ["nobody leads"]
        promises = [] if server else self.customs.broken(self.script.zones)
        return promises + [
            f"daemon {life.slot}{f' at server {server}' if server else ''}: {text}"
            for life in self.current
            if life is not None and life.is_alive and life.paused_at is None and not life.stands_by
            if server < len(life.sides)
            for text in unmet(life.sides[server], self.crd_removals)
        ]

    def _check_peace(self, when: str) -> None:
        if found := self.unmet():
            self.judge.report("stays_converged", when + "; ".join(found[:5]))
        # A daemon has some ten tasks; the world has one for each life and one for itself.
        tasks = len(asyncio.all_tasks())
        if tasks > 14 * len(self.current) * len(self.judges) + len(self.lives) + 2:
            self.judge.report("bounded", f"{tasks} tasks")

    def _check_memory(self) -> None:
        for life in self.current:
            # Who does not lead forgets by time, not in passes.
            if life is None or not life.is_alive or not life.parts.reconciler.is_leader():
                continue
            if kept := self._strangers(life):
                self.judge.report("bounded", f"daemon {life.slot} still knows {kept[:5]}")

    async def _look_again(self) -> bool:
        """Let each daemon make one more pass: what is long gone is forgotten in passes."""
        for life in self.current:
            if life is not None and life.is_alive and life.parts.reconciler.is_leader():
                life.parts.begin()
        return await self._sleep_until(self.clock() + 1.0)

    def _strangers(self, life: Life) -> list[str]:
        """Return what the daemon keeps in mind though it has been gone for long."""
        config, specs = life.config, life.cluster.specs()
        managed = [(side.dns, zone) for side in life.sides for zone in side.config.zones]
        if any(zone not in dns.zone_names() for dns, zone in managed):
            return []
        zones = [zone for _, zone in managed]
        names = {name.lower() for dns, zone in managed for name in dns.nodes(zone)}
        names |= {
            value_of(record)[1]
            for dns, zone in managed
            for node in dns.nodes(zone).values()
            for record in node.get("PTR", ())
        }
        # What an object would claim if its time were not over, or it were accepted, is known, too.
        names |= {name for spec in specs for name in meant_by(replace(spec, over=False))}
        refused = (spec for spec in specs if spec.fault == REFUSED)
        names |= {name for spec in refused for name in meant_by(replace(spec, fault=""))}
        names |= {host for spec in specs if spec.kind in TELLING for host in spec.hosts}
        # Of the Certificate of each zone it is known what was said last.
        names |= {wildcard_of(zone).name for zone in zones}
        # While an object has a fault, whatever it meant before may be meant still.
        names |= {name for spec in specs if spec.fault for name in life.knowledge.meant(spec.ref)}
        # Of a record that is kept though nobody claims it, it is known whose it was.
        origins = {spec.origin for spec in specs}
        seen = [one for one in specs if config.covers(one.kind, one.namespace) and config.sees(one)]
        claimed = {name for spec in seen for name in claims_of(spec)}
        left = life.knowledge.left
        origins |= {origin for name, origin in left if name in names - claimed}
        # Nobody tells what a restored API server has forgotten, until the next list.
        origins |= {spec.origin for spec in life.knowledge.specs()}
        origins |= {f"Custom/{name}" for name in names}
        # What a list lacks is in doubt until the next list of everything.
        origins |= life.knowledge.doubtful(self.clock() - DOUBT)
        names |= {zone for judge in self.judges for zone in judge.dns.zone_names()}
        return strangers(life.parts, names, origins, zones)

    def _check_secrets(self) -> None:
        for life in self.lives:
            body, _ = life.metrics.render("")
            self.show(body.decode(), "the metrics")
            parts = life.parts
            for side in life.sides:
                shown = [side.told, list(side.lane.board.zones.values())]
                self.show(repr(shown), "the status board")
            health = readiness(parts.sources, parts.board, self.clock(), others=parts.boards[1:])
            self.show(as_text(list(map(asdict, health))), "/readyz")
            self.show(as_text(self._commands(life).status()), "the control socket's status")

    def show(self, text: str, where: str = "what a command says") -> None:
        """Take what somebody gets to see."""
        for token in self.secrets:
            if token in text:
                self.judge.report("secrets", f"the token is in {where}: {text[:200]}")

    def _commands(self, life: Life) -> Commands:
        return Commands(controls_of(life.parts.lanes), life.parts.begin)

    def _stamp(self) -> str:
        moment = self.dns.now() + timedelta(seconds=self.offset)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _later(self, delay: float, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(delay, act)

    # What happens in clusters.

    def do_put(self, spec: Spec, cluster: int = 0) -> None:
        if not self.clusters[cluster].put(spec):
            return
        self.judge.ever.add(spec)
        if spec.ends is not None and spec.ends > self.clock():
            self._later(spec.ends - self.clock(), partial(self._end, spec, cluster))

    def _end(self, spec: Spec, cluster: int) -> None:
        over = self.clusters[cluster].end(spec)
        for life in self.lives if over is not None else ():
            if over is not None and life.is_alive:
                life.knowledge.ended(spec, over)

    def do_delete(self, ref: Ref, cluster: int = 0) -> None:
        self.clusters[cluster].delete(ref)

    def do_namespace_gone(self, namespace: str, cluster: int = 0) -> None:
        def finish() -> None:
            for ref in sorted(self.clusters[cluster].state.objects):
                if ref[1] == namespace:
                    self.clusters[cluster].delete(ref, "namespace")

        self._later(5.0, finish)

    def do_crd_gone(self, kind: str, spacing: float, cluster: int = 0) -> None:
        of = self.clusters[cluster]
        if not of.begin_removal(kind):
            return
        self.crd_removals.add(kind)
        state = of.state

        def next_one() -> None:
            if of.state is not state:
                return
            left = of.of_kind(kind)
            if left:
                of.delete(left[0].spec.ref, "crd")
                self._later(spacing, next_one)
                return
            of.end_removal(kind)
            self._later(0.4, hide)

        def hide() -> None:
            if of.state is state and kind not in state.definitions:
                of.hidden[kind] = True
                self._later(0.6, lambda: of.wake(kind))

        self._later(0.001, next_one)

    def do_crd_back(self, kind: str, cluster: int = 0) -> None:
        of = self.clusters[cluster]
        if kind in of.state.definitions:
            return
        of.hidden[kind] = True
        of.wake(kind)
        of.define(kind)

        def show() -> None:
            of.hidden[kind] = False

        self._later(0.05, show)

    def do_compact(self, kind: str, cluster: int = 0) -> None:
        self.clusters[cluster].compact(kind)

    def do_backup(self, cluster: int = 0) -> None:
        self.backups[cluster] = self.clusters[cluster].state.copy()

    def do_restore(self, cluster: int = 0) -> None:
        backup = self.backups[cluster]
        if backup is None or any(one.terminating for one in backup.definitions.values()):
            return
        self.clusters[cluster].restore(backup)
        for life in self.lives:
            if life.is_alive and life.cluster is self.clusters[cluster]:
                for watch in list(life.kube.watches):
                    watch.disturb("eof")

    def do_clock_jumps(self, seconds: float) -> None:
        self.offset += seconds

    # What goes wrong.

    def do_fault(
        self,
        side: str,
        what: str,
        kind: str,
        lasts: float,
        chance: float = 1.0,
        times: int = 10**9,
        seconds: float = 0.0,
    ) -> None:
        rng = random.Random(f"{self.script.seed}/{len(self.faults.rules)}")
        until = self.clock() + lasts
        self.faults.add(Rule(side, what, kind, until, chance, times, seconds, rng=rng))
        if self.is_elected and side == "kube":
            self.succession.hinder_all(until)
        if side == "kube" and kind != "hang":
            self._later(lasts + PROMPT, lambda: self._check_prompt(until))

    def _check_prompt(self, until: float) -> None:
        """Check that every source that was out of touch when a fault ended was tried again."""
        if any(rule.kind == "hang" and rule.until > until - 20.0 for rule in self.faults.rules):
            return
        for life in self.current:
            if life is None or not life.is_alive:
                continue
            if self.clock() < self.succession.hindered.get(life.slot, 0.0) + 2 * PROMPT:
                continue
            for (kind, _), (how, since) in life.knowledge.touch.items():
                tried = any(at > until - 0.1 and kind in what for at, what in life.kube.tries)
                if how == "bad" and since < until - 0.1 and not tried:
                    text = f"{kind} was not tried within {PROMPT} s after {until:.2f}"
                    self.judge.report("prompt", text)

    def do_disturb(self, kind: str, how: str) -> None:
        for life in self.lives:
            if life.is_alive:
                for watch in list(life.kube.watches):
                    if kind in ("*", watch.kind):
                        watch.disturb(how)

    # What happens to the DNS server.

    def do_dns_crash(self, jump: float = 0.0, server: int = 0) -> None:
        dns = self.judges[server].dns
        dns.server.zones.disk.save_if_due(dns.now())
        dns.offset += timedelta(seconds=jump)
        self._crash(server)

    def _crash(self, server: int) -> None:
        self.judges[server].dns.server.crash()
        if not server:
            self.customs.crashed()

    def do_dns_restart(self, server: int = 0) -> None:
        self.judges[server].dns.server.restart()

    def do_forget(self, slot: int, edits: int, server: int = 0) -> None:
        """After the daemon's next write the server dies, and a person's edits hide it."""
        life, dns = self.current[slot], self.judges[server].dns
        if life is None:
            return
        side = life.sides[server]

        def lapse() -> None:
            side.after_write = lambda: None
            zone = side.config.zones[0]
            found = dns.server.zones.find(zone)
            serial = found.serial if found is not None else 0
            self._crash(server)
            found = dns.server.zones.find(zone)
            lost = serial - found.serial if found is not None else 0
            self.judges[server].forgot_at = self.clock()
            for number in range(min(lost, edits)):
                form = {"zone": zone, "domain": f"hand-{number}.{zone}", "type": "TXT"}
                dns.person("records/add", **form, text="x", ttl="60", overwrite="true")

        side.after_write = lapse

    def do_token_replaced(self, server: int = 0) -> None:
        dns = self.judges[server].dns
        old, dns.token = dns.token, dns.server.create_token(name="new")
        dns.server.revoke_token(old)
        self.secrets.add(dns.token)

    def do_zone_gone(self, zone: str, server: int = 0) -> None:
        self.judges[server].dns.person("delete", zone=zone)
        if not server:
            self.customs.zone_gone(zone)

    def do_zone_back(self, zone: str, server: int = 0) -> None:
        self.judges[server].dns.person("create", zone=zone, type="Primary")

    def do_person(self, edit: str, name: str, zone: str, extra: str = "", server: int = 0) -> None:
        """Edit a name in a server's console, as the edit's name says."""
        dns = self.judges[server].dns
        if not server:
            self.customs.edited(name)
        form = {"zone": zone, "domain": name}
        node = dns.nodes(zone).get(name, {})
        records = [
            record
            for record in answering(node, name, zone)
            if record.type in ("A", "AAAA", "CNAME", "PTR")
        ]
        if edit in _ADDITIONS:
            more = {key: text.format(extra) for key, text in _ADDITIONS[edit].items()}
            dns.person("records/add", **form, **more)
            return
        match edit:
            case "clear":
                for record in answering(node, name, zone):
                    if record.type == "NS":
                        value = {"nameServer": value_of(record)[1]}
                    else:
                        value = {_KEYS.get(record.type, "ipAddress"): value_of(record)[1]}
                    dns.person("records/delete", **form, type=record.type, **value)
            case _:
                for record in records[:1]:
                    _amend(dns, edit, record, form)

    def do_answers(self, server: int) -> None:
        """Check that what was claimed a while ago has records at a server that is well.

        It is what that one gets while another one does not answer.
        """
        for life in self.current:
            if life is not None and life.is_alive and server < len(life.sides):
                for text in late(life.sides[server], self.clock() - SOON):
                    self.judge.report("not_held_up", f"at server {server}: {text}")

    def do_appears(self, spec: Spec) -> None:
        """Check that an object's names have records, if it is there still."""
        for life in self.current:
            if life is not None and life.is_alive:
                for text in missing(life, spec):
                    self.judge.report("appears", text)

    def do_person_at_call(
        self, slot: int, what: str, count: int, edit: str, name: str, zone: str, extra: str
    ) -> None:
        """Edit a name right after the daemon's so-manieth call of a path."""
        life = self.current[slot]
        if life is not None:
            life.client.after(what, count, lambda: self.do_person(edit, name, zone, extra))

    def do_by_hand(self, name: str, zone: str, text: str, cluster: int = 0) -> None:
        """Let a person's own records, with a comment, say what an object wants of the name."""
        claims = [claims_of(spec) for spec in self.clusters[cluster].specs()]
        claim = next((claim[name] for claim in claims if name in claim), None)
        if claim is None or name == zone:
            return
        self.do_person("clear", name, zone)
        for type_, value in sorted(claim.values or values_of(DEFAULT_TARGET)):
            key = "cname" if type_ == "CNAME" else "ipAddress"
            form = {"zone": zone, "domain": name, "type": type_, key: value, "ttl": "1800"}
            self.dns.person("records/add", **form, comments=text)

    # What people tell daemons, and do beside them.

    def do_release(self, slot: int, think: float, share: float) -> None:
        """Show what waits for a person, and release a share of exactly that after a while."""
        life = self.current[slot]
        if life is None or not life.is_alive:
            return
        commands = self._commands(life)
        status = commands.status()
        self.show(as_text(status))
        names = sorted(status["releasable"])
        chosen = names[: round(len(names) * share)]

        def release() -> None:
            if chosen and life.is_alive:
                answer = commands.release({"names": chosen})
                self.show(as_text(answer))
                for side in life.sides:
                    side.release(set(answer["released"]) & set(chosen))

        self._later(think, release)

    def do_order(self, slot: int, what: str, name: str, target: str) -> None:
        """Give a daemon an order for one name."""
        life = self.current[slot]
        if life is not None and life.is_alive:
            self.tasks.create_task(self.customs.order(life, what, name, target))

    def do_pause(self, slot: int) -> None:
        life = self.current[slot]
        if life is not None and life.is_alive:
            self._commands(life).pause()
            for side in life.sides:
                side.pause()

    def do_resume(self, slot: int) -> None:
        life = self.current[slot]
        if life is not None and life.is_alive:
            self._commands(life).resume()
            for side in life.sides:
                side.resume()

    def do_command(
        self, slot: int, purpose: str, think: float = 0.0, dies_at: int = 0, other: int = 0
    ) -> None:
        """Run a command with a daemon's settings; it is killed at one of its writes, or never."""
        config, (_, cluster) = self.configs[slot], self.script.daemons[slot]
        other_id = self.clusters[other].cluster_id if purpose == "adopt-from" else ""

        def living() -> Life:
            rng = random.Random(f"{self.script.seed}/{purpose}/{len(self.lives)}")
            life = Life(
                slot, config, self.clusters[cluster], self.dns, self.faults, self.judge, rng,
                self.script.page, purpose, other_id, self._judges_beside(config),
            )  # fmt: skip
            self.lives.append(life)
            return life

        errand = Errand(purpose, living, self.show, other_id, think, dies_at)
        self.tasks.create_task(errand.run())

    # What happens to daemons.

    def do_start(self, slot: int, changes: dict[str, Any] | None = None) -> None:
        """Start a daemon, perhaps with other settings; one that runs is killed."""
        self.do_kill(slot)
        self.configs[slot] = changed(self.configs[slot], changes or {})
        _, cluster = self.script.daemons[slot]
        life = Life(
            slot,
            self.configs[slot],
            self.clusters[cluster],
            self.dns,
            self.faults,
            self.judge,
            random.Random(f"{self.script.seed}/{slot}/{len(self.lives)}"),
            self.script.page,
            judges=self._judges_beside(self.configs[slot]),
        )
        self.lives.append(life)
        self.current[slot] = life
        life.task = self.tasks.create_task(life.run())

    def _judges_beside(self, config: Config) -> tuple[Judge, ...]:
        """Return those of the servers beside the first one, as far as they are set."""
        return tuple(self.judges[1 : len(config.servers)])

    def do_freeze(self, slot: int, seconds: float) -> None:
        """Send SIGSTOP, and SIGCONT after some seconds, or when a longer stop is over."""
        life = self.current[slot]
        if life is None or not life.is_alive:
            return
        self.succession.hinder(slot, self.clock() + seconds)
        life.stopped_until = max(life.stopped_until, self.clock() + seconds)
        self._loop.stop_process(life)
        self._later(seconds, lambda: self._go_on(life))

    def _go_on(self, life: Life) -> None:
        if self.clock() >= life.stopped_until - 0.001:
            self._loop.go_on(life)

    def do_freeze_at_reading(self, slot: int, seconds: float) -> None:
        """Freeze a daemon when it has begun a change: it has read a name, and would write next."""
        life = self.current[slot]
        if life is None:
            return

        def freeze() -> None:
            life.on_reading = lambda: None
            self._loop.call_soon(self.do_freeze, slot, seconds, context=Context())

        def forget() -> None:
            life.on_reading = lambda: None

        life.on_reading = freeze
        self._later(20.0, forget)

    def do_cut_off(self, slot: int, seconds: float) -> None:
        """Let a daemon not reach the API server for a while."""
        life, until = self.current[slot], self.clock() + seconds
        self.faults.add(Rule("kube", "", "refused", until, actor=slot))
        self.succession.hinder(slot, until)
        for watch in list(life.kube.watches) if life is not None else ():
            watch.disturb("reset")

    @property
    def _loop(self) -> VirtualLoop:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return loop

    def do_kill(self, slot: int) -> None:
        life = self.current[slot]
        if life is not None and life.is_alive:
            self.succession.look()
            self._loop.go_on(life)
            life.kill()
            self.customs.ended(life)
        self.current[slot] = None

    def do_stop(self, slot: int) -> None:
        """Send SIGTERM."""
        life = self.current[slot]
        if life is not None:
            self.succession.stopping(life)
            life.stop.set()
            self.customs.ended(life)

    def do_kill_at_write(self, slot: int, count: int) -> None:
        """Kill the daemon when its so-manieth write from now on was carried out, unanswered."""
        life = self.current[slot]
        if life is not None:
            life.kill_at_write = life.writes + count

    def do_kill_at_call(self, slot: int, count: int, after: bool) -> None:  # noqa: FBT001 (a step's arguments are shown in order)
        """Kill the daemon at its so-manieth call of the DNS server, before or after it is done."""
        life = self.current[slot]
        if life is not None:
            life.client.dies_at, life.client.dies_after = count, after


_ADDITIONS: dict[str, dict[str, str]] = {
    "add": {"type": "A", "ipAddress": "{}", "ttl": "1800"},
    "text": {"type": "TXT", "text": "hello", "ttl": "60"},
    "alias": {"type": "CNAME", "cname": "{}", "ttl": "60"},
    "point": {"type": "PTR", "ptrName": "{}", "ttl": "1800"},
    "delegate": {"type": "NS", "nameServer": "{}", "ttl": "60"},
    "same": {"type": "A", "ipAddress": "192.0.2.1", "ttl": "300"},
    "take": {"type": "A", "ipAddress": "{}", "ttl": "120", "overwrite": "true"},
}
"""What a person adds in the console, by the name of the edit."""


_KEYS = {"CNAME": "cname", "PTR": "ptrName"}


def _amend(dns: Dns, edit: str, record: Any, form: dict[str, str]) -> None:
    key = _KEYS.get(record.type, "ipAddress")
    values = form | {"type": record.type, key: value_of(record)[1], "ttl": str(record.ttl)}
    values |= {"comments": record.comments, "disable": "false"}
    values["expiryTtl"] = str(record.expiry_ttl)
    match edit:
        case "disable":
            values["disable"] = "true"
        case "enable":
            pass
        case "ttl":
            values["ttl"] = "77"
        case "note":
            values["comments"] = (record.comments + " | by hand")[:250]
        case "garble":
            values["comments"] = "x" + record.comments[:250]
        case _:
            values["comments"] = ""
    dns.person("records/update", **values)


def _shown(world: World, zone: str) -> dict[str, Any]:
    return {
        name: sorted(
            (record.type, value_of(record)[1], record.ttl, record.comments, record.disabled)
            for rrset in node.values()
            for record in rrset
            if record.type != "SOA"
        )
        for name, node in world.dns.nodes(zone).items()
    }


class _Ear(logging.Handler):
    """Hears every log line, and looks for the token in it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.getMessage()} {record.__dict__}"
        self._world.show(text, "a log line")
        if TRACE:
            extra = {k: v for k, v in vars(record).items() if k in _FIELDS}
            print(f"{self._world.clock():9.3f} {record.levelname} {record.getMessage()} {extra}")


TRACE: list[bool] = []
_FIELDS = [
    "zone",
    "dns_name",
    "target",
    "reason",
    "detail",
    "resource",
    "source",
    "status",
    "error",
    "drift",
    "dns_name",
    "endpoint",
    "outcome",
]


@contextmanager
def _listening(world: World) -> Iterator[None]:
    logger = logging.getLogger("catalyst_dns_sync")
    ear, level, propagate = _Ear(world), logger.level, logger.propagate
    deep = world.script.seed % 20 == 0 or TRACE
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG if deep else logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = propagate


def _wait_for_lists(found: list[str]) -> bool:
    return all(STILL in text or WAITS in text for text in found)
