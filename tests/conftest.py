"""What all tests share: missing programs are named, and nothing sleeps for real unawares."""

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import groupby

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

# Few examples in each run, and others in the next; HYPOTHESIS_PROFILE=thorough tries many.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

KUBECONFIG_READERS = {"login_for", "_kubeconfig_login", "load", "renew", "<genexpr>"}
SANDBOX_STARTERS = {"run_sandbox", "_kubeconfig_file"}
# Virtual time stands still for so many idle rounds of the loop: bytes between two sockets of one
# machine need one. The library's 42 are a third of what the longer scenarios cost.
IDLE_ROUNDS = 8
# Seconds: tests whose time limit is as high may take long, and begin first.
LONG = 90


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("looptime"):
            item.add_marker(pytest.mark.looptime(noop_cycles=IDLE_ROUNDS))
        for marker in item.iter_markers("tool"):
            missing = [name for name in marker.args if shutil.which(name) is None]
            if missing:
                reason = f"not on this machine: {', '.join(missing)} (make test-tools)"
                item.add_marker(pytest.mark.skip(reason=reason))
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        items[:] = _long_first(items, workers)


def _long_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Put long tests where a worker begins: none of them shall end alone with such a one.

    The workers begin with equal parts of the list, and steal from the ends of the others' parts.
    """
    rest = [item for item in items if _limit(item) < LONG]
    files = [list(group) for _, group in groupby(items, lambda item: item.path)]
    beginnings: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for file in sorted(files, key=lambda file: -sum(map(_limit, file))):
        least = min(beginnings, key=lambda beginning: sum(map(_limit, beginning)))
        least.extend(item for item in file if _limit(item) >= LONG)
    found: list[pytest.Item] = []
    for number, beginning in enumerate(beginnings):
        size = (len(items) - len(found)) // (workers - number) - len(beginning)
        found += [*beginning, *rest[:size]]
        del rest[:size]
    return found


def _limit(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


def pytest_collection_finish() -> None:
    # What was collected lives as long as the tests: no use in looking for garbage there.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait for processes that have other things to do."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True, scope="session")
def _no_blocking_call_in_async_code() -> Iterator[None]:
    with blockbuster_ctx("catalyst_dns_sync") as blockbuster:
        for function in blockbuster.functions.values():
            # kubernetes_asyncio reads its small local files where it stands: at the start, and
            # once a minute to renew a login.
            function.can_block_in("catalyst_dns_sync/kube/config.py", KUBECONFIG_READERS)
            function.can_block_in("catalyst_dns_sync/app/sandbox.py", SANDBOX_STARTERS)
            # /proc is no disk: what is read there when metrics are asked for waits for nothing.
            function.can_block_in("catalyst_dns_sync/telemetry/metrics.py", {"render"})
        yield
