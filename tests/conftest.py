"""What all tests share: missing programs are named, and nothing sleeps for real unawares."""

import shutil

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("tool"):
            missing = [name for name in marker.args if shutil.which(name) is None]
            if missing:
                reason = f"not on this machine: {', '.join(missing)} (make test-tools)"
                item.add_marker(pytest.mark.skip(reason=reason))
