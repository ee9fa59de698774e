"""How single values are read and written."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import (
    checked_domain,
    checked_mailbox,
    idn_of,
    zone_name_of,
)
from catalyst_dns_sync.sandbox.technitium.model.rdata import parse_address, parse_type, text_of
from catalyst_dns_sync.sandbox.technitium.model.values import (
    parse_bool,
    parse_int,
    parse_ttl,
    parse_unsigned,
    render_time,
    render_ttl,
)


@given(st.integers(0, 2**32 - 1))
def test_a_rendered_ttl_is_read_as_the_same(seconds: int) -> None:
    assert parse_ttl(render_ttl(seconds)) == seconds
    assert parse_ttl(str(seconds)) == seconds


@pytest.mark.parametrize("text", ["-1", "x", "1h30", "1s1h", "1.5", "4294967296", "१", " "])
def test_what_is_no_ttl_is_named(text: str) -> None:
    with pytest.raises(ApiError, match="Failed to parse TTL from value: "):
        parse_ttl(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("10.1", "10.0.0.1"),
        ("127.1.2", "127.1.0.2"),
        ("0x7f000001", "127.0.0.1"),
        ("010.0.0.1", "8.0.0.1"),
        ("3232235777", "192.168.1.1"),
    ],
)
def test_addresses_have_the_forms_of_inet_aton(text: str, address: str) -> None:
    assert str(parse_address(text, "A").ip) == address


@pytest.mark.parametrize(
    "text", ["", "999.1.1.1", "1.2.3.4.5", "1..2", "a.b", "08.1", "\uff11.1.1.1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="An invalid IP address was specified"):
        parse_address(text, "A")


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(ApiError):
        assert parse_address(text, "A").ip.version == 4


@given(st.text(max_size=300))
def test_a_name_that_is_taken_is_taken_unchanged_the_second_time(text: str) -> None:
    with suppress(ApiError):
        name = checked_domain(text)

        assert checked_domain(name) == name
        assert name.isascii()


def test_unicode_names_have_both_forms() -> None:
    name = checked_domain("bücher.lab.test")

    assert (name, idn_of(name)) == ("xn--bcher-kva.lab.test", "bücher.lab.test")
    assert idn_of("plain.lab.test") is None


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Lab.Test.", "lab.test"),
        ("198.51.100.0/24", "100.51.198.in-addr.arpa"),
        ("10.0.0.0/9", "0.10.in-addr.arpa"),
        ("198.51.100.7", "7.100.51.198.in-addr.arpa"),
        ("2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"),
    ],
)
def test_a_zone_is_named_by_name_address_or_network(text: str, zone: str) -> None:
    assert zone_name_of(text) == zone


def test_a_zone_name_with_a_blank_is_refused() -> None:
    with pytest.raises(ApiError, match="The zone name contains an invalid character: "):
        zone_name_of("a b.test")


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [("me@lab.test", "me@lab.test"), ("me.lab.test.", "me@lab.test"), ("a.b@x.y", "a.b@x.y")],
)
def test_a_mailbox_is_kept_in_its_mail_form(text: str, mailbox: str) -> None:
    assert checked_mailbox(text) == mailbox


def test_types_are_known_by_name_in_any_case_and_by_number() -> None:
    assert [parse_type(text) for text in ("aaaa", "1", "CAA", "65281", "4711")] == [
        "AAAA",
        "A",
        "CAA",
        "FWD",
        "4711",
    ]


def test_long_text_is_cut_at_255_bytes_and_split_text_at_lines() -> None:
    assert text_of("c" * 256, split=False).strings == ("c" * 255, "c")
    assert text_of("one\ntwo\\tx\\\\", split=True).strings == ("one", "two\tx\\")


def test_dates_are_written_without_trailing_zeros() -> None:
    assert render_time(datetime(2026, 7, 1, 12, 0, 0, 120000, UTC)) == "2026-07-01T12:00:00.12Z"
    assert render_time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "2026-07-01T12:00:00Z"
    assert render_time(None) == "0001-01-01T00:00:00"


def test_booleans_and_numbers_are_as_dotnet_reads_them() -> None:
    assert (parse_bool(" TRUE "), parse_bool("false"), parse_int("-7")) == (True, False, -7)
    with pytest.raises(ApiError, match="String '1' was not recognized as a valid Boolean"):
        parse_bool("1")
    with pytest.raises(ApiError, match="The input string 'x' was not in a correct format"):
        parse_int("x")
    with pytest.raises(ApiError, match="too large or too small for a UInt16"):
        parse_unsigned("65536")
