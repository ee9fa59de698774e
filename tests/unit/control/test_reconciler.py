import asyncio
from dataclasses import replace

import pytest

from catalyst_dns_sync.control.ports import (
    KindState,
    ProviderRejectedError,
    ProviderUnavailableError,
    Verdict,
)
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import Claim, Fault, WatchedObject
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.skips import SkipReason
from fakes.control import Rig, now
from fakes.values import CLUSTER, ZONE, a, host, marker, obj, ours, ref

pytestmark = pytest.mark.looptime
APP = "IngressRoute/web/app"
TARGET = {"192.168.1.54"}


async def rig_with(*objects: WatchedObject, limits: Limits | None = None) -> Rig:
    """Return a rig whose first pass has written what the objects want."""
    rig = Rig(limits=limits or Limits())
    for one in objects:
        store = rig.routes if one.ref.kind == "IngressRoute" else rig.ingresses
        store.put(one)
    rig.list_all(IngressRoute="crd-1")
    await rig.reconcile()
    rig.provider.calls.clear()
    rig.provider.writes = 0
    return rig


def reasons(rig_outcome: object) -> list[SkipReason]:
    return [skip.reason for skip in rig_outcome.plan.skips]  # type: ignore[attr-defined]


async def test_a_pass_writes_what_the_cluster_wants() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"app": TARGET}
    assert (outcome.is_settled, outcome.managed) == (True, {"A": 1})


async def test_a_pass_with_nothing_to_do_makes_one_cheap_call_and_no_write() -> None:
    rig = await rig_with(obj(APP, "app"))

    outcome = await rig.reconcile()

    assert (outcome.plan.changes, rig.provider.calls, rig.provider.writes) == ((), ["zones"], 0)


async def test_a_seen_end_goes_after_its_grace() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"))

    rig.routes.remove(ref(APP))
    waiting = await rig.reconcile()
    assert rig.provider.writes == 0
    assert waiting.waiting == {host("app"): pytest.approx(10.0)}

    await asyncio.sleep(10.1)
    await rig.reconcile()
    assert rig.provider.shown() == {"b": TARGET}


async def test_deleting_one_twin_keeps_the_record_and_makes_its_marker_true() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/twin", "app"))

    rig.routes.remove(ref(APP))
    await rig.reconcile()

    assert rig.provider.held[ZONE].names == {
        host("app"): (a(comment=marker("IngressRoute/web/twin")),)
    }


async def test_an_object_that_is_made_again_within_the_grace_costs_no_write() -> None:
    rig = await rig_with(obj(APP, "app"))

    rig.routes.remove(ref(APP))
    await rig.reconcile()
    await asyncio.sleep(9)
    rig.routes.put(obj(APP, "app"))
    await rig.reconcile()
    await asyncio.sleep(60)
    await rig.reconcile()

    assert (rig.provider.shown(), rig.provider.writes) == ({"app": TARGET}, 0)


async def test_a_claim_that_comes_while_the_definition_is_read_stops_the_delete() -> None:
    rig = await rig_with(obj(APP, "app"), limits=Limits(grace=0.0))
    rig.inspector.meanwhile = lambda: rig.routes.put(obj("IngressRoute/web/new", "app"))

    rig.routes.remove(ref(APP))
    await rig.reconcile()

    assert (rig.provider.shown(), rig.provider.writes) == ({"app": TARGET}, 0)


async def test_a_claim_of_an_object_that_does_not_count_does_not_stop_a_delete() -> None:
    rig = Rig(limits=Limits(grace=0.0), with_legacy=True)
    for label in ("old", "b"):
        rig.routes.put(obj(f"IngressRoute/web/{label}", label))
    rig.legacy.put(obj("IngressRoute/web/old", "old"))
    rig.list_all()
    await rig.reconcile()

    rig.routes.put(obj("IngressRoute/web/old", "new"))
    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"new": TARGET, "b": TARGET}
    assert outcome.is_settled


async def test_a_source_that_is_lost_while_the_definition_is_read_stops_the_delete() -> None:
    rig = await rig_with(obj(APP, "app"), limits=Limits(grace=0.0))
    rig.inspector.meanwhile = lambda: rig.ingresses.mark_unknown("refused")

    rig.routes.remove(ref(APP))
    await rig.reconcile()

    assert (rig.provider.shown(), rig.provider.writes) == ({"app": TARGET}, 0)


