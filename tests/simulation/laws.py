"""The laws that hold at every moment: each write of a daemon is measured against them.

They are written from the specification, and use none of the daemon's own reasoning.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Verdict
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from simulation import backwards
from simulation.customs import CUSTOM
from simulation.dns import IMPORT, Dns, calls_in, sender, value_of
from simulation.life import Inferred, Life, Look, Reading
from simulation.marks import Mark, answering, is_mine, mark_of, records_of
from simulation.objects import REFUSED, Spec, Value, claims_of

WINDOW = 120.0
FEW = 5
PERCENT = 20
QUIET = 10.0
MARGIN = 1.0
"""Seconds between the question whether a change may begin, and its first call."""
CRD_MARGIN = 20.0
UNSEEN = 75.0
"""Seconds until a daemon asks when the DNS server was started, and then some."""
CHANGE = 60.0
"""Seconds that one change may take while its calls hang, and then some."""
PASS = 15.0
"""Seconds that a plan may be old when one of its changes is begun, and then some."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that was broken."""

    law: str
    at: float
    text: str

    def __str__(self) -> str:
        return f"{self.law} at {self.at:.3f}: {self.text}"


@dataclass(frozen=True, slots=True)
class Write:
    """One call that changed, or meant to change, a name."""

    life: Life
    op: str
    name: str
    zone: str
    form: Mapping[str, str]
    before: Mapping[str, Node]
    after: Mapping[str, Node]
    seen: Node
    """What the daemon's last reading of the name showed."""
    asked_at: float
    """When that reading was asked for."""

    @property
    def old(self) -> Node:
        return self.before.get(self.name, {})

    @property
    def new(self) -> Node:
        return self.after.get(self.name, {})

    def answers(self, node: Node) -> list[Record]:
        return answering(node, self.name, self.zone)

    def is_ours(self, record: Record) -> bool:
        return is_mine(record, self.life.config.owner, self.life.cluster.cluster_id)

    @property
    def is_end(self) -> bool:
        """Tell whether the name had answers and has none now."""
        return bool(self.answers(self.old)) and not self.answers(self.new)


