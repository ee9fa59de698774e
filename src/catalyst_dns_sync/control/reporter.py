"""Says in the log what changed, once, and not again on each pass."""

import logging

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError, Verdict
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update, action_of, describe
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.skips import ADVICE, Skip

log = logging.getLogger(__name__)

_DONE = {"create": "record created", "update": "record updated", "delete": "record deleted"}


class Reporter:
    """Turns outcomes into log lines: each change, each trouble when it appears and when it ends."""

    def __init__(self) -> None:
        self._skips: dict[DnsName, frozenset[Skip]] = {}
        self._errors: dict[DnsName, str] = {}
        self._failed: dict[DnsName, dict[DnsName, str]] = {}
        self._proposed: dict[DnsName, frozenset[str]] = {}

    def pass_ended(self, zone: DnsName, outcome: Outcome) -> None:
        """Report what a pass did and left alone."""
        if outcome.error is not None:
            self.pass_failed(zone, outcome.error)
        elif self._errors.pop(zone, None) is not None:
            log.info("zone is reached again", extra={"zone": zone})
        for drift in outcome.drift:
            extra = {"zone": zone, "dns_name": drift.name, "drift": drift.kind}
            log.warning("somebody changed a record of ours", extra=extra)
        for applied in outcome.applied:
            if applied.verdict is Verdict.DONE:
                log.info(
                    _DONE[action_of(applied.change)],
                    extra={"zone": zone, **_fields(applied.change)},
                )
        self._report_proposals(zone, outcome)
        self._report_failures(zone, outcome)
        self._report_skips(zone, outcome.plan.skips)

    def pass_failed(self, zone: DnsName, error: ProviderError) -> None:
        """Report that a zone can't be worked on, when that begins or its reason changes."""
        text = str(error)
        if self._errors.get(zone) != text:
            log.warning("zone can't be synced", extra={"zone": zone, "error": text})
        self._errors[zone] = text

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
        for name in sorted(now):
            if before.get(name) != now[name]:
                extra = {"zone": zone, "dns_name": name, "error": now[name]}
                log.warning("change failed, will be tried again", extra=extra)
        if outcome.error is not None or outcome.left:
            # What this pass did not come to fails as before.
            tried = {one.change.name for one in outcome.applied}
            now |= {name: text for name, text in before.items() if name not in tried}
        for name in sorted(before.keys() - now.keys()):
            log.info("change does not fail any more", extra={"zone": zone, "dns_name": name})
        self._failed[zone] = now

    def _report_skips(self, zone: DnsName, skips: tuple[Skip, ...]) -> None:
        now, before = frozenset(skips), self._skips.get(zone, frozenset())
        for skip in sorted(now - before, key=repr):
            log.warning("left alone", extra={"zone": zone, **_skip_fields(skip)})
        for skip in sorted(before - now, key=repr):
            log.info("no longer left alone", extra={"zone": zone, **_skip_fields(skip)})
        self._skips[zone] = now


def _fields(change: Change) -> dict[str, object]:
    fields: dict[str, object] = {
        "dns_name": change.name,
        "target": ",".join(record.value for record in change.goal or change.before),
        "ttl": (change.goal or change.before)[0].ttl,
    }
    match change:
        case Create(endpoint) | Update(endpoint):
            fields |= {"namespace": endpoint.origins[0].namespace}
            fields |= {"resource": str(endpoint.origins[0])}
        case Delete(kinds=kinds):
            fields |= {"kinds": ",".join(sorted(kinds))}
    return fields


def _skip_fields(skip: Skip) -> dict[str, object]:
    fields: dict[str, object] = {"reason": skip.reason.value, "detail": skip.detail}
    if skip.name is not None:
        fields["dns_name"] = skip.name
    if skip.origin is not None:
        fields |= {"namespace": skip.origin.namespace, "resource": str(skip.origin)}
    fields["advice"] = ADVICE[skip.reason]
    return fields
