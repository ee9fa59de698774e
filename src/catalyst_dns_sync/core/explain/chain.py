"""The steps from the objects to the answers, each with what it came to."""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import assert_never

from catalyst_dns_sync.core.annotations import ANNOTATION_PREFIX
from catalyst_dns_sync.core.changes import Create, Delete, Update
from catalyst_dns_sync.core.custom import is_custom
from catalyst_dns_sync.core.drift import repairs
from catalyst_dns_sync.core.explain.claims import objects_step
from catalyst_dns_sync.core.explain.coverage import certificate_step
from catalyst_dns_sync.core.explain.model import Answer, Case, Explanation, Outcome, Stage, Step
from catalyst_dns_sync.core.explain.spelling import nearest
from catalyst_dns_sync.core.merge import Interest, answers_for, decide
from catalyst_dns_sync.core.names import ROOT, DnsName, zone_of
from catalyst_dns_sync.core.ownership import answering, is_ours
from catalyst_dns_sync.core.plan import our_marker
from catalyst_dns_sync.core.records import Endpoint, ObjectRef, Record, Records, RecordType
from catalyst_dns_sync.core.skips import ADVICE, Skip, SkipReason
from catalyst_dns_sync.core.targets import TargetStep

_TARGET = frozenset({SkipReason.UNSUPPORTED})
_SERVER = frozenset({SkipReason.DELEGATED, SkipReason.SHADOWED})
_RECORD = frozenset(
    {
        SkipReason.NOT_OURS,
        SkipReason.ADOPTABLE,
        SkipReason.OTHER_CLUSTER,
        SkipReason.HELD,
        SkipReason.CNAME_BLOCKED,
    }
)
_CHANGE = frozenset(
    {
        SkipReason.ORPHAN,
        SkipReason.FAULTY_OBJECT,
        SkipReason.SOURCE_UNKNOWN,
        SkipReason.SOURCE_ABSENT,
        SkipReason.WITHHELD,
        SkipReason.POLICY,
        SkipReason.DRIFT,
    }
)
_ADDRESSES = frozenset({"A", "AAAA", "CNAME", "PTR"})


def explain(case: Case) -> Explanation:
    """Return the steps that a name takes, from the managed zones to what is answered.

    A step that stops the name does not end the chain: what comes after it is told as it is.
    """
    return Explanation(case.name, tuple(_steps(case)))


def _steps(case: Case) -> Iterator[Step]:
    zone = zone_of(case.name, case.zones)
    yield _zone(case, zone)
    yield objects_step(case)
    if case.interests:
        yield _target(case)
    if zone is not None:
        yield _server(case, zone)
        if case.contents is not None:
            yield _record(case)
            yield _change(case)
    if case.answer is not None:
        yield _answer(case, case.answer)
    if case.resolver is not None:
        yield _resolver(case, case.resolver)
    if case.certificates is not None:
        yield certificate_step(case.name, case.certificates, case.now)


def _zone(case: Case, zone: DnsName | None) -> Step:
    if zone == ROOT:
        return Step(Stage.ZONE, Outcome.OK, "every name is managed")
    if zone is not None:
        return Step(Stage.ZONE, Outcome.OK, f"it lies in {zone}, which is managed")
    managed = ", ".join(sorted(case.zones))
    close = nearest(case.name, case.zones)
    more = (f"did you mean a name in {close[0]}?",) if close else ()
    advice = "add its zone to DNS_ZONES, if the DNS server has it"
    detail = f"it lies in no zone of DNS_ZONES ({managed})"
    return Step(Stage.ZONE, Outcome.STOPS, detail, more, advice)


def _target(case: Case) -> Step:
    if skip := _skip(case, _TARGET):
        return _stop(Stage.TARGET, skip)
    verdict, losers = _decided(case)
    lost = [skip for skip in losers if skip.reason is SkipReason.CONFLICT]
    if not isinstance(verdict, Endpoint):
        detail, advice = _without_target(case, verdict)
        if _held(case)[0]:
            detail = f"{detail}: the last known one stays"
            return Step(Stage.TARGET, Outcome.NOTE, detail, (), advice)
        return Step(Stage.TARGET, Outcome.STOPS, detail, (), advice)
    winner = next(pair for pair in case.interests if pair[0].ref == verdict.origins[0])
    values = ", ".join(f"{target.type} {target.value}" for target in verdict.targets)
    detail = f"{values} ttl {verdict.ttl}, from {_source_of_target(case, winner)}"
    if lost:
        more = tuple(f"{skip.origin} {skip.detail}" for skip in lost)
        return Step(Stage.TARGET, Outcome.NOTE, detail, more, ADVICE[SkipReason.CONFLICT])
    return Step(Stage.TARGET, Outcome.OK, detail)


