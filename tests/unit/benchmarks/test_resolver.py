import dns.message
import dns.rcode
import dns.rrset
import pytest
from benchmarks.resolver import addresses, query


def test_a_question_is_what_a_library_reads_as_one() -> None:
    asked = dns.message.from_wire(query(4711, "app-1.z0.test"))

    assert asked == dns.message.make_query("app-1.z0.test", "A", id=4711)


@pytest.mark.parametrize("values", [(), ("192.0.2.10",), ("192.0.2.10", "192.0.2.9")])
def test_the_addresses_of_an_answer_are_read_sorted(values: tuple[str, ...]) -> None:
    answer = dns.message.make_response(dns.message.make_query("app-1.z0.test", "A"))
    if values:
        answer.answer.append(dns.rrset.from_text("app-1.z0.test.", 300, "IN", "A", *values))

    assert addresses(answer.to_wire()) == tuple(sorted(values))


def test_the_addresses_behind_an_alias_are_read() -> None:
    answer = dns.message.make_response(dns.message.make_query("www.z0.test", "A"))
    answer.answer += [
        dns.rrset.from_text("www.z0.test.", 300, "IN", "CNAME", "app.z0.test."),
        dns.rrset.from_text("app.z0.test.", 300, "IN", "A", "192.0.2.10"),
    ]

    assert addresses(answer.to_wire()) == ("192.0.2.10",)


def test_a_name_that_does_not_exist_has_no_addresses_and_a_server_that_fails_no_answer() -> None:
    answer = dns.message.make_response(dns.message.make_query("app-1.z0.test", "A"))
    answer.set_rcode(dns.rcode.NXDOMAIN)
    failure = dns.message.make_response(dns.message.make_query("app-1.z0.test", "A"))
    failure.set_rcode(dns.rcode.SERVFAIL)

    assert (addresses(answer.to_wire()), addresses(failure.to_wire())) == ((), None)
