"""How the pages say things."""

import pytest

from catalyst_dns_sync.web.ui.words import left


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (5_400, "1 h 30 min"),
        (12 * 3_600 + 5, "12 h"),
        (129_599, "1 d 11 h"),
        (7 * 86_400 - 1, "6 d 23 h"),
        (7 * 86_400, "7 d"),
        (70.9 * 86_400, "70 d"),
    ],
)
def test_what_is_left_is_told_as_closely_as_one_plans(seconds: float, text: str) -> None:
    assert left(seconds) == text
