import asyncio
from datetime import UTC, datetime

import pytest

from catalyst_dns_sync.control.ports import ProviderRejectedError, ProviderUnavailableError
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.names import parse_name
from fakes.control import Rig, now
from fakes.values import ZONE, a, host, obj, ours, ref

pytestmark = pytest.mark.looptime
APP = "IngressRoute/web/app"
TARGET = {"192.168.1.54"}


def about(seconds: float) -> object:
    """Return a time as virtual time shows it: to a few milliseconds."""
    return pytest.approx(seconds, abs=0.02)


async def test_an_event_is_carried_out_when_its_burst_is_over() -> None:
    rig = Rig()
    rig.list_all()

    async with rig.running():
        await asyncio.sleep(5)
        for number in range(5):
            rig.routes.put(obj(f"IngressRoute/web/{number}", f"n{number}"))
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)

    assert len(rig.provider.shown()) == 5
    assert len(rig.counter.outcomes) == 2
    assert rig.counter.propagations == [about(0.6)]


async def test_nothing_is_worked_on_before_the_beginning() -> None:
    rig = Rig()

    rig.list_all()
    rig.routes.put(obj(APP, "app"))

    assert len(rig.queue) == 0


async def test_zones_are_read_while_the_sources_are_asked_and_not_again_by_the_first_pass() -> None:
    rig = Rig()

    async with rig.running(begin=False):
        await asyncio.sleep(1)
        assert rig.provider.calls == ["zones", "read"]
        rig.list_all()
        rig.routes.put(obj(APP, "app"))
        await asyncio.sleep(1)
        assert rig.provider.writes == 0
        rig.worker.begin()
        await asyncio.sleep(1)

    assert rig.provider.shown() == {"app": TARGET}
    assert rig.provider.calls.count("read") == 1


async def test_what_an_earlier_instance_did_before_the_first_pass_is_seen_and_no_drift() -> None:
    rig = Rig()
    rig.provider.by_hand("app", ours())
    rig.provider.by_hand("old", ours())

    async with rig.running(begin=False):
        await asyncio.sleep(1)
        rig.list_all()
        rig.routes.put(obj(APP, "app"))
        rig.provider.by_hand("app")
        rig.worker.begin()
        await asyncio.sleep(1)

    assert rig.provider.calls.count("read") == 2
    assert rig.provider.shown()["app"] == TARGET
    assert [outcome.drift for outcome in rig.counter.outcomes] == [()]


async def test_drift_is_found_in_a_zone_that_was_read_before_the_first_pass() -> None:
    rig = Rig()
    rig.provider.by_hand("app", ours())

    async with rig.running(begin=False):
        await asyncio.sleep(1)
        rig.list_all()
        rig.routes.put(obj(APP, "app"))
        rig.worker.begin()
        await asyncio.sleep(1)
        rig.provider.by_hand("app")
        rig.worker.begin()
        await asyncio.sleep(1)

    drifts = [drift.kind for outcome in rig.counter.outcomes for drift in outcome.drift]
    assert drifts == ["removed"]


async def test_a_server_that_is_away_before_the_first_pass_is_for_that_to_report() -> None:
    rig = Rig()
    rig.provider.down = ProviderUnavailableError("away")

    async with rig.running(begin=False):
        await asyncio.sleep(1)
        assert rig.counter.failures == []
        rig.list_all()
        rig.worker.begin()
        await asyncio.sleep(0.5)
        assert rig.counter.failures == [(ZONE, "away")]
        rig.provider.down = None
        await asyncio.sleep(5)

    assert rig.board.zones[ZONE].succeeded_at is not None


async def test_an_instance_that_stands_by_reads_nothing() -> None:
    rig = Rig()
    rig.worker.stand_by()

    async with rig.running(begin=False):
        await asyncio.sleep(60)

    assert rig.provider.calls == []


async def test_a_delete_is_looked_at_again_when_its_grace_is_over() -> None:
    rig = Rig(limits=Limits(grace=10.0))
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    async with rig.running():
        await asyncio.sleep(1)
        rig.routes.remove(ref(APP))
        await asyncio.sleep(9.5)
        assert rig.provider.shown() == {"app": TARGET}
        await asyncio.sleep(1)

    assert rig.provider.shown() == {}
    assert rig.board.zones[ZONE].succeeded_at == about(11.0)


