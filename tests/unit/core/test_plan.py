import random
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.changes import Create, Delete, Update
from catalyst_dns_sync.core.merge import Demand, Keepers
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.ownership import Identity, is_ours, parse_marker
from catalyst_dns_sync.core.plan import Plan, make_plan, our_markers, our_names
from catalyst_dns_sync.core.records import Endpoint, Record, Zone
from catalyst_dns_sync.core.skips import Skip, SkipReason
from catalyst_dns_sync.core.terms import Coverage, Rules
from fakes.values import (
    CLUSTER,
    RULES,
    US,
    ZONE,
    a,
    after,
    demand,
    endpoint,
    host,
    marker,
    ours,
    ref,
    zone,
)

V = TypeVar("V")
APP = endpoint("app")
TXT = Record("TXT", "hello", 300)


def planned(demand: Demand, held: Zone, rules: Rules = RULES) -> Plan:
    """Return the plan, and see that carrying it out leaves nothing to do."""
    plan = make_plan(demand, held, rules)
    again = make_plan(demand, after(held, plan.changes), rules)
    assert again.changes == ()
    return plan


def test_a_wanted_name_that_is_missing_is_created_with_a_marker() -> None:
    plan = planned(demand(APP), zone({}))

    assert plan == Plan(ZONE, (Create(APP, (a(comment=marker()),)),), ())


def test_what_is_as_it_should_be_makes_an_empty_plan() -> None:
    assert planned(demand(APP), zone({"app": [ours()]})) == Plan(ZONE, (), ())


def test_an_unclaimed_record_of_ours_is_deleted() -> None:
    record = a(comment=marker(kinds="Ingress,IngressRoute"))

    plan = planned(demand(), zone({"app": [record], "mine": [a()]}))

    assert plan.changes == (Delete(host("app"), (record,), frozenset({"Ingress", "IngressRoute"})),)


def test_records_that_do_not_answer_are_neither_in_the_way_nor_touched() -> None:
    plan = planned(demand(APP), zone({"app": [TXT], "old": [TXT, ours()]}))

    assert plan.changes == (
        Create(APP, (ours(),)),
        Delete(host("old"), (ours(),), frozenset({"IngressRoute"})),
    )


@pytest.mark.parametrize(
    ("wanted", "held", "goal"),
    [
        pytest.param(endpoint("app", "10.0.0.1"), ours(), [ours("10.0.0.1")], id="target"),
        pytest.param(endpoint("app", ttl=60), ours(), [ours(ttl=60)], id="TTL"),
        pytest.param(
            endpoint("app", "192.168.1.54 10.0.0.1"),
            ours(),
            [ours("10.0.0.1"), ours()],
            id="one more address",
        ),
        pytest.param(
            endpoint("app", "proxy.other.test"),
            ours(),
            [Record("CNAME", "proxy.other.test", 300, marker())],
            id="addresses to CNAME",
        ),
    ],
)
def test_a_difference_is_an_update_of_all_that_is_ours(
    wanted: Endpoint, held: Record, goal: list[Record]
) -> None:
    plan = planned(demand(wanted), zone({"app": [held]}))

    assert plan == Plan(ZONE, (Update(wanted, (held,), tuple(goal)),), ())


def test_an_update_keeps_expiry_human_text_and_newer_words() -> None:
    tail = " lease=x | ask Ada first"
    held = ours(expiry=3600)
    noted = replace(held, comment=marker(tail=tail))
    wanted = endpoint("app", "192.168.1.54 10.0.0.1", ttl=60)

    plan = planned(demand(wanted), zone({"app": [noted]}))

    assert plan.changes == (
        Update(
            wanted,
            (noted,),
            (
                a("10.0.0.1", ttl=60, comment=marker(tail=tail)),
                a(ttl=60, comment=marker(tail=tail), expiry=3600),
            ),
        ),
    )


def test_a_marker_that_is_not_true_any_more_is_rewritten_when_all_sources_are_synced() -> None:
    wanted = endpoint("app", origins="Ingress/web/b IngressRoute/web/app")
    dead = a(comment=marker("Ingress/web/gone", tail=" | mine"))

    plan = planned(demand(wanted), zone({"app": [dead]}))
    unsure = planned(
        demand(wanted), zone({"app": [dead]}), replace(RULES, unknown_kinds=frozenset({"Ingress"}))
    )

    truth = marker("Ingress/web/b", "Ingress,IngressRoute", tail=" | mine")
    assert plan.changes == (Update(wanted, (dead,), (a(comment=truth),)),)
    assert unsure.changes == ()