def _without_target(case: Case, ref: ObjectRef) -> tuple[str, str]:
    """Return why the object has no target, and what would give it one."""
    claims = [claim for obj, claim in case.interests if obj.ref == ref]
    service = case.defaults.service
    step = answers_for(claims, case.defaults)[0].step
    if step is TargetStep.OBJECT:
        advice = f"look why its load balancer gives none, or annotate it: {ANNOTATION_PREFIX}target"
        return f"{ref} takes its own address alone, and has none yet", advice
    if step is TargetStep.SERVICE and service is not None and service.trouble:
        advice = f"look after that Service, or annotate the object: {ANNOTATION_PREFIX}target"
        return f"DNS_TARGET_SERVICE {service.name}: {service.trouble}", advice
    return f"{ref} names no target, and neither does a setting", ADVICE[SkipReason.NO_TARGET]


def _source_of_target(case: Case, interest: Interest) -> str:
    obj, claim = interest
    if claim.targets and claim.targets[0].type is RecordType.PTR:
        return "the order of the names that have this address"
    if is_custom(obj.ref):
        return f"the zone itself: {obj.ref}"
    claims = [claim, *(other for _, other in case.interests)]
    answer = answers_for(claims, case.defaults)[0]
    match answer.step:
        case TargetStep.OBJECT:
            what = "status" if answer.targets == claim.status else "annotation"
            return f"the {what} of {obj.ref}"
        case TargetStep.TABLE:
            row = case.defaults.table[answer.row or 0]
            return f"DNS_TARGETS, row {row.way}"
        case TargetStep.ADDRESSES:
            return "DNS_IP_ADDRESS"
        case TargetStep.SERVICE:
            service = case.defaults.service
            return f"DNS_TARGET_SERVICE {service.name if service is not None else ''}"
        case TargetStep.STATUS:
            return f"the status of {obj.ref}"
        case _:
            assert_never(answer.step)


def _decided(case: Case) -> tuple[Endpoint | ObjectRef, list[Skip]]:
    marker = None
    if case.contents is not None:
        records = case.contents.names.get(case.name, ())
        marker = our_marker(case.name, records, case.contents.name, case.identity)
    return decide(case.name, case.interests, case.defaults, marker)


def _server(case: Case, zone: DnsName) -> Step:
    if case.trouble:
        advice = "mend that first: until then nothing is changed in this zone"
        return Step(Stage.SERVER, Outcome.STOPS, case.trouble, (), advice)
    if skip := _skip(case, _SERVER):
        return _stop(Stage.SERVER, skip)
    place = "the hosts file" if case.in_hosts_file else f"the server has {zone} and"
    return Step(Stage.SERVER, Outcome.OK, f"{place} takes changes")


def _record(case: Case) -> Step:
    current, others = _held(case)
    more = tuple(f"beside it: {_plainly(record)}" for record in others)
    if skip := _skip(case, _RECORD):
        return _stop(Stage.RECORD, skip, more)
    if not current:
        return Step(Stage.RECORD, Outcome.OK, "no record answers for it", more)
    texts = ", ".join(_text(record) for record in current)
    if not all(is_ours(record, case.identity) for record in current):
        detail = f"not ours, and nobody asks us for it: {texts}"
        return Step(Stage.RECORD, Outcome.NOTE, detail, more)
    marker = our_marker(case.name, current, _zone_name(case), case.identity)
    origin = f", written for {marker.origin}" if marker is not None and marker.origin else ""
    return Step(Stage.RECORD, Outcome.OK, f"ours{origin}: {texts}", more)


