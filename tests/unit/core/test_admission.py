"""What filters leave out, and what a namespace may not claim."""

from catalyst_dns_sync.core.admission import Admission, ClaimRow, Scope, admitted
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Claim, Fault, WatchedObject
from catalyst_dns_sync.core.patterns import parse_host_pattern, parse_namespace_pattern
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.skips import SkipReason

A, B, C = DnsName("a.lab.home"), DnsName("b.lab.home"), DnsName("c.lab.home")
BROKEN = Fault(SkipReason.INVALID_RULE, "Host(", "no end")
REF = ObjectRef("IngressRoute", "team-a", "web")
WEB = WatchedObject(REF, claims=(Claim(A), Claim(B)), faults=(BROKEN,), holds=frozenset({C}))


def scope(no_namespaces: str = "", hosts: str = "", no_hosts: str = "") -> Admission:
    return Admission(
        Scope(
            tuple(map(parse_namespace_pattern, no_namespaces.split())),
            tuple(map(parse_host_pattern, hosts.split())),
            tuple(map(parse_host_pattern, no_hosts.split())),
        )
    )


def table(**rows: str) -> Admission:
    return Admission(
        rows=tuple(
            ClaimRow(
                parse_namespace_pattern(namespace.replace("_", "-")),
                tuple(map(parse_host_pattern, hosts.split())),
            )
            for namespace, hosts in rows.items()
        )
    )


def shown(obj: WatchedObject) -> tuple[set[DnsName], set[DnsName], set[DnsName]]:
    return set(obj.names), set(obj.holds), set(obj.filtered)


def not_allowed(name: DnsName) -> Fault:
    detail = "DNS_CLAIMS does not let namespace team-a claim it"
    return Fault(SkipReason.NOT_ALLOWED, name, detail, costs_names=False)


def test_without_filters_an_object_stays_as_it_is() -> None:
    assert admitted(WEB, Admission()) is WEB
    assert admitted(WEB, scope("team-b", "*.lab.home", "x.lab.home")) is WEB
    assert admitted(WEB, table(team_a="*.lab.home")) is WEB


def test_an_object_in_a_namespace_that_is_left_out_claims_nothing() -> None:
    assert admitted(WEB, scope("team-*")) == WatchedObject(REF, filtered=frozenset({A, B, C}))


def test_hosts_are_left_out_one_by_one_and_exclusion_wins() -> None:
    found = admitted(WEB, scope(hosts="*.lab.home", no_hosts="b.lab.home"))
    assert shown(found) == ({A}, {C}, {B})
    found = admitted(WEB, scope(hosts="a.lab.home"))
    assert shown(found) == ({A}, set(), {B, C})


def test_what_a_namespace_may_not_claim_is_no_claim_and_is_told() -> None:
    found = admitted(WEB, table(team_a="a.lab.home", team_b="*.lab.home"))
    assert shown(found) == ({A}, set(), set())
    assert found.faults == (BROKEN, not_allowed(B), not_allowed(C))
    assert found.barred == {B, C}
    assert found.all_names == {A, B, C}


def test_several_rows_for_one_namespace_add_up() -> None:
    found = admitted(WEB, table(team_a="a.lab.home c.lab.home", **{"team_*": "b.lab.home"}))
    assert found is WEB


def test_a_filtered_object_keeps_no_name_that_it_may_not_claim() -> None:
    filtered = WatchedObject(REF, filtered=frozenset({A, B}))
    found = admitted(filtered, table(team_a="a.lab.home"))
    assert (set(found.filtered), set(found.barred)) == ({A}, {B})
