"""The laws of peace: when all is over, every name is as it should be, or it is said why not."""

from collections.abc import Iterator, Mapping

from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from simulation import backwards, issuing
from simulation.customs import CUSTOM
from simulation.dns import value_of
from simulation.life import Life
from simulation.marks import Mark, answering, has_owner, is_mine, mark_of, records_of
from simulation.objects import PREVIEW_TTL, REFUSED, Spec, attached, claims_of

R = SkipReason
STARTED = 12.0
"""Seconds after its start in which a daemon has made its first pass."""
STILL = "its mark still says"
"""A kind may stay in a mark until the next list of everything agrees that it is gone."""
WAITS = "waits until a second list agrees that it is to go"
"""A name whose end was not plainly seen goes at the next list of everything."""
_FAULTS = {R.INVALID_RULE, R.INVALID_HOST, R.INVALID_ANNOTATION, R.NOT_ACCEPTED, R.NO_LISTENER}


def unmet(life: Life, crd_removals: set[str]) -> list[str]:
    """Return what a daemon has not yet made at a server, or not said; nothing where all is well."""
    found = issuing.unmet(life) if life is life.host else []
    specs = _visible(life)
    hosted = life.dns.zone_names()
    for zone in life.config.zones:
        if zone not in hosted:
            continue
        if life.told.get(zone) is None:
            found.append(f"no pass over {zone} yet")
            continue
        if life.lane.board.zones[zone].error:  # type: ignore[index]
            found.append(f"{zone}: {life.lane.board.zones[zone].error}")  # type: ignore[index]
        if backwards.is_reverse(zone):
            told = life.told[zone]
            said: dict[str, set[str]] = {}
            for skip in told.skips:
                said.setdefault(skip.name or "", set()).add(skip.reason.value)
            found += backwards.unmet(life, zone, specs, said, told.waiting, STILL)
            continue
        peace = _Peace(life, zone, life.dns.nodes(zone), specs, hosted, crd_removals)
        found += peace.unmet()
    return found


def late(life: Life, since: float) -> list[str]:
    """Return the names that were claimed before a time, and have no answer at all."""
    if life.began > since - STARTED:
        return []
    found: list[str] = []
    for name, at in sorted(life.knowledge.claimed_at.items()):
        zone = life.config.zone_of(name)
        if zone is None or at > since or _has_other_answers(life, name, zone):
            continue
        wanted = [life.wants(spec, name) for spec in life.knowledge.claimers(name)]
        # An alias finds no place beside other records.
        if not any(type_ == "CNAME" for values in wanted for type_, _ in values) and any(wanted):
            found.append(f"{name} is claimed since {at:.2f} and has no record")
    return found


def missing(life: Life, spec: Spec) -> list[str]:
    """Return the names of an object that have no answer, if it and its kind are there."""
    obj = life.cluster.state.objects.get(spec.ref)
    if obj is None or obj.spec != spec or not life.cluster.is_served(spec.kind):
        return []
    zones = [(name, life.config.zone_of(name)) for name in claims_of(spec)]
    return [
        f"{name} has no record; {spec.origin} has long claimed it"
        for name, zone in zones
        if zone is not None and not _has_other_answers(life, name, zone)
    ]


def _has_other_answers(life: Life, name: str, zone: str) -> bool:
    node = life.dns.nodes(zone).get(name, {})
    return zone not in life.dns.zone_names() or bool(answering(node, name, zone))


def _is_held(spec: Spec) -> bool:
    return spec.fault not in ("", REFUSED)


def _visible(life: Life) -> list[Spec]:
    config = life.config
    gateways = [spec for spec in life.cluster.specs() if spec.kind == "Gateway"]
    return [
        attached(spec, gateways)
        for spec in life.cluster.specs()
        if config.covers(spec.kind, spec.namespace) and life.cluster.is_served(spec.kind)
    ]


