"""What a person reads whose rule is refused, or whose value gives no name."""

import pytest

from catalyst_dns_sync.core.rules import LeftOut, Protocol, RuleError, Syntax, names_of


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        ("Host('a.example')", "use backticks"),
        ("Host(a.example)", "put it between backticks"),
        ("ClientIP(10.0.0.1)", "put a value between backticks"),
        ("Host(“a.example”)", "use backticks around values"),
        (r'HostRegexp("a\.b")', "a backslash is written twice"),
        ("Host(`a.example)", "never closed"),
        ("Host(`a`) & Path(`/`)", "write &&"),
        ("Host(`a`) | Path(`/`)", "write ||"),
        ("Host(`a`) and Path(`/`)", "write && or ||"),
        ("Host(`a`) Host(`b`)", "write && or ||"),
        ("Host(`a`)\n|| Host(`b`)", "put it at the end of the line before"),
        ("(Host(`a`)\n)", "put the ) at its end"),
        ("Host(`a`\n)", "put a comma before the break"),
        ("(Host(`a`)", "a ) is missing"),
        ("Host(`a`", "a ) is missing"),
        ("Host(`a`) /* b", "end it with */"),
        ("hOst(`a`)", "write Host"),
        ("HostSNI(`a`)", "it belongs to v3 rules for TCP and v2 rules for TCP"),
        ("HostHeader(`a`)", "it belongs to v2 rules for HTTP"),
        ("Foo(`a`)", "there are ClientIP, Header, HeaderRegexp, Host,"),
        ("Host(`bücher.example`)", "in its xn-- form"),
        ("Host(`a`, `b`)", "it takes 1 argument, not 2"),
        ("Query(`a`, `b`, `c`)", "it takes 1 or 2 arguments, not 3"),
        ("HostRegexp(`*.a`)", "nothing that `*` could repeat"),
        ("HostRegexp(`(?!a)`)", "`(?!a` opens no group that Go knows"),
    ],
)
def test_an_error_says_how_to_mend_the_rule(rule: str, advice: str) -> None:
    with pytest.raises(RuleError) as caught:
        names_of(rule, Syntax.V3, Protocol.HTTP)

    assert advice in caught.value.message
    assert str(caught.value) == caught.value.message


@pytest.mark.parametrize(
    "rule", ["Host(`é\né`)", "PathRegexp(`(?\n`)", "PathRegexp(`[\n-\t]`)", "Path(`\n\u2028`)"]
)
def test_an_error_is_one_line(rule: str) -> None:
    with pytest.raises(RuleError) as caught:
        names_of(rule, Syntax.V3, Protocol.HTTP)

    assert caught.value.message.isprintable()


def test_an_error_is_short_however_long_the_value() -> None:
    with pytest.raises(RuleError) as caught:
        names_of(f"Path(`{'x' * 10_000}`)", Syntax.V3, Protocol.HTTP)

    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a.example:80", "it holds a port, so it never matches; write the name alone"),
        ("http://a.example", "it is a URL; write the name alone"),
        ("a.example/x", "it holds a path; use PathPrefix for that"),
        ("a.example,b.example", "it holds a comma; write one matcher for each name, joined by ||"),
        ("a example", "it holds a blank"),
        ("10.0.0.1", "it is an IP address"),
        ("[::1]:80", "it is an IP address"),
        ("a.*.example", "a * may only be the whole first label, so it never matches"),
        ("{a}.example", "its braces are plain text, so it never matches; use HostRegexp"),
        ("a..example", "it has an empty label"),
    ],
)
def test_a_value_that_gives_no_name_says_why(value: str, reason: str) -> None:
    names = names_of(f"Host(`{value}`)", Syntax.V3, Protocol.HTTP)

    assert names.skipped == (LeftOut(value, reason, broken=True),)


def test_a_catch_all_and_a_negation_are_no_slips_of_the_pen() -> None:
    names = names_of("Host(`*`) && !Host(`a.example`)", Syntax.V3, Protocol.HTTP)

    assert names.skipped == (
        LeftOut("*", "it matches every name", broken=False),
        LeftOut("a.example", "it is negated", broken=False),
    )


def test_a_wildcard_in_v2_rules_is_dead() -> None:
    names = names_of("Host(`*.a.example`)", Syntax.V2, Protocol.HTTP)

    assert names.skipped == (
        LeftOut(
            "*.a.example",
            "in v2 rules a * is plain text, so it never matches; use HostRegexp",
            broken=True,
        ),
    )


def test_half_a_surrogate_pair_reaches_traefik_as_another_character() -> None:
    rule = "Header(`X`, `\ud800`) && Host(`a.example`)"

    assert names_of(rule, Syntax.V3, Protocol.HTTP).hosts == ("a.example",)


def test_half_a_surrogate_pair_is_handed_on_as_that_character() -> None:
    names = names_of("HostSNIRegexp(`\udcff`)", Syntax.V2, Protocol.TCP)

    assert names.regexps == ("\ufffd",)