def test_the_written_origin_stays_while_it_lives() -> None:
    wanted = endpoint("app", origins="Ingress/web/b IngressRoute/web/app")
    held = a(comment=marker(kinds="Ingress,IngressRoute"))

    assert planned(demand(wanted), zone({"app": [held]})).changes == ()


def test_new_values_name_the_written_origin_too() -> None:
    wanted = endpoint("app", "10.0.0.1", origins="Ingress/web/b IngressRoute/web/app")
    held = a(comment=marker(kinds="Ingress,IngressRoute"))

    plan = planned(demand(wanted), zone({"app": [held]}))

    assert plan.changes == (
        Update(wanted, (held,), (a("10.0.0.1", comment=marker(kinds="Ingress,IngressRoute")),)),
    )


def test_the_cluster_is_written_into_markers_without_one() -> None:
    held = a(comment=marker(cluster=None))

    assert planned(demand(APP), zone({"app": [held]})).changes == (Update(APP, (held,), (ours(),)),)


def test_a_name_without_a_target_keeps_what_it_has() -> None:
    lost = demand(unresolved={host("app"): ref("Ingress/web/app")})

    assert planned(lost, zone({"app": [ours()]})) == Plan(ZONE, (), ())
    assert planned(lost, zone({})) == Plan(ZONE, (), ())


OTHER_OWNER = a(comment=marker(owner="default2"))
OTHER_CLUSTER = a(comment=marker(cluster="aaaaaaaa"))
PAUSED = ours(disabled=True)


