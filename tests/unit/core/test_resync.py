import pytest

from catalyst_dns_sync.core.resync import ResyncPace


@pytest.mark.parametrize(
    ("changes", "quiet", "seconds"),
    [
        pytest.param(11, 0.0, 15.0, id="busy"),
        pytest.param(10, 0.0, 300.0, id="not that busy"),
        pytest.param(0, 3599.0, 300.0, id="normal"),
        pytest.param(0, 3600.0, 1800.0, id="an hour of silence"),
    ],
)
def test_zones_are_read_again_as_often_as_they_change(
    changes: int, quiet: float, seconds: float
) -> None:
    assert ResyncPace().interval(changes, quiet) == seconds
