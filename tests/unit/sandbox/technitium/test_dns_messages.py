"""Messages in, messages out: EDNS, truncation, refusals, and bytes that mean nothing."""

from collections.abc import Callable

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium import Record, Technitium
from catalyst_dns_sync.sandbox.technitium.dnsd.responder import Responder
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    Caa,
    Data,
    Mail,
    Raw,
    Service,
    Target,
    Text,
)
from unit.sandbox.technitium.builders import ZONE, Clock, a, lab, named, txt

WEB = f"web.{ZONE}"


def served() -> tuple[Technitium, Responder]:
    server, zone = lab()
    zone.add(a("web"))
    for number in range(60):
        zone.add(a("many", f"10.0.0.{number}"))
    return server, Responder(server)


def exchange(
    responder: Responder, query: dns.message.Message, *, is_tcp: bool = False
) -> dns.message.Message:
    wire = responder.respond(query.to_wire(), is_tcp=is_tcp)
    assert wire is not None
    return dns.message.from_wire(wire)


def test_an_answer_has_the_question_its_id_and_is_authoritative() -> None:
    _, responder = served()
    query = dns.message.make_query("WeB.Lab.Test", "A")

    response = exchange(responder, query)

    assert response.id == query.id
    assert response.question == query.question
    assert dns.flags.to_text(response.flags) == "QR AA RD"
    assert str(response.answer[0]) == "WeB.Lab.Test. 300 IN A 192.0.2.1"


def test_an_answer_from_the_cache_differs_in_its_id_only() -> None:
    _, responder = served()
    query = dns.message.make_query(WEB, "A", id=1)
    first = responder.respond(query.to_wire())
    query.id = 2

    second = responder.respond(query.to_wire())

    assert first is not None
    assert second == b"\x00\x02" + first[2:]


def test_a_change_is_answered_at_once() -> None:
    server, responder = served()
    query = dns.message.make_query(WEB, "A")
    zone = server.zones.find(ZONE)
    assert zone is not None
    seen = []
    changes: list[Callable[[], None]] = [
        lambda: None,
        lambda: zone.add(a("web", "192.0.2.2")),
        lambda: zone.delete(WEB, "A", a("web").data),
        lambda: zone.set_disabled(disabled=True),
        lambda: zone.set_disabled(disabled=False),
        lambda: server.zones.remove(zone),
    ]
    for change in changes:
        change()
        response = exchange(responder, query)
        seen.append((dns.rcode.to_text(response.rcode()), sum(map(len, response.answer))))

    assert seen == [
        ("NOERROR", 1),
        ("NOERROR", 2),
        ("NOERROR", 1),
        ("REFUSED", 0),
        ("NOERROR", 1),
        ("REFUSED", 0),
    ]


