import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.records import (
    InvalidTargetError,
    InvalidTtlError,
    Target,
    address_target,
    parse_targets,
    parse_ttl,
    targets_of,
)
from fakes.values import ANY_TEXT


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        pytest.param("192.168.1.54", ["A 192.168.1.54"], id="IPv4"),
        pytest.param("FD00:0::1", ["AAAA fd00::1"], id="IPv6 in canonical form"),
        pytest.param("10.0.0.2, 10.0.0.1", ["A 10.0.0.1", "A 10.0.0.2"], id="sorted"),
        pytest.param("10.0.0.1 fd00::1", ["A 10.0.0.1", "AAAA fd00::1"], id="both families"),
        pytest.param("10.0.0.1,10.0.0.1", ["A 10.0.0.1"], id="twice"),
        pytest.param("Proxy.Lab.Test.", ["CNAME proxy.lab.test"], id="name"),
    ],
)
def test_a_target_is_addresses_or_one_name(text: str, targets: list[str]) -> None:
    assert [f"{target.type} {target.value}" for target in parse_targets(text)] == targets


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "one or more addresses"),
        ("192.168.1.256", "is neither an IP address nor a host name: it ends in a number"),
        ("192.168.1.54/24", "is neither an IP address nor a host name"),
        ("10.0.0.1, proxy.lab.test", "'proxy.lab.test' is no IP address"),
        ("a.test b.test", "one host name alone"),
        ("*.lab.test", "a CNAME needs one host name"),
        ("010.1.1.1", "like an IP address"),
        ("fe80::1%eth0", "is neither an IP address nor a host name"),
    ],
)
def test_a_bad_target_says_how_to_mend_it(text: str, says: str) -> None:
    with pytest.raises(InvalidTargetError, match=says):
        parse_targets(text)


@given(ANY_TEXT)
def test_targets_are_canonical_or_refused(text: str) -> None:
    try:
        targets = parse_targets(text)
    except InvalidTargetError:
        return

    assert targets
    assert targets == parse_targets(" ".join(target.value for target in targets))


@given(st.lists(st.ip_addresses().map(str), min_size=1))
def test_addresses_come_back_sorted_and_once(texts: list[str]) -> None:
    targets = parse_targets(" ".join(texts))

    assert targets == targets_of(reversed(texts))
    assert list(targets) == sorted({target for t in texts if (target := address_target(t))})


def test_what_is_no_address_is_left_out_of_the_addresses() -> None:
    assert targets_of(["", "lb.example.org", "10.0.0.1"]) == parse_targets("10.0.0.1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300", 300),
        (" 60 ", 60),
        ("0", 0),
        ("604800", 604_800),
        ("5m", 300),
        ("1h30m", 5400),
        ("1H", 3600),
        ("7d", 604_800),
        ("1d1h1m1s", 90_061),
    ],
)
def test_a_ttl_is_seconds_or_a_duration(text: str, seconds: int) -> None:
    assert parse_ttl(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "1.5h", "604801", "8d", "99999999999999999999", "m5", "5 m", "٣٠٠", "five"],
)
def test_a_bad_ttl_says_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidTtlError, match="seconds from 0 to 604800, or a form like 5m"):
        parse_ttl(text)


@given(ANY_TEXT | st.from_regex(r"\A(\d{1,30}[dhms]){1,5}\Z"))
def test_a_ttl_is_in_range_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidTtlError):
        assert 0 <= parse_ttl(text) <= 604_800


def test_addresses_sort_before_names() -> None:
    assert isinstance(address_target("10.0.0.1"), Target)
    assert address_target("lab.test") is None
