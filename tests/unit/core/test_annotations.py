from typing import Any

import pytest

from catalyst_dns_sync.core.endpoints import (
    DEFAULT_OPTIONS,
    ObjectOptions,
    balancer,
    watched_object,
)
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.objects import Balancer, Claim, Extras, WatchedObject
from catalyst_dns_sync.core.records import ObjectRef, parse_targets
from catalyst_dns_sync.core.skips import SkipReason

OURS, THEIRS = "catalyst-dns-sync.io/", "external-dns.alpha.kubernetes.io/"
COMPAT = ObjectOptions(compat=True)


def read(
    annotations: dict[str, str], options: ObjectOptions = DEFAULT_OPTIONS, **spec: Any
) -> WatchedObject:
    metadata = {"name": "app", "namespace": "web", "annotations": annotations}
    raw = {"metadata": metadata, "spec": {"rules": [{"host": "app.lab.test"}], **spec}}
    found = watched_object(raw, "Ingress", options)
    assert found is not None
    return found


def one(
    annotations: dict[str, str], options: ObjectOptions = DEFAULT_OPTIONS, **spec: Any
) -> Claim:
    (claim,) = read(annotations, options, **spec).claims
    return claim


def names(obj: WatchedObject) -> set[str]:
    return set(obj.names)


def test_annotations_of_external_dns_are_read_where_that_is_wished() -> None:
    theirs = {f"{THEIRS}hostname": "b.lab.test, c.lab.test", f"{THEIRS}ttl": "1m"}
    theirs[f"{THEIRS}target"] = "192.0.2.7"

    found = read(theirs, COMPAT)

    assert names(read(theirs)) == {"app.lab.test"}
    assert names(found) == {"app.lab.test", "b.lab.test", "c.lab.test"}
    assert {(claim.targets, claim.ttl) for claim in found.claims} == {
        (parse_targets("192.0.2.7"), 60)
    }


def test_ours_win_over_those_of_external_dns() -> None:
    both = {f"{OURS}target": "192.0.2.1", f"{THEIRS}target": "192.0.2.7", f"{OURS}ttl": "5"}

    claim = one(both | {f"{THEIRS}ttl": "9"}, COMPAT)

    assert (claim.targets, claim.ttl) == (parse_targets("192.0.2.1"), 5)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("annotation-only", {"b.lab.test"}),
        ("defined-hosts-only", {"app.lab.test"}),
        ("", {"app.lab.test", "b.lab.test"}),
    ],
)
def test_an_ingress_says_which_of_its_hosts_count_as_for_external_dns(
    source: str, wanted: set[str]
) -> None:
    chosen = {f"{THEIRS}hostname": "b.lab.test", f"{THEIRS}ingress-hostname-source": source}

    assert names(read(chosen, COMPAT)) == wanted


@pytest.mark.parametrize(("controller", "wanted"), [("dns-controller", 1), ("another", 0)])
def test_what_is_another_controllers_is_left_out_as_by_external_dns(
    controller: str, wanted: int
) -> None:
    assert len(read({f"{THEIRS}controller": controller}, COMPAT).claims) == wanted
    assert len(read({f"{THEIRS}controller": controller}).claims) == 1


def test_ways_are_kept_only_where_a_table_names_them() -> None:
    options = ObjectOptions(ways=frozenset({"nginx", "web"}))

    assert one({}, options, ingressClassName="nginx").extras == Extras(("nginx",))
    assert one({"kubernetes.io/ingress.class": "nginx"}, options).extras == Extras(("nginx",))
    assert one({}, options, ingressClassName="traefik").extras == Extras()
    assert one({}, ingressClassName="nginx").extras == Extras()
    assert one({}, options, entryPoints=["web", 3, "x"]).extras == Extras(("web",))


@pytest.mark.parametrize(
    ("annotations", "note"),
    [
        ({"description": "Graphs  of\nthe house"}, "Graphs of the house"),
        ({"description": "Grün | (x)"}, "Grun / /x/"),
        ({"owner": "ops@lab.test"}, "owner: ops@lab.test"),
        ({"description": "Graphs", "owner": "ops"}, "Graphs, owner: ops"),
        ({"description": "日本"}, ""),
    ],
)
def test_a_description_is_plain_ascii_on_one_line(annotations: dict[str, str], note: str) -> None:
    found = one({f"{OURS}{key}": value for key, value in annotations.items()})

    assert found.extras.note == note


def test_a_priority_is_a_whole_number_and_anything_else_is_told_and_costs_nothing() -> None:
    good, bad = one({f"{OURS}priority": "-7"}), read({f"{OURS}priority": "high"})

    assert good.extras.priority == -7
    assert [(fault.reason, fault.costs_names) for fault in bad.faults] == [
        (SkipReason.INVALID_ANNOTATION, False)
    ]
    assert [claim.extras for claim in bad.claims] == [Extras()]


@pytest.mark.parametrize("key", ["notify", "slack-notify"])
def test_an_object_may_ask_that_nobody_is_notified(key: str) -> None:
    assert one({f"{OURS}{key}": "false"}).extras == Extras(quiet=True)
    assert one({f"{OURS}{key}": "true"}).extras == Extras()


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([{"ip": "192.0.2.1"}, {"ip": "2001:db8::1"}], "192.0.2.1,2001:db8::1"),
        ([{"ip": "192.0.2.1"}, {"hostname": "lb.example.org"}], "192.0.2.1"),
        ([{"hostname": "lb.example.org"}], "lb.example.org"),
    ],
)
def test_a_balancer_has_addresses_or_one_name(entries: list[dict[str, str]], wanted: str) -> None:
    metadata = {"name": "traefik", "namespace": "traefik"}
    raw = {"metadata": metadata, "status": {"loadBalancer": {"ingress": entries}}}

    assert balancer(raw, "Service") == Balancer(
        ObjectRef("Service", "traefik", "traefik"), addresses=parse_targets(wanted)
    )


def test_a_claim_without_extras_costs_no_object_of_its_own() -> None:
    assert one({}).extras is one({"a": "b"}).extras
    assert parse_name("app.lab.test") == one({}).name
