import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from catalyst_dns_sync.control.actions import Acted, Actions, Adoptable, CustomRecord
from catalyst_dns_sync.control.controls import release
from catalyst_dns_sync.control.orders import OrderError, OrderFailedError, OrderRefusedError
from catalyst_dns_sync.control.ports import ProviderUnavailableError
from catalyst_dns_sync.core.changes import describe
from catalyst_dns_sync.core.explain import Answer
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.orders import AddCustom, Objection
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from fakes.control import Rig
from fakes.values import ZONE, a, host, marker, obj, ordered, ours, ref

pytestmark = pytest.mark.looptime

NAME = host("nas")
NAS = ordered("nas")
IP = parse_targets("10.0.0.9")
SAME = obj("Ingress/web/nas", "nas", target="10.0.0.9")


def actions(rig: Rig, **more: Any) -> Actions:
    async def server(_name: DnsName) -> Answer | None:
        await asyncio.sleep(0.5)
        return Answer("dns", ("A 10.0.0.9", "CNAME x.test"), milliseconds=500.0)

    async def system(_name: DnsName) -> Answer:
        await asyncio.sleep(0.5)
        return Answer("system", ("A 10.0.0.9",))

    values: dict[str, Any] = {"ask_server": server, "ask_system": system, "patience": 15.0, **more}
    return Actions(
        reconciler=rig.reconciler,
        worker=rig.worker,
        board=rig.board,
        request_lists=rig.sources.request_lists,
        **values,
    )


@asynccontextmanager
async def settled(rig: Rig) -> AsyncIterator[Actions]:
    rig.list_all()
    async with rig.running(watch_drift=True):
        await asyncio.sleep(1.0)
        yield actions(rig)


async def refused(order: Any) -> Objection:
    with pytest.raises(OrderRefusedError) as caught:
        await order
    return caught.value.objection


async def test_a_custom_record_is_added_stays_and_goes_by_order() -> None:
    rig = Rig()
    async with settled(rig) as act:
        made = await act.add_custom(NAME, IP, who="ann")
        assert made == Acted(NAME, "create", "+ nas.lab.test A 10.0.0.9 ttl 300")
        assert act.custom_records() == [CustomRecord(NAME, (NAS,))]

        writes = rig.provider.writes
        await asyncio.sleep(4000.0)
        assert (rig.provider.shown(), rig.provider.writes) == ({"nas": {"10.0.0.9"}}, writes)

        gone = await act.remove_custom(NAME, who="ann")
        assert gone == Acted(NAME, "delete", "- nas.lab.test A 10.0.0.9 ttl 300")
        assert rig.provider.shown() == {}


async def test_what_is_ordered_twice_is_done_once() -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")

        assert await act.add_custom(NAME, IP, who="bob") == Acted(NAME, "", "")


