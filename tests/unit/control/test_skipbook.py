from collections import Counter

from catalyst_dns_sync.control.skipbook import NO_CHANGE, SkipBook, SkipChange
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.values import ZONE, host, ref

OTHER = parse_name("other.test")
FAULT = Skip(SkipReason.INVALID_RULE, None, "no such matcher", ref("IngressRoute/web/a"))
WITHHELD = Skip(SkipReason.WITHHELD, host("app"), "too many")


def test_what_appears_and_what_ends_is_told_once() -> None:
    book = SkipBook()

    assert book.take(ZONE, (FAULT, WITHHELD)) == SkipChange(appeared=(FAULT, WITHHELD))
    assert book.take(ZONE, (FAULT, WITHHELD)) is NO_CHANGE
    assert book.take(ZONE, (FAULT,)) == SkipChange(ended=(WITHHELD,))
    assert book.reasons[SkipReason.WITHHELD] == 0
    assert book.reasons[SkipReason.INVALID_RULE] == 1


def test_a_faulty_object_counts_once_in_however_many_zones() -> None:
    book = SkipBook()

    assert book.take(ZONE, (FAULT,)).appeared == (FAULT,)
    assert book.take(OTHER, (FAULT,)) == NO_CHANGE
    assert book.take(ZONE, ()) == NO_CHANGE
    assert book.reasons[SkipReason.INVALID_RULE] == 1
    assert book.take(OTHER, ()).ended == (FAULT,)
    assert book.reasons[SkipReason.INVALID_RULE] == 0


def test_another_detail_is_told_and_is_no_end() -> None:
    book, later = SkipBook(), Skip(SkipReason.WITHHELD, host("app"), "still too many")
    book.take(ZONE, (WITHHELD,))

    assert book.take(ZONE, (later,)) == SkipChange(appeared=(later,))
    assert book.take(ZONE, ()) == SkipChange(ended=(later,))
    assert book.reasons[SkipReason.WITHHELD] == 0


def test_any_fault_of_an_object_counts_once_for_several_servers() -> None:
    fault = Skip(SkipReason.NOT_ACCEPTED, None, "refused", ref("HTTPRoute/web/a"))
    shared = Counter[Skip]()
    books = SkipBook(shared), SkipBook(shared)

    assert [book.take(ZONE, (fault,)).appeared for book in books] == [(fault,), ()]
    assert sum(book.reasons[SkipReason.NOT_ACCEPTED] for book in books) == 1


def test_withheld_deletes_are_counted_by_zone() -> None:
    book = SkipBook()
    book.take(ZONE, (FAULT, WITHHELD))
    book.take(OTHER, (FAULT,))

    assert book.withheld == {ZONE: 1, OTHER: 0}
