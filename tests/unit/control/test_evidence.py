from catalyst_dns_sync.control.evidence import Ledger
from catalyst_dns_sync.control.store import ClaimEnd
from catalyst_dns_sync.core.guard import Candidate
from fakes.values import delete, host, ref

APP = delete("app")
BOTH = delete("app", "Ingress,IngressRoute")
WINDOW = 120.0


def end(
    origin: str = "IngressRoute/web/app",
    at: float = 100.0,
    *,
    seen: bool = True,
    uid: str | None = "crd-1",
) -> ClaimEnd:
    return ClaimEnd(host("app"), ref(origin), seen, uid, at)


def ledger(*ends: ClaimEnd) -> Ledger:
    made = Ledger()
    made.note(ends)
    return made


def test_a_seen_end_is_seen_since_it_ended() -> None:
    assert ledger(end()).candidate(APP, 105.0) == Candidate(APP, seen=True, at=100.0)


def test_of_several_ends_the_last_one_counts() -> None:
    found = ledger(end(at=100.0), end("IngressRoute/web/twin", 103.0)).candidate(APP, 105.0)

    assert found == Candidate(APP, seen=True, at=103.0)


def test_without_any_end_it_is_inferred_since_it_was_first_missed() -> None:
    book = ledger()

    assert book.candidate(APP, 105.0) == Candidate(APP, seen=False, at=105.0)
    assert book.candidate(APP, 120.0) == Candidate(APP, seen=False, at=105.0)


def test_one_inferred_end_among_seen_ones_makes_it_inferred() -> None:
    book = ledger(end(), end("IngressRoute/web/twin", seen=False))

    assert book.candidate(APP, 105.0) == Candidate(APP, seen=False, at=105.0)


def test_a_kind_whose_end_nobody_saw_makes_it_inferred() -> None:
    book = ledger(end())

    assert book.candidate(BOTH, 105.0) == Candidate(BOTH, seen=False, at=105.0)

    book.note([end("Ingress/web/app", 106.0)])
    assert book.candidate(BOTH, 107.0) == Candidate(BOTH, seen=True, at=106.0)


def test_an_unseen_end_counts_after_the_name_was_claimed_by_another_object() -> None:
    book = ledger(end(seen=False))
    book.forget_claimed([host("app")])
    book.note([end("IngressRoute/web/twin", 200.0)])

    assert book.candidate(APP, 205.0) == Candidate(APP, seen=False, at=205.0)


def test_an_unseen_end_is_forgotten_when_a_second_list_agrees_or_the_object_lives() -> None:
    for living, before in ((set(), 100.0), ({ref("IngressRoute/web/app")}, 0.0)):
        book = ledger(end(at=100.0, seen=False), end("IngressRoute/web/twin", 200.0))
        book.confirm(living.__contains__, before)

        assert book.candidate(APP, 205.0) == Candidate(APP, seen=True, at=200.0)


def test_a_name_that_is_claimed_again_has_no_evidence() -> None:
    book = ledger(end())
    book.withhold({host("app"): "too many"})

    book.forget_claimed([host("app")])

    assert book.withheld(host("app")) == ""
    assert book.candidate(APP, 105.0) == Candidate(APP, seen=False, at=105.0)


def test_missing_begins_anew_after_a_time_in_which_the_name_was_kept() -> None:
    book = ledger()
    book.candidate(APP, 105.0)

    book.note_missing((), 110.0)
    assert book.candidate(APP, 200.0) == Candidate(APP, seen=False, at=200.0)

    book.note_missing({host("app")}, 210.0)
    assert book.candidate(APP, 300.0) == Candidate(APP, seen=False, at=200.0)


def test_missing_begins_anew_with_each_end_of_a_claim() -> None:
    book = ledger(end(at=100.0, seen=False))
    book.candidate(APP, 105.0)

    book.note([end("IngressRoute/web/twin", 110.0)])

    assert book.candidate(APP, 115.0) == Candidate(APP, seen=False, at=115.0)


