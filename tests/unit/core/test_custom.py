import pytest

from catalyst_dns_sync.core.changes import Update
from catalyst_dns_sync.core.contents import Contents
from catalyst_dns_sync.core.custom import custom_object, custom_objects, custom_ref
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ownership import (
    Marker,
    is_origin,
    make_marker,
    parse_marker,
    render_marker,
)
from catalyst_dns_sync.core.plan import Plan, make_plan, our_markers
from catalyst_dns_sync.core.records import Record, Zone, parse_targets
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.terms import Rules
from fakes.values import RULES, US, ZONE, a, host, marker, obj, ordered, ours, zone

NAS = ordered("nas")
SHARED = ordered("nas", kinds="Custom,Ingress")
SAME = obj("Ingress/web/nas", "nas", target="10.0.0.9", ttl=60)
OTHER = obj("Ingress/web/nas", "nas", target="10.0.0.1")


def plan_of(held: Zone, *objects: WatchedObject, rules: Rules = RULES) -> Plan:
    demand = merge(
        [*objects, *custom_objects(held, US)],
        zone=ZONE,
        zones=frozenset({ZONE}),
        defaults=Defaults(parse_targets("192.168.1.54")),
        markers=our_markers(held, US),
    )
    return make_plan(demand, held, rules)


@pytest.mark.parametrize(
    "held",
    [
        pytest.param([NAS], id="as it was ordered"),
        pytest.param([ordered("nas", "10.7.7.7")], id="with an address from the console"),
        pytest.param([ordered("nas", ttl=17)], id="with a TTL from the console"),
        pytest.param([NAS, ordered("nas", "10.0.0.8", ttl=300)], id="with two addresses"),
        pytest.param(
            [ordered("nas", ttl=5), Record("AAAA", "fd00::1", 7, NAS.comment)], id="with two TTLs"
        ),
        pytest.param(
            [Record("CNAME", "a.test", 60, NAS.comment)], id="with another name from the console"
        ),
        pytest.param([a("10.0.0.9", comment=NAS.comment + " | Ann's")], id="with a person's text"),
    ],
)
def test_what_the_zone_says_of_a_custom_record_is_what_a_person_wants(held: list[Record]) -> None:
    plan = plan_of(zone({"nas": held}))

    assert (plan.changes, plan.skips) == ((), ())


def test_an_object_with_the_same_target_shares_a_custom_record_and_leaves_its_ttl() -> None:
    (change,) = plan_of(zone({"nas": [NAS]}), SAME).changes

    assert isinstance(change, Update)
    assert change.goal == (SHARED,)
    assert [str(origin) for origin in change.endpoint.origins] == [
        "Custom/nas.lab.test",
        "Ingress/web/nas",
    ]


def test_the_record_stays_when_the_last_object_that_shares_it_ends() -> None:
    (change,) = plan_of(zone({"nas": [SHARED]})).changes

    assert change.goal == (NAS,)


@pytest.mark.parametrize("held", [NAS, SHARED, ordered("nas", kinds="Custom,IngressRoute")])
def test_an_object_with_another_target_is_in_conflict(held: Record) -> None:
    plan = plan_of(zone({"nas": [held]}), OTHER)

    assert [skip.reason for skip in plan.skips] == [SkipReason.CONFLICT]
    assert plan.skips[0].detail == (
        "wants 10.0.0.1, but Custom/nas.lab.test has the name with 10.0.0.9"
    )
    assert all(change.goal == (NAS,) for change in plan.changes)


def test_the_incumbent_of_a_shared_record_does_not_take_it_along_to_another_target() -> None:
    held = zone({"nas": [a("10.0.0.9", comment=marker("Ingress/web/nas", "Custom,Ingress"))]})

    plan = plan_of(held, OTHER)

    assert [skip.reason for skip in plan.skips] == [SkipReason.CONFLICT]
    assert [change.goal for change in plan.changes] == [(NAS,)]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([NAS, a("10.0.0.1")], SkipReason.NOT_OURS),
        ([a("10.0.0.9", comment=NAS.comment, disabled=True)], SkipReason.HELD),
        ([a(comment=marker("Custom/x", "Custom", cluster="aaaaaaaa"))], SkipReason.OTHER_CLUSTER),
    ],
)
def test_the_safety_rules_hold_for_custom_records(
    records: list[Record], reason: SkipReason
) -> None:
    plan = plan_of(zone({"nas": records}), SAME)

    assert ([skip.reason for skip in plan.skips], plan.changes) == ([reason], ())


def test_another_owners_custom_record_is_nobodys_business() -> None:
    theirs = a(comment=marker("Custom/x", "Custom", owner="other"))

    plan = plan_of(zone({"nas": [theirs]}))

    assert (plan.changes, plan.skips) == ((), ())


def test_a_marker_that_broke_off_half_way_is_finished_for_the_person() -> None:
    half = a("10.0.0.8", comment=marker("Ingress/web/nas", "Ingress"))

    (change,) = plan_of(zone({"nas": [NAS, half]})).changes

    assert change.goal == tuple(sorted([NAS, ordered("nas", "10.0.0.8")]))


def test_a_release_that_knows_no_custom_records_keeps_them_as_orphans() -> None:
    # What the rules said before there were any: a kind that the settings do not cover.
    assert not RULES.coverage.sees(marker_of(NAS))
    assert not RULES.coverage.sees(marker_of(SHARED))


def marker_of(record: Record) -> Marker:
    found = parse_marker(record.comment)
    assert found is not None
    return found


def test_custom_names_do_not_let_more_be_inferred() -> None:
    contents = Contents(ZONE)
    contents.identify(US)
    contents.replace(zone({"nas": [NAS], "tv": [SHARED], "app": [ours()]}).names)

    holdings = contents.holdings({})

    assert (holdings.names, holdings.by_kind) == (
        2,
        {"Custom": 2, "Ingress": 1, "IngressRoute": 1},
    )
    assert contents.managed == {"A": 3}


@pytest.mark.parametrize("label", ["nas", "*.apps", ".".join(["x" * 60] * 3) + ".abc"])
def test_a_custom_records_marker_names_it_again(label: str) -> None:
    ref = custom_ref(host(label))
    comment = render_marker(make_marker(US, ref, ("Custom",)))

    found = parse_marker(comment)

    assert found is not None
    assert is_origin(found, ref)
    assert found.origin.startswith("Custom/")
    assert len(comment) <= 255


def test_a_name_is_custom_only_where_all_of_it_is_ours() -> None:
    assert custom_object(host("nas"), (NAS, a()), US) is None
    assert custom_object(host("nas"), (NAS,), US) is not None
    assert custom_object(host("nas"), (ours(),), US) is None
    assert custom_object(host("nas"), (a(comment="a Custom record"),), US) is None
