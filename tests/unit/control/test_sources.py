import asyncio

import pytest

from catalyst_dns_sync.control.sources import Sources, SourcesState
from catalyst_dns_sync.control.store import Store
from fakes.values import obj, ref


def store(source: str, kind: str) -> Store:
    return Store(source, kind, lambda: 0.0)


def test_sources_are_synced_when_each_is_listed() -> None:
    routes, ingresses = store("ingressroute", "IngressRoute"), store("ingress", "Ingress")
    sources = Sources([routes, ingresses])

    routes.replace([], began=5.0)
    assert sources.state() == SourcesState(
        answered=False,
        unknown=("ingress",),
        absent_kinds=frozenset(),
        lists_began=float("-inf"),
        unknown_kinds=frozenset({"Ingress"}),
        agreement={"IngressRoute": 0.0, "Ingress": float("-inf")},
        doubted_at=float("inf"),
    )

    ingresses.replace([], began=7.0)
    assert sources.state() == SourcesState(
        answered=True,
        unknown=(),
        absent_kinds=frozenset(),
        lists_began=5.0,
        agreement={"IngressRoute": 0.0, "Ingress": 0.0},
        doubted_at=7.0,
    )
    assert sources.state().synced


def test_an_absent_kind_vouches_for_itself_and_does_not_hold_up_the_others() -> None:
    routes, ingresses = store("ingressroute", "IngressRoute"), store("ingress", "Ingress")

    routes.mark_absent("404")
    ingresses.replace([], began=7.0)

    assert Sources([routes, ingresses]).state() == SourcesState(
        answered=True,
        unknown=(),
        absent_kinds=frozenset({"IngressRoute"}),
        lists_began=7.0,
        agreement={"Ingress": 0.0},
        doubted_at=7.0,
    )


def test_a_kind_is_not_absent_while_its_other_group_is_served() -> None:
    routes, old = store("ingressroute", "IngressRoute"), store("legacy", "IngressRoute")
    sources = Sources([routes], [old])

    routes.mark_absent("404")
    assert sources.state().absent_kinds == frozenset()

    old.mark_absent("404")
    assert sources.state().absent_kinds == {"IngressRoute"}
    assert sources.state().lists_began == float("-inf")


def test_a_kind_is_confirmed_when_two_lists_some_time_apart_agree() -> None:
    routes = store("ingressroute", "IngressRoute")
    sources = Sources([routes])
    app, twin = obj("IngressRoute/web/app", "app"), obj("IngressRoute/web/twin", "app")

    confirmed = [not sources.state().unconfirmed_kinds(60.0)]
    for began, listed in [(5.0, [app]), (60.0, [app, twin]), (65.0, [app]), (125.0, [app])]:
        routes.replace(listed, began=began)
        confirmed.append(not sources.state().unconfirmed_kinds(60.0))

    assert confirmed == [False, False, False, False, True]


def test_one_namespace_out_of_touch_makes_its_source_unknown() -> None:
    one, two = store("ingress", "Ingress"), store("ingress", "Ingress")

    one.replace([], began=1.0)
    two.mark_unknown("403")

    assert Sources([one, two]).state().unknown == ("ingress",)


def test_all_objects_are_there_and_legacy_twins_are_not() -> None:
    routes, old = store("ingressroute", "IngressRoute"), store("legacy", "IngressRoute")
    new, twin = obj("IngressRoute/web/a", "new"), obj("IngressRoute/web/a", "old")
    alone = obj("IngressRoute/web/b", "b")

    routes.replace([new], began=1.0)
    old.replace([twin, alone], began=1.0)

    assert {one.ref: one for one in Sources([routes], [old]).objects()} == {
        new.ref: new,
        alone.ref: alone,
    }


def test_the_uids_of_a_kind_are_those_of_its_stores() -> None:
    routes, old = store("ingressroute", "IngressRoute"), store("legacy", "IngressRoute")

    routes.replace([], began=1.0, uid="crd-1")

    assert Sources([routes], [old]).uids("IngressRoute") == {"crd-1", None}
    assert Sources([routes]).uids("Ingress") == frozenset()


@pytest.mark.looptime
async def test_waiting_ends_when_the_last_source_answers() -> None:
    routes, ingresses = store("ingressroute", "IngressRoute"), store("ingress", "Ingress")
    sources = Sources([routes, ingresses])
    for each in sources.stores:
        each.listener = lambda _change: sources.wake()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(sources.wait_answered())
        await asyncio.sleep(1)
        routes.mark_absent("404")
        await asyncio.sleep(1)
        assert not waiting.done()
        ingresses.replace([obj("Ingress/web/a", "a")], began=0.0)

    assert ref("Ingress/web/a") in ingresses.objects
