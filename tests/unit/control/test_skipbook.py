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


def test_withheld_deletes_are_counted_by_zone() -> None:
    book = SkipBook()
    book.take(ZONE, (FAULT, WITHHELD))
    book.take(OTHER, (FAULT,))

    assert book.withheld == {ZONE: 1, OTHER: 0}
