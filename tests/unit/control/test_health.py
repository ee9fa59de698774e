from collections.abc import Callable
from dataclasses import replace

import pytest

from catalyst_dns_sync.control.health import STUCK_AFTER, Part, liveness, readiness
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import StatusBoard
from catalyst_dns_sync.control.store import Store
from catalyst_dns_sync.core.plan import Plan
from fakes.values import ZONE

DONE = Outcome(Plan(ZONE, (), ()))


def listed(store: Store) -> None:
    store.replace([], began=0.0)


def lost(store: Store) -> None:
    store.replace([], began=0.0)
    store.mark_unknown("refused")


def never(store: Store) -> None:
    store.mark_unknown("refused")


def absent(store: Store) -> None:
    store.mark_absent("404")


def is_alive(board: StatusBoard, now: float) -> bool:
    return all(part.ok for part in liveness(board, now))


def synced(board: StatusBoard) -> None:
    board.succeeded(ZONE, DONE)


def unfinished(board: StatusBoard) -> None:
    board.succeeded(ZONE, replace(DONE, left=3))


def failing(board: StatusBoard) -> None:
    board.succeeded(ZONE, DONE)
    board.failed(ZONE, "timeout")


def never_reached(board: StatusBoard) -> None:
    board.failed(ZONE, "timeout")


def fresh(board: StatusBoard) -> None:
    assert board.zones[ZONE].outcome is None


@pytest.mark.parametrize(
    ("cluster", "dns", "source", "zone"),
    [
        pytest.param(listed, synced, (True, "synced"), (True, "synced"), id="all is well"),
        pytest.param(listed, unfinished, (True, "synced"), (True, "not all done yet"), id="large"),
        pytest.param(absent, synced, (True, "absent"), (True, "synced"), id="kind not served"),
        pytest.param(lost, synced, (False, "unknown"), (True, "synced"), id="cluster down"),
        pytest.param(never, synced, (False, "unknown"), (True, "synced"), id="never listed"),
        pytest.param(listed, failing, (True, "synced"), (False, "failing"), id="DNS down"),
        pytest.param(listed, never_reached, (True, "synced"), (False, "failing"), id="never up"),
        pytest.param(listed, fresh, (True, "synced"), (False, "not synced yet"), id="no pass yet"),
        pytest.param(lost, failing, (False, "unknown"), (False, "failing"), id="both down"),
        pytest.param(never, fresh, (False, "unknown"), (False, "not synced yet"), id="just begun"),
    ],
)
def test_readiness_needs_cluster_and_dns_and_liveness_needs_neither(
    cluster: Callable[[Store], None],
    dns: Callable[[StatusBoard], None],
    source: tuple[bool, str],
    zone: tuple[bool, str],
) -> None:
    store = Store("ingress", "Ingress", lambda: 0.0)
    board = StatusBoard([ZONE], lambda: 0.0)
    cluster(store)
    dns(board)

    parts = {part.part: (part.ok, part.state) for part in readiness(Sources([store]), board, 9.0)}
    reached = board.zones[ZONE].outcome is not None
    server = (True, "answering") if reached else (False, "not reached yet")

    assert parts == {
        "source/ingress": source,
        "loop": (True, "running"),
        "dns": server,
        "zone/lab.test": zone,
    }
    assert is_alive(board, 1e6)


def test_a_part_says_since_when_and_why() -> None:
    store = Store("ingress", "Ingress", lambda: 2.0, namespace="web")
    board = StatusBoard([ZONE], lambda: 3.0)
    lost(store)
    failing(board)

    assert readiness(Sources([store]), board, 10.0) == [
        Part(
            "source/ingress/web",
            ok=False,
            state="unknown",
            since=8.0,
            error="refused",
            last_error="refused",
            last_error_ago=8.0,
        ),
        Part("loop", ok=True, state="running", since=0.0),
        Part("dns", ok=True, state="answering", since=7.0),
        Part(
            "zone/lab.test",
            ok=False,
            state="failing",
            since=7.0,
            error="timeout",
            last_error="timeout",
            last_error_ago=7.0,
        ),
    ]


def test_a_part_that_is_well_again_still_says_its_last_error() -> None:
    store = Store("ingress", "Ingress", lambda: 2.0)
    board = StatusBoard([ZONE], lambda: 3.0)
    lost(store)
    listed(store)
    failing(board)
    synced(board)

    source, _, _, zone = readiness(Sources([store]), board, 10.0)

    assert (source.ok, source.error, source.last_error) == (True, "", "refused")
    assert (zone.ok, zone.error, zone.last_error, zone.last_error_ago) == (True, "", "timeout", 7.0)


def test_a_server_that_falls_silent_is_not_ready_whatever_it_said_before() -> None:
    board = StatusBoard([ZONE], lambda: 0.0, patience=60.0)
    synced(board)

    states = [readiness(Sources([]), board, now)[1].state for now in (29.0, 59.0, 60.0)]

    assert states == ["answering", "without an answer", "silent"]


def test_a_worker_that_never_comes_back_is_not_alive() -> None:
    board = StatusBoard([ZONE], lambda: 0.0)
    assert liveness(board, 1e6) == [
        Part("loop", ok=True, state="turning", since=1e6),
        Part("worker", ok=True, state="idle", since=0.0),
    ]

    board.working_since = 100.0

    assert is_alive(board, 100.0 + STUCK_AFTER - 1)
    assert not is_alive(board, 100.0 + STUCK_AFTER)