@dataclass
class Judge:
    """Measures what daemons do at one server; ``ever`` are all objects that ever were.

    ``forgot_at`` is when the server last forgot something that its serial does not tell: what we
    deleted may be there again then, and an import that overwrites nothing leaves it as it is.
    """

    dns: Dns
    clock: Callable[[], float]
    violations: list[Violation] = field(default_factory=list)
    ever: set[Spec] = field(default_factory=set)
    last_write: float = float("-inf")
    writes: int = 0
    command_laws: Mapping[str, tuple["Law", ...]] = field(default_factory=dict)
    ordered: set[tuple[str, Value]] = field(default_factory=set)
    on_violation: Callable[[], None] = lambda: None
    came_late: Callable[[Life, str], None] = lambda _life, _name: None
    late: dict[str, tuple[Life, float]] = field(default_factory=dict)
    forgot_at: float = float("-inf")

    def at(self, dns: Dns) -> "Judge":
        """Return one for another server, who knows what this one knows of the cluster."""
        return replace(self, dns=dns, late={}, ordered=set())

    def report(self, law: str, text: str) -> None:
        """Take note that a law was broken."""
        self.violations.append(Violation(law, self.clock(), text))
        self.on_violation()

    def sending(self, life: Life, path: str, form: Mapping[str, str]) -> None:
        name, zone = form["domain"], form["zone"]
        if not life.may_write:
            holder = life.cluster.lease.holder or "nobody"
            self.report("one_writer", f"daemon {life.slot} sends {path} of {name}, {holder} leads")
        if life.under_way[name] > 1:
            self.report("one_call_a_name", f"two calls at once change {name}")
        if life.config.zone_of(name) != zone:
            self.report("right_zone", f"{path} of {name} in zone {zone}")

    def wrote_late(
        self,
        life: Life,
        path: str,
        form: Mapping[str, str],
        before: dict[str, Node],
        reading: Reading | None,
        look: Look | None,
    ) -> None:
        """Measure one call that was carried out when the daemon had long given it up.

        What it was sent for may not be wanted any more: but even then it is not to touch what was
        not ours when the name was read for it.
        """
        self.writes += 1
        for one in calls_in(path, form):
            self.came_late(life, one["domain"])
            self.late[one["domain"]] = life, self.clock()
        if path == IMPORT:
            look = Look(self.clock(), {}) if look is None else look
            for write in self._parts(life, form, before, look):
                for law in (untouched, only_what_was_claimed):
                    if (text := law(write, self)) is not None:
                        self.report(law.__name__, f"daemon {life.slot}, imported late: {text}")
            return
        name, zone = form["domain"], form["zone"]
        seen = reading.node if reading is not None and reading.node is not None else {}
        asked_at = reading.asked_at if reading is not None else self.clock()
        op = path.rpartition("/")[2]
        write = Write(life, op, name, zone, form, before, self.dns.nodes(zone), seen, asked_at)
        is_pointer = backwards.is_reverse(zone)
        for law in (untouched, points_to_who_wants_it if is_pointer else only_what_was_claimed):
            if (text := law(write, self)) is not None:
                self.report(law.__name__, f"daemon {life.slot}, late: {op} {dict(form)!r}: {text}")

    def wrote(
        self, life: Life, path: str, form: Mapping[str, str], before: dict[str, Node]
    ) -> None:
        """Measure one call that was carried out."""
        self.writes += 1
        self.last_write = self.clock()
        if path == IMPORT:
            self._imported(life, form, before)
            return
        name, zone = form["domain"], form["zone"]
        life.imported.pop(name, None)
        reading = life.readings.get(name)
        op = path.rpartition("/")[2]
        if op == "add" and form["overwrite"] == "true":
            op = "overwrite"
        fresh = reading is not None and reading.node is not None and not reading.is_used
        seen = reading.node if reading is not None and reading.node is not None else {}
        asked_at = reading.asked_at if reading is not None else self.clock()
        write = Write(life, op, name, zone, form, before, self.dns.nodes(zone), seen, asked_at)
        if reading is not None:
            reading.is_used = True
        if not fresh and (op != "add" or write.answers(write.old)):
            self.report("read_before_write", f"{op} of {name} without a reading of its own")
        self._measure(write)
        if write.is_end and not _is_switch(write):
            _remember(write)

    def _imported(self, life: Life, form: Mapping[str, str], before: dict[str, Node]) -> None:
        """Measure an import record by record, as if each had come by a call of its own."""
        look = life.looks.get(sender())
        if look is None or look.is_used:
            self.report("read_before_write", "an import without a look at the serial")
            return
        look.is_used = True
        for write in self._parts(life, form, before, look):
            self._measure(write)
            is_new = write.op == "add" and self.clock() > self.forgot_at + UNSEEN
            if (is_new and write.seen) or not all(map(write.is_ours, records_of(write.seen))):
                self.report("imports_only_ours", f"{dict(write.form)!r} at {dict(write.seen)!r}")
            life.imported[write.name] = frozenset(
                (*value_of(record), record.comments) for record in records_of(write.new)
            )

    def _parts(
        self, life: Life, form: Mapping[str, str], before: dict[str, Node], look: Look
    ) -> Iterator[Write]:
        """Yield an import as writes of one record each; the first of a name shows all it did."""
        zone, after, now = form["zone"], self.dns.nodes(form["zone"]), dict(before)
        for one in calls_in(IMPORT, form):
            name = one["domain"]
            following = {**now, name: after.get(name, {})}
            op = "overwrite" if one["overwrite"] == "true" else "add"
            seen = look.nodes.get(zone, {}).get(name, {})
            yield Write(life, op, name, zone, one, now, following, seen, look.asked_at)
            now = following
        for name in sorted({*now, *after}):
            if _beside_soa(now.get(name)) != _beside_soa(after.get(name)):
                self.report("untouched", f"an import changed {name}, too")

    def _measure(self, write: Write) -> None:
        life = write.life
        laws = POINTER_LAWS if backwards.is_reverse(write.zone) else LAWS
        for law in self.command_laws.get(life.purpose, laws):
            if (text := law(write, self)) is not None:
                call = f"{life.purpose} {life.slot}: {write.op} {dict(write.form)!r}"
                self.report(law.__name__, f"{call}: {text}")

    def pass_ended(self, life: Life, outcome: Outcome) -> None:
        """Measure what a pass leaves behind."""
        if (keys := len(life.lane.queue)) > len(life.config.zones):
            self.report("bounded", f"{keys} keys in the queue")
        for one in outcome.applied:
            left, name = life.imported.get(one.change.name), one.change.name
            goal = {(record.type, record.value, record.comment) for record in one.change.goal}
            if one.verdict is Verdict.DONE and left is not None and not goal <= left:
                self.report("done_is_done", f"{name} was imported as {left}, wanted: {goal}")
        life.imported.clear()


