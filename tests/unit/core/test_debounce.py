from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.debounce import Debounce


def test_one_event_is_due_when_it_has_been_quiet() -> None:
    assert Debounce().due_at(10.0, 10.0) == 10.2


def test_noise_does_not_postpone_for_ever() -> None:
    assert Debounce().due_at(10.0, 11.95) == 12.0


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_due_is_after_the_first_event_and_bounded(first: float, more: float) -> None:
    due = Debounce().due_at(first, first + more)

    assert first <= due <= first + 2.0
