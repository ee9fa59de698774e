"""From what a name holds to what it should hold, one API call at a time.

`next_call` is level-triggered: it remembers nothing, and is asked again after each call with what
the name holds then. `after` predicts that, by the rules of Technitium's zones, which are worth
knowing: a record that comes with another TTL than the rest of its RRset gives all of them its TTL
and strips them of comment, disabled flag and expiry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from catalyst_dns_sync.core.records import Record, Records, RecordType


@dataclass(frozen=True, slots=True)
class Add:
    """records/add; with ``overwrite`` the record replaces all others of its type, at once."""

    record: Record
    overwrite: bool


@dataclass(frozen=True, slots=True)
class Amend:
    """records/update of a value that stays, with every field."""

    record: Record


@dataclass(frozen=True, slots=True)
class Remove:
    """records/delete of one value."""

    record: Record


Call: TypeAlias = Add | Amend | Remove


def next_call(current: Records, goal: Records) -> Call | None:
    """Return the next call that brings a name closer to ``goal``, or None where it is there.

    ``current`` are the records that answer at the name, all of them ours, and enabled unless
    ``goal`` has them just so; ``goal`` has one TTL for each type. At no moment does a name that has
    a record and keeps one answer with nothing, except between a CNAME and addresses, which
    Technitium does not let stand together. What ``goal`` has disabled is enabled for a moment,
    since a record can't be added otherwise.
    """
    for step in (_make_way, _disabling, _addition, _removal, _new_ttl, _amendment):
        if (call := step(current, goal)) is not None:
            return call
    return None


def after(current: Records, call: Call) -> Records:
    """Return what a name holds after the call, if it held ``current`` before."""
    kind = call.record.type
    rest = [record for record in current if record.type != kind]
    return tuple(sorted([*rest, *_rrset_after(_of_type(kind, current), call)]))


def _rrset_after(rrset: Records, call: Call) -> Records:
    record = call.record
    others = tuple(held for held in rrset if held.value != record.value)
    single = record.type == RecordType.CNAME
    match call:
        case Add(overwrite=True):
            return (record,)
        case Add():
            return (record,) if single else _joined(rrset, record)
        case Amend():
            if single or len(others) == len(rrset):
                return (record,) if single else rrset
            return _joined(others, record)
        case Remove():
            return () if single else others
        case _:
            assert_never(call)


def _joined(rrset: Records, record: Record) -> Records:
    joined = tuple(
        held if held.ttl == record.ttl else Record(held.type, held.value, record.ttl)
        for held in rrset
    )
    return joined if record.value in _values(rrset) else (*joined, record)


def _make_way(current: Records, goal: Records) -> Call | None:
    # RFC 1034 3.6.2: a CNAME stands alone. Technitium refuses the second one to come.
    alias = any(record.type == RecordType.CNAME for record in goal)
    for record in current:
        if goal and (record.type == RecordType.CNAME) != alias:
            return Remove(record)
    return None


def _disabling(current: Records, goal: Records) -> Call | None:
    values = _values(current)
    if any(record.value not in values for record in goal if not record.disabled):
        # What is to answer comes before what is not to.
        return None
    for record in goal:
        if record.disabled and any(_is_but_enabled(held, record) for held in current):
            return Amend(record)
    return None


def _is_but_enabled(held: Record, wanted: Record) -> bool:
    same = (held.type, held.value, held.ttl) == (wanted.type, wanted.value, wanted.ttl)
    return same and held != wanted


def _addition(current: Records, goal: Records) -> Call | None:
    return _first_in_type(_addition_in_rrset, current, goal)


def _addition_in_rrset(held: Records, wanted: Records) -> Call | None:
    missing = [record for record in wanted if record.value not in _values(held)]
    if not missing:
        return None
    first = min(missing, key=lambda record: record.disabled)
    if not held:
        return _add(first)
    if len(held) == 1:
        only = held[0]
        if only.value not in _values(wanted):
            return _add(first, overwrite=True)
        if only.ttl != wanted[0].ttl:
            staying = next(record for record in wanted if record.value == only.value)
            return _add(staying, overwrite=True)
    # Any other TTL than the RRset's own would cost the values beside it their comments.
    return _add(replace(first, ttl=held[0].ttl))


def _add(record: Record, *, overwrite: bool = False) -> Add:
    # records/add knows no disabled records.
    return Add(replace(record, disabled=False) if record.disabled else record, overwrite)


def _removal(current: Records, goal: Records) -> Call | None:
    wanted = {(record.type, record.value) for record in goal}
    surplus = (record for record in current if (record.type, record.value) not in wanted)
    return next((Remove(record) for record in surplus), None)


def _new_ttl(current: Records, goal: Records) -> Call | None:
    return _first_in_type(_new_ttl_in_rrset, current, goal)


def _new_ttl_in_rrset(held: Records, wanted: Records) -> Call | None:
    # The values beside the first one go and come back, comments and all, as additions.
    if any(record.ttl != wanted[0].ttl for record in held):
        return _add(wanted[0], overwrite=True)
    return None


def _amendment(current: Records, goal: Records) -> Call | None:
    return _first_in_type(_amendment_in_rrset, current, goal)


def _amendment_in_rrset(held: Records, wanted: Records) -> Call | None:
    for record in wanted:
        if record not in held:
            # An update takes the value away for a moment: no harm only where others answer.
            return Amend(record) if len(held) > 1 else Add(record, overwrite=True)
    return None


def _first_in_type(
    step: Callable[[Records, Records], Call | None], current: Records, goal: Records
) -> Call | None:
    for kind in sorted({record.type for record in goal}):
        call = step(_of_type(kind, current), _of_type(kind, goal))
        if call is not None:
            return call
    return None


def _of_type(kind: str, records: Records) -> Records:
    return tuple(record for record in records if record.type == kind)


def _values(records: Iterable[Record]) -> set[str]:
    return {record.value for record in records}
