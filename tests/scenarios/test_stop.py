"""How the daemon ends: in order, in time, and never half-way."""

import asyncio

import pytest

from catalyst_dns_sync.app import daemon
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.serving import Bound
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime


def routes(here: World, count: int) -> None:
    for number in range(count):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")


async def test_a_stop_in_the_middle_of_a_pass_finishes_what_is_under_way_and_no_more() -> None:
    async with world() as here:
        routes(here, 200)
        loop = asyncio.get_running_loop()
        async with running(here, wait=False, bulk_threshold=0):
            await settle(2)
            stopped = loop.time()
        took = loop.time() - stopped

        assert 0 < len(here.names()) < 200
        assert took < 2
        async with running(here, bulk_threshold=0):
            assert len(here.names()) == 200
            assert here.writes == 200


async def test_a_pass_that_outlasts_the_grace_period_is_cut_off() -> None:
    async with world() as here:
        routes(here, 1)
        here.dns_faults.add(Fault(Kind.HANG, "records/get", times=None))
        loop = asyncio.get_running_loop()
        async with running(here, wait=False, dns_timeout=600.0, grace=5.0):
            await settle(10)
            stopped = loop.time()

        assert loop.time() - stopped == pytest.approx(5, abs=0.1)


async def test_probes_are_served_until_the_end() -> None:
    async with world() as here:
        routes(here, 1)
        stop = asyncio.Event()
        ports: list[Bound] = []
        async with build(here.settings(grace=30.0)) as parts, asyncio.TaskGroup() as tasks:
            task = tasks.create_task(daemon.run(parts, stop, listening=ports.append))
            await settle(5)
            here.dns_faults.add(Fault(Kind.DELAY, "records/", times=None, seconds=8.0))
            routes(here, 2)
            await settle(1)
            stop.set()
            await settle(1)
            _, writer = await asyncio.open_connection("127.0.0.1", ports[0].probes)
            writer.close()
            await task

        assert here.names() == {"r0.lab.test", "r1.lab.test"}


async def test_a_bug_in_any_task_ends_the_process_with_its_error() -> None:
    async with world() as here, build(here.settings()) as parts:

        def broken(_accept: str) -> None:
            raise ZeroDivisionError

        parts.worker.store_changed = broken  # type: ignore[assignment, method-assign]
        parts.sources.stores[0].listener = broken  # type: ignore[assignment]
        with pytest.raises(ExceptionGroup) as caught:
            await daemon.run(parts, asyncio.Event())

    assert caught.group_contains(ZeroDivisionError)
