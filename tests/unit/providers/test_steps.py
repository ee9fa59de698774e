"""From what a name holds to what it should hold, call by call."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.records import Record, Records
from catalyst_dns_sync.providers.technitium.steps import (
    Add,
    Amend,
    Call,
    Remove,
    after,
    next_call,
)


def a(value: int, ttl: int = 300, comment: str = "ours", expiry: int = 0) -> Record:
    return Record("A", f"192.0.2.{value}", ttl, comment, expiry=expiry)


def aaaa(value: int, ttl: int = 300, comment: str = "ours") -> Record:
    return Record("AAAA", f"2001:db8::{value}", ttl, comment)


def cname(value: str, ttl: int = 300, comment: str = "ours") -> Record:
    return Record("CNAME", value, ttl, comment)


def off(record: Record) -> Record:
    return replace(record, disabled=True)


def calls(current: Records, goal: Records) -> tuple[list[Call], list[Records]]:
    """Return the calls from current to goal, and what the name holds after each."""
    made: list[Call] = []
    held: list[Records] = []
    bound = len(current) + 3 * len(goal) + 4
    while (call := next_call(current, goal)) is not None:
        assert len(made) < bound, "it does not end"
        current = after(current, call)
        made.append(call)
        held.append(current)
    return made, held


CASES: dict[str, tuple[Records, Records, list[Call]]] = {
    "nothing to do": ((a(1), a(2)), (a(1), a(2)), []),
    "create": ((), (a(1),), [Add(a(1), overwrite=False)]),
    "create several": (
        (),
        (a(1), a(2), aaaa(1)),
        [Add(a(1), overwrite=False), Add(a(2), overwrite=False), Add(aaaa(1), overwrite=False)],
    ),
    "create an alias": ((), (cname("x"),), [Add(cname("x"), overwrite=False)]),
    "one value for another is one call": ((a(1),), (a(2),), [Add(a(2), overwrite=True)]),
    "one value for another, and a new TTL": (
        (a(1),),
        (a(2, ttl=60),),
        [Add(a(2, ttl=60), overwrite=True)],
    ),
    "a new TTL": ((a(1),), (a(1, ttl=60),), [Add(a(1, ttl=60), overwrite=True)]),
    "a new comment": (
        (a(1),),
        (a(1, comment="new"),),
        [Add(a(1, comment="new"), overwrite=True)],
    ),
    "a new comment for one of several": (
        (a(1), a(2)),
        (a(1), a(2, comment="new")),
        [Amend(a(2, comment="new"))],
    ),
    "a second value": ((a(1),), (a(1), a(2)), [Add(a(2), overwrite=False)]),
    "one value less": ((a(1), a(2)), (a(2),), [Remove(a(1))]),
    "several values for others": (
        (a(1), a(2)),
        (a(3), a(4)),
        [Add(a(3), overwrite=False), Add(a(4), overwrite=False), Remove(a(1)), Remove(a(2))],
    ),
    "several values for others at another TTL": (
        (a(1), a(2)),
        (a(3, ttl=60), a(4, ttl=60)),
        [
            Add(a(3), overwrite=False),
            Add(a(4), overwrite=False),
            Remove(a(1)),
            Remove(a(2)),
            Add(a(3, ttl=60), overwrite=True),
            Add(a(4, ttl=60), overwrite=False),
        ],
    ),
    "a new TTL for several": (
        (a(1), a(2)),
        (a(1, ttl=60), a(2, ttl=60)),
        [Add(a(1, ttl=60), overwrite=True), Add(a(2, ttl=60), overwrite=False)],
    ),
    "another family: the new one comes first": (
        (a(1),),
        (aaaa(1),),
        [Add(aaaa(1), overwrite=False), Remove(a(1))],
    ),
    "address to alias": (
        (a(1), aaaa(1)),
        (cname("x"),),
        [Remove(a(1)), Remove(aaaa(1)), Add(cname("x"), overwrite=False)],
    ),
    "alias to addresses": (
        (cname("x"),),
        (a(1), a(2)),
        [Remove(cname("x")), Add(a(1), overwrite=False), Add(a(2), overwrite=False)],
    ),
    "alias to alias": ((cname("x"),), (cname("y"),), [Add(cname("y"), overwrite=True)]),
    "delete": ((a(1), aaaa(1)), (), [Remove(a(1)), Remove(aaaa(1))]),
    "create a disabled one": (
        (),
        (off(a(1)),),
        [Add(a(1), overwrite=False), Amend(off(a(1)))],
    ),
    "create two, one of them disabled: what answers comes first": (
        (),
        (off(a(1)), a(2)),
        [Add(a(2), overwrite=False), Add(a(1), overwrite=False), Amend(off(a(1)))],
    ),
    "create two that are disabled: none is left for long": (
        (),
        (off(a(1)), off(a(2))),
        [
            Add(a(1), overwrite=False),
            Amend(off(a(1))),
            Add(a(2), overwrite=False),
            Amend(off(a(2))),
        ],
    ),
    "disable an alias": ((cname("x"),), (off(cname("x")),), [Amend(off(cname("x")))]),
    "an expiry goes": ((a(1, expiry=9),), (a(1),), [Add(a(1), overwrite=True)]),
}


@pytest.mark.parametrize(("current", "goal", "expected"), CASES.values(), ids=CASES)
def test_a_change_takes_these_calls(current: Records, goal: Records, expected: list[Call]) -> None:
    made, _ = calls(current, goal)

    assert made == expected


AFTER: dict[str, tuple[Records, Call, Records]] = {
    "another TTL strips the siblings": (
        (a(1, expiry=9), replace(a(2), disabled=True)),
        Add(a(3, ttl=60), overwrite=False),
        (a(1, ttl=60, comment=""), a(2, ttl=60, comment=""), a(3, ttl=60)),
    ),
    "the same TTL does not": ((a(1),), Add(a(2), overwrite=False), (a(1), a(2))),
    "data that is there keeps its comment": (
        (a(1),),
        Add(a(1, comment="new"), overwrite=False),
        (a(1),),
    ),
    "data that is there loses it with another TTL": (
        (a(1),),
        Add(a(1, ttl=60, comment="new"), overwrite=False),
        (a(1, ttl=60, comment=""),),
    ),
    "overwrite replaces one type": (
        (a(1), a(2), aaaa(1)),
        Add(a(3), overwrite=True),
        (a(3), aaaa(1)),
    ),
    "an update takes all fields": (
        (a(1, expiry=9), a(2)),
        Amend(a(1, comment="")),
        (a(1, comment=""), a(2)),
    ),
    "an update with another TTL strips the siblings": (
        (a(1), a(2)),
        Amend(a(1, ttl=60)),
        (a(1, ttl=60), a(2, ttl=60, comment="")),
    ),
    "an update of an alias sets it": ((cname("x"),), Amend(cname("y")), (cname("y"),)),
    "an update of what is not there does nothing": ((a(1),), Amend(a(2)), (a(1),)),
    "a delete takes one value": ((a(1), a(2)), Remove(a(1, ttl=9, comment="")), (a(2),)),
    "a delete of an alias takes any": ((cname("x"),), Remove(cname("y")), ()),
}


@pytest.mark.parametrize(("current", "call", "expected"), AFTER.values(), ids=AFTER)
def test_a_call_leaves_this(current: Records, call: Call, expected: Records) -> None:
    assert after(current, call) == expected


comments = st.sampled_from(["", "ours", "ours | by hand"])
expiries = st.sampled_from([0, 0, 3600])
ttls = st.sampled_from([0, 60, 300])


@st.composite
def rrsets(draw: st.DrawFn, kind: str, values: list[str]) -> Records:
    ttl = draw(ttls)
    return tuple(
        Record(kind, value, ttl, draw(comments), expiry=draw(expiries))
        for value in draw(st.lists(st.sampled_from(values), unique=True))
    )


addresses = st.builds(
    lambda v4, v6: tuple(sorted(v4 + v6)),
    rrsets("A", [f"192.0.2.{last}" for last in range(4)]),
    rrsets("AAAA", [f"2001:db8::{last}" for last in range(1, 4)]),
)
some_off = st.builds(
    lambda records, flags: tuple(
        replace(record, disabled=flag) for record, flag in zip(records, flags, strict=False)
    ),
    addresses,
    st.lists(st.booleans(), min_size=7, max_size=7),
)
aliases = rrsets("CNAME", ["x", "y"]).map(lambda records: records[:1])
names = st.one_of(addresses, aliases)
goals = st.one_of(names, some_off)


def is_alias(records: Records) -> bool:
    return any(record.type == "CNAME" for record in records)


@given(names, goals)
def test_from_anywhere_it_ends_at_the_goal(current: Records, goal: Records) -> None:
    _, held = calls(current, goal)

    assert (held[-1] if held else current) == goal


@given(names, goals)
def test_a_name_that_keeps_a_record_always_answers(current: Records, goal: Records) -> None:
    _, held = calls(current, goal)

    answers = any(not record.disabled for record in goal)
    if current and answers and is_alias(current) == is_alias(goal):
        assert all(any(not record.disabled for record in records) for records in held)


@given(names, names)
def test_a_name_never_holds_an_alias_beside_something(current: Records, goal: Records) -> None:
    _, held = calls(current, goal)

    assert not any(is_alias(records) and len(records) > 1 for records in held)


@given(addresses, addresses)
def test_only_the_new_ttl_strips_a_value(current: Records, goal: Records) -> None:
    made, held = calls(current, goal)

    before = current
    for call, now in zip(made, held, strict=True):
        if not (isinstance(call, Add) and call.overwrite):
            assert set(before) - set(now) <= {
                record for record in before if record.value == call.record.value
            }
        before = now


@given(names, goals)
def test_no_call_is_one_that_the_server_would_refuse(current: Records, goal: Records) -> None:
    made, held = calls(current, goal)

    for call, before, now in zip(made, [current, *held], held, strict=False):
        assert before != now, call


@given(names, goals)
def test_starting_again_at_any_moment_ends_at_the_goal(current: Records, goal: Records) -> None:
    _, held = calls(current, goal)

    for records in held:
        assert next_call(records, goal) is None or calls(records, goal)[1][-1] == goal
