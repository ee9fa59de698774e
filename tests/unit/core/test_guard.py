from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.guard import Candidate, Facts, Judgement, Limits, judge
from catalyst_dns_sync.core.names import DnsName
from fakes.values import delete, host

LIMITS = Limits()
START = 1000.0
ROUTES = frozenset({"IngressRoute"})


def seen(label: str, at: float = START, kinds: str = "IngressRoute", **rest: Any) -> Candidate:
    return Candidate(delete(label, kinds), seen=True, at=at, **rest)


def inferred(label: str, at: float = START, kinds: str = "IngressRoute") -> Candidate:
    return Candidate(delete(label, kinds), seen=False, at=at)


def facts(now: float, names: int = 100, **rest: Any) -> Facts:
    """Return what is known; lists are as new as can be, and names of one kind by default."""
    values: dict[str, Any] = {"lists_began": now, "names_by_kind": {"IngressRoute": names}}
    return Facts(now=now, names=names, **(values | rest))


def judged(candidates: Sequence[Candidate], known: Facts, limits: Limits = LIMITS) -> Judgement:
    return judge(candidates, known, limits)


def due(judgement: Judgement) -> set[DnsName]:
    return {one.name for one in judgement.due}


def many(count: int, make: Any = inferred, **rest: Any) -> list[Candidate]:
    return [make(f"n{number}", **rest) for number in range(count)]


def test_a_seen_end_is_due_after_the_grace() -> None:
    waiting = judged([seen("app")], facts(START + 9.9))
    ready = judged([seen("app")], facts(START + 10.0))

    assert waiting == Judgement(waiting={host("app"): START + 10.0})
    assert ready == Judgement(due=(delete("app"),))


def test_without_a_grace_a_seen_end_is_due_at_once() -> None:
    assert due(judged([seen("app")], facts(START), Limits(grace=0.0))) == {host("app")}


def test_a_seen_end_needs_no_second_list() -> None:
    known = facts(START + 10, lists_began=float("-inf"))

    assert due(judged([seen("app")], known)) == {host("app")}


def test_an_inferred_end_waits_for_a_minute_and_a_second_list() -> None:
    gone = [inferred("app")]

    early = judged(gone, facts(START + 59, lists_began=START))
    unproven = judged(gone, facts(START + 70, lists_began=START + 59))
    proven = judged(gone, facts(START + 70, lists_began=START + 60))

    assert early == Judgement(waiting={host("app"): START + 60}, lists_needed_after=START + 60)
    assert unproven == Judgement(
        waiting={host("app"): START + 70 + 60}, lists_needed_after=START + 60
    )
    assert proven == Judgement(due=(delete("app"),))


def test_a_grace_longer_than_the_confirmation_holds_for_inferred_ends_too() -> None:
    limits = Limits(grace=90.0)

    early = judged([inferred("app")], facts(START + 70), limits)

    assert early.waiting == {host("app"): START + 90}
    assert due(judged([inferred("app")], facts(START + 90), limits)) == {host("app")}


@pytest.mark.parametrize(
    ("count", "names", "withheld"),
    [
        pytest.param(5, 10, False, id="five are few"),
        pytest.param(6, 30, False, id="a fifth is allowed"),
        pytest.param(6, 29, True, id="more than a fifth"),
        pytest.param(21, 100, True, id="many"),
        pytest.param(20, 100, False, id="many, but not above the share"),
    ],
)
def test_inferred_deletes_above_number_and_share_are_withheld(
    count: int, names: int, *, withheld: bool
) -> None:
    candidates = many(count)

    judgement = judged(candidates, facts(START + 60, names))

    assert len(judgement.withheld) == (count if withheld else 0)
    assert len(judgement.due) == (0 if withheld else count)


def test_the_share_of_one_kind_counts_too() -> None:
    known = facts(START + 60, 1000, names_by_kind={"IngressRoute": 20, "Ingress": 980})

    judgement = judged([*many(6), inferred("other", kinds="Ingress")], known)

    assert due(judgement) == {host("other")}
    assert set(judgement.withheld.values()) == {
        "6 deletes were inferred, above 20 % of 20 names of IngressRoute"
    }


def test_the_last_name_of_a_kind_is_withheld_in_any_number() -> None:
    known = facts(START + 60, 100, names_by_kind={"IngressRoute": 1, "Ingress": 99})

    assert judged([inferred("app")], known).withheld == {
        host("app"): "it would leave IngressRoute without a name, "
        "and the end of its objects was not seen"
    }


def test_the_last_name_of_one_of_its_kinds_is_enough() -> None:
    known = facts(START + 60, 100, names_by_kind={"IngressRoute": 99, "Ingress": 1})

    assert judged([inferred("app", kinds="Ingress,IngressRoute")], known).due == ()


