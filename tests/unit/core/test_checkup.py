from collections.abc import Iterator
from dataclasses import replace

import pytest
import yaml

from catalyst_dns_sync.core.checkup import (
    ClusterFacts,
    ClusterNode,
    Finding,
    Level,
    Permission,
    ServerFacts,
    ZoneFacts,
    rule_for,
)
from catalyst_dns_sync.core.cluster_checks import CLUSTER_CHECKS
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.server_checks import SERVER_CHECKS, Wishes

LAB = parse_name("lab.test")
LIST = Permission("traefik.io", "ingressroutes", "list", why="no names")
WATCH = replace(LIST, verb="watch")
CRD = Permission("apiextensions.k8s.io", "crds", "get", name="a.b", why="guessed", vital=False)
ZONE = ZoneFacts("Primary", may_view=True, may_modify=True, may_delete=True, minimum=60, expire=600)
WISHES = Wishes(300, Policy.SYNC, imports=True)
SERVER = ServerFacts("http://dns.test:5380", version="15.2", may_import=True, zones={LAB: ZONE})
PRIMARY = ClusterNode("ns1.x", "https://ns1.x:53443/", is_primary=True, is_self=False)
SECONDARY = ClusterNode("ns2.x", "https://ns2.x:53443/", is_primary=False, is_self=True)


def of_cluster(facts: ClusterFacts) -> list[Finding]:
    return [one for check in CLUSTER_CHECKS for one in check(facts) if one.level is not Level.OK]


def of_server(facts: ServerFacts, wishes: Wishes = WISHES) -> list[Finding]:
    found = (one for check in SERVER_CHECKS for one in check(facts, wishes))
    return [one for one in found if one.level is not Level.OK]


def with_zone(**changes: object) -> ServerFacts:
    return replace(SERVER, zones={LAB: replace(ZONE, **changes)})  # type: ignore[arg-type]


def test_where_all_is_well_there_is_nothing_to_mend() -> None:
    facts = ClusterFacts("https://k", rights={LIST: True, CRD: True}, crds={"a.b": True})

    assert of_cluster(facts) == []
    assert of_server(SERVER) == []


def test_missing_rights_come_with_the_rule_to_paste() -> None:
    facts = ClusterFacts("https://k", rights={LIST: False, WATCH: False, CRD: False})

    first, second = of_cluster(facts)

    assert (first.level, second.level) == (Level.ERROR, Level.WARNING)
    assert first.text == (
        "may not list and watch ingressroutes.traefik.io in the whole cluster: no names"
    )
    lines = second.mend.splitlines()
    assert lines[0] == "add to the rules of the ClusterRole that the service account has:"
    assert yaml.safe_load("\n".join(lines[1:])) == [
        {
            "apiGroups": ["apiextensions.k8s.io"],
            "resources": ["crds"],
            "resourceNames": ["a.b"],
            "verbs": ["get"],
        }
    ]


def test_rules_for_several_rights_are_put_together() -> None:
    namespace = Permission("", "namespaces", "get", name="kube-system")

    assert yaml.safe_load(rule_for([LIST, WATCH, namespace])) == [
        {"apiGroups": ["traefik.io"], "resources": ["ingressroutes"], "verbs": ["list", "watch"]},
        {
            "apiGroups": [""],
            "resources": ["namespaces"],
            "resourceNames": ["kube-system"],
            "verbs": ["get"],
        },
    ]


def clusters() -> Iterator[object]:
    yield pytest.param(ClusterFacts("k", error="refused"), Level.ERROR, "refused", id="no answer")
    yield pytest.param(ClusterFacts("k", rights={LIST: None}), Level.WARNING, "1 rights", id="mute")
    yield pytest.param(ClusterFacts("k", crds={"a.b": False}), Level.WARNING, "no a.b", id="no CRD")
    no_cert_manager = ClusterFacts("k", crds={"certificates.cert-manager.io": False})
    yield pytest.param(no_cert_manager, Level.HINT, "only TLS secrets", id="no cert-manager")


@pytest.mark.parametrize(("facts", "level", "text"), list(clusters()))
def test_each_trouble_of_the_cluster_is_found(facts: ClusterFacts, level: Level, text: str) -> None:
    (found,) = of_cluster(facts)

    assert found.level is level
    assert text in found.text
    assert found.mend


def servers() -> Iterator[object]:
    def case(name: str, facts: ServerFacts, level: Level, text: str) -> object:
        return pytest.param(facts, level, text, id=name)

    yield case("no answer", ServerFacts("u", error="refused"), Level.ERROR, "refused")
    yield case("an old server", replace(SERVER, version="13.5"), Level.WARNING, "before 13.6")
    yield case(
        "its name in its zone",
        replace(SERVER, name_in_url=parse_name("ns.lab.test")),
        Level.WARNING,
        "ns.lab.test, which lies in zone lab.test",
    )
    yield case(
        "a secondary node",
        replace(SERVER, nodes=(PRIMARY, SECONDARY)),
        Level.ERROR,
        "ns2.x is a secondary node",
    )
    yield case("no zone", replace(SERVER, zones={LAB: ZoneFacts()}), Level.ERROR, "not show it")
    yield case("a copy", with_zone(kind="Secondary", writable=False), Level.ERROR, "no changes")
    yield case("disabled", with_zone(disabled=True), Level.WARNING, "disabled")
    yield case("no delete", with_zone(may_delete=False), Level.ERROR, "lacks Delete")
    yield case("no view", with_zone(may_view=False), Level.ERROR, "lacks View")
    yield case("no import", replace(SERVER, may_import=False), Level.HINT, "may not import")
    yield case("a long minimum", with_zone(minimum=900), Level.HINT, "minimum is 900 s")
    yield case("a short expire", with_zone(expire=299), Level.ERROR, "expire 299")
    yield case("a wildcard", with_zone(wildcards=("*.lab.test",)), Level.HINT, "*.lab.test answers")


@pytest.mark.parametrize(("facts", "level", "text"), list(servers()))
def test_each_trouble_of_the_dns_server_is_found(
    facts: ServerFacts, level: Level, text: str
) -> None:
    (found,) = of_server(facts)

    assert found.level is level
    assert text in found.text
    assert found.mend


def test_the_primary_node_is_named_to_who_speaks_to_a_secondary() -> None:
    (found,) = of_server(replace(SERVER, nodes=(PRIMARY, SECONDARY)))

    assert found.mend == "let DNS_SERVER_URL name ns1.x, https://ns1.x:53443/"


def test_pointers_without_a_zone_of_addresses_are_told_once() -> None:
    wishes = replace(WISHES, points_back=True)
    (found,) = of_server(SERVER, wishes)

    assert (found.level, found.mend) == (
        Level.WARNING,
        "add one to DNS_ZONES that the server has, like 1.168.192.in-addr.arpa",
    )
    assert of_server(replace(SERVER, zones={parse_name("10.in-addr.arpa"): ZONE}), wishes) == []


def test_what_the_settings_do_not_use_is_not_asked_for() -> None:
    no_delete = with_zone(may_delete=False)

    assert of_server(no_delete, replace(WISHES, policy=Policy.UPSERT_ONLY)) == []
    assert of_server(replace(SERVER, may_import=False), replace(WISHES, imports=False)) == []
