import pytest

from catalyst_dns_sync.core.changes import Update
from catalyst_dns_sync.core.ownership import parse_marker
from catalyst_dns_sync.core.plan import Plan, make_plan
from catalyst_dns_sync.core.records import Endpoint, Record
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.takeover import (
    adoptions,
    adoptions_from_cluster,
    orphan_deletes,
    own_deletes,
)
from fakes.values import RULES, US, ZONE, a, after, demand, endpoint, host, marker, ours, zone

APP = endpoint("app")
THEIRS = a(comment=marker("Ingress/web/old", "Ingress", cluster="aaaaaaaa", tail=" | note"))


def test_an_adopted_record_keeps_value_ttl_and_comment_and_stays_as_it_is() -> None:
    held = zone({"app": [a(ttl=60, comment="by Ada")]})

    changes = adoptions(demand(APP), held, US)

    adopted = a(ttl=60, comment=marker(tail=" adopted=yes | by Ada"))
    assert changes == (Update(APP, (a(ttl=60, comment="by Ada"),), (adopted,)),)
    goal = changes[0].goal[0]
    assert parse_marker(goal.comment) is not None
    assert make_plan(demand(APP), after(held, changes), RULES).skips == ()


def test_an_adoption_that_broke_off_is_finished_by_the_next() -> None:
    both = endpoint("app", "10.0.0.1,10.0.0.2")
    adopted = [a(ip, comment=marker(tail=" adopted=yes")) for ip in ("10.0.0.1", "10.0.0.2")]
    held = zone({"app": [adopted[0], a("10.0.0.2")]})

    plan, changes = make_plan(demand(both), held, RULES), adoptions(demand(both), held, US)

    assert [skip.reason for skip in plan.skips] == [SkipReason.ADOPTABLE]
    assert changes == (Update(both, (adopted[0], a("10.0.0.2")), tuple(adopted)),)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([a("10.0.0.1")], id="another value"),
        pytest.param([a(disabled=True)], id="disabled"),
        pytest.param([a(expiry=60)], id="expiring"),
        pytest.param([a(), a("10.0.0.1")], id="one more"),
        pytest.param([a(comment=marker(owner="default2"))], id="of another owner"),
        pytest.param([THEIRS], id="of another cluster"),
        pytest.param([ours()], id="ours already"),
        pytest.param([a(comment=marker(tail=" adopted=yes"))], id="adopted already"),
        pytest.param([Record("CNAME", "x.test", 300)], id="another type"),
        pytest.param([], id="nothing"),
    ],
)
def test_only_what_says_what_is_wanted_is_adopted(records: list[Record]) -> None:
    assert adoptions(demand(APP), zone({"app": records}), US) == ()


def test_what_nobody_wants_is_not_adopted() -> None:
    assert adoptions(demand(), zone({"app": [a()]}), US) == ()


def test_records_of_a_rebuilt_cluster_are_taken_over_where_they_are_claimed() -> None:
    held = zone({"app": [THEIRS], "other": [THEIRS]})

    changes = adoptions_from_cluster(demand(APP), held, US, "aaaaaaaa")

    assert changes == (Update(APP, (THEIRS,), (a(comment=marker(tail=" | note")),)),)
    assert adoptions_from_cluster(demand(APP), held, US, "bbbbbbbb") == ()


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([ours()], id="ours"),
        pytest.param([a()], id="by hand"),
        pytest.param([THEIRS, a("10.0.0.1")], id="mixed"),
        pytest.param([a(comment=THEIRS.comment, disabled=True)], id="disabled"),
        pytest.param([a(comment=marker(owner="x", cluster="aaaaaaaa"))], id="another owner"),
    ],
)
def test_nothing_else_is_taken_over_from_a_cluster(records: list[Record]) -> None:
    held = zone({"app": records})

    assert adoptions_from_cluster(demand(APP), held, US, "aaaaaaaa") == ()


def test_a_purge_takes_orphans_and_nothing_else() -> None:
    orphan = a(comment=marker(kinds="HTTPRoute"))
    held = zone(
        {
            "orphan": [orphan, Record("TXT", "x", 300)],
            "held": [ours(disabled=True)],
            "mine": [a()],
            "theirs": [THEIRS],
            "going": [ours()],
        }
    )
    plan: Plan = make_plan(demand(), held, RULES)

    deletes = orphan_deletes(plan, held)

    assert [(one.name, one.before, one.kinds) for one in deletes] == [
        (host("orphan"), (orphan,), frozenset({"HTTPRoute"}))
    ]
    assert plan.zone == ZONE


def test_an_uninstallation_takes_only_what_nobody_else_had_a_hand_in() -> None:
    held = zone(
        {
            "wanted": [ours(), Record("TXT", "x", 300)],
            "orphan": [a(comment=marker(kinds="HTTPRoute"))],
            "held": [ours(disabled=True)],
            "mixed": [ours(), a("192.0.2.99")],
            "adopted": [a(comment=marker(tail=" adopted=yes | by Ada"))],
            "mine": [a()],
            "theirs": [THEIRS],
            "text": [Record("TXT", "x", 300, comment=marker())],
        }
    )

    deletes = own_deletes(held, US)

    assert [(one.name, one.before) for one in deletes] == [
        (host("orphan"), (a(comment=marker(kinds="HTTPRoute")),)),
        (host("wanted"), (ours(),)),
    ]


@pytest.mark.parametrize(
    ("objects", "kinds"),
    [((), "Custom"), ((APP,), "Custom,IngressRoute"), ((endpoint("app", "10.0.0.1"),), "Custom")],
)
def test_what_a_person_ordered_of_another_cluster_is_taken_with_its_order(
    objects: tuple[Endpoint, ...], kinds: str
) -> None:
    theirs = a(comment=marker("Custom/app.lab.test", "Custom", cluster="aaaaaaaa", tail=" | Ann"))
    held = zone({"app": [theirs], "old": [THEIRS]})

    changes = adoptions_from_cluster(demand(*objects), held, US, "aaaaaaaa")

    ours_now = a(comment=marker("Custom/app.lab.test", kinds, tail=" | Ann"))
    assert [(change.name, change.goal) for change in changes] == [(host("app"), (ours_now,))]