@pytest.mark.parametrize(
    ("reason", "wanted", "held"),
    [
        pytest.param(SkipReason.NOT_OURS, APP, {"app": [a("10.0.0.1")]}, id="by hand"),
        pytest.param(SkipReason.NOT_OURS, APP, {"app": [a(disabled=True)]}, id="by hand, disabled"),
        pytest.param(SkipReason.NOT_OURS, APP, {"app": [OTHER_OWNER]}, id="other owner"),
        pytest.param(SkipReason.NOT_OURS, APP, {"app": [ours(), a("10.0.0.1")]}, id="mixed"),
        pytest.param(SkipReason.NOT_OURS, None, {"app": [ours(), a("10.0.0.1")]}, id="mixed, gone"),
        pytest.param(
            SkipReason.NOT_OURS, APP, {"app": [ours(), Record("AAAA", "fd00::1", 300)]}, id="family"
        ),
        *[
            pytest.param(SkipReason.NOT_OURS, APP, {"app": [Record(kind, "x.test", 300)]}, id=kind)
            for kind in ("CNAME", "ANAME", "APP", "DNAME", "FWD")
        ],
        pytest.param(
            SkipReason.NOT_OURS, APP, {"app": [Record("NS", "x.test", 300, disabled=True)]}, id="NS"
        ),
        pytest.param(SkipReason.ADOPTABLE, APP, {"app": [a()]}, id="says what is wanted"),
        pytest.param(SkipReason.ADOPTABLE, APP, {"app": [a(ttl=60)]}, id="with any TTL"),
        pytest.param(SkipReason.NOT_OURS, APP, {"app": [a(expiry=60)]}, id="expiring"),
        pytest.param(
            SkipReason.NOT_OURS, APP, {"app": [a(), a("10.0.0.1")]}, id="more than wanted"
        ),
        pytest.param(
            SkipReason.DELEGATED, APP, {"app": [Record("NS", "x.test", 300)]}, id="delegated itself"
        ),
        pytest.param(
            SkipReason.DELEGATED,
            endpoint("a.sub"),
            {"sub": [Record("NS", "x.test", 300)]},
            id="below a delegation",
        ),
        pytest.param(
            SkipReason.DELEGATED,
            endpoint("a.sub"),
            {"sub": [Record("DNAME", "x.test", 300)]},
            id="below a DNAME",
        ),
        pytest.param(
            SkipReason.DELEGATED,
            APP,
            {"": [Record("DNAME", "x.test", 300)]},
            id="below a DNAME at the apex",
        ),
        pytest.param(
            SkipReason.DELEGATED,
            endpoint("a.sub"),
            {"sub": [Record("NS", "x.test", 300)], "a.sub": [ours("10.0.0.1")]},
            id="below a delegation, and ours",
        ),
        pytest.param(
            SkipReason.CNAME_BLOCKED, endpoint("app", "x.test"), {"app": [TXT]}, id="CNAME, TXT"
        ),
        pytest.param(
            SkipReason.CNAME_BLOCKED,
            endpoint("app", "x.test"),
            {"app": [ours(), TXT]},
            id="CNAME beside TXT, from addresses",
        ),
        pytest.param(SkipReason.CNAME_BLOCKED, endpoint("", "x.test"), {}, id="CNAME at the apex"),
        pytest.param(SkipReason.HELD, endpoint("app", ttl=60), {"app": [PAUSED]}, id="disabled"),
        pytest.param(SkipReason.HELD, None, {"app": [PAUSED]}, id="disabled and unclaimed"),
        pytest.param(SkipReason.OTHER_CLUSTER, APP, {"app": [OTHER_CLUSTER]}, id="other cluster"),
        pytest.param(SkipReason.OTHER_CLUSTER, None, {"app": [OTHER_CLUSTER]}, id="its leftovers"),
        pytest.param(
            SkipReason.ORPHAN, None, {"app": [a(comment=marker(kinds="HTTPRoute"))]}, id="kind"
        ),
        pytest.param(
            SkipReason.ORPHAN,
            None,
            {"app": [a(comment=marker(kinds="HTTPRoute,Ingress"))]},
            id="one kind of two",
        ),
    ],
)
def test_a_name_is_left_alone_with_a_reason(
    reason: SkipReason, wanted: Endpoint | None, held: dict[str, list[Record]]
) -> None:
    plan = planned(demand(*[wanted] if wanted else []), zone(held))

    assert plan.changes == ()
    assert [skip.reason for skip in plan.skips] == [reason]
    assert plan.skips[0].name == (wanted.name if wanted else host("app"))


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({"app": [Record("RRSIG", "x", 300), Record("NSEC", "x", 300)]}, id="DNSSEC"),
        pytest.param({"": [Record("NS", "ns1.test", 300), Record("SOA", "x", 300)]}, id="apex"),
        pytest.param({"sub": [Record("NS", "x.test", 300)]}, id="delegation beside it"),
        pytest.param({"app.sub": [a()]}, id="something below"),
        pytest.param({"sub": [Record("NS", "x.test", 300, disabled=True)]}, id="disabled NS"),
    ],
)
def test_what_does_not_stand_in_the_way_is_no_reason(held: dict[str, list[Record]]) -> None:
    wanted = demand(endpoint("app", "proxy.other.test"))

    assert [type(change) for change in planned(wanted, zone(held)).changes] == [Create]


def test_whose_a_record_is_is_told_where_its_marker_says_it() -> None:
    plan = planned(demand(APP), zone({"app": [OTHER_OWNER, a("10.0.0.1")]}))

    assert [skip.detail for skip in plan.skips] == [
        "A 10.0.0.1, A 192.168.1.54 of owner default2",
    ]


def test_a_disabled_delegation_does_not_hide_what_lies_below() -> None:
    held = zone({"sub": [Record("NS", "x.test", 300, disabled=True)]})

    assert len(planned(demand(endpoint("a.sub")), held).changes) == 1


def test_the_apex_may_have_an_address() -> None:
    held = zone({"": [Record("NS", "ns1.test", 300), Record("SOA", "x", 300)]})

    assert planned(demand(endpoint("")), held).changes == (Create(endpoint(""), (ours(),)),)


@pytest.mark.parametrize("label", ["sub", "a.sub"])
def test_a_name_in_a_zone_that_only_the_server_has_is_shadowed(label: str) -> None:
    hosted = frozenset({ZONE, parse_name(f"sub.{ZONE}"), parse_name("test")})
    rules = replace(RULES, hosted=hosted)

    plan = planned(demand(endpoint(label), APP), zone({}), rules)

    assert [change.name for change in plan.changes] == [host("app")]
    assert plan.skips == (
        Skip(SkipReason.SHADOWED, host(label), "the server also has the zone sub.lab.test"),
    )