def _beside_soa(node: Node | None) -> dict[str, object]:
    return {kind: rrset for kind, rrset in (node or {}).items() if kind != "SOA"}


def untouched(write: Write, _judge: Judge) -> str | None:
    """What is not ours stays byte for byte as it is."""
    for name in {*write.before, *write.after} - {write.name}:
        if write.before.get(name) is write.after.get(name):
            continue
        if _beside_soa(write.before.get(name)) != _beside_soa(write.after.get(name)):
            return f"{name} changed too"
    seen = set(map(_key, records_of(write.seen)))
    left = set(map(_key, records_of(write.new)))
    for record in records_of(write.old):
        if record.type == "SOA" or write.is_ours(record):
            continue
        if _key(record) in seen and _key(record) not in left:
            return f"{_shown(record)} is not ours and was changed"
    return None


def left_alone(write: Write, _judge: Judge) -> str | None:
    """A name with any answer that is not ours is left alone as a whole."""
    for record in write.answers(write.seen):
        if not write.is_ours(record):
            return f"the name was seen to have {_shown(record)}"
    return None


def incumbent_keeps(write: Write, _judge: Judge) -> str | None:
    """The object that a mark names keeps the name while it lives and claims it."""
    if write.op == "delete":
        return None
    life, value = write.life, _sent_value(write.form)
    broken: str | None = None
    for mark in _marks(write):
        spec = life.knowledge.spec_of(mark.origin)
        claim = claims_of(spec).get(write.name) if spec is not None else None
        if spec is None or claim is None or not life.config.sees(spec):
            continue
        wanted = life.wants(spec, write.name)
        if value in wanted:
            # Calls that were carried out late may have left two objects' marks at one name.
            return None
        if life.knowledge.has_lied_twice(spec.kind, life.config.confirm):
            continue
        is_known = life.known_since(write.name) < write.asked_at - PASS
        if is_known:
            broken = f"{spec} has the name and wants {sorted(wanted)}"
    return broken


def successor_waits(write: Write, _judge: Judge) -> str | None:
    """Who has a name loses it to another target as records go: seen, or two full lists agree."""
    is_new = _sent_value(write.form) not in map(value_of, write.answers(write.seen))
    if not (_is_switch(write) if write.op == "delete" else is_new):
        return None
    life, known = write.life, write.life.knowledge
    for mark in _marks(write):
        kind, end = mark.origin.partition("/")[0], known.left.get((write.name, mark.origin))
        if known.spec_of(mark.origin) is not None or (end is not None and end.seen):
            continue
        # To the daemon it was missing since a list left it out, though it lived.
        since = min([life.began if end is None else end.at, *known.lied.get(kind, ())])
        for (of, namespace), (how, _) in known.touch.items():
            began = known.lists.get((of, namespace), float("-inf"))
            if of == kind and how != "absent" and began < since + life.config.confirm - MARGIN:
                return f"{mark.origin} is missed since {since:.2f}, the last list began {began:.2f}"
    return None


def held_is_held(write: Write, _judge: Judge) -> str | None:
    """A record of ours that a person disabled stays as it is."""
    for record in write.answers(write.seen):
        if record.disabled:
            return f"{_shown(record)} is disabled"
    return None


def only_what_was_claimed(write: Write, judge: Judge) -> str | None:
    """What is written was claimed by a valid object that the daemon may see, or ordered."""
    if write.op == "delete":
        return None
    config = write.life.config
    value = _sent_value(write.form)
    for spec in judge.ever:
        claim = claims_of(spec).get(write.name)
        if claim is None or value not in write.life.may_ever_want(spec, write.name):
            continue
        if config.sees(spec) and config.covers(spec.kind, spec.namespace):
            return None
    if (write.name, value) in judge.ordered:
        return None
    return f"nobody ever claimed it with {value}"


def policy(write: Write, _judge: Judge) -> str | None:
    """`upsert-only` deletes nothing, `create-only` only creates."""
    match write.life.config.policy:
        case "upsert-only" if write.is_end and not _is_switch(write):
            return "the policy is upsert-only"
        case "create-only" if write.op != "add" and write.answers(write.seen):
            return "the policy is create-only"
    return None


