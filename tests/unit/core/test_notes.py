from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.ownership import (
    MAX_COMMENT_BYTES,
    Identity,
    Marker,
    make_marker,
    parse_marker,
    render_marker,
    with_note,
)
from catalyst_dns_sync.core.records import ObjectRef

BARE = make_marker(Identity("default", "3f2a91c0"), ObjectRef("Ingress", "web", "app"), ["Ingress"])
NOTES = st.text(st.characters(min_codepoint=97, max_codepoint=122), max_size=120)


def read_back(marker: Marker) -> Marker:
    found = parse_marker(render_marker(marker))
    assert found is not None
    return found


def test_a_note_stands_behind_the_marker_and_in_front_of_what_a_person_wrote() -> None:
    told = read_back(with_note(replace(BARE, human="ask Anna | room 3"), "Graphs"))

    assert told.human == "Graphs | ask Anna | room 3"
    assert with_note(told, "Charts").human == "Charts | ask Anna | room 3"
    assert with_note(told, "") == replace(BARE, human="ask Anna | room 3")


def test_a_note_that_a_person_changed_is_theirs() -> None:
    told = read_back(with_note(BARE, "Graphs"))
    edited = read_back(replace(told, human="Graphs, ask Anna first"))

    assert with_note(edited, "Graphs").human == "Graphs | Graphs, ask Anna first"
    assert with_note(edited, "").human == "Graphs, ask Anna first"


def test_where_a_note_finds_no_room_the_persons_text_stays_whole() -> None:
    full = MAX_COMMENT_BYTES - len(render_marker(BARE)) - 3
    crowded = replace(BARE, human="x" * full)

    assert with_note(crowded, "Graphs") == crowded


@given(st.text(st.characters(codec="utf-8"), max_size=40).map(str.strip), st.lists(NOTES))
def test_human_text_stays_whatever_objects_say_and_a_second_time_changes_nothing(
    human: str, notes: list[str]
) -> None:
    start = marker = read_back(replace(BARE, human=human))
    for note in notes:
        marker = read_back(with_note(marker, note))
        assert with_note(marker, note) == marker
        assert len(render_marker(marker).encode()) <= MAX_COMMENT_BYTES
        assert marker.human.endswith(start.human)

    assert with_note(marker, "") == start
