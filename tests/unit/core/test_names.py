import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalyst_dns_sync.core.names import (
    DnsName,
    InvalidNameError,
    ancestors,
    is_wildcard,
    is_within,
    parse_name,
    zone_of,
)
from fakes.values import ANY_TEXT

LABEL_LIKE = st.text("aZ0-_*xn.äß\u3002 ", max_size=12)
NAME_LIKE = st.lists(LABEL_LIKE, max_size=6).map(".".join)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("grafana.lab.test", "grafana.lab.test", id="plain"),
        pytest.param("Grafana.LAB.Test", "grafana.lab.test", id="mixed case"),
        pytest.param("grafana.lab.test.", "grafana.lab.test", id="trailing dot"),
        pytest.param("talos00", "talos00", id="one label"),
        pytest.param("*.lab.test", "*.lab.test", id="wildcard"),
        pytest.param("_acme.lab.test", "_acme.lab.test", id="underscore"),
        pytest.param("a--b.lab.test", "a--b.lab.test", id="two hyphens"),
        pytest.param("0.lab.test", "0.lab.test", id="number below a name"),
        pytest.param("bücher.lab.test", "xn--bcher-kva.lab.test", id="IDNA"),
        pytest.param("BÜCHER.lab.test", "xn--bcher-kva.lab.test", id="IDNA in capitals"),
        pytest.param("bu\u0308cher.lab.test", "xn--bcher-kva.lab.test", id="decomposed"),
        pytest.param("straße.lab.test", "xn--strae-oqa.lab.test", id="IDNA 2008 keeps sharp s"),
        pytest.param("grafana\u3002lab\uff0etest", "grafana.lab.test", id="full-width dots"),
        pytest.param("\uff47rafana.lab.test", "grafana.lab.test", id="full-width letter"),
        pytest.param("*.bücher.test", "*.xn--bcher-kva.test", id="wildcard above IDNA"),
        pytest.param("a" * 63 + ".test", "a" * 63 + ".test", id="longest label"),
    ],
)
def test_a_name_has_one_canonical_form(text: str, name: str) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(".", id="root"),
        pytest.param("*", id="lone star"),
        pytest.param("*.", id="lone star with a dot"),
        pytest.param("a..test", id="empty label"),
        pytest.param(".lab.test", id="leading dot"),
        pytest.param("lab.test..", id="two trailing dots"),
        pytest.param("-a.test", id="leading hyphen"),
        pytest.param("a-.test", id="trailing hyphen"),
        pytest.param("a b.test", id="blank"),
        pytest.param("a.test\n", id="newline"),
        pytest.param("a.*.test", id="star inside"),
        pytest.param("a*.test", id="star in a label"),
        pytest.param("*.*.test", id="two stars"),
        pytest.param("{sub:[a-z]+}.test", id="regexp"),
        pytest.param("a.test:443", id="port"),
        pytest.param("https://a.test", id="URL"),
        pytest.param("192.168.1.54", id="IPv4"),
        pytest.param("fd00::1", id="IPv6"),
        pytest.param("a" * 64 + ".test", id="long label"),
        pytest.param("ü" * 60 + ".test", id="long IDNA label"),
        pytest.param(".".join(["a" * 49] * 6), id="long name"),
        pytest.param("℀.test", id="maps to a slash"),
        pytest.param("\ud800.test", id="lone surrogate"),
        pytest.param("xn--ü.test", id="IDNA in IDNA"),
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        parse_name(text)

    assert caught.value.reason
    assert len(str(caught.value)) < 250


def test_a_name_of_253_characters_is_the_longest() -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])

    assert len(longest) == 253
    assert parse_name(f"{longest}.") == longest
    with pytest.raises(InvalidNameError, match="longer than 253"):
        parse_name(f"{longest}d")


@given(st.one_of(ANY_TEXT, NAME_LIKE))
@example("xn--a.test")
@example("\u200d.test")
@example("\u1e9e")
def test_parsing_twice_is_parsing_once_and_gives_only_valid_names(text: str) -> None:
    try:
        name = parse_name(text)
    except InvalidNameError:
        return

    assert parse_name(name) == name
    assert parse_name(name.upper() + ".") == name
    assert name.isascii()
    assert name == name.lower()
    assert 0 < len(name) <= 253
    assert all(0 < len(label) <= 63 for label in name.split("."))
    assert "*" not in name.removeprefix("*.")


@pytest.mark.parametrize(
    ("name", "zone", "inside"),
    [
        ("example.com", "example.com", True),
        ("a.example.com", "example.com", True),
        ("*.example.com", "example.com", True),
        ("notexample.com", "example.com", False),
        ("example.com.au", "example.com", False),
        ("com", "example.com", False),
    ],
)
def test_a_zone_ends_at_a_label_boundary(name: str, zone: str, *, inside: bool) -> None:
    assert is_within(parse_name(name), parse_name(zone)) is inside
    assert (zone_of(parse_name(name), {parse_name(zone)}) is not None) is inside


def test_the_longest_zone_takes_a_name() -> None:
    zones = {parse_name(zone) for zone in ("Example.com.", "a.EXAMPLE.com", "test")}

    assert zone_of(parse_name("x.a.example.com"), zones) == "a.example.com"
    assert zone_of(parse_name("a.example.com"), zones) == "a.example.com"
    assert zone_of(parse_name("ba.example.com"), zones) == "example.com"
    assert zone_of(parse_name("example.org"), zones) is None


def test_the_ancestors_of_a_name_begin_with_itself() -> None:
    assert list(ancestors(parse_name("a.b.test"))) == ["a.b.test", "b.test", "test"]


def test_only_a_whole_first_label_makes_a_wildcard() -> None:
    assert is_wildcard(parse_name("*.lab.test"))
    assert not is_wildcard(DnsName("a.lab.test"))