def living_stays(write: Write, _judge: Judge) -> str | None:
    """A living, valid object's name always has an answer, but for a change A<->CNAME."""
    if not write.is_end or _is_switch(write):
        return None
    known, confirm = write.life.knowledge, write.life.config.confirm
    at = known.claimed_at.get(write.name)
    if at is None or at > write.asked_at - MARGIN:
        return None
    claimers = known.claimers(write.name)
    # Against two lists that leave the same out, so far apart, there is no help.
    if all(known.has_lied_twice(spec.kind, confirm) or known.is_hidden(spec) for spec in claimers):
        return None
    return f"{claimers} claims it since {at:.2f}"


def moves_without_gap(write: Write, _judge: Judge) -> str | None:
    """While a name moves to other addresses of a type, a query for that type always finds one.

    Measured are names whose objects want the same for longer than a plan may be old: what became
    of a call for an earlier wish nobody can know.
    """
    life, name = write.life, write.name
    if write.op == "add" or life.known_since(name) > write.asked_at - PASS or life.ordered(name):
        return None
    wanted = [life.wants(spec, name) for spec in life.knowledge.claimers(name)]
    types = {kind for values in wanted for kind, _ in values}
    if len(set(wanted)) != 1 or not all(map(write.is_ours, write.answers(write.old))):
        return None
    before = {one.type for one in write.answers(write.old) if not one.disabled}
    after = {one.type for one in write.answers(write.new) if not one.disabled}
    lost = types & (before - after)
    return f"{sorted(lost)} do not answer any more, {sorted(wanted[0])} is wanted" if lost else None


def priority_decides(write: Write, _judge: Judge) -> str | None:
    """Of those who want a new name, one with the highest priority gets it.

    While calls of the DNS server fail, a plan may be older than what is known by now.
    """
    life, name = write.life, write.name
    if write.op != "add" or records_of_any(write.seen) or life.ordered(name):
        return None
    if life.known_since(name) > write.asked_at - 0.1 or life.knowledge.lied:
        return None
    if any(
        rule.side != "kube" and rule.until > write.asked_at - PASS for rule in life.faults.rules
    ):
        return None
    bids = [(spec, life.wants(spec, name)) for spec in life.knowledge.claimers(name)]
    first = max((spec.priority for spec, values in bids if values), default=0)
    value = _sent_value(write.form)
    if all(value not in values for spec, values in bids if spec.priority == first):
        return f"{bids} want it, and it gets {value}"
    return None


def records_of_any(node: Node) -> bool:
    """Tell whether there is any record at a name."""
    return any(True for _ in records_of(node))


def kept_names_stay(write: Write, _judge: Judge) -> str | None:
    """Names of faulty and of filtered objects, and those out of sight, are kept."""
    if not _is_delete(write):
        return None
    life, marks = write.life, _marks(write)
    if life.is_ordered_away(write.name):
        return None
    for mark in marks:
        for kind in mark.kinds:
            if kind not in life.config.kinds:
                return f"an orphan: {kind} is not watched"
        if life.config.namespaces and mark.namespace not in life.config.namespaces:
            return f"an orphan: {mark.namespace} is not watched"
        spec = life.knowledge.spec_of(mark.origin)
        if spec is None or life.knowledge.told_at[spec.ref] > write.asked_at - MARGIN:
            continue
        is_held = spec.fault not in ("", REFUSED)
        if is_held and not (spec.ignore or spec.over) and life.config.sees(spec):
            return f"its origin is faulty: {spec}"
    if write.name in life.knowledge.claimed_at:
        return None
    keepers = life.knowledge.keepers(write.name)
    return f"kept by {keepers}" if keepers else None


def sources_vouch(write: Write, _judge: Judge) -> str | None:
    """While a source is out of touch, or absent and named in the mark, nothing goes."""
    if not _is_delete(write):
        return None
    before = write.asked_at - MARGIN
    touch = write.life.knowledge.touch
    for key, (how, since) in touch.items():
        if how in ("bad", "new") and since <= before:
            return f"{key} is out of touch since {since:.2f}"
    for kind in () if write.life.is_released(write.name) else _kinds(write):
        states = [state for (of, _), state in touch.items() if of == kind]
        if states and all(how == "absent" and since <= before for how, since in states):
            return f"{kind} is absent"
    return None


