"""Liveness and readiness, as functions of what is known and of the time."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard, ZoneStatus
from catalyst_dns_sync.control.store import SourceState, Store

STUCK_AFTER = 900.0
"""Seconds after which a pass that does not end means that the process should be restarted."""


@dataclass(frozen=True, slots=True)
class Part:
    """The health of one part.

    ``since`` is how many seconds it has been so, and ``last_error_ago`` how many seconds ago the
    last error was met; that one stays when all is well again, ``error`` does not.
    """

    part: str
    ok: bool
    state: str
    since: float
    error: str = ""
    last_error: str = ""
    last_error_ago: float | None = None


def liveness(board: StatusBoard, now: float, others: Sequence[StatusBoard] = ()) -> list[Part]:
    """Tell whether this process works; nothing outside of it counts.

    That the loop turns is shown by the answer itself. ``others`` are of further servers.
    """
    loop = Part("loop", ok=True, state="turning", since=now - board.started_at)
    return [loop, *(_worker(one, now) for one in (board, *others))]


def _worker(board: StatusBoard, now: float) -> Part:
    part = f"worker/{board.server}" if board.server else "worker"
    if board.working_since is None:
        return Part(part, ok=True, state="idle", since=0.0)
    busy = now - board.working_since
    state = "busy" if busy < STUCK_AFTER else "stuck in one pass"
    return Part(part, ok=busy < STUCK_AFTER, state=state, since=busy)


def readiness(
    sources: Sources,
    board: StatusBoard,
    now: float,
    *,
    others: Sequence[StatusBoard] = (),
    paused: bool = False,
    stands_by: bool = False,
) -> list[Part]:
    """Tell, part by part, whether the sources are synced and each zone was reached lately.

    A pause is a person's wish, and no trouble. An instance that stands by for the leader is ready
    when it could take over: what the DNS server does is the leader's to tell. ``others`` are of
    further servers.
    """
    parts = [_source(store, now) for store in sources.stores]
    if stands_by:
        return [*parts, Part("loop", ok=True, state="standby", since=0.0)]
    parts.append(Part("loop", ok=True, state="paused" if paused else "running", since=0.0))
    for one in (board, *others):
        parts.append(_server(one, now))
        parts += [_zone(one.server, status, now) for status in one.zones.values()]
    return parts


def _source(store: Store, now: float) -> Part:
    return Part(
        f"source/{store.source}" + (f"/{store.namespace}" if store.namespace else ""),
        ok=store.state is not SourceState.UNKNOWN,
        state=store.state.value,
        since=now - store.since,
        error=store.error,
        last_error=store.last_error,
        last_error_ago=_ago(store.last_error_at, now),
    )


def _server(board: StatusBoard, now: float) -> Part:
    part = f"dns/{board.server}" if board.server else "dns"
    if board.answered_at is None:
        return Part(part, ok=False, state="not reached yet", since=now - board.started_at)
    silent = now - board.answered_at
    if silent >= board.patience:
        return Part(part, ok=False, state="silent", since=silent)
    if silent >= board.patience / 2:
        return Part(part, ok=True, state="without an answer", since=silent)
    return Part(part, ok=True, state="answering", since=now - board.answering_since)


def _zone_state(status: ZoneStatus) -> str:
    if status.error:
        return "failing"
    if status.outcome is None:
        return "not synced yet"
    # A pass ends after some seconds, and is followed by another.
    return "not all done yet" if status.outcome.left else "synced"


def _zone(server: str, status: ZoneStatus, now: float) -> Part:
    return Part(
        f"zone/{status.zone}" + (f"@{server}" if server else ""),
        ok=status.outcome is not None and not status.error,
        state=_zone_state(status),
        since=now - status.since,
        error=status.error,
        last_error=status.last_error,
        last_error_ago=_ago(status.last_error_at, now),
    )


def _ago(then: float | None, now: float) -> float | None:
    return None if then is None else now - then