async def test_each_order_is_logged_with_who_gave_it(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    with caplog.at_level(logging.INFO):
        async with settled(rig) as act:
            await act.add_custom(NAME, IP, who="ann from 10.0.0.7")
            await refused(act.delete(host("none"), who="bob"))
            release(rig.reconciler, rig.worker.begin, [host("none")], who="eve")
            act.resync(who="dan")

    told = [
        (one.getMessage(), one.__dict__["who"]) for one in caplog.records if hasattr(one, "who")
    ]
    assert told == [
        ("a person's order was carried out", "ann from 10.0.0.7"),
        ("a person's order was not carried out", "bob"),
        ("deletes released by a person", "eve"),
        ("resync by a person", "dan"),
    ]
    assert [one.__dict__["why"] for one in caplog.records if hasattr(one, "why")] == [
        "a person ordered it"
    ]


async def test_no_list_and_no_restart_takes_a_custom_record_away() -> None:
    rig = Rig()
    rig.provider.by_hand("nas", NAS)
    rig.ingresses.replace([SAME], began=0.0)
    async with settled(rig):
        rig.ingresses.replace([], began=asyncio.get_running_loop().time())
        for _ in range(3):
            await asyncio.sleep(100.0)
            rig.list_all()
        await asyncio.sleep(10.0)

    assert rig.provider.held[ZONE].names == {NAME: (NAS,)}


async def test_an_edit_in_the_console_is_what_the_person_wants() -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        rig.provider.by_hand("nas", a("10.7.7.7", 17, NAS.comment))
        writes = rig.provider.writes
        await asyncio.sleep(400.0)
        assert rig.provider.writes == writes

        rig.provider.by_hand("nas")
        await asyncio.sleep(400.0)

    assert rig.provider.shown() == {}


@pytest.mark.parametrize("lost", [True, False])
async def test_what_a_killed_server_forgot_is_done_again_and_what_a_person_did_is_not(
    lost: bool,  # noqa: FBT001
) -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        await asyncio.sleep(2.0)
        rig.provider.by_hand("nas")
        if lost:
            rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        await asyncio.sleep(200.0)

    assert rig.provider.shown() == ({"nas": {"10.0.0.9"}} if lost else {})


async def test_a_server_that_ran_on_for_long_has_saved_what_was_ordered() -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        await asyncio.sleep(200.0)
        rig.provider.by_hand("nas")
        rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        await asyncio.sleep(200.0)

    assert rig.provider.shown() == {}


async def test_an_order_that_fails_takes_back_what_was_ordered_before() -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        rig.provider.refused[NAME] = ProviderUnavailableError("no answer")
        rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        rig.reconciler.memory.server_restarted()
        with pytest.raises(OrderFailedError):
            await act.remove_custom(NAME, who="bob")
        rig.provider.refused.clear()
        rig.provider.by_hand("nas")
        await asyncio.sleep(200.0)

    assert rig.provider.shown() == {}


async def test_what_was_lost_before_the_servers_start_was_known_is_done_again() -> None:
    rig = Rig()
    known, rig.provider.started = rig.provider.started, None
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        rig.provider.by_hand("nas")
        rig.provider.started = known
        await asyncio.sleep(200.0)

    assert rig.provider.shown() == {"nas": {"10.0.0.9"}}


async def test_a_removal_that_a_killed_server_forgot_is_done_again() -> None:
    rig = Rig()
    rig.provider.by_hand("nas", NAS)
    async with settled(rig) as act:
        await act.remove_custom(NAME, who="ann")
        await asyncio.sleep(2.0)
        rig.provider.by_hand("nas", NAS)
        rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        await asyncio.sleep(200.0)

    assert rig.provider.shown() == {}


async def test_a_call_that_is_carried_out_late_does_not_undo_what_was_ordered_after_it() -> None:
    rig = Rig()
    rig.provider.by_hand("nas", NAS)
    async with settled(rig) as act:
        rig.provider.refused[NAME] = ProviderUnavailableError("no answer")
        with pytest.raises(OrderFailedError, match="no answer; it may have been carried out all"):
            await act.remove_custom(NAME, who="ann")
        rig.provider.refused.clear()
        await act.add_custom(NAME, IP, who="ann")
        rig.provider.by_hand("nas")
        await asyncio.sleep(40.0)

    assert rig.provider.shown() == {"nas": {"10.0.0.9"}}


def pause(rig: Rig) -> None:
    rig.reconciler.paused = True


def follow(rig: Rig) -> None:
    rig.reconciler.is_leader = lambda: False


def nothing(_rig: Rig) -> None:
    return


@pytest.mark.parametrize(
    ("setting", "happens", "name", "text"),
    [
        ({}, pause, NAME, "the daemon is paused: `resume` ends that"),
        ({}, follow, NAME, "this instance stands by, another one leads"),
        ({"keeps_markers": False}, nothing, NAME, "a hosts file has no place for a marker"),
        ({}, nothing, DnsName("nas.other"), r"nas.other lies in no zone of DNS_ZONES \(lab.test\)"),
        ({"policy": Policy.CREATE_ONLY}, nothing, NAME, "POLICY=create-only forbids ~ nas"),
    ],
)
async def test_an_order_that_can_not_be_is_refused_at_once(
    setting: dict[str, Any], happens: Callable[[Rig], None], name: DnsName, text: str
) -> None:
    rig = Rig(**setting)
    rig.provider.by_hand("nas", ordered("nas", "10.0.0.1"))
    async with settled(rig) as act:
        happens(rig)
        with pytest.raises(OrderRefusedError, match=text):
            await act.add_custom(name, IP, who="ann")
        with pytest.raises(OrderRefusedError, match=text):
            act.foresee(AddCustom(name, IP))
    assert rig.provider.writes == 0


async def test_a_dry_run_takes_no_orders() -> None:
    rig = Rig()
    async with settled(rig):
        with pytest.raises(OrderRefusedError, match="dry run"):
            await actions(rig, dry_run=True).add_custom(NAME, IP, who="ann")
    assert rig.provider.writes == 0


async def test_what_was_shown_is_done_or_nothing() -> None:
    rig = Rig()
    async with settled(rig) as act:
        order = AddCustom(NAME, IP)
        shown = act.foresee(order)
        assert shown is not None
        rig.provider.by_hand("nas", ordered("nas", "10.0.0.1"))

        with pytest.raises(OrderRefusedError, match="it changed meanwhile; it would be: ~ nas"):
            await act.carry_out(order, who="ann", shown=describe(shown))

    assert rig.provider.writes == 0


async def test_a_server_that_does_not_answer_fails_the_order_and_nothing_comes_later() -> None:
    rig = Rig()
    async with settled(rig) as act:
        rig.provider.down = ProviderUnavailableError("the server is away")
        with pytest.raises(OrderFailedError, match="the server is away"):
            await act.add_custom(NAME, IP, who="ann")
        rig.provider.down = None
        await asyncio.sleep(100.0)

    assert rig.provider.shown() == {}


async def test_an_order_before_the_first_pass_waits_and_is_given_up() -> None:
    rig = Rig()
    act = actions(rig)

    with pytest.raises(OrderFailedError, match="not carried out within 15 s"):
        await act.add_custom(NAME, IP, who="ann")

    rig.list_all()
    async with rig.running():
        await asyncio.sleep(10.0)
    assert rig.provider.shown() == {}


async def test_a_name_has_one_order_at_a_time() -> None:
    rig = Rig()
    async with settled(rig) as act:
        first = asyncio.ensure_future(act.add_custom(NAME, IP, who="ann"))  # noqa: TID251
        await asyncio.sleep(0)

        assert await refused(act.remove_custom(NAME, who="bob")) == Objection.BUSY
        assert (await first).action == "create"


async def test_what_is_withheld_is_deleted_by_order_and_no_longer_releasable() -> None:
    rig = Rig()
    for number in range(8):
        rig.provider.by_hand(f"app{number}", ours())
    async with settled(rig) as act:
        for _ in range(3):
            await asyncio.sleep(70.0)
            rig.list_all()
        await asyncio.sleep(5.0)
        assert len(rig.reconciler.releasable()) == 8

        await act.delete(host("app0"), who="ann")
        await asyncio.sleep(1.0)

        assert sorted(rig.reconciler.releasable()) == [
            host(f"app{number}") for number in range(1, 8)
        ]
        assert host("app0") not in [
            skip.name
            for status in rig.board.zones.values()
            for skip in (status.outcome.plan.skips if status.outcome else ())
        ]
    assert "app0" not in rig.provider.shown()


async def test_one_adoptable_record_is_adopted() -> None:
    rig = Rig()
    mine = a("10.0.0.9", 17)
    rig.provider.by_hand("nas", mine)
    rig.ingresses.replace([SAME], began=0.0)
    async with settled(rig) as act:
        assert act.adoptable() == [Adoptable(NAME, ZONE, (mine,), "Ingress/web/nas")]

        assert (await act.adopt(NAME, who="ann")).action == "update"
        await asyncio.sleep(1.0)

        assert act.adoptable() == []
    comment = marker("Ingress/web/nas", "Ingress", tail=" adopted=yes")
    assert rig.provider.held[ZONE].names == {NAME: (a("10.0.0.9", 300, comment),)}


async def test_a_resync_reads_zones_and_lists_and_can_not_be_used_to_hammer() -> None:
    rig = Rig()
    async with settled(rig) as act:
        before, lists = rig.provider.calls.count("read"), len(rig.lists_requested)
        for _ in range(3):
            assert act.resync(who="ann") == (ZONE,)
            await asyncio.sleep(1.0)
        assert rig.provider.calls.count("read") == before + 3
        assert len(rig.lists_requested) == lists + 3

        with pytest.raises(OrderRefusedError, match="again in 57 s"):
            act.resync(who="ann")
        await asyncio.sleep(57.5)
        act.resync(ZONE, who="ann")

        with pytest.raises(OrderRefusedError, match="is not one of DNS_ZONES"):
            act.resync(host("sub"), who="ann")


async def test_dns_is_asked_at_two_places_at_the_same_time() -> None:
    rig = Rig()
    began = asyncio.get_running_loop().time()

    found = await actions(rig).test_dns(NAME)

    assert asyncio.get_running_loop().time() - began == pytest.approx(0.5)
    assert (found.agree, found.resolver.asked) == (True, "system")


@pytest.mark.parametrize(
    ("answer", "agree"),
    [
        (Answer("system", ("A 10.0.0.1",)), False),
        (Answer("system", (), "NXDOMAIN"), False),
        (Answer("system", code="", error="nothing within 2 s"), None),
    ],
)
async def test_two_answers_agree_or_not_or_nobody_knows(
    answer: Answer,
    agree: bool | None,  # noqa: FBT001
) -> None:
    async def system(_name: DnsName) -> Answer:
        return answer

    assert (await actions(Rig(), ask_system=system).test_dns(NAME)).agree is agree


async def test_only_so_many_tests_of_dns_are_under_way() -> None:
    act = actions(Rig())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(act.test_dns(NAME))
        await asyncio.sleep(0.1)
        assert await refused(act.test_dns(NAME)) == Objection.BUSY
    assert (await act.test_dns(NAME)).agree


async def test_an_object_that_claims_the_name_shares_the_record_and_leaves_it() -> None:
    rig = Rig()
    async with settled(rig) as act:
        await act.add_custom(NAME, IP, who="ann")
        rig.ingresses.put(SAME)
        await asyncio.sleep(70.0)
        rig.list_all()
        await asyncio.sleep(5.0)
        assert act.custom_records()[0].shared == ("Ingress",)

        with pytest.raises(OrderError, match="would come back"):
            await act.delete(NAME, who="ann")
        await act.remove_custom(NAME, who="ann")
        assert rig.provider.held[ZONE].names == {
            NAME: (a("10.0.0.9", comment=marker("Ingress/web/nas", "Ingress")),)
        }

        rig.ingresses.remove(ref("Ingress/web/nas"))
        await asyncio.sleep(15.0)
    assert rig.provider.shown() == {}