def test_evidence_outlives_the_delete_by_a_minute() -> None:
    book = ledger(end())
    book.deleted(APP, 110.0, seen=True)

    book.tidy((), 169.0)

    assert book.candidate(APP, 169.0) == Candidate(APP, seen=True, at=100.0)


def test_a_record_that_comes_back_later_needs_new_evidence() -> None:
    book = ledger(end())
    book.deleted(APP, 110.0, seen=True)

    book.tidy((), 111.0)
    book.note_missing({host("app")}, 170.0)

    assert book.candidate(APP, 170.0) == Candidate(APP, seen=False, at=170.0)


def test_a_release_ends_with_the_evidence_of_its_delete() -> None:
    book = ledger()
    book.withhold({host("app"): "too many"})
    book.release(host("app"))
    assert (book.withheld(host("app")), book.is_released(host("app"))) == ("", True)

    book.deleted(APP, 110.0, seen=False)
    book.note_missing({host("app")}, 169.0)
    assert book.is_released(host("app"))
    book.note_missing({host("app")}, 170.0)
    assert not book.is_released(host("app"))


def test_a_release_ends_when_the_name_is_claimed_again() -> None:
    book = ledger()
    book.release(host("app"))

    book.forget_claimed([host("app")])

    assert not book.is_released(host("app"))


def test_evidence_of_names_without_a_record_is_forgotten() -> None:
    book = ledger(end())

    book.tidy((), 105.0)

    assert book.candidate(APP, 106.0) == Candidate(APP, seen=False, at=106.0)


def test_evidence_of_a_name_whose_change_failed_is_kept_for_a_minute() -> None:
    book = ledger(end())
    book.unsure(host("app"), 99.0)

    book.tidy((), 158.0)
    assert book.candidate(APP, 158.0) == Candidate(APP, seen=True, at=100.0)

    book.tidy((), 159.0)
    assert book.candidate(APP, 159.0) == Candidate(APP, seen=False, at=159.0)


def test_evidence_of_names_that_hold_a_record_is_kept() -> None:
    book = ledger(end())

    book.tidy((host("app"),), 9999.0)

    assert book.candidate(APP, 9999.0).seen


def test_withholding_stays_until_it_is_lifted() -> None:
    book = ledger()

    book.withhold({host("app"): "too many"})
    book.tidy((host("app"),), 9999.0)

    assert book.withheld(host("app")) == "too many"
    assert book.withheld(host("other")) == ""


def test_withholding_outlives_an_earlier_delete_that_was_undone() -> None:
    book = ledger()
    book.deleted(APP, 100.0, seen=False)
    book.withhold({host("app"): "too many"})

    book.note_missing({host("app")}, 200.0)

    assert book.withheld(host("app")) == "too many"


def test_deletes_are_counted_for_two_minutes() -> None:
    book = ledger()
    book.deleted(APP, 100.0, seen=False)
    book.deleted(BOTH, 150.0, seen=True)

    assert book.carried_out(200.0, WINDOW) == (APP.kinds,)
    assert book.gone(200.0, WINDOW) == (APP.kinds, BOTH.kinds)
    assert book.carried_out(220.0, WINDOW) == ()
    assert book.gone(220.0, WINDOW) == (BOTH.kinds,)
    assert book.gone(270.0, WINDOW) == ()


def test_the_definitions_of_ended_objects_are_told_by_kind() -> None:
    twin = end("IngressRoute/web/twin", uid="crd-2")
    book = ledger(end(), twin, end("Ingress/web/app", uid=None))

    assert book.uids(host("app"), "IngressRoute") == {"crd-1", "crd-2"}
    assert book.uids(host("app"), "Ingress") == {None}
    assert book.uids(host("other"), "Ingress") == frozenset()


def test_the_last_end_of_each_kind_is_known() -> None:
    book = ledger(end(at=100.0), end(at=103.0), end("Ingress/web/app", 101.0))

    assert book.last_end() == {"IngressRoute": 103.0, "Ingress": 101.0}
