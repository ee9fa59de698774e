import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.backoff import Backoff


def test_waiting_doubles_up_to_half_a_minute() -> None:
    delays = [Backoff().delay(failures, 0.0) for failures in range(1, 9)]

    assert delays == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_a_delay_is_never_longer_than_the_cap_nor_much_shorter(
    failures: int, jitter: float
) -> None:
    longest = Backoff().delay(failures, 0.0)

    assert 0.0 < longest * 0.8 <= Backoff().delay(failures, jitter) + 1e-9
    assert Backoff().delay(failures, jitter) <= longest <= 30.0


def test_jitter_takes_a_fifth_away_at_most() -> None:
    assert Backoff().delay(3, 1.0) == pytest.approx(3.2)
