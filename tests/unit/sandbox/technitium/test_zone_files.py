"""Zone files: what the parser takes, what the writer writes, what an import does."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium import Record
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    Caa,
    Data,
    Mail,
    Raw,
    Service,
    Target,
    Text,
)
from catalyst_dns_sync.sandbox.technitium.model.zone_import import import_records
from catalyst_dns_sync.sandbox.technitium.model.zone_parser import parse_zone_file
from catalyst_dns_sync.sandbox.technitium.model.zone_writer import render_zone_file
from unit.sandbox.technitium.builders import START, ZONE, a, below_apex, lab, named


def parsed(text: str) -> list[Record]:
    return parse_zone_file(text, ZONE, 3600, START)


def test_origin_ttl_relative_names_and_parentheses() -> None:
    records = parsed(
        "$TTL 60\n"
        "$ORIGIN sub.lab.test.\n"
        "@ IN A 192.0.2.1\n"
        "x 120 A 192.0.2.2 ; said\n"
        "  AAAA 2001:db8::1\n"
        'y IN TXT ( "one"\n  "t;wo" ) ;both\n'
        "z 5 MX 10 mail\n"
        "w CNAME other.test.\n"
    )

    assert [(r.name, r.type, r.ttl, r.data, r.comments) for r in records] == [
        ("sub.lab.test", "A", 60, a("", "192.0.2.1").data, ""),
        ("x.sub.lab.test", "A", 120, a("", "192.0.2.2").data, " said"),
        ("x.sub.lab.test", "AAAA", 60, a("", "2001:db8::1").data, ""),
        ("y.sub.lab.test", "TXT", 60, Text(("one", "t;wo")), "both"),
        ("z.sub.lab.test", "MX", 5, Mail(10, Target.of("mail.sub.lab.test")), ""),
        ("w.sub.lab.test", "CNAME", 60, Target.of("other.test"), ""),
    ]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("x 60 IN A 192.0.2.999", "rdata"),
        ("x 60 IN A", "rdata"),
        ("x 60 IN BOGUS 1", "rr"),
        ("x 60 IN", "rr"),
        ("x..y 60 IN A 192.0.2.1", "domain"),
        (" 60 IN A 192.0.2.1", "domain"),
        ("x 60 IN MX many mail", "rdata"),
        ("x 60 IN CNAME b..c", "rdata"),
        ("x 60 IN TYPE4711 4 00", "rdata"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_field(line: str, field: str) -> None:
    with pytest.raises(ApiError) as caught:
        parsed(f"\n; a comment\n{line}\n")

    assert caught.value.text == (
        f"The zone file parser failed to parse '{field}' field on line # 3."
    )


def test_a_bad_address_is_the_inner_message() -> None:
    with pytest.raises(ApiError) as caught:
        parsed("x 60 IN A 192.0.2.999\n")

    assert caught.value.inner == "An invalid IP address was specified."


def test_only_records_with_a_comment_get_a_date() -> None:
    assert [r.last_modified for r in parsed("x 60 A 192.0.2.1 ;c\ny 60 A 192.0.2.1\n")] == [
        START,
        None,
    ]


@pytest.mark.parametrize(
    ("comment", "stored"),
    [
        ('{"disabled":true,"comments":"c"}', ("c", True)),
        ('{"disabled":false,"comments":"{x"}', ("{x", False)),
        ("{no wrapper", ("", False)),
        ("[1]", ("[1]", False)),
        ("one\\ntwo", ("one\ntwo", False)),
    ],
)
def test_a_comment_that_begins_with_a_brace_is_the_servers_own_wrapper(
    comment: str, stored: tuple[str, bool]
) -> None:
    [record] = parsed(f"x 60 IN A 192.0.2.1 ;{comment}\n")

    assert (record.comments, record.disabled) == stored


DATA: st.SearchStrategy[tuple[str, Data]] = st.one_of(
    st.ip_addresses(v=4).map(lambda ip: ("A", a("", str(ip)).data)),
    st.ip_addresses(v=6).map(lambda ip: ("AAAA", a("", str(ip)).data)),
    st.sampled_from(["Up.lab.test", "lab.test", "x.other.test"]).map(
        lambda name: ("CNAME", Target.of(name))
    ),
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20),
        min_size=1,
        max_size=3,
    ).map(lambda strings: ("TXT", Text(tuple(strings)))),
    st.integers(0, 65535).map(lambda n: ("MX", Mail(n, Target.of("mail.lab.test")))),
    st.integers(0, 65535).map(lambda n: ("SRV", Service(n, 1, 2, Target.of("srv.test")))),
    st.integers(0, 255).map(lambda n: ("CAA", Caa(n, "issue", 'ca "x"'))),
    st.binary(max_size=10).map(lambda octets: ("4711", Raw(octets))),
)
COMMENTS = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\"))


@given(
    st.sampled_from(["x", "*.w", "UP", ""]), DATA, COMMENTS.map(lambda c: c[:255]), st.booleans()
)
def test_what_is_written_is_read_as_the_same(
    name: str,
    value: tuple[str, Data],
    comments: str,
    disabled: bool,  # noqa: FBT001 - drawn
) -> None:
    full = f"{name}.{ZONE}" if name else ZONE
    record = Record(full, value[0], 60, value[1], comments, disabled)

    text = render_zone_file([record], ZONE)
    [back] = parsed(text)

    assert (back.name, back.type, back.ttl, back.data) == (full, value[0], 60, value[1])
    assert (back.comments, back.disabled) == (comments, disabled)


@given(st.text())
def test_any_text_is_records_or_refused(text: str) -> None:
    with suppress(ApiError):
        assert all(record.ttl >= 0 for record in parsed(text))


def test_an_import_stops_half_way_and_keeps_what_came_before() -> None:
    _, zone = lab()
    zone.put(named("CNAME", "c", "t.test"))
    records = [a("one"), a("c"), a("two")]

    with pytest.raises(ApiError, match="cannot exists with other record types"):
        import_records(
            zone, records, overwrite=False, overwrite_zone=False, overwrite_soa_serial=False
        )

    assert [r.name for r in below_apex(zone)] == [f"c.{ZONE}", f"one.{ZONE}"]


def test_an_import_of_the_soa_keeps_the_serial_going_unless_told() -> None:
    _, zone = lab()
    text = "@ 900 SOA ns.test. me.lab.test. 77 1 2 3000 4\n"

    import_records(
        zone, parsed(text), overwrite=True, overwrite_zone=False, overwrite_soa_serial=False
    )
    kept = zone.serial
    import_records(
        zone, parsed(text), overwrite=True, overwrite_zone=False, overwrite_soa_serial=True
    )

    assert (kept, zone.serial, zone.soa.expire, zone.soa.mailbox) == (2, 77, 3000, "me@lab.test")
