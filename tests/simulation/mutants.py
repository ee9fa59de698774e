"""Break the program on purpose, in many ways, and show that the laws find each of them.

``python -m simulation.mutants``; each mutant is one edit of one source file, in a copy.
"""

# ruff: noqa: T201, E501 (it speaks on standard output; sources are quoted as they stand)

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import catalyst_dns_sync

SCHEDULES = 500
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit: ``old`` stands exactly once in the file. ``profile`` is what it is hunted in, if
    not in all.
    """

    name: str
    file: str
    old: str
    new: str
    more: tuple[tuple[str, str], ...] = ()
    profile: str = ""

    def text(self, package: Path) -> str:
        """Return the file with the edit; raises where it does not apply any more."""
        text = (package / self.file).read_text()
        for old, new in ((self.old, self.new), *self.more):
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {old!r} is {text.count(old)} x in {self.file}")
            text = text.replace(old, new)
        return text


MUTANTS = (
    Mutant(
        "a route keeps its names when its listener takes another hostname",
        "core/gateway/attaching.py",
        "a listener's: {known}\"\n        served.fault(SkipReason.NO_LISTENER, parent, detail, costs_names=False)\n",
        "a listener's: {known}\"\n        served.fault(SkipReason.NO_LISTENER, parent, detail, costs_names=True)\n",
        profile="gateways",
    ),
    Mutant(
        "a route that is refused keeps its names",
        "core/gateway/attaching.py",
        "served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=False)",
        "served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=bool(parent))",
        profile="gateways",
    ),
    Mutant(
        "a route that nobody has judged yet loses its names",
        "core/gateway/attaching.py",
        "served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=True)",
        "served.fault(SkipReason.NOT_ACCEPTED, parent, parent.detail, costs_names=not parent)",
        profile="gateways",
    ),
    Mutant(
        "routes are not looked at when their Gateway moves",
        "control/attachments.py",
        "for ref in {*_refs(old), *_refs(new)} for route",
        "for ref in {*_refs(old)} ^ {*_refs(new)} for route",
        profile="gateways",
    ),
    Mutant(
        "a kind that comes is not looked for",
        "kube/reflector.py",
        "        return PROBE_SECONDS\n",
        "        return 10.0 * PROBE_SECONDS\n",
        profile="latecomers",
    ),
    Mutant(
        "half of our labels make a Certificate ours",
        "core/certificates.py",
        "    return all(labels.get(key) == text for key, text in wanted",
        "    return any(labels.get(key) == text for key, text in wanted",
        profile="certificates",
    ),
    Mutant(
        "what people add to a Certificate is thrown away",
        "core/certificates.py",
        '    return {**current, "spec": {**spec, **wanted["spec"]}}\n',
        '    return {**current, "spec": wanted["spec"]}\n',
        profile="certificates",
    ),
    Mutant(
        "nobody looks at wildcard Certificates when cert-manager comes",
        "app/certificates.py",
        "        self._changed.set()\n",
        "        self._changed.clear()\n",
        profile="certificates",
    ),
    Mutant(
        "an address points back to whoever came last",
        "core/pointers.py",
        "        return self._named(reverse, current) or self._first(reverse)\n",
        "        return self._first(reverse)\n",
        more=(
            (
                "        if found := self._named(reverse, current):\n            return found\n",
                "",
            ),
            (
                "        if (name := next(kept, None)) is not None:\n",
                "        if (name := None) is not None:\n",
            ),
        ),
        profile="pointers",
    ),
    Mutant(
        "what an address points back to is not looked at when its name has lost it",
        "control/worker.py",
        "            self.queue.add_after(other, 0)\n        return outcome",
        "            pass\n        return outcome",
        profile="pointers",
    ),
    Mutant(
        "a Service without address is taken for one that is not asked for",
        "core/merge.py",
        "    if defaults.service is not None:\n        return Answer(",
        "    if defaults.service is not None and defaults.service.targets:\n        return Answer(",
        profile="targets",
    ),
    Mutant(
        "what an object tells people is taken for a person's text",
        "core/ownership.py",
        "        theirs = rest if said == _note_word(first) else theirs\n",
        "        theirs = rest if said == _note_word(rest) else theirs\n",
        profile="targets",
    ),
    Mutant(
        "what people wrote is cut for what an object tells",
        "core/ownership.py",
        '        used += len(_HUMAN_TEXT) + len(theirs.encode("utf-8", "replace"))\n',
        "        used += len(_HUMAN_TEXT)\n",
        profile="targets",
    ),
    Mutant(
        "the lowest priority wins",
        "core/merge.py",
        "        -bid.claim.extras.priority,\n",
        "        bid.claim.extras.priority,\n",
        profile="targets",
    ),
    Mutant(
        "several ways to one host go by the last row of the table",
        "core/merge.py",
        "defaults.table[min(rows)].targets, min(rows))\n",
        "defaults.table[max(rows)].targets, max(rows))\n",
        profile="targets",
    ),
    Mutant(
        "a name that moves loses its old address first",
        "providers/technitium/steps.py",
        "    for step in (_make_way, _disabling, _addition, _removal, _new_ttl, _amendment):\n",
        "    for step in (_make_way, _disabling, _removal, _addition, _new_ttl, _amendment):\n",
        profile="targets",
    ),
    Mutant(
        "a server waits for what another one is asked",
        "control/worker.py",
        "            await self.work_on(zone)\n\n",
        "            async with vars(self._reconciler._sources).setdefault('turn', asyncio.Lock()):\n"
        "                await self.work_on(zone)\n\n",
        profile="servers",
    ),
    Mutant(
        "only the first server hears what the cluster says",
        "app/build.py",
        "        for lane in lanes:\n            lane.worker.store_changed(change)\n",
        "        for lane in lanes[:1]:\n            lane.worker.store_changed(change)\n",
        profile="servers",
    ),
    Mutant(
        "a server gets the targets of all",
        "settings/servers.py",
        "                dns_ip_address=server.targets or settings.dns_ip_address,\n",
        "                dns_ip_address=settings.dns_ip_address or server.targets,\n",
        profile="servers",
    ),
    Mutant(
        "a pause is for the first server",
        "app/controls.py",
        "        for lane in self._lanes:\n            lane.reconciler.paused = value\n",
        "        for lane in self._lanes[:1]:\n            lane.reconciler.paused = value\n",
        profile="servers",
    ),
    Mutant(
        "a Gateway that is not known costs its routes' names",
        "core/gateway/attaching.py",
        "served.fault(SkipReason.GATEWAY_UNKNOWN, parent, detail, costs_names=True)",
        "served.fault(SkipReason.GATEWAY_UNKNOWN, parent, detail, costs_names=False)",
        profile="gateways",
    ),
    Mutant(
        "an object takes over what a person ordered",
        "core/draft.py",
        "            interests = (*interests, (ordered, ordered.claims[0]))\n",
        "            interests = interests or ((ordered, ordered.claims[0]),)\n",
        profile="customs",
    ),
    Mutant(
        "what was ordered is not remembered until it is saved",
        "control/orders.py",
        "        if placed is not None:\n            self._keep(placed.order)\n",
        "        if placed is not None:\n",
        profile="customs",
    ),
    Mutant(
        "a rival takes a name while its custom record may be lost",
        "control/orders.py",
        "            if isinstance(one, Create) and one.name not in self._steps and self._made(one.name)\n",
        "            if isinstance(one, Create) and one.name in self._steps and self._made(one.name)\n",
        profile="customs",
    ),
    Mutant(
        "an order is carried out over what is not ours",
        "core/ordering.py",
        "    if skip := not_to_be_touched(order.name, case.endpoint, case.current, situation.rules):\n",
        "    if (skip := not_to_be_touched(order.name, case.endpoint, case.current, situation.rules)) and not skip:\n",
        profile="customs",
    ),
    Mutant(
        "an order changes what an object has",
        "core/ordering.py",
        "    if case.current and held != wanted:\n",
        "    if case.current and held is wanted:\n",
        profile="customs",
    ),
    Mutant(
        "a rival gets a name because one list lacks its owner",
        "core/plan.py",
        "        if kind in rules.unknown_kinds or in_doubt:\n",
        "        if kind in rules.unknown_kinds or in_doubt is None:\n",
    ),
    Mutant(
        "a release releases everything",
        "control/review.py",
        "        released = frozenset(self.releasable.keys() & set(names))\n",
        "        released = frozenset(self.releasable) if names else frozenset()\n",
    ),
    Mutant(
        "a release is never over",
        "control/evidence.py",
        "            if file is not None and (doubtful := _unseen(file.ends)):\n"
        "                self._files[name] = _File(doubtful)\n",
        "            if file is not None:\n"
        "                self._files[name] = _File(_unseen(file.ends), released=file.released)\n",
    ),
    Mutant(
        "a pause is ignored",
        "control/reconciler.py",
        "        return self.stopping or self.paused or not self.is_leader()\n",
        "        return self.stopping or not self.is_leader()\n",
    ),
    Mutant(
        "the end of a pause wakes nobody",
        "control/controls.py",
        '    log.warning("paused by a person" if paused else "resumed by a person", '
        'extra={"who": who})\n    look_again()\n',
        '    log.warning("paused by a person" if paused else "resumed by a person", '
        'extra={"who": who})\n',
    ),
    Mutant(
        "a purge takes all that nobody claims",
        "core/takeover.py",
        "    names = {skip.name for skip in plan.skips if skip.reason is SkipReason.ORPHAN and skip.name}\n",
        "    names = set(zone.names) - {skip.name for skip in plan.skips[:0]}\n",
    ),
    Mutant(
        "a purge does not look again before it deletes",
        "app/takeover.py",
        "        planned = await _planned(parts, changes_of)\n",
        "        planned = shown\n",
        (
            (
                "        return sources.state().synced and change.name not in sources.claimed_names()\n",
                "        return sources.state().synced\n",
            ),
        ),
    ),
    Mutant(
        "an adopted record goes on inference",
        "core/plan.py",
        "    seen_only = any(ADOPTED in marker.extra for marker in markers)\n",
        "    seen_only = False\n",
    ),
    Mutant(
        "an adopted record's comment is lost",
        "core/takeover.py",
        "extra=(ADOPTED,), human=record.comment)\n",
        "extra=(ADOPTED,))\n",
    ),
    Mutant(
        "a record that says something else is adopted",
        "core/takeover.py",
        "        if is_adoptable(current, endpoint, identity):\n",
        "        if current and not any(is_ours(record, identity) for record in current):\n",
    ),
    Mutant(
        "a name is taken from any cluster",
        "core/takeover.py",
        "        and marker.cluster == cluster\n",
        "        and cluster != ''\n",
    ),
    Mutant(
        "what people wrote behind a mark is lost",
        "core/goal.py",
        "        comment = comment if renewed == marker else render_marker(renewed)\n",
        "        comment = comment if renewed == marker else render_marker(replace(renewed, human=''))\n",
    ),
    Mutant(
        "what is known of names without a record is kept for ever",
        "control/reconciler.py",
        "        ledger.tidy(view.ours(ledger.names, self.identity), self._clock())\n",
        "",
    ),
    Mutant(
        "an object that is gone for good is kept in mind",
        "control/review.py",
        "        self.ledger.confirm(self._sources.has, before, missing)\n",
        "",
    ),
    Mutant(
        "evidence of a change that failed is forgotten",
        "control/execution.py",
        "            if applied.verdict is Verdict.FAILED:\n",
        "            if applied.verdict is Verdict.STALE:\n",
    ),
    Mutant(
        "a marker loses a kind because one list lacks it",
        "core/goal.py",
        "rules.absent_kinds | (rules.unconfirmed_kinds - ended)",
        "rules.absent_kinds",
    ),
    Mutant(
        "the guard is off",
        "core/guard.py",
        "    withheld |= _guarded(ready, rest, facts, limits)\n",
        "",
    ),
    Mutant(
        "a kind may be emptied on inference",
        "core/guard.py",
        "    if going >= held:\n",
        "    if going > held:\n",
    ),
    Mutant(
        "the share of deletes is not looked at",
        "core/guard.py",
        "if deletes <= limits.few or",
        "if deletes >= 0 or",
    ),
    Mutant(
        "the marker is ignored",
        "core/ownership.py",
        "    return marker is not None and marker.owner == identity.owner\n",
        "    return True\n",
    ),
    Mutant(
        "the owner id is ignored",
        "core/ownership.py",
        "    return marker is not None and marker.owner == identity.owner\n",
        "    return marker is not None\n",
    ),
    Mutant(
        "other clusters are ignored",
        "core/ownership.py",
        "    return marker.cluster is not None and marker.cluster != identity.cluster\n",
        "    return False\n",
    ),
    Mutant(
        "foreign siblings are ignored",
        "core/plan.py",
        "    if foreign:\n",
        "    if foreign and len(foreign) == len(current):\n",
    ),
    Mutant(
        "held records are updated", "core/plan.py", "    if disabled:\n", "    if not current:\n"
    ),
    Mutant(
        "orphans are deleted",
        "core/plan.py",
        "    if not all(coverage.sees(marker) for marker in markers):\n",
        "    if not markers:\n",
    ),
    Mutant(
        "names of filtered objects are deleted",
        "core/plan.py",
        "    if ref := ground.filtered.find(name, origins):\n",
        "    if (ref := ground.filtered.find(name, origins)) and not origins:\n",
    ),
    Mutant(
        "names of faulty objects are deleted",
        "core/plan.py",
        "    if ref := ground.faulty.find(name, origins):\n",
        "    if (ref := ground.faulty.find(name, origins)) and not origins:\n",
    ),
    Mutant(
        "a faulty object's old names are not held",
        "control/store.py",
        "        if old is None or not obj.is_faulty:\n",
        "        if old is None or obj.is_faulty:\n",
    ),
    Mutant(
        "marks are rewritten while sources are out of touch",
        "core/goal.py",
        "    if marker is not None and not rules.unknown_kinds:\n",
        "    if marker is not None:\n",
    ),
    Mutant(
        "a 410 in the middle of a list is taken for its end",
        "kube/reflector.py",
        "            return self._lost(error) if self._expiries else self._expired()\n",
        "            self._expiries += isinstance(error, str)\n",
    ),
    Mutant(
        "a 410 in a watch is taken for nothing",
        "kube/reflector.py",
        "                raise ExpiredError(message)\n",
        "                log.debug(message)\n",
    ),
    Mutant(
        "an empty page is taken for the end",
        "kube/api.py",
        "        page.items.clear()\n",
        "        if not page.items:\n            return\n        page.items.clear()\n",
    ),
    Mutant(
        "an absent kind is taken for a gone one",
        "control/review.py",
        "        if absent := delete.kinds & sources.absent_kinds:\n",
        "        if absent := delete.kinds - delete.kinds:\n",
    ),
    Mutant(
        "a source out of touch is taken for a synced one",
        "control/sources.py",
        "        unknown = [store for store in self.stores if store.state is SourceState.UNKNOWN]\n",
        "        unknown: list[Store] = []\n",
    ),
    Mutant(
        "a failed watch is taken for a good one",
        "kube/reflector.py",
        "        self._store.mark_unknown(str(error))\n",
        "",
    ),
    Mutant(
        "no second list is waited for",
        "core/guard.py",
        "    confirmed = facts.lists_began >= candidate.at + limits.confirm\n",
        "    confirmed = True\n",
    ),
    Mutant(
        "a second list may come at once",
        "core/guard.py",
        "    confirmed = facts.lists_began >= candidate.at + limits.confirm\n",
        "    confirmed = facts.lists_began >= candidate.at\n",
    ),
    Mutant(
        "a zone ends within a label",
        "core/names.py",
        "    candidate = name\n",
        "    return max((zone for zone in zones if name.endswith(zone)), key=len, default=None)\n",
    ),
    Mutant(
        "the shortest zone wins",
        "core/names.py",
        "    candidate = name\n",
        "    return ([None] + [zone for zone in ancestors(name) if zone in zones])[-1]\n",
    ),
    Mutant(
        "definitions are not looked at",
        "kube/inspector.py",
        "        if not crds:\n",
        "        if crds:\n",
    ),
    Mutant(
        "a definition that is terminating counts as alive",
        "kube/inspector.py",
        '        return None if metadata.get("deletionTimestamp") else uid\n',
        "        return uid if metadata else None\n",
    ),
    Mutant(
        "a definition's uid is ignored",
        "kube/inspector.py",
        "        if not alive or asked - {None} - alive:\n",
        "        if not alive:\n",
    ),
    Mutant(
        "a definition that can't be read counts as one that may not be read",
        "kube/inspector.py",
        "            return KindState.UNREADABLE if denied else KindState.UNKNOWN\n",
        "            return KindState.UNREADABLE if denied else KindState.UNREADABLE\n",
    ),
    Mutant(
        "seen and inferred ends are swapped",
        "control/store.py",
        "            ends += self._ends(old, new, seen=new is not None)\n",
        "            ends += self._ends(old, new, seen=new is None)\n",
    ),
    Mutant(
        "evidence is not dropped when a name is claimed again",
        "control/reconciler.py",
        "        review.ledger.forget_claimed(self.demands.wanted(zone, review.ledger.names))\n",
        "",
    ),
    Mutant(
        "unseen ends of shared names are dropped",
        "control/evidence.py",
        "            if file is not None and (doubtful := _unseen(file.ends)):\n",
        "            if file is None and (doubtful := {}):\n",
    ),
    Mutant(
        "withholding is forgotten",
        "control/evidence.py",
        '        return file.withheld if file is not None else ""\n',
        '        return file.withheld[:0] if file is not None else ""\n',
    ),
    Mutant(
        "what was no preview goes like one",
        "core/plan.py",
        "preview = not is_pointer and all(PREVIEW in marker.extra for marker in markers)",
        "preview = bool(markers)",
        profile="previews",
    ),
    Mutant(
        "the end of a name's time is slept through",
        "control/previews.py",
        "                due.add(key)\n",
        "                due.discard(key)\n",
        profile="previews",
    ),
    Mutant(
        "previews wait like all others",
        "core/merge.py",
        "        preview=preview,\n",
        "        preview=False,\n",
        profile="previews",
    ),
    Mutant(
        "the grace is skipped",
        "core/guard.py",
        "        until = candidate.at + (0.0 if candidate.delete.preview else limits.grace)\n",
        "        until = candidate.at\n",
    ),
    Mutant(
        "an update deletes before it adds",
        "providers/technitium/steps.py",
        "    for step in (_make_way, _disabling, _addition, _removal, _new_ttl, _amendment):\n",
        "    for step in (_make_way, _disabling, _removal, _addition, _new_ttl, _amendment):\n",
    ),
    Mutant(
        "a value is changed by an update",
        "providers/technitium/steps.py",
        "    return _add(replace(first, ttl=held[0].ttl))\n",
        "    return _add(first, overwrite=True)\n",
    ),
    Mutant(
        "a name is not read before it is written",
        "providers/technitium/work.py",
        "            held = await self._course.read(self._name)\n",
        "            held = tuple(sorted(self._change.before))\n",
    ),
    Mutant(
        "what is read before a write is not looked at",
        "providers/technitium/work.py",
        "            if current not in expected:\n",
        "            if current is None:\n",
    ),
    Mutant(
        "a failed write is taken for a done one",
        "providers/technitium/work.py",
        "        return Applied(change, Verdict.FAILED, None, work.writes, error)\n",
        "        return Applied(change, Verdict.DONE, change.goal, work.writes)\n",
    ),
    Mutant(
        "drift is not looked for",
        "control/driftwatch.py",
        "            if zone not in hosted or hosted[zone].stamp != self._memory.stamp(zone)\n",
        "            if zone not in hosted\n",
    ),
    Mutant(
        "only a higher serial counts as a change",
        "control/driftwatch.py",
        "            if zone not in hosted or hosted[zone].stamp != self._memory.stamp(zone)\n",
        "            if zone not in hosted or hosted[zone].stamp.serial\n"
        "            > getattr(self._memory.stamp(zone), 'serial', -1)\n",
    ),
    Mutant(
        "a restart of the DNS server is ignored",
        "control/driftwatch.py",
        "        if self._started_at is not None and started_at != self._started_at:\n",
        "        if self._started_at is None and started_at is None:\n",
    ),
    Mutant(
        "conflicts go by the order of arrival",
        "core/merge.py",
        "    known = sorted(objects, key=lambda obj: obj.ref)\n",
        "    known = list(objects)\n",
        (
            (
                "        not is_incumbent,\n        -bid.claim.extras.priority,\n        bid.obj.created,\n        bid.ref,\n",
                "        is_incumbent is None,\n        0,\n        '',\n        ObjectRef('', '', ''),\n",
            ),
        ),
    ),
    Mutant(
        "who has a name does not keep it",
        "core/merge.py",
        "        not is_incumbent,\n        -bid.claim.extras.priority,\n        bid.obj.created,\n",
        "        is_incumbent is None,\n        -bid.claim.extras.priority,\n        bid.obj.created[:0],\n",
    ),
    Mutant(
        "the queue drops a key added during its pass",
        "control/worker.py",
        "            await self.work_on(zone)\n",
        "            await self.work_on(zone)\n            self.queue._due.pop(zone, None)\n",
    ),
    Mutant(
        "the backoff grows without end",
        "kube/reflector.py",
        "BACKOFF = Backoff(first=1.0, at_most=2.0)\n",
        "BACKOFF = Backoff(first=1.0, at_most=1e9)\n",
    ),
    Mutant(
        "a request for a new list is lost",
        "kube/reflector.py",
        "        self._list_wanted = True\n",
        "        self._list_wanted = False\n",
    ),
    Mutant(
        "a blind watch is believed",
        "kube/reflector.py",
        "        if self._mute_for > BOOKMARK_SECONDS:\n",
        "        if self._mute_for > 1e9:\n",
    ),
    Mutant(
        "the policy is ignored",
        "control/reconciler.py",
        "        plan = under_policy(planned.plan, self._intent.policy_in(zone))\n",
        "        plan = planned.plan\n",
    ),
    Mutant(
        "objects that say ignore are not",
        "core/annotations.py",
        '    if annotation(annotations, "ignore").strip().lower() == "true":\n',
        '    if annotation(annotations, "ignore").strip().lower() == "yes":\n',
    ),
    Mutant(
        "an import does not wait for the serial to be as it was",
        "providers/technitium/bulk.py",
        "            if self._is_expected(await self._course.stamp()):\n",
        "            if self._is_expected(await self._course.stamp()) or self._known:\n",
    ),
    Mutant(
        "an import takes names that hold something else",
        "providers/technitium/bulk.py",
        "            if zone.names.get(entry.change.name, ()) == entry.change.before\n",
        "            if entry.change.name not in self._lost\n",
    ),
    Mutant(
        "an import is believed to have done it all",
        "providers/technitium/bulk.py",
        "            if answering(held, name, zone.name) == tuple(sorted(change.goal)):\n",
        "            if name not in self._lost:\n",
    ),
    Mutant(
        "a leader never gives up",
        "control/election.py",
        "            self.leadership.holds_until(sent_at + self._timing.renew)\n",
        "            self.leadership.holds_until(sent_at + 1e9)\n",
    ),
    Mutant(
        "a leader gives up when others have begun",
        "core/election.py",
        "    renew: float = 10.0\n",
        "    renew: float = 20.0\n",
    ),
    Mutant(
        "a lease is taken from a living leader",
        "core/election.py",
        "now >= sighting.since + record.duration\n",
        "now >= sighting.since\n",
    ),
    Mutant(
        "a lease that ran out is never taken",
        "core/election.py",
        "now >= sighting.since + record.duration\n",
        "now < sighting.since\n",
    ),
    Mutant(
        "a lease is not released",
        "control/election.py",
        "        if not leads or kept is None:\n",
        "        if leads or kept is None:\n",
        profile="leaders",
    ),
    Mutant(
        "a process that slept sends what it had begun",
        "providers/technitium/client.py",
        "        if path not in READS and not self._may_write():\n",
        "        if path == READS and not self._may_write():\n",
    ),
    Mutant(
        "errors show the token",
        "providers/technitium/client.py",
        '        return text.replace(self._tokens.value, "<token>")\n',
        "        return text\n",
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a mutant; ``law`` is empty where no schedule found it."""

    mutant: Mutant
    law: str = ""
    schedules: int = 0
    seed: int = 0