def test_records_of_a_namespace_that_is_not_watched_are_orphans() -> None:
    rules = replace(RULES, coverage=Coverage(RULES.coverage.kinds, frozenset({"web"})))
    held = zone({"a": [ours()], "b": [a(comment=marker("IngressRoute/other/app"))]})

    plan = planned(demand(), held, rules)

    assert [change.name for change in plan.changes] == [host("a")]
    assert [(skip.reason, skip.name) for skip in plan.skips] == [(SkipReason.ORPHAN, host("b"))]


@pytest.mark.parametrize(
    "keepers",
    [
        pytest.param(Keepers({host("app"): ref("Ingress/web/x")}), id="by name"),
        pytest.param(Keepers(origins={"IngressRoute/web/app": ref("Ingress/web/x")}), id="origin"),
    ],
)
def test_faulty_and_filtered_objects_keep_their_records(keepers: Keepers) -> None:
    held = zone({"app": [ours()]})

    for wanted, reason in [
        (demand(faulty=keepers), SkipReason.FAULTY_OBJECT),
        (demand(filtered=keepers), SkipReason.ORPHAN),
    ]:
        plan = planned(wanted, held)
        assert plan.changes == ()
        assert [(skip.reason, skip.name, skip.origin) for skip in plan.skips] == [
            (reason, host("app"), ref("Ingress/web/x"))
        ]


def test_a_faulty_object_keeps_its_target_against_a_rival() -> None:
    holder = ref("IngressRoute/web/app")
    faulty = Keepers({host("app"): holder}, {str(holder): holder})
    held = zone({"app": [ours("10.0.0.1")]})
    rival = endpoint("app", "10.0.0.2", origins="Ingress/web/b")
    twin = endpoint("app", "10.0.0.1", origins="Ingress/web/b")

    plan = planned(demand(rival, faulty=faulty), held)
    united = planned(demand(twin, faulty=faulty), held)

    assert plan.changes == ()
    assert [(skip.reason, skip.name, skip.origin) for skip in plan.skips] == [
        (SkipReason.FAULTY_OBJECT, host("app"), holder)
    ]
    assert united.skips == ()


def test_a_faulty_object_that_still_claims_the_name_decides_over_it() -> None:
    holder = ref("IngressRoute/web/app")
    faulty = Keepers(origins={str(holder): holder})

    plan = planned(demand(endpoint("app", "10.0.0.2"), faulty=faulty), zone({"app": [ours()]}))

    assert len(plan.changes) == 1


def test_not_knowing_our_cluster_is_no_licence() -> None:
    rules = replace(RULES, identity=Identity("default"))

    plan = planned(demand(APP), zone({"app": [ours("10.0.0.1")], "old": [ours()]}), rules)

    assert plan.changes == ()
    assert {skip.reason for skip in plan.skips} == {SkipReason.OTHER_CLUSTER}


def test_two_owners_share_a_zone_without_touching_each_other() -> None:
    theirs = replace(RULES, identity=Identity("default2", CLUSTER))
    mine = zone({"app": [ours()]})

    shared = after(mine, planned(demand(endpoint("b")), mine, theirs).changes)

    assert set(shared.names) == {host("app"), host("b")}
    assert planned(demand(APP), shared).changes == ()


def test_skips_of_the_objects_side_are_part_of_the_plan() -> None:
    skip = Skip(SkipReason.CONFLICT, host("x"), "why")

    assert planned(demand(skips=(skip,)), zone({})).skips == (skip,)


def test_markers_are_those_of_our_own_names_only() -> None:
    held = zone({"a": [ours()], "b": [OTHER_CLUSTER], "c": [OTHER_OWNER], "d": [a()], "e": [TXT]})

    assert our_markers(held, US) == {host("a"): parse_marker(marker())}
    assert set(our_names(held, US)) == {host("a"), host("b")}


