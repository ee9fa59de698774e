"""What a crash forgets, what a clean stop keeps, and what can never be saved."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium.model.accounts import SessionType
from catalyst_dns_sync.sandbox.technitium.model.records import Usage
from catalyst_dns_sync.sandbox.technitium.model.values import RELOADED
from unit.sandbox.technitium.builders import START, ZONE, Clock, a, below_apex, lab


def test_a_crash_takes_back_the_last_five_seconds_and_the_serial() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    zone.add(a("kept"))
    clock.advance(5)
    zone.add(a("lost"))
    clock.advance(4.9)

    server.crash()

    assert [record.name for record in below_apex(zone)] == [f"kept.{ZONE}"]
    assert zone.serial == 2
    assert not zone.nodes.exists(f"lost.{ZONE}")


def test_five_seconds_after_the_first_change_all_pending_ones_are_on_disk() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    clock.advance(4)
    zone.add(a("late"))
    clock.advance(1)

    server.crash()

    assert [record.name for record in below_apex(zone)] == [f"late.{ZONE}"]


def test_a_crash_forgets_a_zone_that_was_just_made() -> None:
    server, _ = lab()

    server.crash()

    assert server.zones.find(ZONE) is None


def test_a_deleted_zone_stays_deleted() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    clock.advance(5)
    zone.add(a("x"))
    server.zones.remove(zone)

    server.crash()

    assert server.zones.find(ZONE) is None


def test_a_crash_enables_a_zone_that_was_just_disabled() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    clock.advance(5)
    zone.set_disabled(disabled=True)

    server.crash()

    assert not zone.disabled


def test_a_clean_stop_keeps_everything() -> None:
    server, zone = lab()
    zone.add(a("x"))

    server.restart()

    assert [record.name for record in below_apex(zone)] == [f"x.{ZONE}"]
    assert zone.serial == 2


def test_a_comment_of_too_many_bytes_keeps_its_zone_from_being_saved() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    clock.advance(5)
    zone.add(a("long", comments="é" * 200))
    clock.advance(60)
    zone.add(a("x"))
    clock.advance(60)

    unsaveable = server.unsaveable_zones()
    server.restart()

    assert unsaveable == [ZONE]
    assert below_apex(zone) == []


def test_a_zone_is_saved_again_once_the_long_comment_is_gone() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    long = a("long", comments="é" * 200)
    zone.add(long)
    clock.advance(60)
    zone.delete(long.name, "A", long.data)
    zone.add(a("x"))
    clock.advance(5)

    server.crash()

    assert [record.name for record in below_apex(zone)] == [f"x.{ZONE}"]


def test_records_without_a_date_come_back_with_one_that_ends_in_z() -> None:
    server, zone = lab()
    zone.add(a("x"))

    server.restart()

    assert [record.last_modified for record in below_apex(zone)] == [RELOADED]


def test_a_restart_dates_a_zone_by_its_file_and_keeps_its_serial() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    clock.advance(60)
    zone.add(a("x"))
    changed, serial = zone.last_modified, zone.serial
    clock.advance(60)

    server.crash()

    assert (zone.last_modified, zone.serial) == (changed + timedelta(seconds=5), serial)


def test_a_restart_forgets_when_records_were_used() -> None:
    server, zone = lab()
    zone.add(a("x", usage=Usage(START)))

    server.restart()

    assert [record.usage.at for record in below_apex(zone)] == [None]


def test_a_restart_moves_the_uptimestamp_and_keeps_api_tokens() -> None:
    clock = Clock()
    server, _ = lab(clock=clock)
    token = server.create_token()
    started = server.started
    clock.advance(1)

    server.crash()

    assert server.started != started
    assert server.accounts.session(token).user.name == "admin"


def test_a_crash_forgets_a_token_that_was_made_with_a_session() -> None:
    server, _ = lab()
    accounts = server.accounts
    unsaved = accounts.open_session(
        accounts.user("admin"), SessionType.API_TOKEN, "t", is_saved=False
    )

    server.crash()

    assert unsaved not in accounts.sessions()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "other ttl", "delete", "wait", "replace"]),
        st.sampled_from(["a", "b", "x.b"]),
        st.integers(1, 3),
    ),
    max_size=25,
)


@given(STEPS)
def test_whatever_was_done_a_crash_goes_back_to_the_last_save(
    steps: list[tuple[str, str, int]],
) -> None:
    clock = Clock()
    server = Technitium(now=clock)
    zone = server.create_zone(ZONE)
    clock.advance(5)
    saved = (below_apex(zone), zone.serial)
    due = None
    for action, name, number in steps:
        if due is not None and clock() >= due:
            saved, due = (below_apex(zone), zone.serial), None
        if action == "wait":
            clock.advance(number)
            continue
        record = a(name, f"192.0.2.{number}", 60 if action == "other ttl" else 300)
        before = (below_apex(zone), zone.serial)
        if action == "delete":
            zone._delete(record.name, "A", record.data)
        elif action == "replace":
            zone.put(record)
        else:
            zone.add_quietly(record)
        if due is None and (below_apex(zone), zone.serial) != before:
            due = clock() + timedelta(seconds=5)
    if due is not None and clock() >= due:
        saved = (below_apex(zone), zone.serial)

    server.crash()

    found = [(r.name, r.ttl, r.data) for r in below_apex(zone)]
    assert (found, zone.serial) == ([(r.name, r.ttl, r.data) for r in saved[0]], saved[1])


def test_a_crash_can_forget_the_last_writes_however_old_they_are() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    for name in ("a", "b", "c"):
        zone.add(a(name))
        clock.advance(60)

    server.crash(forgotten_writes=2)

    assert [record.name for record in below_apex(zone)] == [f"a.{ZONE}"]
    assert zone.serial == 2
    assert zone.last_modified == START


def test_a_change_of_many_records_is_forgotten_as_a_whole() -> None:
    server, zone = lab()
    zone.put(a("x", "192.0.2.1"), a("x", "192.0.2.2"))
    zone.delete_set(f"x.{ZONE}", "A")

    server.crash(forgotten_writes=1)

    assert [record.name for record in below_apex(zone)] == [f"x.{ZONE}"] * 2


def test_more_writes_than_there_were_leave_what_was_there_at_first() -> None:
    server, zone = lab()
    zone.add(a("x"))

    server.crash(forgotten_writes=99)

    assert server.zones.find(ZONE) is None


def test_the_writes_of_a_zone_that_is_gone_are_not_counted() -> None:
    server, zone = lab()
    other = server.create_zone("other.test")
    zone.add(a("kept"))
    zone.add(a("lost"))
    server.zones.remove(other)

    server.crash(forgotten_writes=1)

    assert [record.name for record in below_apex(zone)] == [f"kept.{ZONE}"]
