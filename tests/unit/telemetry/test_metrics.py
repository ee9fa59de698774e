import subprocess

import pytest

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.telemetry.helptexts import HELP
from catalyst_dns_sync.telemetry.metrics import Metrics

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def metrics() -> Metrics:
    return Metrics([parse_name("lab.test")], ["ingress", "ingressroute"], commit="abc")


def test_every_metric_says_what_to_conclude() -> None:
    described = {one.name.removeprefix("catalyst_dns_sync_") for one in metrics().described}

    assert described == set(HELP)


@pytest.mark.parametrize("accept", ["", "*/*", OPEN_METRICS, "text/plain; version=x", "\u00ff;=,"])
def test_whatever_form_is_asked_for_there_is_an_answer(accept: str) -> None:
    body, content_type = metrics().render(accept)

    assert body.endswith(b"# EOF\n") == (accept == OPEN_METRICS)
    assert content_type.startswith(("text/plain", "application/openmetrics-text"))


@pytest.mark.tool("promtool")
def test_promtool_has_nothing_to_say_against_the_metrics() -> None:
    here = metrics()
    here.resources.labels("web", "ingress").set(1)
    body, _ = here.render("")

    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=body,
        capture_output=True,
        check=False,
    )

    assert body.count(b"# HELP") > 20
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
