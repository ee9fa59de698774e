"""How often the server may be called."""

import asyncio

import pytest

from catalyst_dns_sync.providers.technitium.pace import Pace


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.looptime
async def test_a_second_worth_of_calls_goes_through_at_once_and_the_rest_in_step() -> None:
    pace = Pace(10.0)
    began = now()
    at = []

    for _ in range(13):
        await pace.turn()
        at.append(round(now() - began, 3))

    assert at == [0.0] * 10 + [0.1, 0.2, 0.3]


@pytest.mark.looptime
async def test_calls_at_the_same_moment_share_the_rate() -> None:
    pace = Pace(10.0)
    began = now()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(30):
            tasks.create_task(pace.turn())

    assert now() - began == pytest.approx(2.0)


@pytest.mark.looptime
async def test_a_quiet_time_earns_one_second_and_no_more() -> None:
    pace = Pace(10.0)
    for _ in range(10):
        await pace.turn()
    await asyncio.sleep(60)
    began = now()

    for _ in range(11):
        await pace.turn()

    assert now() - began == pytest.approx(0.1)


@pytest.mark.looptime
async def test_a_slow_pace_has_no_burst() -> None:
    pace = Pace(0.5)
    began = now()

    for _ in range(3):
        await pace.turn()

    assert now() - began == pytest.approx(4.0)