def _change(case: Case) -> Step:
    if reason := case.withheld.get(case.name):
        told = Skip(SkipReason.WITHHELD, case.name, f"the daemon withholds its delete: {reason}")
        return _stop(Stage.CHANGE, told)
    if skip := _skip(case, _CHANGE):
        return _stop(Stage.CHANGE, skip)
    if case.name in case.graced and not case.interests:
        detail = f"the daemon looks at its delete again in {case.graced[case.name]:.0f} s"
        advice = "until then it is kept, in case that somebody claims it again"
        return Step(Stage.CHANGE, Outcome.WAITS, detail, (), advice)
    if case.name in case.waiting:
        detail = "its delete waits: its end was not seen here, a second list has to confirm it"
        advice = "a running daemon that saw the end deletes it sooner; CONFIRM_SECONDS says when"
        return Step(Stage.CHANGE, Outcome.WAITS, detail, (), advice)
    found = case.plan.changes if case.plan is not None else ()
    change = next((one for one in found if one.name == case.name), None)
    match change:
        case None:
            return Step(Stage.CHANGE, Outcome.OK, "nothing is to be done")
        case Create():
            detail = f"the next pass creates {_texts(change.goal)}"
        case Update(before=before, goal=goal):
            old, new = _texts(before), _texts(goal)
            what = f"{old} to {new}" if old != new else f"the marker of {new}"
            detail = f"the next pass changes {what}"
        case Delete():
            detail = f"the next pass deletes {_texts(change.before)}, which nobody claims"
    if case.paused:
        return Step(Stage.CHANGE, Outcome.STOPS, f"the daemon is paused; {detail}", (), "`resume`")
    notes = list(case.plan.notes) if case.plan is not None else []
    if not isinstance(change, Delete) and not repairs(change.endpoint, case.drift_policy):
        notes.append("what a person changed stays, though: auto-remediate or DRIFT_POLICY says so")
    advice = "start the daemon (`run`), if it does not run; else it happens by itself"
    return Step(Stage.CHANGE, Outcome.WAITS, detail, tuple(notes), advice)


def _answer(case: Case, answer: Answer) -> Step:
    if answer.error:
        advice = "name the port of its DNS with --dns-port, and look for a firewall in between"
        detail = f"{answer.asked} gave no answer: {answer.error}"
        return Step(Stage.ANSWER, Outcome.STOPS, detail, (), advice)
    text = _said(answer)
    held = _values(case)
    if not held or held & set(answer.values):
        return Step(Stage.ANSWER, Outcome.OK, text)
    advice = "look for another view, split horizon, or an App of the server that answers instead"
    detail = f"{text}, while the zone holds {', '.join(sorted(held))}"
    return Step(Stage.ANSWER, Outcome.STOPS, detail, (), advice)


def _resolver(case: Case, resolver: Answer) -> Step:
    text = f"{resolver.asked} gave no answer: {resolver.error}" if resolver.error else ""
    text = text or _said(resolver)
    ours = case.answer
    if case.in_hosts_file:
        if _values(case) <= set(resolver.values):
            return Step(Stage.RESOLVER, Outcome.OK, text)
        advice = "it reads the machine's own hosts file (/etc/hosts); HOSTS_FILE may be another one"
        return Step(Stage.RESOLVER, Outcome.NOTE, f"{text}, other than the file", (), advice)
    if ours is None or ours.error or ours.addresses == resolver.addresses:
        return Step(Stage.RESOLVER, Outcome.OK, text)
    advice = (
        "it keeps an older answer for up to that one's TTL, or does not ask this DNS server at all"
    )
    return Step(Stage.RESOLVER, Outcome.NOTE, f"{text}, other than {ours.asked}", (), advice)


def _values(case: Case) -> set[str]:
    current = [record for record in _held(case)[0] if not record.disabled]
    return {f"{record.type} {record.value}" for record in current if record.type in _ADDRESSES}


def _said(answer: Answer) -> str:
    values = ", ".join(answer.values) or ("no address" if answer.code == "NOERROR" else answer.code)
    return f"{answer.asked} answers {values} ({answer.milliseconds:.0f} ms)"


def _skip(case: Case, reasons: Collection[SkipReason]) -> Skip | None:
    found = case.plan.skips if case.plan is not None else ()
    return next((one for one in found if one.name == case.name and one.reason in reasons), None)


def _stop(stage: Stage, skip: Skip, more: tuple[str, ...] = ()) -> Step:
    detail = f"{skip.reason}: {skip.detail}"
    return Step(stage, Outcome.STOPS, detail, more, ADVICE[skip.reason])


def _held(case: Case) -> tuple[Records, Records]:
    """Return the records that answer for the name, and the others at it."""
    if case.contents is None:
        return (), ()
    records = case.contents.names.get(case.name, ())
    current = answering(records, case.name, case.contents.name)
    return current, tuple(record for record in records if record not in current)


def _zone_name(case: Case) -> DnsName:
    return case.contents.name if case.contents is not None else case.name


def _texts(records: Records) -> str:
    return ", ".join(f"{one.type} {one.value} ttl {one.ttl}" for one in records)


def _text(record: Record) -> str:
    tail = ", disabled" if record.disabled else ""
    return f"{record.type} {record.value[:80]} ttl {record.ttl}{tail}"


def _plainly(record: Record) -> str:
    """Return a record of another type: of a TXT its text alone, and all of what others hold."""
    try:
        data = json.loads(record.value) if record.type == "TXT" else None
    except ValueError:
        data = None
    text = data.get("text") if isinstance(data, dict) else None
    return _text(replace(record, value=text) if isinstance(text, str) else record)