async def test_an_inferred_end_needs_a_second_list_a_minute_later() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"))

    rig.routes.replace([obj("IngressRoute/web/b", "b")], began=now())
    await rig.reconcile()
    await asyncio.sleep(61)
    await rig.reconcile()
    assert rig.provider.shown() == {"app": TARGET, "b": TARGET}
    assert len(rig.lists_requested) == 1

    rig.list_all()
    await rig.reconcile()
    assert rig.provider.shown() == {"b": TARGET}


async def test_an_empty_list_does_not_empty_the_zone() -> None:
    rig = await rig_with(obj(APP, "app"))

    for _ in range(5):
        rig.routes.replace([], began=now())
        rig.ingresses.replace([], began=now())
        outcome = await rig.reconcile()
        await asyncio.sleep(61)

    assert rig.provider.shown() == {"app": TARGET}
    assert reasons(outcome) == [SkipReason.WITHHELD]


async def test_while_one_source_is_out_of_touch_nothing_is_deleted_but_much_is_made() -> None:
    rig = await rig_with(obj(APP, "app"))

    rig.ingresses.mark_unknown("503")
    rig.routes.remove(ref(APP))
    rig.routes.put(obj("IngressRoute/web/new", "new"))
    await asyncio.sleep(60)
    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"app": TARGET, "new": TARGET}
    assert reasons(outcome) == [SkipReason.SOURCE_UNKNOWN]


async def test_a_kind_that_is_not_served_any_more_keeps_its_names() -> None:
    rig = await rig_with(obj(APP, "app"), obj("Ingress/web/b", "b"))

    rig.routes.mark_absent("404")
    await asyncio.sleep(600)
    outcome = await rig.reconcile()

    assert (rig.provider.writes, reasons(outcome)) == (0, [SkipReason.SOURCE_ABSENT])


async def test_a_removed_definition_keeps_the_names_of_its_kind() -> None:
    rig = await rig_with(obj(APP, "app"), obj("Ingress/web/b", "b"))
    rig.inspector.states = {"IngressRoute": KindState.REMOVED}

    rig.routes.remove(ref(APP))
    rig.ingresses.remove(ref("Ingress/web/b"))
    await asyncio.sleep(60)
    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"app": TARGET}
    assert reasons(outcome) == [SkipReason.WITHHELD]


async def test_a_definition_that_is_made_again_does_not_let_the_names_go() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"))
    rig.inspector.living = {"IngressRoute": "crd-2"}

    rig.routes.mark_absent("404")
    await rig.reconcile()
    rig.routes.replace([], began=now(), uid="crd-2")
    for _ in range(3):
        rig.list_all(IngressRoute="crd-2")
        await rig.reconcile()
        await asyncio.sleep(61)
    assert rig.provider.shown() == {"app": TARGET, "b": TARGET}

    rig.routes.put(obj(APP, "app"))
    await rig.reconcile()
    rig.routes.remove(ref(APP))
    await asyncio.sleep(10.1)
    await rig.reconcile()
    assert rig.provider.shown() == {"b": TARGET}


async def test_after_a_restart_records_without_an_object_are_inferred() -> None:
    rig = Rig()
    rig.provider.by_hand("gone", ours())
    rig.routes.put(obj(APP, "app"))
    rig.list_all()
    first = await rig.reconcile()
    assert first.waiting == {host("gone"): pytest.approx(60.0)}

    await asyncio.sleep(60)
    rig.list_all()
    await rig.reconcile()
    assert rig.provider.shown() == {"app": TARGET}


async def test_a_list_that_confirms_an_end_does_not_make_it_one_that_was_seen() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/twin", "app"))
    rig.routes.remove(ref("IngressRoute/web/twin"))
    rig.routes.replace([], began=now(), uid="crd-1")
    for _ in range(2):
        await asyncio.sleep(70)
        rig.list_all(IngressRoute="crd-1")
        outcome = await rig.reconcile()

    assert reasons(outcome) == [SkipReason.WITHHELD]
    assert rig.provider.shown() == {"app": TARGET}


async def test_a_marker_that_still_names_a_kind_is_no_name_of_that_kind() -> None:
    rig = Rig()
    rig.provider.by_hand("app", a(comment=marker(APP)))
    rig.provider.by_hand("twin", a(comment=marker("Ingress/web/twin", "Ingress,IngressRoute")))
    rig.ingresses.put(obj("Ingress/web/twin", "twin"))
    rig.list_all()
    await rig.reconcile()
    await asyncio.sleep(61)
    rig.list_all()

    outcome = await rig.reconcile()

    assert reasons(outcome) == [SkipReason.WITHHELD]
    assert rig.provider.shown().keys() == {"app", "twin"}


