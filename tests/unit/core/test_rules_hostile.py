"""Rules that were written to hurt: each is answered, and none is executed."""

import pytest

from catalyst_dns_sync.core.rules import (
    Protocol,
    RuleError,
    RuleErrorClass,
    RuleNames,
    Syntax,
    names_of,
)

SIZE = 64 * 1024


def error_of(
    rule: str, syntax: Syntax = Syntax.V3, protocol: Protocol = Protocol.HTTP
) -> RuleErrorClass:
    with pytest.raises(RuleError) as caught:
        names_of(rule, syntax, protocol)
    return caught.value.error_class


def filled(head: str, filling: str, tail: str = "") -> str:
    """Return a rule as long as a rule may be, or nearly so."""
    return head + filling * ((SIZE - len(head) - len(tail)) // len(filling)) + tail


@pytest.mark.parametrize("piece", [*"(!`{[-1é'\"", "Host(", "!(", "/*", "a."])
def test_one_piece_over_and_over_is_no_rule(piece: str) -> None:
    assert error_of(filled("", piece)) is RuleErrorClass.SYNTAX


@pytest.mark.parametrize(
    "rule",
    [
        filled('Host("', "\\x"),
        filled('Host("', "\\\\"),
        filled("/*", "*"),
        filled("/*", "a*"),
        filled("0x", "f"),
        filled("", "1_"),
        filled("1.", "1"),
        filled("1.5e", "1"),
        filled("Host(", "1,", ")"),
        filled("", "a."),
        filled("Host(`a`)", "\n(`b`)"),
        filled("Host(`a`)", " + `b`"),
        filled("", "`b` && ", "`b`"),
    ],
    ids=lambda rule: rule[:12],
)
def test_long_tokens_and_chains_are_no_rule(rule: str) -> None:
    assert error_of(rule) is RuleErrorClass.SYNTAX


def test_a_long_chain_is_read_to_its_end() -> None:
    rule = filled("", "Host(`a.example`) || ", "Host(`b.example`)")

    assert names_of(rule, Syntax.V3, Protocol.HTTP).hosts == ("a.example", "b.example")


def test_a_chain_of_changing_operators_is_read_to_its_end() -> None:
    rule = filled("", "Host(`a.example`) || Path(`/`) && ", "Host(`b.example`)")

    assert names_of(rule, Syntax.V3, Protocol.HTTP).hosts == ("a.example", "b.example")


def test_many_negations_are_counted() -> None:
    rule = filled("", "!!", "!Host(`a.example`)")

    assert names_of(rule, Syntax.V3, Protocol.HTTP).hosts == ()


def test_a_thousand_parentheses_may_be_nested_and_no_more() -> None:
    nested = "(" * 1000 + "Host(`a.example`)" + ")" * 1000

    assert names_of(nested, Syntax.V3, Protocol.HTTP).hosts == ("a.example",)
    assert error_of(f"({nested})") is RuleErrorClass.SYNTAX


def test_nesting_needs_none_of_pythons_stack() -> None:
    nested = "!Path(`/`) || Path(`/`) && !(" * 1000 + "Host(`a.example`)" + ")" * 1000

    assert names_of(nested, Syntax.V3, Protocol.HTTP).hosts == ("a.example",)


def test_calls_may_not_be_nested_for_ever() -> None:
    assert error_of("Host(" * 5000 + ")" * 5000) is RuleErrorClass.SYNTAX


def test_a_rule_may_be_64_kib_long_and_no_longer() -> None:
    longest = filled("Host(`a.example`)", " ")

    assert names_of(longest, Syntax.V3, Protocol.HTTP).hosts == ("a.example",)
    assert error_of(longest + " ") is RuleErrorClass.SYNTAX


def test_a_line_number_may_have_any_number_of_zeros() -> None:
    rule = filled("/*line a:", "0", "1*/ Host(`a.example`)")

    assert names_of(rule, Syntax.V3, Protocol.HTTP).hosts == ("a.example",)


def test_a_long_value_is_left_out() -> None:
    value = "a" * 60_000

    (left_out,) = names_of(f"Host(`{value}`)", Syntax.V3, Protocol.HTTP).skipped

    assert left_out.value == value
    assert left_out.broken


PATTERNS = [
    filled("HostRegexp(`", "(a", "`)"),
    filled("HostRegexp(`", "(a*)*", "(`)"),
    filled("HostRegexp(`[", "[:", "`)"),
    filled("HostRegexp(`[", "a-", "`)"),
    filled("HostRegexp(`", "(a{2}", "`)"),
    filled("HostRegexp(`a{", "9", "}`)"),
    filled("HostRegexp(`", "(?:", "`)"),
    filled("HostRegexp(`", r"\x{", "`)"),
    filled(r"HostRegexp(`\x{", "0", "110000}`)"),
    filled("HostRegexp(`", r"\p{", "`)"),
    filled("HostRegexp(`(?P<", "n", "`)"),
]


@pytest.mark.parametrize("rule", PATTERNS, ids=lambda rule: rule[12:20])
def test_a_long_pattern_is_judged_by_its_grammar(rule: str) -> None:
    assert error_of(rule) is RuleErrorClass.VALUE


@pytest.mark.parametrize(
    ("pattern", "is_taken"),
    [
        ("(a+)+$" * 1000, True),
        ("(" * 999 + "a" + ")" * 999, True),
        ("(" * 1001 + "a" + ")" * 1001, False),
        ("(?:" * 5000 + "a" + ")" * 5000, True),
        ("a|" * 20_000, True),
        (r"\Q" * 20_000, True),
        ("a{1," * 10_000, True),
    ],
    ids=["exponential", "deep", "too deep", "deep without groups", "wide", "quoted", "braces"],
)
def test_a_pattern_may_be_as_large_as_go_takes_it(pattern: str, is_taken: bool) -> None:  # noqa: FBT001 - a column of the table
    rule = f"HostRegexp(`{pattern}`)"

    if is_taken:
        assert names_of(rule, Syntax.V3, Protocol.HTTP) == RuleNames((), (pattern,), ())
    else:
        assert error_of(rule) is RuleErrorClass.VALUE


@pytest.mark.parametrize(
    "rule",
    [
        filled("HostRegexp(`", "{", "`)"),
        filled("HostRegexp(`", "{a:", "`)"),
        filled("HostRegexp(`", "{a}}", "`)"),
        filled("HostRegexp(`", "{a:(}", "`)"),
        filled("Query(", "`a={x}`,", ")"),
    ],
    ids=lambda rule: rule[:18],
)
def test_long_templates_are_refused(rule: str) -> None:
    assert error_of(rule, Syntax.V2) is RuleErrorClass.VALUE


def test_a_template_of_many_braces_is_taken() -> None:
    rule = filled("HostRegexp(`", "{a:[a-z]{1,2}}", "`)")

    assert names_of(rule, Syntax.V2, Protocol.HTTP).hosts == ()