class _Peace:
    """One zone, as it is, beside what living objects want of it."""

    def __init__(
        self,
        life: Life,
        zone: str,
        nodes: Mapping[str, Node],
        specs: list[Spec],
        hosted: list[str],
        crd_removals: set[str],
    ) -> None:
        self.life = life
        self.zone = zone
        self.nodes = nodes
        self.specs = specs
        self.hosted = hosted
        self.crd_removals = crd_removals
        self.said: dict[str, dict[SkipReason, str]] = {}
        self.said_of: set[tuple[SkipReason, str]] = set()
        for skip in life.told[zone].skips:
            if skip.name is not None:
                self.said.setdefault(skip.name, {})[skip.reason] = skip.detail
        for told in life.told.values():
            for skip in told.skips:
                if skip.origin is not None:
                    self.said_of.add((skip.reason, str(skip.origin)))

    def unmet(self) -> list[str]:
        claims: dict[str, list[Spec]] = {}
        for spec in self.specs:
            if not self.life.config.sees(spec):
                continue
            for name in claims_of(spec):
                if self.life.config.zone_of(name) == self.zone:
                    claims.setdefault(name, []).append(spec)
        found = list(self._faults())
        for name in sorted(claims):
            found += self._claimed(name, claims[name])
        for name in sorted(self.nodes.keys() - claims.keys()):
            found += self._unclaimed(name)
        return found

    def _faults(self) -> Iterator[str]:
        for spec in self.specs:
            if not spec.fault or spec.ignore or spec.over or not self.life.config.sees(spec):
                continue
            if not any((reason, spec.origin) in self.said_of for reason in _FAULTS):
                yield f"the fault of {spec.origin} is not said"

    def _claimed(self, name: str, claimers: list[Spec]) -> Iterator[str]:
        node = self.nodes.get(name, {})
        current = answering(node, name, self.zone)
        said = self.said.get(name, {})
        reason = self._why_left(name, node, current, claimers)
        if reason is not None:
            if not reason & said.keys():
                yield f"{name} should be said to be {'/'.join(sorted(reason))}, said: {said}"
            return
        if self._is_custom(current):
            yield from self._custom(name, current, claimers)
        else:
            yield from self._wrong(name, current, claimers)

    def _is_custom(self, current: list[Record]) -> bool:
        marks = [mark_of(record.comments) for record in current if self._is_mine(record)]
        is_ordered = any(mark is not None and CUSTOM in mark.kinds for mark in marks)
        return is_ordered and len(marks) == len(current)

    def _custom(self, name: str, current: list[Record], claimers: list[Spec]) -> Iterator[str]:
        """Say where a custom record is not told of as it should be; its values are its own."""
        have = frozenset(map(value_of, current))
        winners = [spec for spec in claimers if self.life.wants(spec, name) == have]
        for loser in claimers:
            if loser not in winners and (R.CONFLICT, loser.origin) not in self.said_of:
                yield f"{name}: the conflict with {loser.origin} is not said"
        kinds = {CUSTOM, *(spec.kind for spec in winners)}
        for record in current:
            mark = mark_of(record.comments)
            if mark is None:
                continue
            others = mark.kinds - {CUSTOM}
            away = {kind for kind in others if not self.life.cluster.is_served(kind)}
            if not kinds <= mark.kinds:
                yield f"{name}: its mark says {sorted(mark.kinds)}, not {sorted(kinds)}"
            elif not mark.kinds <= kinds | away:
                yield f"{name}: {STILL} {sorted(mark.kinds)}, not {sorted(kinds)}"
            if mark.origin.partition("/")[0] != CUSTOM:
                yield f"{name}: its mark's origin {mark.origin} is not that of the order"

    def _why_left(
        self, name: str, node: Node, current: list[Record], claimers: list[Spec]
    ) -> set[SkipReason] | None:
        config = self.life.config
        if self._is_out_of_reach(name):
            return {R.SHADOWED, R.DELEGATED}
        if any(not has_owner(record, config.owner) for record in current):
            return {R.NOT_OURS, R.ADOPTABLE}
        if any(not self._is_mine(record) for record in current):
            return {R.OTHER_CLUSTER}
        if any(record.disabled for record in current):
            return {R.HELD}
        wanted = [self.life.wants(spec, name) for spec in claimers]
        if any(type_ == "CNAME" for values in wanted for type_, _ in values):
            beside = [record for record in records_of(node) if record not in current]
            if (name == self.zone or beside) and R.CNAME_BLOCKED in self.said.get(name, {}):
                return {R.CNAME_BLOCKED}
        if R.FAULTY_OBJECT in self.said.get(name, {}):
            marks = [mark for record in current if (mark := mark_of(record.comments))]
            if any(self._faulty(mark.origin) for mark in marks):
                return {R.FAULTY_OBJECT}
        if config.policy == "create-only" and current:
            return {R.POLICY} if R.POLICY in self.said.get(name, {}) else None
        return None

    def _is_out_of_reach(self, name: str) -> bool:
        closest = max(
            (zone for zone in self.hosted if f".{name}".endswith(f".{zone}")), key=len, default=""
        )
        if closest != self.zone:
            return True
        cuts = [
            above
            for above, node in self.nodes.items()
            if any(not record.disabled for record in node.get("NS", ()))
        ]
        return any(cut != self.zone and f".{name}".endswith(f".{cut}") for cut in cuts)

    def _wrong(self, name: str, current: list[Record], claimers: list[Spec]) -> Iterator[str]:
        yield from self._targetless(name, claimers)
        if not current:
            if any(self.life.wants(spec, name) for spec in claimers):
                yield f"{name} is missing; {[spec.origin for spec in claimers]} claim it"
            return
        have = frozenset(map(value_of, current))
        winners = [spec for spec in claimers if self.life.wants(spec, name) == have]
        losers = [spec for spec in claimers if spec not in winners]
        if not winners:
            if not self._is_held_without_target(name, current, claimers):
                yield f"{name} has {sorted(have)}, wanted by none of {claimers}"
            return
        for loser in losers:
            if self.life.wants(loser, name) and (R.CONFLICT, loser.origin) not in self.said_of:
                yield f"{name}: the conflict with {loser.origin} is not said"
        yield from self._notes(name, current, winners)
        yield from self._marks(name, current, winners)

    def _marks(self, name: str, current: list[Record], winners: list[Spec]) -> Iterator[str]:
        """Say where the records' marks, or their TTL, are not as the objects want them."""
        kinds = frozenset(spec.kind for spec in winners)
        ttls = {ttl for spec in winners if (ttl := claims_of(spec)[name].ttl) is not None}
        is_preview = name in self.life.config.previews
        ttls = ttls or {PREVIEW_TTL if is_preview else self.life.config.ttl}
        for record in current:
            mark = mark_of(record.comments)
            if mark is None:
                continue
            away = {kind for kind in mark.kinds if not self.life.cluster.is_served(kind)}
            if not kinds <= mark.kinds:
                yield f"{name}: its mark says {sorted(mark.kinds)}, not {sorted(kinds)}"
            elif not mark.kinds <= kinds | away:
                yield f"{name}: {STILL} {sorted(mark.kinds)}, not {sorted(kinds)}"
            if mark.origin not in {spec.origin for spec in winners}:
                yield f"{name}: its mark's origin {mark.origin} does not claim it so"
            if record.ttl not in ttls:
                yield f"{name} has the TTL {record.ttl}, not {ttls}"
            if mark.is_preview != is_preview:
                yield f"{name}: its mark says wrongly whether it is a preview: {record.comments}"

    def _is_held_without_target(
        self, name: str, current: list[Record], claimers: list[Spec]
    ) -> bool:
        """Tell whether who has the name has no target now, so that the last known one stays."""
        wanted = {spec.origin: self.life.wants(spec, name) for spec in claimers}
        without = {origin for origin, values in wanted.items() if not values}
        marks = [mark for record in current if (mark := mark_of(record.comments))]
        return len(without) == len(wanted) or any(one.origin in without for one in marks)

    def _targetless(self, name: str, claimers: list[Spec]) -> Iterator[str]:
        for spec in claimers:
            is_without = not self.life.wants(spec, name)
            if is_without and (R.NO_TARGET, spec.origin) not in self.said_of:
                yield f"{name}: it is not said that {spec.origin} has no target"

    def _notes(self, name: str, current: list[Record], winners: list[Spec]) -> Iterator[str]:
        """Say where people are not told what one of the objects tells them, as far as it fits."""
        notes = {spec.note for spec in winners if spec.note} or {""}
        for record in current:
            mark = mark_of(record.comments)
            if mark is not None and mark.is_note_stale:
                yield f"{name} is marked with a note that a person changed"
            if mark is None or mark.note in notes:
                continue
            full = max(len(note) - len(mark.note) for note in notes) + len(record.comments) + 17
            is_cut = any(note.startswith(mark.note) for note in notes)
            if not is_cut or full <= 255:
                yield f"{name} tells {mark.note!r} and not {notes}"

    def _unclaimed(self, name: str) -> Iterator[str]:
        current = answering(self.nodes[name], name, self.zone)
        config = self.life.config
        if not any(has_owner(record, config.owner) for record in current):
            return
        said = self.said.get(name, {})
        marks = [mark for record in current if (mark := mark_of(record.comments)) is not None]
        if self._is_custom(current) and not any(record.disabled for record in current):
            if self._is_out_of_reach(name):
                if not {R.SHADOWED, R.DELEGATED} & said.keys():
                    yield f"{name} should be said to be out of reach, said: {said}"
            elif config.policy != "create-only":
                yield from self._custom(name, current, [])
            return
        reason = self._why_kept(name, current, marks, said)
        if reason is None:
            kinds = {kind for mark in marks for kind in mark.kinds}
            is_sure = self._went_cleanly(name, kinds)
            waits = not is_sure and name in self.life.told[self.zone].waiting
            yield f"{name} {WAITS if waits else 'should be gone'}; said: {said}; marks: {marks}"
        elif not reason & said.keys():
            yield f"{name} should be said to be {'/'.join(sorted(reason))}, said: {said}"

    def _why_kept(
        self,
        name: str,
        current: list[Record],
        marks: list[Mark],
        said: Mapping[SkipReason, str],
    ) -> set[SkipReason] | None:
        life, config = self.life, self.life.config
        if any(not has_owner(record, config.owner) for record in current):
            return {R.NOT_OURS}
        if any(not self._is_mine(record) for record in current):
            return {R.OTHER_CLUSTER}
        if any(record.disabled for record in current):
            return {R.HELD}
        kinds = {kind for mark in marks for kind in mark.kinds}
        if not all(
            kind in config.kinds and (not config.namespaces or mark.namespace in config.namespaces)
            for mark in marks
            for kind in mark.kinds
        ):
            return {R.ORPHAN}
        if (kept := self._kept_by_objects(name, marks)) & said.keys():
            return kept
        if config.policy != "sync":
            return {R.POLICY}
        if any(not life.cluster.is_served(kind) for kind in kinds):
            return {R.SOURCE_ABSENT, R.WITHHELD}
        if self._went_cleanly(name, kinds):
            return None
        return {R.WITHHELD} if R.WITHHELD in said else None

    def _kept_by_objects(self, name: str, marks: list[Mark]) -> set[SkipReason]:
        """Return for which reasons living objects may keep a name that they do not claim."""
        kept: set[SkipReason] = set()
        if self._keepers(name) or any(self._filtered(mark.origin) for mark in marks):
            kept.add(R.ORPHAN)
        if self._faulty_keeper(name) or any(self._faulty(mark.origin) for mark in marks):
            kept.add(R.FAULTY_OBJECT)
        return kept

    def _went_cleanly(self, name: str, kinds: set[str]) -> bool:
        """Tell whether all ends were seen, and nothing happened that casts a doubt on them."""
        known = self.life.knowledge
        ends = known.ends.get(name, [])
        if not ends or any(not end.seen or end.why == "crd" for end in ends):
            return False
        # An end that was not seen counts after the name was claimed by others, too.
        if any(not end.seen for (of, _), end in known.left.items() if of == name):
            return False
        # Who is started again knows nothing of the calls that are still on their way.
        sender, at = self.life.judge.late.get(name, (self.life, 0.0))
        if sender is not self.life and at > max(end.at for end in ends):
            return False
        # What ended while a twin kept the name is no evidence any more once a pass has run.
        late = {end.kind for end in ends if end.at >= known.lost_at.get(name, 0.0) - 0.2}
        if not kinds <= late or kinds & (self.crd_removals | known.lied.keys()):
            return False
        return all(how == "read" for how, _ in known.crd_reads.values())

    def _faulty(self, origin: str) -> bool:
        return any(
            spec.origin == origin and _is_held(spec) and not spec.ignore for spec in self.specs
        )

    def _filtered(self, origin: str) -> bool:
        sees = self.life.config.sees
        return any(spec.origin == origin and not sees(spec) for spec in self.specs)

    def _faulty_keeper(self, name: str) -> bool:
        return any(_is_held(spec) for spec in self._keepers(name))

    def _keepers(self, name: str) -> list[Spec]:
        """Return the living objects that are known to keep the name without claiming it."""
        living = {spec.ref for spec in self.specs}
        return [spec for spec in self.life.knowledge.keepers(name) if spec.ref in living]

    def _is_mine(self, record: Record) -> bool:
        return is_mine(record, self.life.config.owner, self.life.cluster.cluster_id)
