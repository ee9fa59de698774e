"""The laws for what people do at the command line: ``adopt`` and ``purge --orphans``."""

from collections.abc import Mapping

from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from simulation.customs import CUSTOM
from simulation.dns import value_of
from simulation.laws import (
    CHANGE,
    MARGIN,
    Judge,
    Law,
    Write,
    is_human_text_kept,
    left_alone,
    untouched,
)
from simulation.marks import mark_of, records_of
from simulation.objects import Value


def only_comments_change(write: Write, _judge: Judge) -> str | None:
    """Nothing but comments of the name's answers is changed: no value, no TTL, no other record.

    The one window is a person's edit between the reading of the name and the call.
    """
    for name in {*write.before, *write.after}:
        old, new = write.before.get(name, {}), write.after.get(name, {})
        if name == write.name and old != write.seen:
            continue
        if old is not new and _without_comments(old) != _without_comments(new):
            return f"{_without_comments(old)} became {_without_comments(new)} at {name}"
    return None


def adopts_what_is_said(write: Write, _judge: Judge) -> str | None:
    """Only what nobody marked is adopted, where all of it says what an object wants."""
    answers = write.answers(write.seen)
    for record in answers:
        is_done = write.is_ours(record) and _is_adopted(record)
        if record.disabled or record.expiry_ttl or (mark_of(record.comments) and not is_done):
            return f"{record} is not to be adopted"
    values = frozenset(map(value_of, answers))
    claimers = write.life.knowledge.claimers(write.name)
    if _was_just_lost(write):
        return None
    if not any(write.life.wants(spec, write.name) == values for spec in claimers):
        return f"{sorted(values)} is what none of {claimers} wants"
    return None


def old_comment_stays(write: Write, _judge: Judge) -> str | None:
    """An adopted record says so, and its old comment stays as human text."""
    comment = write.form.get("comments", "")
    mark = mark_of(comment)
    if mark is None or not mark.adopted or mark.owner != write.life.config.owner:
        return f"it is marked with {comment!r}"
    for record in write.answers(write.seen):
        if value_of(record) != _sent(write) or mark_of(record.comments) is not None:
            continue
        if not is_human_text_kept(record.comments, mark.human, comment):
            return f"{record.comments!r} became {mark.human!r}"
    return None


def takes_from_that_cluster(write: Write, _judge: Judge) -> str | None:
    """Only names of our owner and the named cluster are taken, and only what is claimed here."""
    life = write.life
    for record in write.answers(write.seen):
        mark = mark_of(record.comments)
        if mark is None or mark.owner != life.config.owner or record.disabled:
            return f"{record} is not that cluster's"
        if mark.cluster not in (life.other, life.cluster.cluster_id):
            return f"{record} is of the cluster {mark.cluster}, not {life.other}"
    is_custom = any(
        mark is not None and CUSTOM in mark.kinds
        for mark in (mark_of(record.comments) for record in write.answers(write.seen))
    )
    if not is_custom and not life.knowledge.claimers(write.name) and not _was_just_lost(write):
        return "nobody claims it here"
    mark = mark_of(write.form.get("comments", ""))
    if mark is not None and is_custom and CUSTOM not in mark.kinds:
        return f"a person ordered it, and it is marked with {write.form.get('comments')!r}"
    if mark is None or mark.cluster != life.cluster.cluster_id:
        return f"it is marked with {write.form.get('comments')!r}"
    return None


def orphans_only(write: Write, _judge: Judge) -> str | None:
    """A purge deletes what no setting covers any more, and what nobody claims."""
    life, known = write.life, write.life.knowledge
    if write.op != "delete":
        return "a purge only deletes"
    claimed_at = known.claimed_at.get(write.name)
    if claimed_at is not None and claimed_at <= write.asked_at - MARGIN:
        return f"{known.claimers(write.name)} claims it since {claimed_at:.2f}"
    marks = [mark for one in write.answers(write.seen) if (mark := mark_of(one.comments))]
    origins = [known.spec_of(mark.origin) for mark in marks]
    kept_for = [*origins, *known.keepers(write.name)]
    is_out_of_sight = any(
        not life.config.covers(kind, mark.namespace) for mark in marks for kind in mark.kinds
    )
    is_filtered = any(spec is not None and not life.config.sees(spec) for spec in kept_for)
    return None if is_out_of_sight or is_filtered else f"{marks} is no orphan"


COMMAND_LAWS: Mapping[str, tuple[Law, ...]] = {
    "adopt": (only_comments_change, adopts_what_is_said, old_comment_stays),
    "adopt-from": (only_comments_change, takes_from_that_cluster),
    "purge": (untouched, left_alone, orphans_only),
}


def _without_comments(node: Node) -> list[tuple[object, ...]]:
    return sorted(
        (one.type, value_of(one), one.ttl, one.disabled, one.expiry_ttl)
        for one in records_of(node)
        if one.type != "SOA"
    )


def _was_just_lost(write: Write) -> bool:
    """Tell whether a claim ended between the plan and the call."""
    lost_at = write.life.knowledge.lost_at.get(write.name, float("-inf"))
    return lost_at > write.asked_at - CHANGE


def _is_adopted(record: Record) -> bool:
    mark = mark_of(record.comments)
    return mark is not None and mark.adopted


def _sent(write: Write) -> Value:
    return (write.form["type"], write.form.get("ipAddress") or write.form.get("cname", ""))