async def test_a_server_that_is_down_is_tried_with_growing_patience_and_then_found_again() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()
    rig.provider.down = ProviderUnavailableError("refused")

    async with rig.running():
        await asyncio.sleep(64)
        assert len(rig.counter.failures) == 7
        assert rig.board.zones[ZONE].error == "refused"
        rig.provider.down = None
        await asyncio.sleep(30)

    assert rig.provider.shown() == {"app": TARGET}
    assert rig.board.zones[ZONE].error == ""


async def test_the_patience_is_short_again_after_a_success() -> None:
    rig = Rig()
    rig.list_all()
    rig.provider.down = ProviderUnavailableError("refused")

    async with rig.running():
        await asyncio.sleep(40)
        rig.provider.down = None
        await asyncio.sleep(30)
        tried = len(rig.counter.failures)
        rig.provider.down = ProviderUnavailableError("refused")
        rig.routes.put(obj(APP, "app"))
        await asyncio.sleep(0.5)
        assert len(rig.counter.failures) == tried + 1
        await asyncio.sleep(1)

    assert len(rig.counter.failures) == tried + 2


async def test_an_event_survives_the_failure_of_its_pass() -> None:
    rig = Rig()
    rig.list_all()

    async with rig.running():
        await asyncio.sleep(5)
        rig.provider.down = ProviderUnavailableError("refused")
        rig.routes.put(obj(APP, "app"))
        await asyncio.sleep(0.5)
        rig.provider.down = None
        await asyncio.sleep(5)

    assert rig.counter.propagations == [about(1.2)]


async def test_one_change_that_fails_is_tried_again_and_the_others_are_not() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "a", "b"))
    rig.list_all()
    rig.provider.refused = {host("a"): ProviderRejectedError("no")}

    async with rig.running():
        await asyncio.sleep(10)
        assert rig.provider.shown() == {"b": TARGET}
        rig.provider.refused = {}
        await asyncio.sleep(10)

    assert rig.provider.shown() == {"a": TARGET, "b": TARGET}
    assert rig.provider.writes == 2


async def test_a_stale_name_is_planned_anew_at_once_and_only_once_without_patience() -> None:
    rig = Rig()
    rig.list_all()
    rig.routes.put(obj(APP, "a"))
    rig.provider.before_apply = lambda: rig.provider.by_hand("a", a("10.0.0.1"))

    async with rig.running():
        await asyncio.sleep(0.5)

    assert [outcome.is_settled for outcome in rig.counter.outcomes] == [False, True]
    assert rig.provider.shown() == {"a": {"10.0.0.1"}}


async def test_a_name_that_is_always_stale_does_not_make_a_storm() -> None:
    rig = Rig()
    rig.list_all()
    rig.routes.put(obj(APP, "a"))
    values = iter(range(1, 250))
    rig.provider.by_hand("a", ours("10.0.0.1"))
    rig.provider.before_apply = lambda: rig.provider.by_hand("a", ours(f"10.0.1.{next(values)}"))

    async with rig.running():
        await asyncio.sleep(60)

    assert len(rig.counter.outcomes) < 12


async def test_one_zone_that_fails_does_not_hold_up_another() -> None:
    other = parse_name("other.test")
    rig = Rig(ZONE, other)
    rig.routes.put(obj(APP, "app"))
    rig.list_all()
    del rig.provider.held[other]

    async with rig.running():
        await asyncio.sleep(1)

    assert rig.provider.shown() == {"app": TARGET}
    assert (rig.board.zones[ZONE].error, rig.board.zones[other].outcome) == ("", None)
    assert "zone other.test is not among the zones" in rig.board.zones[other].error


async def test_stopping_finishes_what_is_under_way() -> None:
    rig = Rig()
    rig.list_all()

    async with rig.running():
        await asyncio.sleep(1)
        rig.routes.put(obj(APP, "app"))

    assert rig.provider.shown() == {}
    assert rig.board.working_since is None
    assert now() < 2.0


