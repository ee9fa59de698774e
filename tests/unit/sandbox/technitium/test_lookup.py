"""What DNS answers from the records: RFC 1034, RFC 2308, RFC 4592, RFC 6672."""

from catalyst_dns_sync.sandbox.technitium import Record, Technitium, ZoneType
from catalyst_dns_sync.sandbox.technitium.dnsd.lookup import Reply, Result, lookup
from catalyst_dns_sync.sandbox.technitium.model.rdata import Forward
from unit.sandbox.technitium.builders import ZONE, a, lab, named, txt


def served(*records: Record) -> Technitium:
    server, zone = lab()
    for record in records:
        if record.type in {"CNAME", "DNAME"}:
            zone.put(record)
        else:
            zone.add(record)
    return server


def ask(server: Technitium, name: str, rtype: str = "A") -> Reply:
    return lookup(server.zones, f"{name}.{ZONE}" if name else ZONE, rtype)


def shown(reply: Reply) -> list[tuple[str, str, int]]:
    """Return the answer section: owner, type, how many values."""
    return [(owner, rrset[0].type, len(rrset)) for owner, rrset in reply.answer]


def denied(reply: Reply) -> bool:
    """Tell whether the authority section has the SOA, at the TTL of a negative answer."""
    return [(owner, rrset[0].type, rrset[0].ttl) for owner, rrset in reply.authority] == [
        (ZONE, "SOA", 900)
    ]


def test_a_name_answers_with_all_its_values_whatever_its_case() -> None:
    server = served(a("Web", "192.0.2.1"), a("web", "192.0.2.2"))

    reply = ask(server, "wEB")

    assert (reply.result, reply.authoritative) == (Result.NOERROR, True)
    assert shown(reply) == [(f"wEB.{ZONE}", "A", 2)]


def test_a_name_without_the_type_is_no_data_and_a_name_that_is_not_there_is_nxdomain() -> None:
    server = served(a("web"))

    no_data, no_name = ask(server, "web", "AAAA"), ask(server, "nowhere")

    assert (no_data.result, no_name.result) == (Result.NOERROR, Result.NXDOMAIN)
    assert shown(no_data) == shown(no_name) == []
    assert denied(no_data)
    assert denied(no_name)


def test_names_between_records_exist_without_data() -> None:
    server = served(a("deep.down.below"))

    assert ask(server, "below").result is Result.NOERROR
    assert ask(server, "down.below").result is Result.NOERROR
    assert ask(server, "other.below").result is Result.NXDOMAIN


def test_outside_of_every_zone_the_question_is_refused() -> None:
    server = served()

    reply = lookup(server.zones, "example.org", "A")

    assert (reply.result, reply.authoritative) == (Result.REFUSED, False)


def test_a_disabled_zone_is_refused() -> None:
    server = served(a("web"))
    zone = server.zones.find(ZONE)
    assert zone is not None
    zone.set_disabled(disabled=True)

    assert ask(server, "web").result is Result.REFUSED


def test_disabled_values_are_not_answered() -> None:
    server = served(a("web", "192.0.2.1", disabled=True), a("web", "192.0.2.2"))

    assert shown(ask(server, "web")) == [(f"web.{ZONE}", "A", 1)]


def test_a_name_with_disabled_records_only_is_nxdomain() -> None:
    server = served(a("web", disabled=True))

    assert ask(server, "web").result is Result.NXDOMAIN


def test_a_wildcard_answers_for_what_has_no_name_at_any_depth() -> None:
    server = served(a("*.apps"))

    for name in ("one.apps", "two.one.apps"):
        assert shown(ask(server, name)) == [(f"{name}.{ZONE}", "A", 1)]
    assert shown(ask(server, "*.apps")) == [(f"*.apps.{ZONE}", "A", 1)]
    assert ask(server, "apps").result is Result.NOERROR


def test_a_wildcard_gives_no_data_for_another_type() -> None:
    server = served(a("*.apps"))

    reply = ask(server, "one.apps", "AAAA")

    assert (reply.result, denied(reply)) == (Result.NOERROR, True)


def test_a_name_that_exists_hides_the_wildcard_beside_it_and_below_itself() -> None:
    server = served(a("*"), txt("web", "here"), a("x.empty"))

    assert ask(server, "web").answer == []
    assert ask(server, "below.web").result is Result.NXDOMAIN
    assert ask(server, "empty").result is Result.NOERROR
    assert ask(server, "y.empty").result is Result.NXDOMAIN
    assert shown(ask(server, "free")) == [(f"free.{ZONE}", "A", 1)]


def test_a_disabled_wildcard_answers_nothing() -> None:
    server = served(a("*.apps", disabled=True))

    assert ask(server, "one.apps").result is Result.NXDOMAIN


