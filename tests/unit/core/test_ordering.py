from dataclasses import replace
from typing import Any

import pytest

from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.merge import Defaults, Keepers
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.ordering import step_of
from catalyst_dns_sync.core.orders import (
    AddCustom,
    AdoptRecord,
    DeleteRecord,
    Objection,
    Order,
    Refused,
    RemoveCustom,
    Situation,
)
from catalyst_dns_sync.core.plan import delegations
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import Record, parse_targets
from fakes.values import RULES, a, host, marker, obj, ordered, ours, ref, zone

NAME = host("nas")
NAS = ordered("nas")
SHARED = ordered("nas", kinds="Custom,Ingress")
ADD = AddCustom(NAME, parse_targets("10.0.0.9"))
REMOVE, DELETE = RemoveCustom(NAME), DeleteRecord(NAME)
SAME = obj("Ingress/web/nas", "nas", target="10.0.0.9", ttl=60)
OTHER = obj("Ingress/web/nas", "nas", target="10.0.0.1")
NO_TARGET = obj("Ingress/web/nas", "nas")


def step(
    order: Order, *records: Record, objects: tuple[WatchedObject, ...] = (), **more: Any
) -> Change | Refused | None:
    held = zone({"nas": records} if records else {})
    interests = tuple((one, claim) for one in objects for claim in one.claims)
    values: dict[str, Any] = {"rules": RULES, "interests": interests, **more}
    return step_of(order, Situation(held, delegations(held), **values))


def refusal(answer: Change | Refused | None) -> str:
    assert isinstance(answer, Refused)
    return answer.objection


def test_an_order_for_an_empty_name_creates_its_record() -> None:
    change = step(ADD)

    assert isinstance(change, Create)
    assert change.goal == (NAS,)
    assert change.endpoint.rule == "a person's order"


def test_an_order_takes_its_own_ttl_and_text() -> None:
    change = step(replace(ADD, ttl=60, text="Ann's box"))

    assert isinstance(change, Create)
    assert change.goal == (a("10.0.0.9", 60, NAS.comment + " | Ann's box"),)


@pytest.mark.parametrize(
    ("records", "objects", "goal"),
    [
        pytest.param((NAS,), (), None, id="done already"),
        pytest.param((ordered("nas", ttl=7),), (), None, id="the console's TTL stays"),
        pytest.param((ordered("nas", "10.0.0.1"),), (), (NAS,), id="another target"),
        pytest.param((ordered("nas", "10.0.0.1", 7),), (), (ordered("nas", ttl=7),), id="its TTL"),
        pytest.param((), (SAME,), (ordered("nas", ttl=60, kinds="Custom,Ingress"),), id="claimed"),
        pytest.param(
            (a("10.0.0.9", comment=marker("Ingress/web/nas", "Ingress")),),
            (SAME,),
            (SHARED,),
            id="shares what an object has",
        ),
        pytest.param(
            (a("10.0.0.9", comment=marker("Ingress/web/nas", "Ingress", tail=" x=1 | by Ann")),),
            (),
            (a("10.0.0.9", comment=SHARED.comment + " x=1 | by Ann"),),
            id="takes what nobody claims",
        ),
    ],
)
def test_an_order_makes_a_name_custom(
    records: tuple[Record, ...],
    objects: tuple[WatchedObject, ...],
    goal: tuple[Record, ...] | None,
) -> None:
    change = step(ADD, *records, objects=objects)

    assert (change if change is None else change.goal) == goal  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("records", "objects"),
    [
        pytest.param((a("10.0.0.9"),), (), id="a foreign record"),
        pytest.param((a("10.0.0.9", comment=marker(owner="o")),), (), id="another owner's"),
        pytest.param((a("10.0.0.9", comment=marker(cluster="aaaaaaaa")),), (), id="a cluster's"),
        pytest.param((a("10.0.0.9", comment=NAS.comment, disabled=True),), (), id="held"),
        pytest.param((Record("NS", "ns.test", 60),), (), id="delegated"),
        pytest.param((ours("10.0.0.1"),), (), id="an object's record with another target"),
        pytest.param((), (OTHER,), id="claimed with another target"),
        pytest.param((ours("10.0.0.9"),), (OTHER,), id="about to have another target"),
        pytest.param((ordered("nas", "10.0.0.1", kinds="Custom,Ingress"),), (OTHER,), id="shared"),
    ],
)
def test_an_order_is_refused_where_something_is_in_the_way(
    records: tuple[Record, ...], objects: tuple[WatchedObject, ...]
) -> None:
    assert refusal(step(ADD, *records, objects=objects)) == Objection.CONFLICT


def test_a_custom_cname_can_not_stand_beside_other_records() -> None:
    order = replace(ADD, targets=parse_targets("web.test"))

    assert refusal(step(order, Record("TXT", "x", 60))) == Objection.CONFLICT
    assert refusal(step(replace(order, name=host("")))) == Objection.CONFLICT
    assert isinstance(step(order), Create)


def test_a_custom_record_goes_by_order() -> None:
    assert step(REMOVE, NAS) == Delete(NAME, (NAS,), frozenset({"Custom"}))


