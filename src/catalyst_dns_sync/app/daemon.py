"""Runs the daemon: starts its tasks, waits for the signal, stops them in order."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

from catalyst_dns_sync.app import clocks
from catalyst_dns_sync.app.beginning import (
    FIRST_PASS_AFTER,
    identify,
    identify_soon,
    keep_identifying,
    wait_for_sources,
)
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.checkup import say_findings
from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.app.leading import holding_lease
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.serving import Bound, serving
from catalyst_dns_sync.app.signals import debug_on, event_on
from catalyst_dns_sync.control.election import Leadership
from catalyst_dns_sync.settings.model import Settings

log = logging.getLogger(__name__)

EVIDENCE_KEPT = 3600.0
"""Seconds that a standby remembers the end of an object: longer than a leader may fail to act."""

CHECK_WAITS = 60.0
"""Seconds for which the look around the daemon lets the first passes go first."""


async def main(settings: Settings, *, dry_run: bool) -> None:
    """Run the daemon until SIGTERM or SIGINT."""
    with (
        event_on(signal.SIGTERM, signal.SIGINT) as stop,
        event_on(signal.SIGHUP) as hangup,
        debug_on(signal.SIGUSR1),
    ):
        built = build(settings, dry_run=dry_run, lease_clock=clocks.wakeful)
        async with built as parts, asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(_reload_on(hangup, parts)),
                tasks.create_task(_check_once(parts)),
            ]
            await run(parts, stop)
            for task in beside:
                task.cancel()


async def run(
    parts: Parts,
    stop: asyncio.Event,
    ready: Callable[[Bound], None] = lambda _bound: None,
    *,
    listening: Callable[[Bound], None] = lambda _bound: None,
) -> None:
    """Run until ``stop`` is set; finish the changes under way, then end.

    ``listening`` is told once the probes are served, ``ready`` once each zone had its first pass.
    A task that fails ends the whole.
    """
    async with serving(parts) as bound:
        listening(bound)
        await work(parts, stop, lambda: ready(bound))


async def work(parts: Parts, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Do all of the daemon's work but serving; see `run`."""
    prepared = asyncio.Event()
    async with holding_lease(parts.elector, prepared) as written_all:
        if await _work(parts, stop, prepared, ready):
            written_all()
    log.info("stopped")


async def _work(
    parts: Parts, stop: asyncio.Event, prepared: asyncio.Event, ready: Callable[[], None]
) -> bool:
    """Work until ``stop`` is set; tell whether the last pass ended by itself."""
    grace = parts.settings.grace
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as deadline, asyncio.TaskGroup() as tasks:
            background = [
                *(tasks.create_task(reflector.run()) for reflector in parts.reflectors),
                *(tasks.create_task(leading) for leading in _leading(parts, prepared)),
                tasks.create_task(_say_when_ready(parts, ready)),
            ]
            if parts.previews is not None:
                background.append(tasks.create_task(parts.previews.run()))
            if parts.events is not None:
                background.append(tasks.create_task(parts.events.run()))
            background += [tasks.create_task(one) for one in _certificates(parts)]
            if parts.notifier is not None:
                background.append(tasks.create_task(parts.notifier.run()))
            for lane in parts.lanes:
                tasks.create_task(_in_lane(lane, lane.worker.run()))
            zones = (label for lane in parts.lanes for label in lane.labels.values())
            told = {"dry_run": True} if parts.actions.dry_run else {}
            log.info("started", extra={"zones": ",".join(zones), **told})
            await stop.wait()
            log.info("stopping")
            deadline.reschedule(loop.time() + grace)
            for task in background:
                task.cancel()
            for lane in parts.lanes:
                lane.worker.stop()
    except TimeoutError:
        log.warning("a pass did not end within the grace period", extra={"grace": grace})
        return False
    return True