def evidence(write: Write, _judge: Judge) -> str | None:
    """A delete was seen to be due, or two full lists agree; and nobody is too quick."""
    if not _is_delete(write) or write.life.is_released(write.name):
        return None
    life, now = write.life, write.asked_at
    if _kinds(write) & life.knowledge.lied.keys():
        # A list left objects out that lived: to the daemon they had ended long before they did.
        return None
    if _was_seen(write):
        last = max(end.at for end in life.knowledge.ends[write.name])
        if now < last + life.config.grace_of(write.name) - 0.01:
            return f"its end was seen at {last:.2f}, the grace is not over"
        return None
    since = max(life.began, life.knowledge.lost_at.get(write.name, life.began))
    for key, (how, _) in life.knowledge.touch.items():
        if how == "absent":
            continue
        began = life.knowledge.lists.get(key, float("-inf"))
        if began < since + life.config.confirm - 0.01:
            return (
                f"inferred, unclaimed since {since:.2f}, and the last list of {key} began at "
                f"{began:.2f}; known ends: {life.knowledge.ends.get(write.name)}"
            )
    return None


def removed_definition_keeps(write: Write, _judge: Judge) -> str | None:
    """What goes with its CRD stays, until it is claimed again or released."""
    if not _is_delete(write) or write.life.is_released(write.name):
        return None
    life = write.life
    kinds = _kinds(write)
    for end in life.knowledge.ends.get(write.name, ()):
        claimed = life.knowledge.reclaimed_at.get(write.name, -1.0)
        if end.why != "crd" or end.kind not in kinds or end.at < claimed:
            continue
        if life.cluster.restored_at >= end.at:
            # The CRD is back, with its old uid: nothing tells that it was gone.
            continue
        if any(one.ref == end.ref and one.at > end.at for one in life.knowledge.ends[write.name]):
            continue
        how, at = life.knowledge.crd_reads.get(end.kind, ("never", 0.0))
        # A definition that could not be read when its objects were listed has no known uid, and
        # one that was made again since can't be told from it.
        denied = (how == "denied" and at >= end.at) or (
            how == "read" and end.kind in life.knowledge.crd_unsure
        )
        few = life.gone_with_crd.get(end.kind, 0) < FEW
        if not denied or not (few or _is_quiet_and_served(write, end.kind, _judge)):
            return f"it ended with the CRD of {end.kind} (the CRD was {how} at {at:.2f})"
    return None


def guard(write: Write, judge: Judge) -> str | None:
    """Inferred deletes are few, and never leave a kind without a name."""
    life = write.life
    if not _is_delete(write) or life.is_released(write.name) or _was_seen(write):
        return None
    now, kinds = judge.clock(), _kinds(write)
    recent = [one for one in life.inferred if now - one.at < WINDOW and one.zone == write.zone]
    held = [_kinds_of(life, write.zone, name, node) for name, node in write.before.items()]
    held = [found for found in held if found]
    total, count = len(held) + len(recent), len(recent) + 1
    if count > FEW and count * 100 > PERCENT * total:
        return f"{count} inferred deletes of {total} names within {WINDOW:.0f} s"
    for kind in kinds:
        of_kind = sum(kind in found for found in held)
        before = sum(kind in one.kinds for one in recent)
        if of_kind <= 1:
            return f"it leaves {kind} without a name"
        if before + 1 > FEW and (before + 1) * 100 > PERCENT * (of_kind + before):
            return f"{before + 1} inferred deletes of {of_kind + before} names of {kind}"
    return None


def withheld_stays(write: Write, _judge: Judge) -> str | None:
    """What was withheld stays so until it is claimed again or released."""
    if not _is_delete(write) or write.life.is_released(write.name):
        return None
    at = write.life.withheld_at.get(write.name)
    if at is None or write.life.knowledge.reclaimed_at.get(write.name, -1.0) > at:
        return None
    return f"withheld since {at:.2f}"