def test_only_the_custom_part_goes_where_objects_claim_the_name() -> None:
    left = step(REMOVE, SHARED, objects=(SAME,))

    assert isinstance(left, Update)
    assert left.goal == (a("10.0.0.9", 60, marker("Ingress/web/nas", "Ingress")),)


def test_who_lost_the_name_to_a_custom_record_has_it_afterwards() -> None:
    left = step(REMOVE, NAS, objects=(OTHER,))

    assert isinstance(left, Update)
    assert left.goal == (a("10.0.0.1", 300, marker("Ingress/web/nas", "Ingress")),)


def test_an_object_without_a_target_keeps_what_is_there() -> None:
    left = step(REMOVE, SHARED, objects=(NO_TARGET,))

    assert isinstance(left, Update)
    assert left.goal == (a("10.0.0.9", 300, marker("Ingress/web/nas", "Ingress")),)


def test_an_object_with_a_fault_keeps_what_it_may_mean() -> None:
    faulty = Keepers({NAME: ref("Ingress/web/nas")})

    left = step(REMOVE, NAS, faulty=faulty)

    assert isinstance(left, Update)
    assert left.goal == (a("10.0.0.9", 300, marker("Ingress/web/nas", "Ingress")),)


@pytest.mark.parametrize(
    ("order", "records", "more", "objection"),
    [
        (REMOVE, (), {}, Objection.ABSENT),
        (REMOVE, (ours(),), {}, Objection.ABSENT),
        (REMOVE, (a(),), {}, Objection.CONFLICT),
        (REMOVE, (a(comment=NAS.comment, disabled=True),), {}, Objection.CONFLICT),
        (REMOVE, (NAS,), {"unknown": ("ingress",)}, Objection.UNSURE),
        (
            REMOVE,
            (SHARED,),
            {"rules": replace(RULES, absent_kinds=frozenset({"Ingress"}))},
            Objection.UNSURE,
        ),
        (
            REMOVE,
            (SHARED,),
            {"rules": replace(RULES, unconfirmed_kinds=frozenset({"Ingress"}))},
            Objection.UNSURE,
        ),
        (REMOVE, (NAS,), {"policy": Policy.UPSERT_ONLY}, Objection.FORBIDDEN),
        (ADD, (ordered("nas", "10.0.0.1"),), {"policy": Policy.CREATE_ONLY}, Objection.FORBIDDEN),
        (DELETE, (), {}, Objection.ABSENT),
        (DELETE, (a(),), {}, Objection.CONFLICT),
        (DELETE, (ours(disabled=True),), {}, Objection.CONFLICT),
        (DELETE, (ours(),), {"objects": (SAME,)}, Objection.CONFLICT),
        (DELETE, (ours(),), {"objects": (NO_TARGET,)}, Objection.CONFLICT),
        (DELETE, (ours(),), {"unknown": ("ingress",)}, Objection.UNSURE),
        (
            DELETE,
            (ours(),),
            {"rules": replace(RULES, unconfirmed_kinds=frozenset({"IngressRoute"}))},
            Objection.UNSURE,
        ),
        (DELETE, (ours(),), {"policy": Policy.CREATE_ONLY}, Objection.FORBIDDEN),
        (AdoptRecord(NAME), (a("10.0.0.9"),), {}, Objection.CONFLICT),
        (AdoptRecord(NAME), (), {"objects": (SAME,)}, Objection.ABSENT),
        (AdoptRecord(NAME), (a("10.0.0.1"),), {"objects": (SAME,)}, Objection.CONFLICT),
    ],
)
def test_an_order_is_refused_with_the_sort_of_its_reason(
    order: Order, records: tuple[Record, ...], more: dict[str, Any], objection: Objection
) -> None:
    answer = step(order, *records, **more)

    assert refusal(answer) == objection


def test_a_claimed_name_is_not_deleted_because_it_would_come_back() -> None:
    answer = step(DELETE, ours(), objects=(SAME,))

    assert isinstance(answer, Refused)
    assert answer.detail.startswith("Ingress/web/nas claims it: it would come back at once.")


@pytest.mark.parametrize(
    "record",
    [
        ours(),
        a(comment=marker("Gateway/web/old", "Gateway")),
        NAS,
        a(comment=marker(tail=" adopted=yes")),
    ],
)
def test_a_record_of_ours_that_nobody_claims_is_deleted_by_order(record: Record) -> None:
    answer = step(DELETE, record)

    assert isinstance(answer, Delete)
    assert answer.before == (record,)


def test_one_record_is_adopted_by_order() -> None:
    change = step(AdoptRecord(NAME), a("10.0.0.9", 17, "by Ann"), objects=(SAME,))

    assert isinstance(change, Update)
    adopted = marker("Ingress/web/nas", "Ingress", tail=" adopted=yes | by Ann")
    assert change.goal == (a("10.0.0.9", 17, adopted),)


def test_the_default_ttl_is_that_of_the_settings() -> None:
    change = step(ADD, defaults=Defaults(ttl=42))

    assert isinstance(change, Create)
    assert change.goal[0].ttl == 42
