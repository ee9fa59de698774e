from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.election import (
    LeaseRecord,
    Sighting,
    Timing,
    claimed,
    may_take,
    released,
    sighted,
    timing_for,
)

US, THEM = "us", "them"
THEIRS = LeaseRecord(THEM, 15, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:10.000000Z", 3)
NOW = "2026-01-01T00:01:00.000000Z"


@pytest.mark.parametrize(
    ("record", "age", "free"),
    [
        pytest.param(THEIRS, 0.0, False, id="just renewed"),
        pytest.param(THEIRS, 14.999, False, id="about to run out"),
        pytest.param(THEIRS, 15.0, True, id="run out"),
        pytest.param(replace(THEIRS, duration=60), 59.9, False, id="their duration counts"),
        pytest.param(replace(THEIRS, holder=""), 0.0, True, id="released"),
        pytest.param(replace(THEIRS, holder=US), 0.0, True, id="ours already"),
        pytest.param(LeaseRecord(), 0.0, True, id="an empty lease"),
    ],
)
def test_a_lease_is_taken_when_it_is_nobodys_or_has_run_out(
    record: LeaseRecord,
    age: float,
    free: bool,  # noqa: FBT001 (a row of the table)
) -> None:
    assert may_take(Sighting(record, 100.0), US, 100.0 + age) is free


@given(st.text(max_size=30), st.text(max_size=30), st.floats(0, 14.9))
def test_written_times_do_not_count(acquired: str, renewed: str, age: float) -> None:
    record = replace(THEIRS, acquired=acquired, renewed=renewed)

    assert not may_take(Sighting(record, 50.0), US, 50.0 + age)


def test_only_a_change_of_the_lease_starts_its_time_anew() -> None:
    first = sighted(None, THEIRS, 10.0)
    same = sighted(first, THEIRS, 20.0)
    renewed = sighted(same, replace(THEIRS, renewed=NOW), 22.0)

    assert (first.since, same.since, renewed.since) == (10.0, 10.0, 22.0)


def test_a_lease_is_made_taken_renewed_and_released_as_client_go_does_it() -> None:
    made = claimed(None, US, 15, NOW)
    taken = claimed(THEIRS, US, 15, NOW)
    renewed = claimed(taken, US, 15, "later")
    gone = released(renewed, "at the end")
    again = claimed(gone, US, 15, "again")

    assert made == LeaseRecord(US, 15, NOW, NOW, 0)
    assert taken == LeaseRecord(US, 15, NOW, NOW, 4)
    assert renewed == LeaseRecord(US, 15, NOW, "later", 4)
    assert gone == LeaseRecord("", 1, "at the end", "at the end", 4)
    assert again == LeaseRecord(US, 15, "again", "again", 5)


def test_the_timing_keeps_client_gos_proportions() -> None:
    assert timing_for(15.0) == Timing(15.0, 10.0, 2.0)


@given(st.integers(3, 3600))
def test_a_holder_gives_up_before_others_may_begin(lease: int) -> None:
    timing = timing_for(float(lease))

    # One renewal may go without an answer, and there is time for another.
    assert timing.pause(1.0, leads=True) + timing.call < timing.renew < timing.lease


@given(st.floats(0, 1))
def test_a_standby_sees_a_release_within_less_than_two_seconds(jitter: float) -> None:
    assert 0.5 < Timing().pause(jitter, leads=False) < 1.5