def marks_wait_for_all(write: Write, _judge: Judge) -> str | None:
    """Origin and kinds are rewritten only while all sources are in touch."""
    since = write.life.knowledge.bad_since()
    if write.op == "delete" or since is None or since > write.asked_at - CRD_MARGIN:
        return None
    if write.life.ordered(write.name):
        return None
    old = {value_of(record): record for record in write.answers(write.seen)}
    new = {value_of(record): record for record in write.answers(write.new)}
    for value, record in new.items():
        before = old.get(value)
        if before is None or before.ttl != record.ttl or not write.is_ours(before):
            continue
        was, now = mark_of(before.comments), mark_of(record.comments)
        if was is not None and now is not None and was.kinds != now.kinds:
            return f"{was} became {now} while a source is out of touch since {since:.2f}"
    return None


def adopted(write: Write, _judge: Judge) -> str | None:
    """What a person handed over goes on seen evidence only, and stays marked so."""
    if not any(mark.adopted for mark in _marks(write)):
        return None
    if _is_delete(write):
        is_meant = _was_seen(write) or write.life.is_released(write.name)
        return None if is_meant else "it was adopted, and its end was not seen"
    mark = mark_of(write.form.get("comments", ""))
    if write.op != "delete" and (mark is None or not mark.adopted):
        return "the new mark does not say that it was adopted"
    return None


def human_text_stays(write: Write, _judge: Judge) -> str | None:
    """What people wrote behind a mark is kept; only the end of a long text may be cut.

    What an object tells people stands before it, and may change with the object. While there is
    any of that, what people wrote is whole.
    """
    mark = mark_of(write.form.get("comments", ""))
    if mark is None or write.op == "delete":
        return None
    for record in write.answers(write.seen):
        old = mark_of(record.comments)
        if old is None or value_of(record) != _sent_value(write.form):
            continue
        if not is_human_text_kept(old.human, mark.human, write.form["comments"]):
            return f"{old.human!r} became {mark.human!r}"
        if mark.note and mark.human != old.human:
            return f"{old.human!r} was cut to {mark.human!r}, and not {mark.note!r}"
    return None


def is_human_text_kept(before: str, after: str, comment: str) -> bool:
    """Tell whether a text is still there, or cut because the comment is full."""
    is_full = len(comment.encode()) > 250
    return after == before or (is_full and before.startswith(after))


def paused(write: Write, _judge: Judge) -> str | None:
    """During a pause no change is begun; one that had begun goes on."""
    life = write.life
    if life.paused_at is None or write.asked_at <= life.paused_at + MARGIN:
        return None
    if write.name in life.going and write.asked_at <= life.paused_at + CHANGE:
        return None
    return f"paused since {life.paused_at:.2f}"


def custom_stays(write: Write, _judge: Judge) -> str | None:
    """What a person ordered stays as it is, value, TTL and all, until a person orders otherwise."""
    held, orders = write.answers(write.seen), write.life.ordered(write.name)
    if not held or not all(map(write.is_ours, held)):
        return None
    if not any(CUSTOM in mark.kinds for mark in _marks(write)):
        return None
    if any(not one.values for one in orders):
        return None
    wanted = frozenset(value for one in orders for value in one.values)
    old = {value_of(record): record for record in held}
    new = {value_of(record): record for record in write.answers(write.new)}
    there = old.keys() & set(map(value_of, write.answers(write.old)))
    lost = [v for v in there - new.keys() if all(v in one.values for one in orders)]
    if lost:
        return f"{sorted(lost)} went, and nobody ordered it"
    if came := new.keys() - old.keys() - wanted:
        return f"{sorted(came)} came, and nobody ordered it"
    for value, record in new.items():
        mark = mark_of(record.comments)
        if mark is None or CUSTOM not in mark.kinds:
            if value in old and record.comments != old[value].comments:
                return f"{_shown(record)} does not say that it was ordered"
        elif value in old and not orders and record.ttl != old[value].ttl:
            return f"its TTL was {old[value].ttl} and became {record.ttl}"
    return None


Law: TypeAlias = Callable[[Write, Judge], str | None]

LAWS: tuple[Law, ...] = (
    untouched,
    left_alone,
    incumbent_keeps,
    successor_waits,
    held_is_held,
    only_what_was_claimed,
    policy,
    living_stays,
    moves_without_gap,
    priority_decides,
    kept_names_stay,
    sources_vouch,
    evidence,
    removed_definition_keeps,
    guard,
    withheld_stays,
    marks_wait_for_all,
    adopted,
    human_text_stays,
    paused,
    custom_stays,
)


def keeps_the_name(write: Write, _judge: Judge) -> str | None:
    """What points to a name stays while that has the address."""
    return backwards.keeps_the_name(write)


