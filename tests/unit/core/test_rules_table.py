"""The golden table: rules that Traefik's own code was run on, and what they say about names."""

from typing import Any

import pytest

from catalyst_dns_sync.core.rules import Protocol, RuleError, Syntax, names_of
from fakes.tables import table


def _cases(*, refused: bool) -> list[Any]:
    return [
        pytest.param(case, id=f"{group['group']}: {case['title']}")
        for group in table("rules.yaml")
        for case in group["cases"]
        if ("error" in case) is refused
    ]


def _place(case: dict[str, Any]) -> tuple[Syntax, Protocol]:
    return Syntax(case.get("syntax", "v3")), Protocol(case.get("protocol", "http"))


@pytest.mark.parametrize("case", _cases(refused=False))
def test_a_rule_that_traefik_takes_gives_these_names(case: dict[str, Any]) -> None:
    names = names_of(case["rule"], *_place(case))

    assert {
        "hosts": list(names.hosts),
        "regexps": list(names.regexps),
        "broken": [left.value for left in names.skipped if left.broken],
        "meant": [left.value for left in names.skipped if not left.broken],
    } == {key: case.get(key, []) for key in ("hosts", "regexps", "broken", "meant")}


@pytest.mark.parametrize("case", _cases(refused=True))
def test_a_rule_that_traefik_refuses_is_refused_at_the_same_step(case: dict[str, Any]) -> None:
    with pytest.raises(RuleError) as caught:
        names_of(case["rule"], *_place(case))

    assert caught.value.error_class == case["error"]
    if "at" in case:
        assert caught.value.position == case["at"]