LABELS = st.sampled_from(["", "a", "b", "a.b", "sub", "x.sub", "*"])
COMMENTS = st.sampled_from(
    [
        "",
        "my printer",
        marker(),
        marker(tail=" | note"),
        marker("Ingress/web/b", "Ingress"),
        marker("Ingress/web/b", "Ingress,IngressRoute", cluster=None),
        marker(kinds="HTTPRoute"),
        marker(owner="default2"),
        marker(owner="defaul"),
        marker(cluster="aaaaaaaa"),
        marker() + " edited",
    ]
)
VALUES = st.sampled_from(
    [
        ("A", "192.168.1.54"),
        ("A", "10.0.0.1"),
        ("AAAA", "fd00::1"),
        ("CNAME", "x.test"),
        ("NS", "ns.test"),
        ("DNAME", "x.test"),
        ("TXT", "hello"),
        ("ANAME", "x.test"),
    ]
)
RECORDS = st.builds(
    lambda value, ttl, comment, disabled, expiry: Record(
        value[0], value[1], ttl, comment, disabled, expiry
    ),
    VALUES,
    st.sampled_from([60, 300]),
    COMMENTS,
    st.sampled_from([False, False, True]),
    st.sampled_from([0, 0, 60]),
)
ZONES = st.dictionaries(
    LABELS, st.lists(RECORDS, max_size=3, unique_by=lambda one: (one.type, one.value)), max_size=6
).map(zone)
ENDPOINTS = st.builds(
    endpoint,
    LABELS,
    st.sampled_from(["192.168.1.54", "10.0.0.1 fd00::1", "x.test"]),
    st.sampled_from([60, 300]),
    st.sampled_from(["IngressRoute/web/app", "Ingress/web/b IngressRoute/web/app"]),
)
DEMANDS = st.builds(
    lambda endpoints, unresolved, keepers: demand(
        *endpoints,
        unresolved={
            host(label): ref("Ingress/web/u")
            for label in unresolved
            if host(label) not in {one.name for one in endpoints}
        },
        faulty=Keepers({host(label): ref("Ingress/web/f") for label in keepers}),
    ),
    st.lists(ENDPOINTS, max_size=4, unique_by=lambda one: one.name),
    st.sets(LABELS, max_size=2),
    st.sets(LABELS, max_size=1),
)
ALL_RULES = st.builds(
    lambda cluster, namespaces, hosted, unknown: Rules(
        Identity("default", cluster),
        Coverage(RULES.coverage.kinds, namespaces),
        hosted,
        unknown_kinds=unknown,
    ),
    st.sampled_from([CLUSTER, CLUSTER, None]),
    st.sampled_from([frozenset[str](), frozenset({"web"}), frozenset({"other"})]),
    st.sampled_from([frozenset({ZONE}), frozenset({ZONE, host("sub")})]),
    st.sampled_from([frozenset[str](), frozenset({"Ingress"})]),
)


@given(DEMANDS, ZONES, ALL_RULES)
def test_a_second_plan_is_empty(demand: Demand, held: Zone, rules: Rules) -> None:
    plan = make_plan(demand, held, rules)

    again = make_plan(demand, after(held, plan.changes), rules)

    assert again.changes == ()


@given(DEMANDS, ZONES, ALL_RULES)
def test_what_is_not_ours_is_in_no_change_and_survives(
    demand: Demand, held: Zone, rules: Rules
) -> None:
    plan = make_plan(demand, held, rules)

    for change in plan.changes:
        assert all(is_ours(record, rules.identity) for record in change.before)
        assert not any(record.disabled for record in change.before)
    left = after(held, plan.changes)
    for name, records in held.names.items():
        foreign = {record for record in records if not is_ours(record, rules.identity)}
        assert foreign <= set(left.names.get(name, ()))


@given(DEMANDS, ZONES, ALL_RULES)
def test_a_change_says_all_that_answers_at_its_name(
    demand: Demand, held: Zone, rules: Rules
) -> None:
    plan = make_plan(demand, held, rules)

    assert len({change.name for change in plan.changes}) == len(plan.changes)
    for change in plan.changes:
        assert change.before == tuple(
            record for record in held.names.get(change.name, ()) if record.type not in {"TXT", "NS"}
        )
        if isinstance(change, Delete):
            assert not demand.claims(change.name)
            markers = [parse_marker(record.comment) for record in change.before]
            assert all(found and rules.coverage.sees(found) for found in markers)