async def test_a_faulty_object_keeps_its_record_also_after_a_restart() -> None:
    rig = Rig(limits=Limits(confirm=0.0))
    rig.provider.by_hand("app", ours())
    rig.provider.by_hand("b", ours())
    fault = Fault(SkipReason.INVALID_RULE, "Host(", "no end")
    rig.routes.put(WatchedObject(ref(APP), faults=(fault,)))

    rig.list_all()
    await asyncio.sleep(60)
    rig.list_all()
    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"app": TARGET, "b": TARGET}
    assert reasons(outcome) == [
        SkipReason.INVALID_RULE,
        SkipReason.FAULTY_OBJECT,
        SkipReason.FAULTY_OBJECT,
    ]


async def test_a_killed_server_that_forgot_a_delete_is_told_again_within_a_minute() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"))
    rig.routes.remove(ref(APP))
    await asyncio.sleep(10.1)
    await rig.reconcile()

    rig.provider.by_hand("app", ours())
    await asyncio.sleep(30)
    await rig.reconcile()

    assert rig.provider.shown() == {"b": TARGET}


async def test_a_zone_from_a_backup_needs_new_lists_before_anything_goes() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"))
    rig.routes.remove(ref(APP))
    await asyncio.sleep(10.1)
    await rig.reconcile()

    await asyncio.sleep(3600)
    rig.provider.by_hand("app", ours())
    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"app": TARGET, "b": TARGET}
    assert list(outcome.waiting) == [host("app")]


async def test_a_failed_change_fails_alone() -> None:
    rig = Rig()
    rig.provider.refused = {host("a"): ProviderRejectedError("no")}
    rig.routes.put(obj(APP, "a", "b"))
    rig.list_all()

    outcome = await rig.reconcile()

    assert rig.provider.shown() == {"b": TARGET}
    assert not outcome.is_settled
    assert not outcome.is_merely_stale
    assert [one.verdict for one in outcome.applied] == [Verdict.FAILED, Verdict.DONE]


async def test_a_name_that_is_not_as_we_thought_is_stale_and_read_again() -> None:
    rig = await rig_with()
    rig.routes.put(obj(APP, "a"))
    rig.provider.before_apply = lambda: rig.provider.by_hand("a", a("10.0.0.1"))

    outcome = await rig.reconcile()
    assert outcome.is_merely_stale

    again = await rig.reconcile()
    assert reasons(again) == [SkipReason.NOT_OURS]
    assert rig.provider.shown() == {"a": {"10.0.0.1"}}


async def test_a_server_that_fails_in_the_middle_is_an_error_of_the_pass() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "a"))
    rig.list_all()

    def crash() -> None:
        rig.provider.down = ProviderUnavailableError("refused")

    rig.provider.before_apply = crash
    outcome = await rig.reconcile()

    assert (str(outcome.error), outcome.is_settled) == ("refused", False)
    assert rig.reconciler.memory.stamp(ZONE) is None


@pytest.mark.parametrize("kind", ["Secondary", ""])
async def test_a_zone_that_is_missing_or_takes_no_changes_is_never_empty(kind: str) -> None:
    rig = await rig_with(obj(APP, "app"))
    if kind:
        rig.provider.held[ZONE].kind = kind
    else:
        del rig.provider.held[ZONE]

    with pytest.raises(ProviderRejectedError, match=f"zone {ZONE} is"):
        await rig.reconcile()


async def test_each_zone_gets_its_own_names() -> None:
    sub = parse_name(f"sub.{ZONE}")
    rig = Rig(ZONE, sub)
    rig.routes.put(obj(APP, "a", "b.sub"))
    rig.list_all()

    for zone in (ZONE, sub):
        await rig.reconciler.reconcile(zone)

    assert set(rig.provider.held[ZONE].names) == {host("a")}
    assert set(rig.provider.held[sub].names) == {host("b.sub")}


async def test_an_event_concerns_only_the_zones_of_its_names() -> None:
    sub = parse_name(f"sub.{ZONE}")
    rig = Rig(ZONE, sub)
    zones: list[frozenset[DnsName]] = []
    rig.routes.listener = lambda change: zones.append(rig.reconciler.note(change))

    rig.routes.put(obj(APP, "b.sub"))
    rig.routes.put(WatchedObject(ref("IngressRoute/web/other")))
    rig.routes.mark_absent("404")

    assert zones == [frozenset({sub}), frozenset({ZONE, sub}), frozenset({ZONE, sub})]