def _leading(parts: Parts, prepared: asyncio.Event) -> list[Coroutine[object, object, None]]:
    """Return what beside the worker is done: from the start, or in turn with other instances."""
    if parts.elector is not None:
        return [_lead_in_turn(parts, parts.elector.leadership, prepared)]
    return [*_drift_watches(parts), _begin(parts)]


def _certificates(parts: Parts) -> list[Coroutine[object, object, None]]:
    found = parts.certificates
    if found is None:
        return []
    keeping = [found.keep_wildcards()] if found.keeps_wildcards else []
    return [*(reflector.run() for reflector in found.reflectors), *keeping]


def _drift_watches(parts: Parts) -> list[Coroutine[object, object, None]]:
    return [_in_lane(lane, lane.drift.run()) for lane in parts.lanes]


async def _in_lane(lane: Lane, work: Coroutine[object, object, None]) -> None:
    with lane.telling():
        await work


@asynccontextmanager
async def watching(parts: Parts) -> AsyncIterator[bool]:
    """Keep the sources true, and nothing else, while the block runs; it begins when all answered.

    For commands that make one plan or one pass. Nobody waits for a cluster for ever: yields whether
    it answered when it was asked who it is.
    """
    async with asyncio.TaskGroup() as tasks:
        running: list[asyncio.Task[None]] = [
            tasks.create_task(reflector.run()) for reflector in parts.reflectors
        ]
        if parts.previews is not None:
            running.append(tasks.create_task(parts.previews.run()))
        try:
            is_known = await identify_soon(parts)
            await wait_for_sources(parts)
            yield is_known
        finally:
            for task in running:
                task.cancel()


async def _say_when_ready(parts: Parts, ready: Callable[[], None]) -> None:
    await parts.wait_first_passes()
    log.info("every zone had its first pass")
    ready()


async def _begin(parts: Parts) -> None:
    """Let the first pass begin, and keep looking who we are as long as we are not told."""
    await identify(parts)
    parts.prepare()
    await wait_for_sources(parts)
    parts.begin()
    await keep_identifying(parts)


async def _lead_in_turn(parts: Parts, leadership: Leadership, prepared: asyncio.Event) -> None:
    """Work while this instance leads, and keep warm meanwhile.

    ``prepared`` is set once it could: until then the lease is for others.
    """
    _stand_aside(parts)
    await identify(parts)
    await wait_for_sources(parts)
    prepared.set()
    while True:
        await _stand_by(parts, leadership)
        for lane in parts.lanes:
            lane.worker.lead()
        async with asyncio.TaskGroup() as term:
            doing = [
                *(term.create_task(watch) for watch in _drift_watches(parts)),
                term.create_task(keep_identifying(parts)),
            ]
            await leadership.wait_over()
            for task in doing:
                task.cancel()
        _stand_aside(parts)


def _stand_aside(parts: Parts) -> None:
    for lane in parts.lanes:
        lane.worker.stand_by()


async def _stand_by(parts: Parts, leadership: Leadership) -> None:
    clock = asyncio.get_running_loop().time
    while not leadership.is_leader:
        try:
            async with asyncio.timeout(EVIDENCE_KEPT / 60):
                await leadership.wait_begun()
        except TimeoutError:
            for lane in parts.lanes:
                lane.reconciler.memory.forget_evidence(clock() - EVIDENCE_KEPT)


async def _reload_on(hangup: asyncio.Event, parts: Parts) -> None:
    """Read the token again, and look at every zone, each time that the event is set."""
    while True:
        await hangup.wait()
        hangup.clear()
        changed = any([await lane.backend.reload_token() for lane in parts.lanes])
        log.info("token read again", extra={"changed": changed})
        parts.begin()


async def _check_once(parts: Parts) -> None:
    """Say what is wrong, as the command `check` does, once a new pod is not refused any more.

    It reads whole zones, as the first passes do: those go first, unless they never end.
    """
    await asyncio.sleep(FIRST_PASS_AFTER)
    if not parts.stands_by:
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_WAITS):
                await parts.wait_first_passes()
    await say_findings(parts.settings)
