"""Liveness and readiness, as functions of what is known and of the time."""

from dataclasses import dataclass

from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import SourceState

STUCK_AFTER = 900.0
"""Seconds after which a pass that does not end means that the process should be restarted."""


@dataclass(frozen=True, slots=True)
class Part:
    """The health of one part; ``since`` is how many seconds it has been so."""

    part: str
    ok: bool
    state: str
    since: float
    error: str = ""


def liveness(board: StatusBoard, now: float) -> Part:
    """Tell whether this process works; nothing outside of it counts."""
    if board.working_since is None:
        return Part("worker", ok=True, state="idle", since=0.0)
    busy = now - board.working_since
    return Part("worker", ok=busy < STUCK_AFTER, state="busy", since=busy)


def readiness(
    sources: Sources,
    board: StatusBoard,
    now: float,
    *,
    paused: bool = False,
    stands_by: bool = False,
) -> list[Part]:
    """Tell, part by part, whether the sources are synced and each zone was reached lately.

    A pause is a person's wish, and no trouble. An instance that stands by for the leader is ready
    when it could take over: what the DNS server does is the leader's to tell.
    """
    parts = [
        Part(
            f"source/{store.source}" + (f"/{store.namespace}" if store.namespace else ""),
            ok=store.state is not SourceState.UNKNOWN,
            state=store.state.value,
            since=now - store.since,
            error=store.error,
        )
        for store in sources.stores
    ]
    if stands_by:
        return [*parts, Part("loop", ok=True, state="standby", since=0.0)]
    parts.append(Part("loop", ok=True, state="paused" if paused else "running", since=0.0))
    parts.append(_server(board, now))
    for status in board.zones.values():
        ok = status.outcome is not None and not status.error
        state = "synced" if ok else "failing" if status.error else "not synced yet"
        parts.append(
            Part(f"zone/{status.zone}", ok, state, since=now - status.since, error=status.error)
        )
    return parts


def _server(board: StatusBoard, now: float) -> Part:
    if board.answered_at is None:
        return Part("dns", ok=False, state="not reached yet", since=now - board.started_at)
    silent = now - board.answered_at
    ok = silent < board.patience
    return Part("dns", ok=ok, state="answers" if ok else "silent", since=silent)