async def test_a_long_pass_is_cut_and_goes_on_with_what_came_in_meanwhile() -> None:
    rig = Rig()
    rig.list_all()
    rig.routes.put(obj(APP, *(f"n{number}" for number in range(10))))
    rig.provider.seconds = 1.0

    async with rig.running():
        await asyncio.sleep(2)
        rig.routes.put(obj("IngressRoute/web/urgent", "aaa"))
        await asyncio.sleep(4.5)
        assert "aaa" in rig.provider.shown()
        await asyncio.sleep(10)

    assert len(rig.provider.shown()) == 11
    assert rig.counter.failures == []


async def test_a_delete_that_is_claimed_again_before_its_turn_is_not_carried_out() -> None:
    rig = Rig(limits=Limits(grace=0.0))
    labels = ("a", "b", "z")
    for label in labels:
        rig.routes.put(obj(f"IngressRoute/web/{label}", label))
    rig.list_all()

    async with rig.running():
        await asyncio.sleep(1)
        rig.provider.seconds = 1.0
        for label in labels:
            rig.routes.remove(ref(f"IngressRoute/web/{label}"))
        await asyncio.sleep(1.5)
        rig.routes.put(obj("IngressRoute/web/again", "z"))
        await asyncio.sleep(5)

    assert rig.provider.shown() == {"z": TARGET}
    deleted = [
        one.change.name
        for outcome in rig.counter.outcomes
        for one in outcome.applied
        if not one.change.goal
    ]
    assert deleted == [host("a"), host("b")]


async def test_while_it_is_paused_nothing_is_changed_and_nobody_is_kept_busy() -> None:
    rig = Rig()
    rig.list_all()
    rig.reconciler.paused = True

    async with rig.running():
        rig.routes.put(obj(APP, "app"))
        await asyncio.sleep(60)
        assert rig.provider.shown() == {}
        assert len(rig.counter.outcomes) <= 2
        rig.reconciler.paused = False
        rig.worker.begin()
        await asyncio.sleep(1)

    assert rig.provider.shown() == {"app": TARGET}


async def test_drift_is_found_by_the_serial_and_repaired() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(5)
        rig.provider.by_hand("app")
        await asyncio.sleep(15)

    assert rig.provider.shown() == {"app": TARGET}
    drifts = [drift.kind for outcome in rig.counter.outcomes for drift in outcome.drift]
    assert drifts == ["removed"]


async def test_a_quiet_zone_costs_one_cheap_call_each_interval() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(1)
        rig.provider.calls.clear()
        await asyncio.sleep(60)

    assert rig.provider.calls.count("zones") == 4
    assert rig.provider.calls.count("started_at") == 1
    assert {"read", "apply"}.isdisjoint(rig.provider.calls)


async def test_a_server_that_was_restarted_is_read_again_though_its_serial_is_the_same() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(20)
        rig.provider.held[ZONE].names.clear()
        rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        await asyncio.sleep(61)

    assert rig.provider.shown() == {"app": TARGET}


async def test_a_restart_before_the_first_look_is_noticed_too() -> None:
    rig = Rig()
    rig.routes.put(obj(APP, "app"))
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(5)
        rig.provider.held[ZONE].names.clear()
        rig.provider.started = datetime(2026, 1, 2, tzinfo=UTC)
        await asyncio.sleep(61)

    assert rig.provider.shown() == {"app": TARGET}


async def test_zones_are_read_and_lists_asked_for_now_and_then() -> None:
    rig = Rig()
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(290)
        rig.provider.calls.clear()
        assert rig.lists_requested == []
        await asyncio.sleep(20)

    assert rig.lists_requested == [about(300.0)]
    assert rig.provider.calls.count("read") == 1


async def test_the_drift_watch_survives_a_server_that_is_down() -> None:
    rig = Rig()
    rig.list_all()

    async with rig.running(watch_drift=True):
        await asyncio.sleep(5)
        rig.provider.down = ProviderUnavailableError("refused")
        await asyncio.sleep(20)
        assert rig.board.zones[ZONE].error == "refused"
        rig.provider.down = None
        rig.provider.by_hand("other", a())
        await asyncio.sleep(60)

    assert rig.board.zones[ZONE].error == ""
