"""Runs the daemon: starts its tasks, waits for the signal, stops them in order."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from catalyst_dns_sync.app import clocks
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.checkup import say_findings
from catalyst_dns_sync.app.console import console_apps
from catalyst_dns_sync.app.controls import controls_of
from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.app.leading import holding_lease
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.control.election import Leadership
from catalyst_dns_sync.control.health import liveness, readiness
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.kube.api import cluster_id
from catalyst_dns_sync.kube.errors import KubeError
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.parsers import Address
from catalyst_dns_sync.telemetry import logs
from catalyst_dns_sync.web.control import LogLevel, control_app, serve_socket
from catalyst_dns_sync.web.ops import metrics_app, probes_app
from catalyst_dns_sync.web.records import add_record_routes
from catalyst_dns_sync.web.server import serve

log = logging.getLogger(__name__)

FIRST_PASS_AFTER = 5.0
"""Seconds that the first pass waits at most for sources that do not answer."""

IDENTITY_RETRY = 1.0
IDENTITY_RECHECK = 60.0

EVIDENCE_KEPT = 3600.0
"""Seconds that a standby remembers the end of an object: longer than a leader may fail to act."""


class PortInUseError(CatalystError):
    """A port that we should listen on is taken."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The ports that are served."""

    metrics: int
    probes: int
    ui: int


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
            log.info("started", extra={"zones": ",".join(zones)})
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
            is_known = await _identify_soon(parts)
            await _sources_answered(parts)
            yield is_known
        finally:
            for task in running:
                task.cancel()


@contextmanager
def event_on(*signals: signal.Signals) -> Iterator[asyncio.Event]:
    """Yield an event that each of the signals sets."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    for number in signals:
        loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def debug_on(number: signal.Signals) -> Iterator[None]:
    """Let the signal switch the log to debug, and the next one back, while the block runs."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, lambda: _say_level(logs.toggle_debug()))
    try:
        yield
    finally:
        loop.remove_signal_handler(number)


def _set_level(level: str) -> None:
    logs.set_level(level)
    _say_level(level)


def _say_level(level: str) -> None:
    log.warning("log level changed", extra={"log_level": level})


@asynccontextmanager
async def serving(parts: Parts) -> AsyncIterator[Bound]:
    """Serve metrics and probes while the block runs; yields their ports."""
    clock = asyncio.get_running_loop().time
    metrics = metrics_app(parts.metrics.render)
    apps = (
        ("METRICS_BIND_ADDRESS", parts.settings.metrics_bind_address, metrics),
        (
            "HEALTH_PROBE_ADDRESS",
            parts.settings.health_probe_address,
            probes_app(
                lambda: liveness(parts.board, clock(), parts.boards[1:]),
                lambda: readiness(
                    parts.sources,
                    parts.board,
                    clock(),
                    others=parts.boards[1:],
                    paused=parts.reconciler.paused,
                    stands_by=parts.stands_by,
                ),
            ),
        ),
        *console_apps(parts, metrics),
    )
    async with AsyncExitStack() as stack:
        await _serve_control(parts, stack)
        ports: list[int] = []
        for setting, address, app in apps:
            try:
                port = await stack.enter_async_context(serve(app, address.host, address.port))
            except OSError as error:
                raise PortInUseError(
                    f"{setting}: can't listen on {_shown(address)}: {error.strerror or error}"
                ) from error
            ports.append(port)
        # Pages that have no port of their own are beside the metrics.
        yield Bound(ports[0], ports[1], ui=ports[2] if ports[2:] else ports[0])


async def _serve_control(parts: Parts, stack: AsyncExitStack) -> None:
    path = parts.settings.control_socket
    level = LogLevel(logs.LEVELS, logs.level, _set_level)
    app = control_app(controls_of(parts.lanes), parts.begin, level, lambda: parts.other_leader)
    add_record_routes(app, {lane.name: lane.actions for lane in parts.lanes})
    try:
        await stack.enter_async_context(serve_socket(app, path))
    except OSError as error:
        # What it is for can wait; the records can't.
        extra = {"socket": str(path), "error": str(error)}
        log.warning("release, pause and resume can't reach this daemon", extra=extra)