def test_a_crash_is_answered_from_what_was_on_disk() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    responder = Responder(server)
    clock.advance(5)
    zone.add(a("web"))
    query = dns.message.make_query(WEB, "A")
    before = exchange(responder, query).rcode()

    server.crash()

    assert (before, exchange(responder, query).rcode()) == (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


def test_a_dot_within_a_label_does_not_separate_names() -> None:
    server, zone = lab()
    zone.add(a("*.web"))
    responder = Responder(server)

    within = exchange(responder, dns.message.make_query(f"x\\.web.{ZONE}", "A"))
    below = exchange(responder, dns.message.make_query(f"x\\.y.web.{ZONE}", "A"))

    assert within.rcode() == dns.rcode.NXDOMAIN
    assert str(below.answer[0]) == f"x\\.y.web.{ZONE}. 300 IN A 192.0.2.1"


def test_a_record_that_expires_stops_being_answered() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    responder = Responder(server)
    zone.add(a("web", expiry_ttl=60, last_modified=clock()))
    query = dns.message.make_query(WEB, "A")
    before = exchange(responder, query).rcode()
    clock.advance(60)

    assert (before, exchange(responder, query).rcode()) == (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


def test_records_know_when_they_were_last_asked_for() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    responder = Responder(server)
    zone.add(a("web"))
    moments = []
    for _ in range(2):
        clock.advance(1)
        exchange(responder, dns.message.make_query(WEB, "A"))
        [record] = zone.nodes.records_at(WEB)
        moments.append(record.usage.at == clock())

    assert moments == [True, True]


def test_edns_is_answered_with_edns_and_only_then() -> None:
    _, responder = served()

    plain = exchange(responder, dns.message.make_query(WEB, "A"))
    extended = exchange(responder, dns.message.make_query(WEB, "A", use_edns=0, payload=4096))

    assert (plain.edns, extended.edns, extended.payload) == (-1, 0, 1232)


def test_another_edns_version_is_refused_as_such() -> None:
    _, responder = served()
    query = dns.message.make_query(WEB, "A", use_edns=0)
    query.use_edns(1)

    response = exchange(responder, query)

    assert (response.rcode(), response.edns, response.answer) == (dns.rcode.BADVERS, 0, [])


def many(payload: int | None = None) -> dns.message.Message:
    """Return a query for a name with 60 addresses, which take about 1,000 bytes."""
    query = dns.message.make_query(f"many.{ZONE}", "A")
    if payload is not None:
        query.use_edns(0, payload=payload)
    return query


@pytest.mark.parametrize(("payload", "limit"), [(None, 512), (100, 512), (600, 600)])
def test_an_answer_over_udp_is_cut_to_what_the_asker_takes(payload: int | None, limit: int) -> None:
    _, responder = served()

    wire = responder.respond(many(payload).to_wire())

    assert wire is not None
    assert len(wire) <= limit
    assert dns.message.from_wire(wire).flags & dns.flags.TC


def test_an_answer_is_whole_over_tcp_and_where_the_asker_takes_as_much() -> None:
    _, responder = served()

    for response in (exchange(responder, many(4096)), exchange(responder, many(), is_tcp=True)):
        assert sum(map(len, response.answer)) == 60
        assert not response.flags & dns.flags.TC


@pytest.mark.parametrize("rtype", ["AXFR", "IXFR"])
def test_zone_transfers_are_refused(rtype: str) -> None:
    _, responder = served()
    query = dns.message.make_query(ZONE, rtype)

    assert exchange(responder, query, is_tcp=True).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize(
    ("change", "rcode"),
    [
        (lambda query: query.set_opcode(dns.opcode.STATUS), dns.rcode.NOTIMP),
        (lambda query: query.set_opcode(dns.opcode.NOTIFY), dns.rcode.NOTIMP),
        (lambda query: query.question.clear(), dns.rcode.FORMERR),
        (lambda query: query.question.append(query.question[0]), dns.rcode.FORMERR),
    ],
    ids=["STATUS", "NOTIFY", "no question", "two questions"],
)
def test_what_is_understood_and_not_done_says_so(change: object, rcode: dns.rcode.Rcode) -> None:
    assert callable(change)
    _, responder = served()
    query = dns.message.make_query(WEB, "A")
    change(query)

    assert exchange(responder, query).rcode() == rcode


def test_another_class_is_refused() -> None:
    _, responder = served()

    response = exchange(responder, dns.message.make_query(WEB, "A", rdclass=dns.rdataclass.CH))

    assert response.rcode() == dns.rcode.REFUSED


def test_responses_and_scraps_are_dropped() -> None:
    _, responder = served()
    response = dns.message.make_response(dns.message.make_query(WEB, "A")).to_wire()

    assert responder.respond(response) is None
    assert responder.respond(b"\x00" * 11) is None


def test_a_query_that_breaks_off_is_a_format_error_with_its_id() -> None:
    _, responder = served()
    wire = dns.message.make_query(WEB, "A", id=4711).to_wire()

    answer = responder.respond(wire[:-3])

    assert answer is not None
    response = dns.message.from_wire(answer)
    assert (response.id, response.rcode(), response.question) == (4711, dns.rcode.FORMERR, [])


@given(st.binary(max_size=80), st.booleans())
def test_no_bytes_bring_more_than_an_answer_or_none(octets: bytes, is_tcp: bool) -> None:  # noqa: FBT001 - drawn
    _, responder = served()

    answer = responder.respond(octets, is_tcp=is_tcp)

    assert answer is None or answer[:2] == octets[:2]


@given(st.integers(0, 60), st.integers(0, 255))
def test_no_single_wrong_byte_brings_more_than_an_answer_or_none(at: int, octet: int) -> None:
    _, responder = served()
    wire = bytearray(dns.message.make_query(f"x.{WEB}", "A", use_edns=0, id=1).to_wire())
    wire[at % len(wire)] = octet

    answer = responder.respond(bytes(wire))

    assert answer is None or answer[:2] == bytes(wire[:2])


@pytest.mark.parametrize(
    ("rtype", "data", "text"),
    [
        ("TXT", Text(('say "hi"', "bücher")), '"say \\"hi\\"" "b\\195\\188cher"'),
        ("MX", Mail(10, Target.of("mail.test")), "10 mail.test."),
        ("SRV", Service(1, 2, 3, Target.of("srv.test")), "1 2 3 srv.test."),
        ("CAA", Caa(0, "issue", "ca.test"), '0 issue "ca.test"'),
        ("PTR", Target.of("x.test"), "x.test."),
        ("4711", Raw(b"\x01\x02"), "\\# 2 0102"),
        ("HINFO", Raw(b"\x01a\x01b"), '"a" "b"'),
    ],
)
def test_each_type_goes_over_the_wire(rtype: str, data: Data, text: str) -> None:
    server, zone = lab()
    zone.add(Record(WEB, rtype, 60, data))
    number = f"TYPE{rtype}" if rtype.isdigit() else rtype

    response = exchange(Responder(server), dns.message.make_query(WEB, number))

    assert [rdata.to_text() for rdata in response.answer[0]] == [text]


def test_a_target_that_fits_into_no_message_is_a_server_failure() -> None:
    server, zone = lab()
    zone.put(named("CNAME", "web", ".".join(["a" * 63] * 4)))

    response = exchange(Responder(server), dns.message.make_query(WEB, "A"))

    assert response.rcode() == dns.rcode.SERVFAIL


def test_queries_are_counted_by_what_was_answered() -> None:
    server, responder = served()
    for name in (WEB, WEB, f"no.{ZONE}", "example.org"):
        responder.respond(dns.message.make_query(name, "A").to_wire())
    responder.respond(b"")

    assert dict(server.traffic.queries) == {
        "NOERROR": 2,
        "NXDOMAIN": 1,
        "REFUSED": 1,
        "DROPPED": 1,
    }


def test_a_long_text_arrives_whole() -> None:
    server, zone = lab()
    zone.add(txt("web", "x" * 700))

    response = exchange(Responder(server), dns.message.make_query(WEB, "TXT"), is_tcp=True)

    assert sum(len(s) for s in response.answer[0][0].strings) == 700