def source() -> Path:
    """Return the folder of the package that runs."""
    return Path(catalyst_dns_sync.__file__).parent


def hunt(mutant: Mutant, first: int, schedules: int) -> Found:
    """Play schedules on a broken copy of the program, until a law is broken."""
    package = source()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / mutant.file).write_text(mutant.text(package))
        tests = str(Path(__file__).parents[1])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, tests])}
        command = [sys.executable, "-m", "simulation.mutants", "--child", str(first)]
        try:
            done = subprocess.run(
                [*command, "--schedules", str(schedules), "--profile", mutant.profile],
                env=environment,
                capture_output=True,
                check=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Found(mutant, "(it never ends)", 0)
        except subprocess.CalledProcessError as error:
            return Found(mutant, f"(it does not run: {error.stderr.decode()[-200:]!r})", 0)
    law, count, seed = json.loads(done.stdout)
    return Found(mutant, law, count, seed)


def _child(first: int, schedules: int, profile: str) -> None:
    from simulation.script import script_of
    from simulation.suites import played

    for count in range(schedules):
        result = played(script_of(first + count, profile))
        if result.violations:
            print(json.dumps([result.violations[0].law, count + 1, first + count]))
            return
    print(json.dumps(["", schedules, 0]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.mutants")
    parser.add_argument("--schedules", type=int, default=SCHEDULES)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="a part of the names to look for")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--profile", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        _child(options.child, options.schedules, options.profile)
        return 0
    chosen = [mutant for mutant in MUTANTS if options.only in mutant.name]
    missed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(lambda one: hunt(one, options.first, options.schedules), chosen):
            missed += not found.law
            how = f"{found.law} after {found.schedules}" if found.law else "NOT FOUND"
            print(f"{found.mutant.name:68} {how}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} mutants found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
