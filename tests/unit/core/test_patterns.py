"""Patterns of hosts and namespaces."""

import pytest

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.patterns import parse_host_pattern, parse_namespace_pattern


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("lab.home", ["lab.home"], ["a.lab.home", "xlab.home", "lab.homex"]),
        ("LAB.home.", ["lab.home"], ["lab.homes"]),
        ("*.lab.home", ["a.lab.home", "a.b.lab.home", "*.lab.home"], ["lab.home", "a.xlab.home"]),
        ("pr-*.lab.home", ["pr-1.lab.home", "pr-a-b.lab.home"], ["pr-1.a.lab.home", "a.lab.home"]),
        ("*.pr-*.home", ["a.pr-1.home", "b.a.pr-1.home"], ["pr-1.home", "a.pr.home"]),
        ("*-x.home", ["a-x.home"], ["b.a-x.home", "ax.home"]),
        ("*", ["a.home", "*.home"], []),
        ("bücher.home", ["bücher.home"], ["bucher.home"]),
    ],
)
def test_a_pattern_means_the_names_that_it_says(
    pattern: str, names: list[str], others: list[str]
) -> None:
    parsed = parse_host_pattern(pattern)
    assert [name for name in names if not parsed.matches(parse_name(name))] == []
    assert [name for name in others if parsed.matches(parse_name(name))] == []


@pytest.mark.parametrize("text", ["", "*.", "a b", "a..b", "*..b", "(a*.home", "*.*."])
def test_what_is_no_pattern_of_hosts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_host_pattern(text)


def test_a_star_in_a_namespace_is_any_text() -> None:
    assert parse_namespace_pattern("team-*").matches("team-a")
    assert not parse_namespace_pattern("team-*").matches("a-team-a")
    with pytest.raises(ValueError, match="no namespace"):
        parse_namespace_pattern("Team_A")