def test_seen_and_inferred_ends_empty_a_kind_together() -> None:
    known = facts(START + 60, 2)

    judgement = judged([seen("a"), inferred("b")], known)

    assert due(judgement) == {host("a")}
    assert set(judgement.withheld) == {host("b")}


def test_seen_ends_are_never_guarded() -> None:
    assert len(judged(many(50, seen), facts(START + 60, 50)).due) == 50


@pytest.mark.parametrize("where", ["carried_out", "withheld"])
def test_the_guard_counts_over_two_minutes_and_not_per_pass(where: str) -> None:
    earlier: dict[str, Any] = {where: (ROUTES,) * 4}
    fewer: dict[str, Any] = {where: (ROUTES,) * 2}

    assert len(judged(many(3), facts(START + 60, 26, **earlier)).withheld) == 3
    assert judged(many(3), facts(START + 60, 26, **fewer)).withheld == {}


def test_the_share_is_that_of_the_names_before_the_wave() -> None:
    known = facts(START + 60, 25, carried_out=(ROUTES,) * 5)

    assert len(judged([inferred("app")], known).due) == 1


def test_deletes_that_still_wait_count_so_that_slices_do_not_pass() -> None:
    slices = [inferred("a"), *many(5, at=START + 30)]

    judgement = judged(slices, facts(START + 60, 20))

    assert set(judgement.withheld) == {host("a")}
    assert len(judgement.waiting) == 5


def test_withholding_inferred_ends_does_not_stop_seen_ones() -> None:
    judgement = judged([*many(10), seen("app")], facts(START + 60, 20))

    assert due(judgement) == {host("app")}
    assert len(judgement.withheld) == 10


def test_a_removed_definition_withholds_even_what_was_seen() -> None:
    gone = seen("app", removed=ROUTES)

    judgement = judged([gone], facts(START + 1))

    assert judgement == Judgement(
        withheld={host("app"): "the definition of IngressRoute was removed"}
    )


def test_an_adopted_record_goes_on_seen_evidence_only() -> None:
    adopted = replace(delete("app"), seen_only=True)
    known = facts(START + 60)

    unseen = judged([Candidate(adopted, seen=False, at=START)], known)
    was_seen = judged([Candidate(adopted, seen=True, at=START)], known)

    assert unseen.withheld == {
        host("app"): "it was adopted once, and the end of its object was not seen"
    }
    assert was_seen.due == (adopted,)


class TestWhereTheDefinitionMayNotBeRead:
    """All deletes wait until the kind is quiet and listed; those that empty it may need more."""

    def judged(self, candidates: Sequence[Candidate], now: float, **rest: Any) -> Judgement:
        values = {"unreadable": ROUTES, "last_end": {"IngressRoute": START}} | rest
        return judged(candidates, facts(now, **values))

    def test_a_single_delete_waits_for_quiet_and_a_list_and_then_goes(self) -> None:
        waiting = self.judged(many(1, seen), START + 10, lists_began=START + 9)
        listed = self.judged(many(1, seen), START + 10)

        assert (waiting.due, len(waiting.waiting)) == ((), 1)
        assert len(listed.due) == 1

    def test_what_empties_the_kind_waits_until_it_is_quiet(self) -> None:
        last_end = {"IngressRoute": START + 5}

        judgement = self.judged(many(3, seen), START + 12, names=3, last_end=last_end)

        assert judgement.due == ()
        assert set(judgement.waiting.values()) == {START + 15}
        assert judgement.lists_needed_after == START + 15

    def test_a_quiet_kind_must_be_listed_first(self) -> None:
        judgement = self.judged(many(3, seen), START + 12, names=3, lists_began=START + 9)

        assert (judgement.due, len(judgement.waiting)) == ((), 3)
        assert judgement.lists_needed_after == START + 10

    def test_five_that_empty_a_quiet_and_listed_kind_go(self) -> None:
        assert len(self.judged(many(5, seen), START + 12, names=5).due) == 5

    def test_more_than_five_that_empty_it_are_withheld(self) -> None:
        judgement = self.judged(many(6, seen), START + 12, names=6)

        assert set(judgement.withheld.values()) == {
            "it would leave IngressRoute without a name, and its definition may not be read"
        }
        assert len(judgement.withheld) == 6

    def test_what_passes_the_guard_waits_for_quiet_and_a_list_and_then_goes(self) -> None:
        waiting = self.judged(many(30, seen), START + 12, names=100, lists_began=START)
        listed = self.judged(many(30, seen), START + 12, names=100)

        assert (waiting.due, len(waiting.waiting)) == ((), 30)
        assert len(listed.due) == 30

    def test_ends_that_come_slowly_do_not_pass_slice_by_slice(self) -> None:
        trickle = [seen(f"n{number}", at=START + number) for number in range(30)]
        last_end = {"IngressRoute": START + 29}

        judgement = self.judged(trickle, START + 29, names=100, last_end=last_end)

        assert judgement.due == ()

    def test_the_first_of_a_kind_that_is_emptied_waits_for_the_last(self) -> None:
        trickle = [seen("a"), seen("b", START + 1), seen("c", START + 2)]
        last_end = {"IngressRoute": START + 2}

        judgement = self.judged(trickle, START + 10, names=3, last_end=last_end)

        assert judgement.due == ()

    def test_seen_ends_that_were_carried_out_count_too(self) -> None:
        judgement = self.judged(
            many(3, seen), START + 12, names=50, gone=(ROUTES,) * 20, lists_began=START
        )

        assert judgement.due == ()

    def test_five_that_are_the_rest_of_many_are_withheld(self) -> None:
        judgement = self.judged(many(5, seen), START + 12, names=5, gone=(ROUTES,) * 3)

        assert len(judgement.withheld) == 5

    def test_what_one_kind_withholds_does_not_wait_for_another(self) -> None:
        both = many(6, seen, kinds="Ingress,IngressRoute")

        judgement = self.judged(
            both,
            START + 12,
            names_by_kind={"IngressRoute": 6, "Ingress": 6},
            unreadable=frozenset({"Ingress", "IngressRoute"}),
            last_end={"Ingress": START, "IngressRoute": START + 5},
        )

        assert (len(judgement.withheld), judgement.waiting) == (6, {})

    def test_other_kinds_are_not_held_up(self) -> None:
        known = {"IngressRoute": 3, "Ingress": 1}
        other = seen("app", kinds="Ingress")

        judgement = self.judged(
            [*many(3, seen), other], START + 12, names_by_kind=known, lists_began=START
        )

        assert due(judgement) == {host("app")}


