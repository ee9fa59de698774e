"""Which changes an import carries, and how they are written for it."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.records import Record
from catalyst_dns_sync.providers.technitium.zonefile import (
    Chunk,
    Entry,
    chunks,
    entry_of,
    fits_an_import,
    form_size,
)
from catalyst_dns_sync.sandbox.technitium.model.zone_parser import parse_zone_file
from fakes.technitium import NAME, OURS, a, aaaa, change, cname
from fakes.values import host


def entry(before: tuple[Record, ...], goal: tuple[Record, ...], label: str = "a") -> Entry:
    wanted = change(before, goal, host(label))
    assert fits_an_import(wanted)
    assert not isinstance(wanted, Delete)
    return entry_of(wanted)


def test_a_new_name_is_written_in_full_with_its_comment_right_behind_the_semicolon() -> None:
    found = entry((), (a(1), aaaa(1, ttl=60)))

    assert found.text == (
        f"a.lab.test. 300 IN A 192.0.2.1 ;{OURS}\na.lab.test. 60 IN AAAA 2001:db8::1 ;{OURS}\n"
    )
    assert (found.lines, found.steps) == (2, 2)


def test_only_rrsets_that_change_are_written_and_those_whole() -> None:
    found = entry((a(1), a(2), aaaa(1)), (a(2), a(3), aaaa(1)))

    assert found.text == (
        f"a.lab.test. 300 IN A 192.0.2.2 ;{OURS}\na.lab.test. 300 IN A 192.0.2.3 ;{OURS}\n"
    )
    assert (found.lines, found.steps) == (2, 1)


@pytest.mark.parametrize(
    ("before", "goal"),
    [
        ((a(1),), ()),
        ((), (cname("x.lab.test"),)),
        ((cname("x.lab.test"),), (a(1),)),
        ((a(1),), (cname("x.lab.test"),)),
        ((a(1), aaaa(1)), (a(2),)),
        ((a(1, expiry=60),), (a(1, ttl=60, expiry=60),)),
        ((a(1),), (a(1),)),
    ],
    ids=[
        "delete",
        "alias",
        "from alias",
        "to alias",
        "a type goes",
        "expiry",
        "nothing",
    ],
)
def test_what_an_import_can_not_do_is_left_to_single_calls(
    before: tuple[Record, ...], goal: tuple[Record, ...]
) -> None:
    assert not fits_an_import(change(before, goal))


@pytest.mark.parametrize(
    "comment",
    [
        "{json}",
        " led by a blank",
        "with one behind ",
        "two\nlines",
        "two\r",
        r"a\nb",
        'a "quoted" word',
        "(a) (b",
        "caf\u00e9",
        "tab\there",
        "x" * 256,
    ],
)
def test_a_comment_that_an_import_might_read_otherwise_is_not_imported(comment: str) -> None:
    assert not fits_an_import(change((), (a(1, comment=comment),)))


def test_a_name_that_no_object_can_have_is_not_imported() -> None:
    assert not fits_an_import(change((), (a(1),), type(NAME)("a/b.lab.test")))


@given(st.text(st.characters(max_codepoint=0x17F), max_size=40))
def test_what_is_imported_is_read_as_it_was_meant(human: str) -> None:
    comment = f"{OURS} | {human}"
    wanted = change((), (a(1, comment=comment),))
    if fits_an_import(wanted):
        found = entry((), (a(1, comment=comment),))
        (record,) = parse_zone_file(found.text, "lab.test", 3600, None)
        assert (record.name, record.ttl, record.comments) == ("a.lab.test", 300, comment)
        assert not record.disabled


def test_comments_of_ours_are_imported() -> None:
    assert fits_an_import(change((), (a(1, comment=f"{OURS} | by hand; a=b, c [d] 100%"),)))


@given(st.text(st.characters(max_codepoint=0x17F)))
def test_the_size_is_that_of_the_form(text: str) -> None:
    assert form_size(text) == len(quote_plus(text))


def test_new_names_and_changed_ones_are_never_in_one_chunk_and_no_name_is_split() -> None:
    new = [entry((), (a(1), a(2)), label) for label in ("a", "c", "e")]
    changed = [entry((a(1),), (a(2),), label) for label in ("b", "d")]
    mixed = [new[0], changed[0], new[1], changed[1], new[2]]
    changes = [one.change for one in mixed]

    assert list(chunks(changes, 5)) == [
        Chunk((new[0], new[1]), overwrite=False),
        Chunk((new[2],), overwrite=False),
        Chunk(tuple(changed), overwrite=True),
    ]
    assert [len(chunk.entries) for chunk in chunks(changes, 1)] == [
        1,
        1,
        1,
        1,
        1,
    ]


def test_a_chunk_stays_below_two_mebibytes() -> None:
    comment = f"{OURS} | {';' * 150}"
    many = [entry((), (a(1, comment=comment),), f"n{number}") for number in range(4500)]

    found = list(chunks([one.change for one in many]))

    assert sum((chunk.entries for chunk in found), ()) == tuple(many)
    assert [sum(one.size for one in chunk.entries) <= 2 * 1024 * 1024 for chunk in found] == [
        True,
        True,
    ]
