"""Services of type LoadBalancer, and external-dns's DNSEndpoint."""

from typing import Any

import pytest
from hypothesis import given, settings

from catalyst_dns_sync.core.endpoints import ObjectOptions, watched_object
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.objects import Claim, WatchedObject
from catalyst_dns_sync.core.records import Endpoint, parse_targets
from catalyst_dns_sync.core.skips import SkipReason
from fakes.values import JSON

NAS = parse_name("nas.lab.test")
ZONE = parse_name("lab.test")
ELSEWHERE = Defaults(parse_targets("192.0.2.99"))


def service(*addresses: str, kind: str = "LoadBalancer", **annotations: str) -> dict[str, Any]:
    keyed = {f"catalyst-dns-sync.io/{key}": text for key, text in annotations.items()}
    return {
        "metadata": {"name": "nas", "namespace": "web", "annotations": keyed},
        "spec": {"type": kind},
        "status": {"loadBalancer": {"ingress": [{"ip": one} for one in addresses]}},
    }


def entry(name: str, kind: str, *targets: str, **more: Any) -> dict[str, Any]:
    return {"dnsName": name, "recordType": kind, "targets": list(targets), **more}


def read(raw: dict[str, Any], kind: str, **options: Any) -> WatchedObject:
    found = watched_object(raw, kind, ObjectOptions(**options))
    assert found is not None
    return found


def endpoint(*entries: Any, **metadata: Any) -> WatchedObject:
    about = {"name": "machines", "namespace": "web", **metadata}
    return read({"metadata": about, "spec": {"endpoints": list(entries)}}, "DNSEndpoint")


def wanted(obj: WatchedObject) -> dict[str, Endpoint]:
    demand = merge([obj], zone=ZONE, zones=frozenset({ZONE}), defaults=ELSEWHERE, markers={})
    return {str(name): found for name, found in demand.endpoints.items()}


def test_a_service_gets_its_own_address_and_not_the_ingress_controllers() -> None:
    found = read(service("192.0.2.7", "2001:db8::7", hostname="nas.lab.test"), "Service")

    targets = parse_targets("192.0.2.7 2001:db8::7")
    assert wanted(found)["nas.lab.test"].targets == targets


def test_a_service_without_address_waits_for_its_own() -> None:
    found = read(service(hostname="nas.lab.test"), "Service")
    demand = merge([found], zone=ZONE, zones=frozenset({ZONE}), defaults=ELSEWHERE, markers={})

    assert not demand.endpoints
    assert demand.unresolved == {NAS: found.ref}
    assert [skip.reason for skip in demand.skips] == [SkipReason.NO_TARGET]


def test_a_services_target_annotation_comes_first() -> None:
    found = read(service("192.0.2.7", hostname="nas.lab.test", target="192.0.2.8"), "Service")

    assert wanted(found)["nas.lab.test"].targets == parse_targets("192.0.2.8")


def test_a_service_without_the_annotation_claims_nothing() -> None:
    assert read(service("192.0.2.7"), "Service").claims == ()


def test_a_service_of_another_type_claims_nothing_and_says_why() -> None:
    found = read(service("192.0.2.7", kind="ClusterIP", hostname="nas.lab.test"), "Service")

    assert found.claims == ()
    assert not found.is_faulty
    assert [fault.reason for fault in found.faults] == [SkipReason.UNSUPPORTED]


def test_ingress_classes_are_no_matter_of_services() -> None:
    raw = service("192.0.2.7", hostname="nas.lab.test")

    found = read(raw, "Service", ingress_classes=frozenset({"traefik"}))

    assert found.names == {NAS}


def test_a_dnsendpoint_says_names_targets_and_ttls() -> None:
    found = endpoint(
        entry("NAS.lab.test.", "A", "192.0.2.5", "192.0.2.6", recordTTL=60),
        entry("nas.lab.test", "AAAA", "2001:db8::5"),
        entry("files.lab.test", "CNAME", "nas.lab.test", recordTTL=0),
        entry("*.apps.lab.test", "A"),
    )

    assert [(one.name, one.targets, one.ttl) for one in found.claims] == [
        (NAS, parse_targets("192.0.2.5 192.0.2.6 2001:db8::5"), 60),
        ("files.lab.test", parse_targets("nas.lab.test"), None),
        ("*.apps.lab.test", None, None),
    ]
    assert not found.faults
    assert wanted(found)["*.apps.lab.test"].targets == ELSEWHERE.targets


@pytest.mark.parametrize(
    ("broken", "reason", "costs"),
    [
        (entry("nas.lab.test", "TXT", "hello"), SkipReason.UNSUPPORTED, False),
        (entry("nas.lab.test", ""), SkipReason.UNSUPPORTED, False),
        (entry("nas.lab.test", "A", "2001:db8::5"), SkipReason.INVALID_HOST, True),
        (entry("nas.lab.test", "A", "nas.example"), SkipReason.INVALID_HOST, True),
        (entry("nas.lab.test", "CNAME", "a.example", "b.example"), SkipReason.INVALID_HOST, True),
        (entry("nas..lab.test", "A", "192.0.2.5"), SkipReason.INVALID_HOST, True),
    ],
)
def test_one_bad_entry_costs_that_entry_only(
    broken: dict[str, Any], reason: SkipReason, *, costs: bool
) -> None:
    found = endpoint(broken, entry("ok.lab.test", "A", "192.0.2.5"))

    assert [claim.name for claim in found.claims] == ["ok.lab.test"]
    assert [(fault.reason, fault.costs_names) for fault in found.faults] == [(reason, costs)]


def test_a_cname_beside_an_address_is_a_fault_and_holds_the_name() -> None:
    found = endpoint(
        entry("nas.lab.test", "A", "192.0.2.5"), entry("nas.lab.test", "CNAME", "a.example")
    )

    assert found.claims == ()
    assert found.holds == {NAS}


def test_a_dnsendpoints_hostname_annotation_adds_nothing() -> None:
    found = endpoint(annotations={"catalyst-dns-sync.io/hostname": "nas.lab.test"})

    assert found.claims == ()


@settings(max_examples=60)
@given(JSON)
def test_any_json_is_read_as_something(value: Any) -> None:
    for kind in ("Service", "DNSEndpoint"):
        raw = {"metadata": {"name": "x"}, "spec": value, "status": value}
        assert isinstance(watched_object(raw, kind), WatchedObject)
    assert isinstance(endpoint(value, {"dnsName": value, "targets": value}), WatchedObject)


def test_a_claim_keeps_its_rule_for_people() -> None:
    found = endpoint(entry("nas.lab.test", "A", "192.0.2.5"))

    assert found.claims == (Claim(NAS, parse_targets("192.0.2.5")),)
    assert found.claims[0].rule == "A in spec.endpoints"