def points_to_who_wants_it(write: Write, judge: Judge) -> str | None:
    """Only what somebody wants is pointed to."""
    ordered = {name for name, _ in judge.ordered}
    return backwards.points_to_who_wants_it(write, judge.ever, ordered)


POINTER_LAWS: tuple[Law, ...] = (
    untouched,
    left_alone,
    held_is_held,
    policy,
    marks_wait_for_all,
    human_text_stays,
    paused,
    keeps_the_name,
    points_to_who_wants_it,
)
"""For names of addresses: they follow other names, and no object claims them."""


def _is_delete(write: Write) -> bool:
    """Tell whether a name's end was meant: nobody is known to claim it."""
    # A loss can't lead to a pass within the quiet time: such a call belongs to a change of values.
    lost_at = write.life.knowledge.lost_at.get(write.name, float("-inf"))
    is_change = lost_at > write.asked_at - 0.1
    is_change |= any(one.values for one in write.life.ordered(write.name))
    return write.is_end and not (_is_switch(write) or _is_claimed(write) or is_change)


def _is_claimed(write: Write) -> bool:
    at = write.life.knowledge.claimed_at.get(write.name)
    return at is not None and at <= write.asked_at - MARGIN


def _is_switch(write: Write) -> bool:
    """Tell whether a CNAME makes way for addresses, or the other way round."""
    was_alias = any(record.type == "CNAME" for record in write.answers(write.old))
    for spec in write.life.knowledge.claimers(write.name):
        values = write.life.wants(spec, write.name)
        if values and was_alias != any(type_ == "CNAME" for type_, _ in values):
            return True
    return False


def _was_seen(write: Write) -> bool:
    ends = write.life.knowledge.ends.get(write.name, [])
    known = {end.kind for end in ends}
    return bool(ends) and all(end.seen for end in ends) and _kinds(write) <= known


def _remember(write: Write) -> None:
    life = write.life
    life.withheld_at.pop(write.name, None)
    life.ended_at[write.name] = life.clock()
    ends = life.knowledge.ends.get(write.name, ())
    for kind in {end.kind for end in ends if end.why == "crd"}:
        life.gone_with_crd[kind] = life.gone_with_crd.get(kind, 0) + 1
    if not _is_claimed(write) and not _was_seen(write) and not life.is_released(write.name):
        life.inferred.append(Inferred(life.clock(), write.zone, _kinds(write)))


def _is_quiet_and_served(write: Write, kind: str, judge: Judge) -> bool:
    """Tell whether the kind was listed well after its last end, and keeps a name."""
    life = write.life
    ended = max(
        (end.at for ends in life.knowledge.ends.values() for end in ends if end.kind == kind),
        default=0.0,
    )
    lists = [began for (of, _), began in life.knowledge.lists.items() if of == kind]
    nodes = write.before.items()
    held = sum(kind in _kinds_of(life, write.zone, name, node) for name, node in nodes)
    del judge
    return bool(lists) and min(lists) >= ended + QUIET - 0.01 and held > 1


def _marks(write: Write) -> list[Mark]:
    found = (mark_of(record.comments) for record in write.answers(write.seen))
    return [mark for mark in found if mark is not None]


def _kinds(write: Write) -> frozenset[str]:
    return frozenset(kind for mark in _marks(write) for kind in mark.kinds)


def _kinds_of(life: Life, zone: str, name: str, node: Node) -> frozenset[str]:
    marks = (
        mark_of(record.comments)
        for record in answering(node, name, zone)
        if is_mine(record, life.config.owner, life.cluster.cluster_id)
    )
    return frozenset(kind for mark in marks if mark is not None for kind in mark.kinds)


def _sent_value(form: Mapping[str, str]) -> Value:
    names = ("ipAddress", "cname", "ptrName")
    return (form["type"], next((form[name] for name in names if name in form), ""))


def _key(record: Record) -> tuple[object, ...]:
    return (
        record.name.lower(),
        record.type,
        record.ttl,
        record.data,
        record.comments,
        record.disabled,
        record.expiry_ttl,
        record.last_modified,
    )


def _shown(record: Record) -> str:
    flag = " disabled" if record.disabled else ""
    return f"{record.type} {value_of(record)[1]} ttl {record.ttl} {record.comments!r}{flag}"
