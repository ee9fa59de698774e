import asyncio

import pytest

from catalyst_dns_sync.control.workqueue import QueueShutDownError, WorkQueue
from catalyst_dns_sync.core.debounce import Debounce
from fakes.control import now

pytestmark = pytest.mark.looptime


def about(seconds: float) -> object:
    """Return a time as virtual time shows it: to the millisecond or two."""
    return pytest.approx(seconds, abs=0.01)


def queue() -> WorkQueue[str]:
    return WorkQueue(Debounce(quiet=0.2, at_most=2.0))


async def noise(queue: WorkQueue[str], key: str, seconds: float) -> None:
    """Ask for a key every 50 ms."""
    for _ in range(round(seconds / 0.05)):
        queue.add(key)
        await asyncio.sleep(0.05)


async def test_a_burst_is_one_item_when_it_is_over() -> None:
    keys = queue()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(noise(keys, "lab", 1.0))
        assert await keys.get() == "lab"

    assert now() == about(0.95 + 0.2)
    assert len(keys) == 0


async def test_steady_noise_does_not_starve_a_key() -> None:
    keys, handed_out = queue(), []

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(noise(keys, "lab", 7.0))
        for _ in range(3):
            await keys.get()
            handed_out.append(now())

    assert handed_out == pytest.approx([2.0, 4.05, 6.1], abs=0.15)


async def test_a_noisy_key_does_not_starve_another() -> None:
    keys = queue()
    keys.add_after("quiet", 1.0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(noise(keys, "noisy", 5.0))
        got = [await keys.get() for _ in range(3)]

    assert got[0] == "quiet"


async def test_the_key_that_waited_longest_comes_first() -> None:
    keys = queue()
    for key, due in [("c", 3.0), ("a", 1.0), ("b", 2.0)]:
        keys.add_at(key, due)

    await asyncio.sleep(5)

    assert [await keys.get() for _ in range(3)] == ["a", "b", "c"]
    assert now() == about(5.0)


async def test_a_key_that_was_added_during_its_own_pass_is_handed_out_again() -> None:
    keys = queue()
    keys.add_after("lab", 0)
    assert await keys.get() == "lab"

    keys.add("lab")

    assert await keys.get() == "lab"
    assert now() == about(0.2)


async def test_the_bound_begins_anew_with_each_pass() -> None:
    keys = queue()
    keys.add("lab")
    await keys.get()
    await asyncio.sleep(5)

    keys.add("lab")
    await keys.get()

    assert now() == about(5.4)


async def test_asking_earlier_brings_a_key_forward_and_asking_later_does_nothing() -> None:
    keys = queue()
    keys.add_after("lab", 30.0)

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(keys.get())
        await asyncio.sleep(1)
        keys.add_at("lab", 3.0)
        keys.add_after("lab", 60.0)

    assert waiting.result() == "lab"
    assert now() == about(3.0)
    assert len(keys) == 0


async def test_an_event_brings_a_retry_forward() -> None:
    keys = queue()
    keys.add_after("lab", 30.0)

    keys.add("lab")
    await keys.get()

    assert now() == about(0.2)


async def test_events_push_what_is_due_back_by_no_more_than_the_bound() -> None:
    keys = queue()
    keys.add_at("lab", 0.1)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(noise(keys, "lab", 4.0))
        await keys.get()
        assert now() == about(2.0)


async def test_shutting_down_wakes_who_waits_and_hands_out_no_more() -> None:
    keys = queue()

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(refused(keys))
        await asyncio.sleep(1)
        keys.shut_down()
    keys.add_after("lab", 0)

    assert await waiting
    assert await refused(keys)
    assert now() == about(1.0)


async def refused(keys: WorkQueue[str]) -> bool:
    try:
        await keys.get()
    except QueueShutDownError:
        return True
    return False


async def test_it_says_for_how_long_the_longest_waiting_key_has_been_due() -> None:
    keys = queue()
    empty = keys.overdue()
    keys.add_after("lab", 5)
    keys.add_after("home", 9)
    before = keys.overdue()
    await asyncio.sleep(12)

    assert (empty, before, keys.overdue()) == (0.0, 0.0, about(7.0))
