"""Says in the log what changed, once, and not again on each pass.

INFO: each change and each transition. WARNING: a trouble, when it appears and when it is over.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Applied, ProviderError, Verdict
from catalyst_dns_sync.control.skipbook import SkipChange
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update, action_of, describe
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import CUSTOM, parse_marker
from catalyst_dns_sync.core.records import Records
from catalyst_dns_sync.core.skips import ADVICE, Skip, SkipReason

log = logging.getLogger(__name__)

MANY = 100
"""So many lines of one sort from one pass; the rest is counted in one more line."""

REASONS = 10
"""So many reasons are said of one trouble; by then a person has enough to look at."""

_DONE = {"create": "record created", "update": "record updated", "delete": "record deleted"}


class Reporter:
    """Turns outcomes into log lines: each change, each trouble when it appears and when it ends."""

    def __init__(self) -> None:
        self._errors: dict[DnsName, set[str]] = {}
        self._failed: dict[DnsName, dict[DnsName, str]] = {}
        self._proposed: dict[DnsName, frozenset[str]] = {}

    def changed(self, zone: DnsName, outcome: Outcome, applied: Iterable[Applied]) -> None:
        """Report some of the changes that a pass made."""
        drifted = frozenset(drift.name for drift in outcome.drift)
        for one in applied:
            if one.verdict is Verdict.DONE:
                facts = _facts(one.change) | {"why": _why(one.change, outcome, drifted)}
                log.info(_DONE[action_of(one.change)], extra={"zone": zone, **facts})

    def pass_ended(self, zone: DnsName, outcome: Outcome) -> None:
        """Report how a pass ended, and what it met; its changes are told by themselves."""
        if outcome.error is not None:
            self.pass_failed(zone, outcome.error)
        elif self._errors.pop(zone, None) is not None:
            log.warning("zone is reached again", extra={"zone": zone})
        for drift in outcome.drift[:MANY]:
            extra = {"zone": zone, "dns_name": drift.name, "drift": drift.kind}
            log.warning("somebody changed a record of ours", extra=extra)
        if more := len(outcome.drift[MANY:]):
            log.warning("somebody changed more records", extra={"zone": zone, "count": more})
        self._report_proposals(zone, outcome)
        self._report_failures(zone, outcome)

    def pass_failed(self, zone: DnsName, error: ProviderError) -> None:
        """Report that a zone can't be worked on, once for each reason until that is over."""
        said, text = self._errors.setdefault(zone, set()), str(error)
        # A proxy's page may have the time in it, and be another text at each try.
        if text not in said and len(said) < REASONS:
            log.warning("zone can't be synced", extra={"zone": zone, "error": text})
            said.add(text)

    def skips_changed(self, change: SkipChange) -> None:
        """Report what is newly left alone, and what no longer is."""
        for reason, skips, rest in _by_reason(change.appeared):
            for skip in skips:
                extra = {**_skip_fields(skip), "advice": ADVICE[reason]}
                log.warning("left alone", extra=extra)
            if rest:
                log.warning("more is left alone", extra={"reason": reason.value, "count": rest})
        for reason, skips, rest in _by_reason(change.ended):
            for skip in skips:
                log.warning("no longer left alone", extra=_skip_fields(skip))
            if rest:
                extra = {"reason": reason.value, "count": rest}
                log.warning("more is no longer left alone", extra=extra)

    def _report_proposals(self, zone: DnsName, outcome: Outcome) -> None:
        # Only a dry run leaves a change without a verdict, an error, and being counted as left.
        tried = {one.change.name for one in outcome.applied}
        left = [change for change in outcome.plan.changes if change.name not in tried]
        if outcome.error is not None or outcome.left:
            return
        now = frozenset(describe(change) for change in left)
        for line in sorted(now - self._proposed.get(zone, frozenset())):
            log.info("would change, but this is a dry run", extra={"zone": zone, "change": line})
        self._proposed[zone] = now

    def _report_failures(self, zone: DnsName, outcome: Outcome) -> None:
        before = self._failed.get(zone, {})
        now = {one.change.name: str(one.error) for one in outcome.applied if one.error is not None}
        new = [name for name in sorted(now) if before.get(name) != now[name]]
        for name in new[:MANY]:
            extra = {"zone": zone, "dns_name": name, "error": now[name]}
            log.warning("change failed, will be tried again", extra=extra)
        if more := len(new[MANY:]):
            log.warning("more changes failed", extra={"zone": zone, "count": more})
        if outcome.error is not None or outcome.left:
            # What this pass did not come to fails as before.
            tried = {one.change.name for one in outcome.applied}
            now |= {name: text for name, text in before.items() if name not in tried}
        over = sorted(before.keys() - now.keys())
        for name in over[:MANY]:
            extra = {"zone": zone, "dns_name": name}
            log.warning("change does not fail any more", extra=extra)
        if more := len(over[MANY:]):
            log.warning("more changes do not fail any more", extra={"zone": zone, "count": more})
        self._failed[zone] = now


