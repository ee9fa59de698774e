"""What all tests share: missing programs are named, and nothing sleeps for real unawares."""

import gc
import os
import shutil
from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

# Few examples in each run, and others in the next; HYPOTHESIS_PROFILE=thorough tries many.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

KUBECONFIG_READERS = {"login_for", "_kubeconfig_login", "load", "renew", "<genexpr>"}
SANDBOX_STARTERS = {"run_sandbox", "_kubeconfig_file"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("tool"):
            missing = [name for name in marker.args if shutil.which(name) is None]
            if missing:
                reason = f"not on this machine: {', '.join(missing)} (make test-tools)"
                item.add_marker(pytest.mark.skip(reason=reason))


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