def test_an_alias_is_followed_as_far_as_it_is_hosted_here() -> None:
    server = served(
        named("CNAME", "one", f"two.{ZONE}"),
        named("CNAME", "two", f"web.{ZONE}"),
        named("CNAME", "out", "example.org"),
        a("web"),
    )

    assert [rtype for _, rtype, _ in shown(ask(server, "one"))] == ["CNAME", "CNAME", "A"]
    assert shown(ask(server, "out")) == [(f"out.{ZONE}", "CNAME", 1)]
    assert ask(server, "out").result is Result.NOERROR
    assert shown(ask(server, "one", "CNAME")) == [(f"one.{ZONE}", "CNAME", 1)]


def test_an_alias_of_nothing_is_nxdomain_with_the_alias_in_the_answer() -> None:
    server = served(named("CNAME", "one", f"nowhere.{ZONE}"))

    reply = ask(server, "one")

    assert (reply.result, shown(reply)) == (Result.NXDOMAIN, [(f"one.{ZONE}", "CNAME", 1)])
    assert denied(reply)


def test_aliases_in_a_ring_end() -> None:
    server = served(named("CNAME", "one", f"two.{ZONE}"), named("CNAME", "two", f"one.{ZONE}"))

    assert len(ask(server, "one").answer) == 2


def test_an_alias_by_wildcard_is_followed() -> None:
    server = served(named("CNAME", "*.apps", f"web.{ZONE}"), a("web"))

    assert shown(ask(server, "x.apps")) == [
        (f"x.apps.{ZONE}", "CNAME", 1),
        (f"web.{ZONE}", "A", 1),
    ]


def test_below_a_delegation_there_is_a_referral_with_glue() -> None:
    server = served(
        named("NS", "sub", f"ns.sub.{ZONE}"), a("ns.sub", "192.0.2.53"), a("*"), a("x.sub")
    )

    for name in ("sub", "x.sub", "y.x.sub"):
        reply = ask(server, name)
        assert (reply.result, reply.authoritative, reply.answer) == (Result.NOERROR, False, [])
        assert [owner for owner, _ in reply.authority] == [f"sub.{ZONE}"]
        assert [owner for owner, _ in reply.additional] == [f"ns.sub.{ZONE}"]


def test_a_disabled_delegation_delegates_nothing() -> None:
    server = served(named("NS", "sub", "ns.test", disabled=True), a("x.sub"))

    assert shown(ask(server, "x.sub")) == [(f"x.sub.{ZONE}", "A", 1)]


def test_a_dname_makes_aliases_of_what_is_below_it() -> None:
    server = served(named("DNAME", "old", f"new.{ZONE}"), a("x.new"))

    reply = ask(server, "x.old")

    assert [rtype for _, rtype, _ in shown(reply)] == ["DNAME", "CNAME", "A"]
    assert ask(server, "old").result is Result.NOERROR


def test_an_aname_answers_with_the_addresses_of_its_target() -> None:
    server = served(named("ANAME", "", f"web.{ZONE}"), a("web", "192.0.2.9"))

    reply = ask(server, "")

    assert shown(reply) == [(ZONE, "A", 1)]
    assert shown(ask(server, "", "AAAA")) == []


def test_any_gives_all_types_that_other_servers_know() -> None:
    server = served(a("web"), a("web", "2001:db8::1"), named("ANAME", "web", "x.test"))

    assert [rtype for _, rtype, _ in shown(ask(server, "web", "ANY"))] == ["A", "AAAA"]


def test_the_apex_answers_soa_and_ns() -> None:
    server = served()

    assert shown(ask(server, "", "SOA")) == [(ZONE, "SOA", 1)]
    assert shown(ask(server, "", "NS")) == [(ZONE, "NS", 1)]


def test_a_name_of_a_closer_zone_is_that_zones_affair() -> None:
    server = served(a("x.sub"))
    server.create_zone(f"sub.{ZONE}")

    assert ask(server, "x.sub").result is Result.NXDOMAIN


def test_a_forwarder_zone_answers_its_records_and_refuses_the_rest() -> None:
    server, _ = lab()
    zone = server.zones.create("fwd.test", ZoneType.FORWARDER, forward=Forward("Udp", "192.0.2.53"))
    zone.add(Record("x.fwd.test", "A", 60, a("").data))

    assert len(lookup(server.zones, "x.fwd.test", "A").answer) == 1
    assert lookup(server.zones, "y.fwd.test", "A").result is Result.REFUSED


def test_a_root_zone_answers_for_every_name() -> None:
    server, _ = lab()
    zone = server.zones.create("")
    zone.add(Record("*", "A", 60, a("").data))

    assert len(lookup(server.zones, "any.name", "A").answer) == 1
    assert lookup(server.zones, "", "SOA").result is Result.NOERROR