def _by_reason(skips: Sequence[Skip]) -> Iterator[tuple[SkipReason, Sequence[Skip], int]]:
    """Yield for each reason the skips to say one by one, and how many more there are."""
    ordered = sorted(skips, key=lambda skip: skip.reason.value)
    for reason, group in groupby(ordered, key=lambda skip: skip.reason):
        found = list(group)
        yield reason, found[:MANY], len(found[MANY:])


def _facts(change: Change) -> dict[str, object]:
    fields: dict[str, object] = {
        "dns_name": change.name,
        "target": _values(change.goal or change.before),
        "ttl": (change.goal or change.before)[0].ttl,
    }
    match change:
        case Create(endpoint) | Update(endpoint):
            origin = endpoint.origins[0]
            fields |= {"namespace": origin.namespace, "resource": str(origin)}
            if endpoint.rule:
                fields["rule"] = endpoint.rule
            if isinstance(change, Update):
                fields["before"] = _values(change.before)
        case Delete(kinds=kinds):
            fields["kinds"] = ",".join(sorted(kinds))
            fields |= _marked_origin(change.before)
    return fields


def _why(change: Change, outcome: Outcome, drifted: frozenset[DnsName]) -> str:
    if change.name in outcome.ordered:
        return "a person ordered it"
    if change.name in drifted:
        return "somebody changed the record"
    match change:
        case Create():
            return "the object claims the name"
        case Update(before=before, goal=goal):
            return f"the object wants another {_difference(before, goal)}"
        case Delete(name=name):
            if name in outcome.released:
                return "a person released it"
            seen = name not in outcome.inferred
            return (
                "no object claims it any more"
                if seen
                else "it is in no list of the cluster any more"
            )


def _difference(before: Records, goal: Records) -> str:
    if _values(before) != _values(goal):
        return "target"
    if {record.ttl for record in before} != {record.ttl for record in goal}:
        return "ttl"
    return "marker"


def _values(records: Records) -> str:
    return ",".join(record.value for record in records)


def _marked_origin(records: Records) -> Mapping[str, object]:
    markers = (parse_marker(record.comment) for record in records)
    origin = next((marker.origin for marker in markers if marker is not None), "")
    if origin.startswith(f"{CUSTOM}/"):
        return {"namespace": "", "resource": origin}
    if origin.count("/") != 2:
        return {}
    return {"namespace": origin.split("/")[1], "resource": origin}


def _skip_fields(skip: Skip) -> dict[str, object]:
    fields: dict[str, object] = {"reason": skip.reason.value, "detail": skip.detail}
    if skip.name is not None:
        fields["dns_name"] = skip.name
    if skip.origin is not None:
        fields |= {"namespace": skip.origin.namespace, "resource": str(skip.origin)}
    return fields
