import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Applied, ProviderUnavailableError, Verdict
from catalyst_dns_sync.control.status import StatusBoard, ZoneStatus
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.plan import Plan
from fakes.values import ZONE, delete

OTHER = parse_name("other.test")
REFUSED = ProviderUnavailableError("refused")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def outcome(**rest: Any) -> Outcome:
    return Outcome(Plan(ZONE, (), ()), **rest)


def failed() -> Outcome:
    change = delete("app")
    return outcome(applied=(Applied(change, Verdict.FAILED, None, 0, REFUSED),))


def test_a_zone_begins_without_an_outcome() -> None:
    assert StatusBoard([ZONE], Clock()).zones == {ZONE: ZoneStatus(ZONE)}


def test_a_success_is_dated() -> None:
    clock = Clock()
    board = StatusBoard([ZONE], clock)

    clock.now = 5.0
    board.succeeded(ZONE, outcome())
    clock.now = 9.0
    board.succeeded(ZONE, outcome())

    assert board.zones[ZONE] == ZoneStatus(ZONE, outcome(), "", since=5.0, succeeded_at=9.0)


@pytest.mark.parametrize("bad", [failed(), outcome(error=REFUSED)])
def test_a_pass_that_left_something_undone_is_no_success(bad: Outcome) -> None:
    clock = Clock()
    board = StatusBoard([ZONE], clock)
    board.succeeded(ZONE, outcome())

    clock.now = 5.0
    board.succeeded(ZONE, bad)

    assert board.zones[ZONE] == ZoneStatus(
        ZONE, bad, "refused", 5.0, succeeded_at=0.0, last_error="refused", last_error_at=5.0
    )


def test_a_failure_keeps_the_last_outcome_and_says_since_when() -> None:
    clock = Clock()
    board = StatusBoard([ZONE], clock)
    board.succeeded(ZONE, outcome())

    for clock.now in (5.0, 6.0):
        board.failed(ZONE, "refused")
    last: dict[str, Any] = {"last_error": "refused", "last_error_at": 6.0}
    status = ZoneStatus(ZONE, outcome(), "refused", since=5.0, succeeded_at=0.0, **last)
    assert board.zones[ZONE] == status

    clock.now = 7.0
    board.succeeded(ZONE, outcome())
    status = ZoneStatus(ZONE, outcome(), "", since=7.0, succeeded_at=7.0, **last)
    assert board.zones[ZONE] == status


def test_all_is_in_step_since_the_zone_that_was_seen_longest_ago() -> None:
    clock = Clock()
    board = StatusBoard([ZONE, OTHER], clock)
    board.succeeded(ZONE, outcome())
    assert board.in_step_at() is None

    clock.now = 2.0
    board.succeeded(OTHER, Outcome(Plan(OTHER, (), ())))
    clock.now = 9.0
    board.confirmed([OTHER])
    assert board.in_step_at() == 0.0

    board.confirmed([ZONE])
    assert board.in_step_at() == 9.0


def test_a_zone_that_fails_is_not_in_step_although_nobody_changed_it() -> None:
    clock = Clock()
    board = StatusBoard([ZONE], clock)
    board.succeeded(ZONE, outcome())
    board.succeeded(ZONE, failed())

    clock.now = 9.0
    board.confirmed([ZONE])

    assert board.in_step_at() == 0.0


@pytest.mark.looptime
async def test_the_first_passes_are_over_when_each_zone_had_one_well_or_not() -> None:
    board = StatusBoard([ZONE, OTHER], Clock())

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(board.wait_first_passes())
        board.succeeded(ZONE, outcome())
        await asyncio.sleep(1)
        assert not waiting.done()
        board.failed(OTHER, "refused")
