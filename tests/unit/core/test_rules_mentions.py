"""Which names a rule mentions that does not parse."""

import pytest

from catalyst_dns_sync.core.rules import mentioned_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Host(`a.example`", {"a.example"}),
        ("Host('a.example')", {"a.example"}),
        ("Host(“a.example”)", {"a.example"}),
        ('Host("a.example)', {"a.example"}),
        ("Host(a.example)", {"a.example"}),
        ("Host(`grafana`) &&", {"grafana"}),
        ("Host(`grafana) &&", {"grafana"}),
        ("Host(grafana`) &&", {"grafana"}),
        ("Host('grafana', ' prometheus ')", {"grafana", "prometheus"}),
        ("Host(`*.a.example`) and Path('/')", {"*.a.example"}),
        ("Host(`A.Example.`))", {"a.example"}),
        ("Host(`a.example:8080`))", {"a.example"}),
        ("Host(`https://a.example/path`))", {"https", "a.example", "path"}),
        ("!Host(`a.example`) Host(`b.example`)", {"a.example", "b.example"}),
        ("Host(`a.example`,`b.example`", {"a.example", "b.example"}),
        ("a.example, b.example", {"a.example", "b.example"}),
        ("Host(`192.168.1.54`", set()),
        ("Host && Path", set()),
        ("Host(``)", set()),
        ("", set()),
    ],
)
def test_a_broken_rule_mentions_what_is_quoted_or_has_a_dot(text: str, names: set[str]) -> None:
    assert mentioned_names(text) == names


@pytest.mark.parametrize(
    "text",
    ["`" * 99_999, "a." * 50_000, "`" + " " * 99_999, "a " * 50_000, "é" * 99_999, "é." * 50_000],
    ids=["quotes", "labels", "blanks", "words", "one Unicode label", "Unicode labels"],
)
def test_a_long_text_is_read_to_its_end(text: str) -> None:
    assert "end.example" in mentioned_names(text + " end.example")