KINDS = st.sampled_from(["IngressRoute", "Ingress", "Ingress,IngressRoute"])
TIMES = st.sampled_from([START, START + 30, START + 55, START + 60, START + 100])
CANDIDATES = st.lists(
    st.builds(
        lambda label, kinds, at, removed, is_seen: Candidate(
            delete(label, kinds), seen=is_seen, at=at, removed=removed
        ),
        st.integers(0, 40).map("n{}".format),
        KINDS,
        TIMES,
        st.sampled_from([frozenset[str](), frozenset[str](), ROUTES]),
        st.booleans(),
    ),
    max_size=25,
    unique_by=lambda one: one.name,
)
WAVES = st.lists(KINDS.map(lambda kinds: frozenset(kinds.split(","))), max_size=6).map(tuple)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Candidate], Facts]:
    """Candidates, and facts that agree with them: each of them is among the names."""
    candidates = draw(CANDIDATES)
    others = {"IngressRoute": draw(st.integers(0, 30)), "Ingress": draw(st.integers(0, 30))}
    by_kind = {
        kind: others[kind] + sum(kind in one.delete.kinds for one in candidates) for kind in others
    }
    known = Facts(
        now=draw(TIMES),
        lists_began=draw(TIMES),
        names=len(candidates) + max(others.values()),
        names_by_kind=by_kind,
        unreadable=draw(st.sampled_from([frozenset[str](), ROUTES, ROUTES | {"Ingress"}])),
        carried_out=draw(WAVES),
        gone=draw(WAVES),
        withheld=draw(WAVES),
        last_end=draw(st.dictionaries(st.sampled_from(["Ingress", "IngressRoute"]), TIMES)),
    )
    return candidates, known


@given(situations())
def test_a_candidate_is_in_exactly_one_of_due_waiting_and_withheld(
    situation: tuple[list[Candidate], Facts],
) -> None:
    judgement = judged(*situation)

    told = [*due(judgement), *judgement.waiting, *judgement.withheld]
    assert sorted(told) == sorted(one.name for one in situation[0])


@given(situations())
def test_an_inferred_delete_that_would_empty_a_kind_is_never_due(
    situation: tuple[list[Candidate], Facts],
) -> None:
    candidates, known = situation
    judgement = judged(candidates, known)

    unseen = {one.name for one in candidates if not one.seen}
    for delete_ in judgement.due:
        for kind in delete_.kinds if delete_.name in unseen else ():
            going = sum(kind in other.kinds for other in judgement.due)
            assert going < known.names_by_kind[kind]


@given(situations())
def test_nothing_is_due_before_its_time_or_without_proof(
    situation: tuple[list[Candidate], Facts],
) -> None:
    candidates, known = situation
    names = due(judged(candidates, known))

    for one in candidates:
        if one.name in names:
            assert not one.removed
            assert known.now >= one.at + LIMITS.grace
            assert one.seen or known.lists_began >= one.at + LIMITS.confirm


@given(situations())
def test_what_waits_is_looked_at_again_later(situation: tuple[list[Candidate], Facts]) -> None:
    candidates, known = situation
    judgement = judged(candidates, known)

    assert all(until > known.now for until in judgement.waiting.values())
    needed = judgement.lists_needed_after
    assert needed is None or needed > known.lists_began