@given(DEMANDS, ZONES, ALL_RULES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    demand: Demand, held: Zone, rules: Rules, dice: random.Random
) -> None:
    def shuffled(mapping: Mapping[DnsName, V]) -> dict[DnsName, V]:
        items = list(mapping.items())
        dice.shuffle(items)
        return dict(items)

    endpoints, unresolved = shuffled(demand.endpoints), shuffled(demand.unresolved)
    other = replace(demand, endpoints=endpoints, unresolved=unresolved)
    mixed = Zone(held.name, held.stamp, shuffled(held.names))

    assert make_plan(other, mixed, rules) == make_plan(demand, held, rules)


@given(DEMANDS, ZONES, ALL_RULES)
def test_every_name_of_ours_that_nobody_wants_is_deleted_or_said(
    demand: Demand, held: Zone, rules: Rules
) -> None:
    plan = make_plan(demand, held, rules)

    told = {skip.name for skip in plan.skips} | {change.name for change in plan.changes}
    for name in our_names(held, rules.identity):
        assert demand.claims(name) or name in told


def test_a_default_target_that_moves_reaches_every_name() -> None:
    moved = demand(endpoint("a", "10.0.0.1"), endpoint("b", "10.0.0.1"))

    plan = planned(moved, zone({"a": [ours()], "b": [ours()]}))

    assert [change.name for change in plan.changes] == [host("a"), host("b")]


def test_a_rival_does_not_get_the_name_while_its_owners_source_is_out_of_touch() -> None:
    held = zone({"app": [a(comment=marker("Ingress/web/mine", "Ingress"))]})
    rival = demand(endpoint("app", "10.0.0.1", origins="IngressRoute/web/rival"))
    unknown = replace(RULES, unknown_kinds=frozenset({"Ingress"}))

    during, after = planned(rival, held, unknown), planned(rival, held)

    assert [skip.reason for skip in during.skips] == [SkipReason.SOURCE_UNKNOWN]
    assert during.changes == ()
    assert [change.name for change in after.changes] == [host("app")]


def test_a_rival_does_not_get_the_name_because_one_list_lacks_its_owner() -> None:
    held = zone({"app": [a(comment=marker("Ingress/web/mine", "Ingress"))]})
    rival = demand(endpoint("app", "10.0.0.1", origins="IngressRoute/web/rival"))
    doubted = replace(RULES, unconfirmed_kinds=frozenset({"Ingress"}))
    twin = replace(rival, ended={host("app"): frozenset({"Ingress", "Ingress/web/twin"})})
    seen = replace(rival, ended={host("app"): frozenset({"Ingress", "Ingress/web/mine"})})

    during, after = planned(twin, held, doubted), planned(seen, held, doubted)

    detail = "Ingress/web/mine may still be there and has the name with A 192.168.1.54"
    origin = ref("IngressRoute/web/rival")
    assert during.skips == (Skip(SkipReason.SOURCE_UNKNOWN, host("app"), detail, origin),)
    assert during.changes == ()
    assert [change.name for change in after.changes] == [host("app")]


def test_a_kind_that_is_absent_stays_in_the_marker_of_a_twin() -> None:
    held = zone({"app": [a(comment=marker("IngressRoute/web/app", "Ingress,IngressRoute"))]})
    twin = demand(endpoint("app", origins="Ingress/web/app"))
    absent = replace(RULES, absent_kinds=frozenset({"IngressRoute"}))

    (during,) = planned(twin, held, absent).changes
    (after,) = planned(twin, held).changes

    assert during.goal[0].comment.endswith("origin=Ingress/web/app kinds=Ingress,IngressRoute")
    assert after.goal[0].comment.endswith("origin=Ingress/web/app kinds=Ingress")


def test_a_kind_that_one_list_lacks_stays_in_the_marker_unless_its_end_was_seen() -> None:
    held = zone({"app": [a(comment=marker("Ingress/web/app", "Ingress,IngressRoute"))]})
    twin = demand(endpoint("app", origins="Ingress/web/app"))
    doubted = replace(RULES, unconfirmed_kinds=frozenset({"IngressRoute"}))
    seen = replace(twin, ended={host("app"): frozenset({"IngressRoute"})})

    during, after = planned(twin, held, doubted), planned(seen, held, doubted)

    assert during.changes == ()
    assert after.changes == (
        Update(
            twin.endpoints[host("app")],
            held.names[host("app")],
            (a(comment=marker("Ingress/web/app", "Ingress")),),
        ),
    )
