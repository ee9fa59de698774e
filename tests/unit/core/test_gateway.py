"""Routes of the Gateway API: which names they claim, on which Gateways."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from catalyst_dns_sync.core.endpoints import ObjectOptions, watched_object
from catalyst_dns_sync.core.gateway.attaching import attached
from catalyst_dns_sync.core.gateway.model import GatewayObject, RoutedObject
from catalyst_dns_sync.core.gateway.reading import gateway_object
from catalyst_dns_sync.core.records import ObjectRef, parse_targets
from catalyst_dns_sync.core.skips import SkipReason
from fakes.values import JSON

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "gateway-hostnames.yaml").read_text())
ALL: dict[str, Any] = {"namespaces": {"from": "All"}}
GATEWAY = ObjectRef("Gateway", "infra", "gw")


def listener(hostname: str = "", name: str = "web", **more: Any) -> dict[str, Any]:
    named = {"hostname": hostname} if hostname else {}
    return {"name": name, "port": 80, "protocol": "HTTP", "allowedRoutes": ALL, **named, **more}


def gateway(*listeners: dict[str, Any], status: Any = None, name: str = "gw") -> GatewayObject:
    raw = {
        "metadata": {"name": name, "namespace": "infra"},
        "spec": {"listeners": list(listeners)},
        "status": status or {"addresses": [{"type": "IPAddress", "value": "192.0.2.9"}]},
    }
    found = gateway_object(raw)
    assert found is not None
    return found


def accepted(ref: dict[str, Any], status: str = "True", seen: int = 1) -> dict[str, Any]:
    condition = {"type": "Accepted", "status": status, "reason": "Why", "message": "because"}
    return {"parentRef": ref, "conditions": [{**condition, "observedGeneration": seen}]}


def route(
    *hosts: str,
    kind: str = "HTTPRoute",
    parents: Any = None,
    said: Any = None,
    options: ObjectOptions | None = None,
    **metadata: Any,
) -> RoutedObject:
    refs = [{"name": "gw", "namespace": "infra"}] if parents is None else parents
    about = {"name": "app", "namespace": "web", "generation": 1, **metadata}
    statuses = [accepted(ref) for ref in refs] if said is None else said
    spec = {"parentRefs": refs, "hostnames": list(hosts)}
    raw = {"metadata": about, "spec": spec, "status": {"parents": statuses}}
    found = watched_object(raw, kind, options or ObjectOptions())
    assert isinstance(found, RoutedObject)
    return found


def on(obj: RoutedObject, *gateways: GatewayObject) -> RoutedObject:
    known = {one.ref: one for one in gateways}
    return attached(obj, known.get)


def names(obj: RoutedObject) -> list[str]:
    return [str(claim.name) for claim in obj.claims]


def reasons(obj: RoutedObject) -> list[tuple[SkipReason, bool]]:
    return [(fault.reason, fault.costs_names) for fault in obj.faults]


@pytest.mark.parametrize("case", TABLE["intersections"], ids=lambda case: str(case["id"]))
def test_a_route_has_the_names_that_a_listener_serves(case: dict[str, Any]) -> None:
    served = gateway(*(listener(host) for host in case["listeners"]))

    assert names(on(route(*case["route"]), served)) == case["names"]


@pytest.mark.parametrize("case", TABLE["attachments"], ids=lambda case: str(case["id"]))
def test_a_route_attaches_to_the_listeners_that_take_it(case: dict[str, Any]) -> None:
    protocol, allowed = case.get("protocol", "HTTP"), case.get("allowed", ALL)
    if "namespaces" not in allowed and allowed:
        allowed = {**allowed, **ALL}
    served = gateway(listener("", protocol=protocol, allowedRoutes=allowed))
    parents = [{"name": "gw", "namespace": "infra", **case.get("parent", {})}]

    found = on(route("app.lab.test", kind=case.get("kind", "HTTPRoute"), parents=parents), served)

    assert names(found) == (["app.lab.test"] if case["attaches"] else [])


def test_the_gateways_addresses_are_the_last_resort() -> None:
    found = on(route("app.lab.test"), gateway(listener()))

    assert [(one.targets, one.status) for one in found.claims] == [
        (None, parse_targets("192.0.2.9"))
    ]


@pytest.mark.parametrize(
    ("addresses", "targets"),
    [
        ([{"value": "192.0.2.1"}, {"value": "2001:db8::1"}], "192.0.2.1 2001:db8::1"),
        ([{"type": "Hostname", "value": "lb.example"}], "lb.example"),
        ([{"type": "Hostname", "value": "lb.example"}, {"value": "192.0.2.1"}], "192.0.2.1"),
        ([{"type": "example.com/named", "value": "192.0.2.1"}], ""),
        ([], ""),
    ],
)
def test_addresses_are_those_that_dns_can_say(addresses: Any, targets: str) -> None:
    found = gateway(listener(), status={"addresses": addresses})

    assert found.addresses == (parse_targets(targets) if targets else ())


def test_a_name_on_two_gateways_has_the_addresses_of_both() -> None:
    parents = [{"name": name, "namespace": "infra"} for name in ("gw", "other")]
    other = gateway(listener(), name="other", status={"addresses": [{"value": "192.0.2.10"}]})

    found = on(route("app.lab.test", parents=parents), gateway(listener()), other)

    assert found.claims[0].status == parse_targets("192.0.2.9 192.0.2.10")


def test_a_gateway_that_is_not_known_holds_the_names_and_makes_none() -> None:
    found = on(route("app.lab.test"))

    assert names(found) == []
    assert reasons(found) == [(SkipReason.GATEWAY_UNKNOWN, True)]
    assert found.holds == {"app.lab.test"}


PARENT = {"name": "gw", "namespace": "infra"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted(PARENT, "Unknown")], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted(PARENT, "True", seen=1)], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted(PARENT, "False", seen=1)], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted(PARENT, "False", seen=2)], [(SkipReason.NOT_ACCEPTED, False)]),
        ([accepted({"name": "gw"}, "True", seen=2)], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted({**PARENT, "sectionName": "x"}, seen=2)], [(SkipReason.NOT_ACCEPTED, True)]),
        ([accepted(PARENT, "False", seen=2), accepted(PARENT, "True", seen=2)], []),
        ([accepted(PARENT, "True", seen=0)], []),
        ([accepted(PARENT, "True", seen=2)], []),
    ],
)
def test_only_a_parent_that_accepted_the_route_as_it_is_gives_names(
    said: Any, expected: list[tuple[SkipReason, bool]]
) -> None:
    found = on(route("app.lab.test", said=said, generation=2), gateway(listener()))

    assert reasons(found) == expected
    assert names(found) == ([] if expected else ["app.lab.test"])


def test_on_request_no_acceptance_is_needed() -> None:
    options = ObjectOptions(require_accepted=False)

    found = on(route("app.lab.test", said=[], options=options), gateway(listener()))

    assert names(found) == ["app.lab.test"]


def test_annotations_add_names_that_meet_no_listener_and_a_ttl() -> None:
    notes = {"hostname": "extra.lab.test", "ttl": "60"}
    annotations = {f"catalyst-dns-sync.io/{key}": text for key, text in notes.items()}

    found = on(route(annotations=annotations), gateway(listener("app.lab.test")))

    assert [(one.name, one.ttl) for one in found.claims] == [
        ("app.lab.test", 60),
        ("extra.lab.test", 60),
    ]


def test_a_route_that_meets_no_listener_claims_nothing_and_says_so() -> None:
    found = on(route("app.lab.test"), gateway(listener("*.other.test")))

    assert (names(found), reasons(found)) == ([], [(SkipReason.NO_LISTENER, False)])


def test_deriving_again_gives_the_same() -> None:
    known = gateway(listener("*.lab.test"))
    once = on(route("app.lab.test", "x.test"), known)

    assert on(once, known) == once
    assert names(on(replace(once), gateway(listener("x.test")))) == ["x.test"]


@settings(max_examples=60)
@given(JSON, JSON)
def test_any_json_is_a_route_and_a_gateway(one: Any, other: Any) -> None:
    raw = {
        "metadata": {"name": "gw", "namespace": "infra"},
        "spec": {"listeners": [one, {"allowedRoutes": other, "hostname": one}], "parentRefs": one},
        "status": {"addresses": [one, {"value": other}], "parents": [other]},
    }
    known = gateway_object(raw)
    found = watched_object({**raw, "spec": {"parentRefs": [{"name": "gw"}, one]}}, "HTTPRoute")

    assert known is not None
    assert isinstance(found, RoutedObject)
    assert on(found, known).ref == found.ref
