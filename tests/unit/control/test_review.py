from dataclasses import replace

from catalyst_dns_sync.control.ports import KindState
from catalyst_dns_sync.control.review import DeleteReview, Reviewed
from catalyst_dns_sync.control.sources import Sources, SourcesState
from catalyst_dns_sync.control.store import ClaimEnd, Store
from catalyst_dns_sync.core.changes import Create, Delete
from catalyst_dns_sync.core.contents import Holdings
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.dns import FakeInspector
from fakes.values import ZONE, delete, endpoint, host, ours, ref

SYNCED = SourcesState(
    answered=True, unknown=(), absent_kinds=frozenset(), lists_began=float("-inf")
)
CREATE = Create(endpoint("new"), (ours(),))


class Rig:
    """A review, with ten names of ours beside those that are to be deleted."""

    def __init__(self) -> None:
        self.inspector = FakeInspector()
        self.requests = 0
        self.routes = Store("ingressroute", "IngressRoute", lambda: 0.0)
        self.routes.replace([], began=0.0, uid="crd-1")
        sources = Sources([self.routes], request_lists=self._requested)
        self.review = DeleteReview(sources, self.inspector, Limits(grace=10.0))

    def _requested(self) -> None:
        self.requests += 1

    def ended(self, *labels: str, uid: str | None = "crd-1", at: float = 0.0) -> None:
        origin = ref("IngressRoute/web/app")
        ends = [ClaimEnd(host(label), origin, seen=True, uid=uid, at=at) for label in labels]
        self.review.ledger.note(ends)

    async def judged(
        self, *deletes: Delete, now: float = 10.0, sources: SourcesState = SYNCED
    ) -> Reviewed:
        others = [f"other{number}" for number in range(10)]
        names = {*(one.name for one in deletes), *(host(label) for label in others)}
        holdings = Holdings(len(names), {"IngressRoute": len(names)})
        plan = Plan(ZONE, (CREATE, *deletes), ())
        return await self.review.review(plan, holdings, sources, now)


async def test_a_plan_without_deletes_asks_nobody() -> None:
    rig = Rig()

    reviewed = await rig.judged()

    assert reviewed == Reviewed(Plan(ZONE, (CREATE,), ()))
    assert rig.inspector.asked == []


async def test_a_seen_delete_is_due_after_the_grace() -> None:
    rig = Rig()
    rig.ended("app")

    early = await rig.judged(delete("app"), now=9.0)
    late = await rig.judged(delete("app"), now=10.0)

    assert (early.plan.changes, early.waiting) == ((CREATE,), {host("app"): 10.0})
    assert late == Reviewed(Plan(ZONE, (CREATE, delete("app")), ()))


async def test_an_inferred_delete_asks_for_lists_when_its_minute_is_over() -> None:
    rig = Rig()

    first = await rig.judged(delete("app"), now=0.0)
    assert (first.waiting, rig.requests) == ({host("app"): 60.0}, 0)

    await rig.judged(delete("app"), now=60.0)
    assert rig.requests == 1

    sources = SourcesState(answered=True, unknown=(), absent_kinds=frozenset(), lists_began=60.0)
    proven = await rig.judged(delete("app"), now=61.0, sources=sources)
    assert proven.plan.changes == (CREATE, delete("app"))
    assert proven.inferred == {host("app")}


async def test_a_name_that_a_rival_may_get_is_looked_at_again_when_its_minute_is_over() -> None:
    rig = Rig()
    skip = Skip(SkipReason.SOURCE_UNKNOWN, host("app"), "one list lacks its owner")
    plan = Plan(ZONE, (), (skip,))
    listed = replace(SYNCED, lists_began=5.0, doubted_at=5.0)

    early = await rig.review.review(plan, Holdings(), listed, 6.0)
    requests = [rig.requests]
    due = await rig.review.review(plan, Holdings(), listed, 65.0)
    requests.append(rig.requests)
    over = await rig.review.review(plan, Holdings(), replace(listed, lists_began=65.0), 66.0)

    assert (early.waiting, due.waiting, over.waiting) == (
        {host("app"): 65.0},
        {host("app"): 125.0},
        {},
    )
    assert [*requests, rig.requests] == [0, 1, 1]


async def test_a_plan_without_deletes_forgets_ends_that_a_second_list_confirms() -> None:
    rig = Rig()
    origin = ref("IngressRoute/web/app")
    rig.review.ledger.note([ClaimEnd(host("app"), origin, seen=False, uid="crd-1", at=5.0)])

    await rig.judged(now=66.0, sources=replace(SYNCED, lists_began=65.0))

    assert rig.review.ledger.kinds(host("app")) == frozenset()


async def test_while_a_source_is_out_of_touch_nothing_is_deleted() -> None:
    rig = Rig()
    rig.ended("app")
    unknown = SourcesState(
        answered=True, unknown=("ingress",), absent_kinds=frozenset(), lists_began=0.0
    )

    reviewed = await rig.judged(delete("app"), now=99.0, sources=unknown)

    skip = Skip(SkipReason.SOURCE_UNKNOWN, host("app"), "not synced: ingress")
    assert reviewed.plan == Plan(ZONE, (CREATE,), (skip,))
    assert rig.inspector.asked == []


