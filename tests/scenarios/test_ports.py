"""The ports that are open to the network only tell; nothing can be done through them."""

import aiohttp
import pytest

from fakes.world import running, settle, world

pytestmark = pytest.mark.looptime

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/healthz", "/api/v1/release"])
async def test_no_write_is_taken_on_the_ports_for_metrics_and_probes(path: str) -> None:
    async with world() as here, running(here) as daemon, aiohttp.ClientSession() as session:
        for port in (daemon.bound.metrics, daemon.bound.probes):
            for method in WRITES:
                url = f"http://127.0.0.1:{port}{path}"
                async with session.request(method, url, json={"names": []}) as response:
                    assert response.status in (404, 405)


async def test_metrics_come_in_the_form_that_is_asked_for() -> None:
    async with world() as here, running(here) as daemon, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{daemon.bound.metrics}/metrics"
        async with session.get(url) as response:
            plain = await response.text()
        accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
        async with session.get(url, headers=accept) as response:
            open_metrics = await response.text()

    assert not plain.endswith("# EOF\n")
    assert open_metrics.endswith("# EOF\n")


async def test_every_series_is_there_from_the_start() -> None:
    async with world() as here, running(here) as daemon:
        _, before = await daemon.get("/metrics")
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)
        here.delete_route("app")
        await settle(60)
        _, after = await daemon.get("/metrics")

    ours = [_series(text) for text in (before, after)]
    new = {name for name in ours[1] - ours[0] if "ingress_resources" not in name}
    assert new == set()


def _series(text: str) -> set[str]:
    return {
        line.rpartition(" ")[0]
        for line in text.splitlines()
        if line.startswith("catalyst_dns_sync")
    }