async def _say_when_ready(parts: Parts, ready: Callable[[], None]) -> None:
    for board in parts.boards:
        await board.wait_first_passes()
    log.info("every zone had its first pass")
    ready()


async def _begin(parts: Parts) -> None:
    """Let the first pass begin, and keep looking who we are as long as we are not told."""
    await _identify(parts)
    await _sources_answered(parts)
    parts.begin()
    await _keep_identifying(parts)


async def _lead_in_turn(parts: Parts, leadership: Leadership, prepared: asyncio.Event) -> None:
    """Work while this instance leads, and keep warm meanwhile.

    ``prepared`` is set once it could: until then the lease is for others.
    """
    _stand_aside(parts)
    await _identify(parts)
    await _sources_answered(parts)
    prepared.set()
    while True:
        await _stand_by(parts, leadership)
        for lane in parts.lanes:
            lane.worker.lead()
        async with asyncio.TaskGroup() as term:
            doing = [
                *(term.create_task(watch) for watch in _drift_watches(parts)),
                term.create_task(_keep_identifying(parts)),
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
                lane.reconciler.forget_evidence(clock() - EVIDENCE_KEPT)


async def _keep_identifying(parts: Parts) -> None:
    """Go on looking who we are as long as we are not told."""
    while parts.reconciler.identity.cluster is None:
        await asyncio.sleep(IDENTITY_RECHECK)
        try:
            await _learn(parts)
        except KubeError:
            continue
        if parts.reconciler.identity.cluster is not None:
            # What was taken for another cluster's is ours.
            parts.begin()


async def _reload_on(hangup: asyncio.Event, parts: Parts) -> None:
    """Read the token again, and look at every zone, each time that the event is set."""
    while True:
        await hangup.wait()
        hangup.clear()
        changed = any([await lane.backend.reload_token() for lane in parts.lanes])
        log.info("token read again", extra={"changed": changed})
        parts.begin()


async def _check_once(parts: Parts) -> None:
    """Say what is wrong, as the command `check` does, once a new pod is not refused any more."""
    await asyncio.sleep(FIRST_PASS_AFTER)
    await say_findings(parts.settings)


async def _identify(parts: Parts) -> None:
    """Learn the cluster's id; return without it when we are not permitted to read it."""
    began = asyncio.get_running_loop().time()
    while True:
        try:
            await _learn(parts)
        except KubeError:
            await asyncio.sleep(IDENTITY_RETRY)
            continue
        waited = asyncio.get_running_loop().time() - began
        # A new pod is refused for a while: so a refusal counts only once it has lasted.
        if parts.reconciler.identity.cluster is not None or waited >= FIRST_PASS_AFTER:
            break
        await asyncio.sleep(IDENTITY_RETRY)
    if parts.reconciler.identity.cluster is None:
        log.warning(
            "the namespace kube-system may not be read: records are marked without the cluster's "
            "id, and records of this owner that have one are left alone"
        )


async def _identify_soon(parts: Parts) -> bool:
    """Learn the cluster's id, if the cluster answers within a while; tell whether it did."""
    try:
        async with asyncio.timeout(2 * FIRST_PASS_AFTER):
            await _identify(parts)
    except TimeoutError:
        return False
    return True


async def _learn(parts: Parts) -> None:
    cluster = await cluster_id(parts.kube)
    if cluster is not None:
        for lane in parts.lanes:
            lane.reconciler.identity = replace(lane.reconciler.identity, cluster=cluster)
        log.info("cluster identified", extra={"cluster": cluster})


async def _sources_answered(parts: Parts) -> None:
    try:
        async with asyncio.timeout(FIRST_PASS_AFTER):
            await parts.sources.wait_answered()
    except TimeoutError:
        silent = [store.source for store in parts.sources.stores if not store.answered]
        log.warning("not every source answered yet", extra={"sources": ",".join(silent)})


def _shown(address: Address) -> str:
    return f"{address.host or ''}:{address.port}"
