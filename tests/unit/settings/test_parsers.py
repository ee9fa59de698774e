"""What a setting's text is refused for."""

import pytest

from catalyst_dns_sync.settings import parsers


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "007", "1000000"])
def test_where_0_means_never_the_fault_says_that_0_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a whole number from 0 to 999999 is wanted$"):
        parsers.count_or_none(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), (" 100 ", 100), ("999999", 999_999)])
def test_0_and_what_is_above_are_taken(text: str, number: int) -> None:
    assert parsers.count_or_none(text) == number