async def test_a_fault_of_an_object_without_a_name_in_any_zone_is_told_at_once() -> None:
    rig = Rig()
    zones: list[frozenset[DnsName]] = []
    rig.routes.listener = lambda change: zones.append(rig.reconciler.note(change))
    fault = Fault(SkipReason.INVALID_HOST, "bad..host", "it has an empty label")
    elsewhere = Claim(parse_name("app.example.org"))

    rig.routes.put(WatchedObject(ref(APP), claims=(elsewhere,), faults=(fault,)))

    assert zones == [frozenset({ZONE})]


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (Policy.UPSERT_ONLY, {"gone": TARGET, "old": TARGET, "new": TARGET}),
        (Policy.CREATE_ONLY, {"gone": TARGET, "old": {"10.0.0.1"}, "new": TARGET}),
    ],
)
async def test_a_policy_holds_back_what_it_forbids(
    policy: Policy, left: dict[str, set[str]]
) -> None:
    rig = Rig(policy=policy)
    rig.provider.by_hand("gone", ours())
    rig.provider.by_hand("old", ours("10.0.0.1"))
    rig.routes.put(obj(APP, "old", "new"))

    for _ in range(3):
        rig.list_all()
        await rig.reconcile()
        await asyncio.sleep(61)

    assert rig.provider.shown() == left


async def test_the_cluster_is_written_once_it_is_known() -> None:
    rig = Rig()
    rig.reconciler.identity = Identity("default")
    rig.routes.put(obj(APP, "app"))
    rig.list_all()
    await rig.reconcile()

    rig.reconciler.identity = Identity("default", CLUSTER)
    await rig.reconcile()

    assert rig.provider.held[ZONE].names == {host("app"): (ours(),)}


async def test_a_proposal_changes_nothing() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    proposal = await rig.reconciler.propose(ZONE)

    assert len(proposal.reviewed.plan.changes) == 1
    assert (rig.provider.shown(), rig.provider.writes) == ({}, 0)


async def test_stopping_leaves_what_was_not_begun() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "a", "b"))
    rig.list_all()

    def stop() -> None:
        rig.reconciler.stopping = True

    rig.provider.before_apply = stop
    outcome = await rig.reconcile()

    assert (outcome.left, outcome.applied, outcome.is_settled) == (2, (), False)


async def test_a_second_claimant_with_another_target_is_told_and_changes_nothing() -> None:
    rig = await rig_with(obj(APP, "app"))

    rig.routes.put(obj("IngressRoute/aaa/aaa", "app", target="10.0.0.1", created="2020"))
    outcome = await rig.reconcile()

    assert (rig.provider.writes, reasons(outcome)) == (0, [SkipReason.CONFLICT])
    assert replace(outcome.plan.skips[0], detail="").origin == ref("IngressRoute/aaa/aaa")


async def test_a_zone_with_an_older_serial_needs_new_lists_even_for_seen_ends() -> None:
    rig = await rig_with(obj(APP, "app"), obj("IngressRoute/web/b", "b"), limits=Limits(grace=0.0))
    await asyncio.sleep(5)
    rig.routes.remove(ref(APP))
    rig.provider.held[ZONE].serial = 0

    await rig.reconcile()
    assert rig.provider.shown() == {"app": TARGET, "b": TARGET}
    assert len(rig.lists_requested) == 1

    rig.list_all(IngressRoute="crd-1")
    await rig.reconcile()
    assert rig.provider.shown() == {"b": TARGET}


async def test_drift_that_is_only_reported_stays_until_the_cluster_wants_something_else() -> None:
    rig = Rig(drift_policy=DriftPolicy.REPORT)
    rig.routes.put(obj(APP, "app"))
    rig.list_all()
    await rig.reconcile()

    rig.provider.by_hand("app", ours("10.0.0.1"))
    for _ in range(2):
        outcome = await rig.reconcile()
        assert reasons(outcome) == [SkipReason.DRIFT]
    assert rig.provider.shown() == {"app": {"10.0.0.1"}}

    rig.routes.put(obj(APP, "app", target="10.0.0.2"))
    await rig.reconcile()
    assert rig.provider.shown() == {"app": {"10.0.0.2"}}