async def test_an_absent_kind_keeps_its_names_and_no_others() -> None:
    rig = Rig()
    rig.ended("app", "b")
    absent = SourcesState(
        answered=True, unknown=(), absent_kinds=frozenset({"Ingress"}), lists_began=0.0
    )

    reviewed = await rig.judged(
        delete("app", "Ingress,IngressRoute"), delete("b"), now=99.0, sources=absent
    )

    skip = Skip(SkipReason.SOURCE_ABSENT, host("app"), "not served: Ingress")
    assert reviewed.plan == Plan(ZONE, (CREATE, delete("b")), (skip,))


async def test_a_removed_definition_withholds_until_the_name_is_claimed_again() -> None:
    rig = Rig()
    rig.ended("app")
    rig.inspector.states = {"IngressRoute": KindState.REMOVED}

    removed = await rig.judged(delete("app"))
    rig.inspector.states = {}
    later = await rig.judged(delete("app"), now=9999.0)

    skip = Skip(SkipReason.WITHHELD, host("app"), "the definition of IngressRoute was removed")
    assert removed.plan == later.plan == Plan(ZONE, (CREATE,), (skip,))

    rig.review.ledger.forget_claimed([host("app")])
    rig.ended("app", at=10_000.0)
    assert (await rig.judged(delete("app"), now=10_010.0)).plan.changes == (CREATE, delete("app"))


async def test_while_a_definition_cannot_be_read_just_now_the_delete_waits() -> None:
    rig = Rig()
    rig.ended("app")
    rig.inspector.states = {"IngressRoute": KindState.UNKNOWN}

    reviewed = await rig.judged(delete("app"), now=99.0)

    assert reviewed.plan.changes == (CREATE,)
    assert reviewed.waiting == {host("app"): 101.0}


async def test_a_definition_that_was_made_again_is_another_one() -> None:
    rig = Rig()
    rig.ended("old", uid="crd-1")
    rig.ended("new", uid="crd-2")
    rig.inspector.living = {"IngressRoute": "crd-2"}

    reviewed = await rig.judged(delete("old"), delete("new"))

    assert reviewed.plan.changes == (CREATE, delete("new"))
    assert [skip.name for skip in reviewed.plan.skips] == [host("old")]


async def test_each_definition_is_read_once_in_a_pass() -> None:
    rig = Rig()
    labels = [f"n{number}" for number in range(20)]
    rig.ended(*labels)

    await rig.judged(*(delete(label) for label in labels))

    assert rig.inspector.asked == [("IngressRoute", frozenset({"crd-1"}))]


async def test_an_end_that_comes_while_the_definition_is_read_is_judged_next_time() -> None:
    rig = Rig()
    rig.ended("a")
    rig.inspector.meanwhile = lambda: rig.ended("b", uid="crd-2", at=-99.0)

    reviewed = await rig.judged(delete("a"), delete("b"))

    assert reviewed.plan.changes == (CREATE, delete("a"))


async def test_withheld_deletes_go_on_to_count() -> None:
    rig = Rig()
    listed = SourcesState(answered=True, unknown=(), absent_kinds=frozenset(), lists_began=60.0)
    wave = [delete(f"n{number}") for number in range(8)]
    await rig.judged(*wave, now=0.0)

    first = await rig.judged(*wave, now=60.0, sources=listed)
    assert {skip.reason for skip in first.plan.skips} == {SkipReason.WITHHELD}
    assert len(first.plan.skips) == 8

    rig.ended("seen", at=50.0)
    second = await rig.judged(*wave, delete("seen"), now=61.0, sources=listed)
    assert second.plan.changes == (CREATE, delete("seen"))
    assert len(second.plan.skips) == 8


async def test_a_person_lets_go_exactly_the_names_that_are_withheld() -> None:
    rig = Rig()
    rig.inspector.states = {"IngressRoute": KindState.REMOVED}
    rig.ended("a", "b")
    deletes = (delete("a"), delete("b"), delete("c"))
    await rig.judged(*deletes)
    assert set(rig.review.releasable) == {host("a"), host("b"), host("c")}

    assert rig.review.release([host("a"), host("other")]) == {host("a")}
    reviewed = await rig.judged(*deletes)

    assert reviewed.plan.changes == (CREATE, delete("a"))
    assert set(rig.review.releasable) == {host("b"), host("c")}


async def test_not_even_a_person_lets_a_name_go_while_a_source_is_out_of_touch() -> None:
    rig = Rig()
    rig.inspector.states = {"IngressRoute": KindState.REMOVED}
    await rig.judged(delete("a"))
    rig.review.release([host("a")])

    unknown = SourcesState(
        answered=True, unknown=("ingress",), absent_kinds=frozenset(), lists_began=0.0
    )
    reviewed = await rig.judged(delete("a"), sources=unknown)

    assert [skip.reason for skip in reviewed.plan.skips] == [SkipReason.SOURCE_UNKNOWN]


async def test_names_of_an_absent_kind_wait_for_a_person_too() -> None:
    rig = Rig()
    absent = SourcesState(
        answered=True, unknown=(), absent_kinds=frozenset({"IngressRoute"}), lists_began=0.0
    )
    await rig.judged(delete("a"), sources=absent)

    assert rig.review.release([host("a")]) == {host("a")}
    assert (await rig.judged(delete("a"), sources=absent)).plan.changes == (CREATE, delete("a"))


async def test_a_name_that_is_not_withheld_can_not_be_let_go() -> None:
    rig = Rig()

    await rig.judged(delete("a"))

    assert rig.review.release([host("a")]) == frozenset()
