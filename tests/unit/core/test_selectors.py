import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.selectors import LabelSelector, parse_label_selector

WEB = {"app": "web", "tier": "front", "example.com/size": "10"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", True),
        ("  ", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web", True),
        ("app=api", False),
        ("app!=api", True),
        ("app!=web", False),
        ("missing!=web", True),
        ("missing=", False),
        ("app", True),
        ("missing", False),
        ("!missing", True),
        ("! missing", True),
        ("!app", False),
        ("app in (web)", True),
        ("app in (api, web)", True),
        ("app in (api,web),tier", True),
        ("app in (api)", False),
        ("app notin (api)", True),
        ("app notin (web, api)", False),
        ("missing notin (web)", True),
        ("app=web,tier=front", True),
        ("app=web , tier=back", False),
        ("example.com/size=10", True),
        ("example.com/size>9", True),
        ("example.com/size>10", False),
        ("example.com/size<11", True),
        ("app>1", False),
        ("missing<1", False),
    ],
)
def test_a_selector_chooses_by_labels(text: str, *, chosen: bool) -> None:
    assert parse_label_selector(text).matches(WEB) is chosen


def test_an_empty_value_is_a_value() -> None:
    assert parse_label_selector("app=").matches({"app": ""})


def test_nothing_written_chooses_everything() -> None:
    assert parse_label_selector("") == LabelSelector(())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("app=web,", "nothing before or after a comma"),
        (",", "nothing before or after a comma"),
        ("app in (a, b", "parentheses"),
        ("app in a", "is not a label key; write it like app"),
        ("=web", "is not a label key"),
        ("-app=web", "is not a label key"),
        ("Example.com/app=web", "is not a label key"),
        ("a/b/c=web", "is not a label key"),
        ("app=a b", "is not a label value"),
        ("app=a==b", "is not a label value"),
        (f"app={'x' * 64}", "at most 63"),
        ("app>many", "needs a whole number"),
    ],
)
def test_a_bad_selector_says_how_to_mend_it(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        parse_label_selector(text)

    assert repr(text) in str(raised.value)


@given(st.text(max_size=40))
def test_any_text_is_a_selector_or_a_value_error(text: str) -> None:
    try:
        selector = parse_label_selector(text)
    except ValueError:
        return
    assert selector.matches(WEB) in {True, False}
