"""A real Prometheus scrapes a real run: the metrics, the alert rules and every panel's query."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from fakes.processes import program
from fakes.world import TARGET, ZONE, Running, World, running, world

MONITORING = Path(__file__).parent.parent.parent / "manifests" / "monitoring"
WINDOW = "20s"
"""Longer than the story, so that all of it is in every rate."""

CONFIG = """
global: {{scrape_interval: 250ms, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
- job_name: catalyst-dns-sync
  honor_labels: true
  static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus that runs."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str, **params: str) -> Any:
        url = f"{self.url}/api/v1/{path}"
        async with self.session.get(url, params=params) as response:
            body = await response.json()
        assert body["status"] == "success", body
        return body["data"]

    async def query(self, expression: str) -> dict[str, float]:
        """Return the values now, by their labels."""
        found = (await self.get("query", query=expression))["result"]
        return {_labels(one["metric"]): float(one["value"][1]) for one in found}

    async def wait_until(self, expression: str, wanted: dict[str, float]) -> None:
        async with asyncio.timeout(30):
            while await self.query(expression) != wanted:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.1)


def _labels(metric: dict[str, str]) -> str:
    left_out = {"__name__", "job", "instance"}
    return ",".join(f"{key}={metric[key]}" for key in sorted(metric.keys() - left_out))


@asynccontextmanager
async def prometheus(folder: Path, port: int) -> AsyncIterator[Prometheus]:
    """Let a Prometheus scrape the port while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        own = free.getsockname()[1]
    file = folder / "prometheus.yml"
    file.write_text(CONFIG.format(port=port, rules=MONITORING / "alerts.yaml"))
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{own}",
        "--log.level=error",
    )
    try:
        async with aiohttp.ClientSession() as session:
            here = Prometheus(f"http://127.0.0.1:{own}", session)
            async with asyncio.timeout(30):
                while not await _is_ready(here):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.05)
            yield here
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(here: Prometheus) -> bool:
    try:
        async with here.session.get(f"{here.url}/-/ready") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def story(here: World, daemon: Running, seen: Prometheus) -> None:
    """Three names made, one moved, two removed, one refused, one edited by hand, an outage."""
    records = "catalyst_dns_sync_records_total"
    await here.by_hand(f"taken.{ZONE}", "192.0.2.9")
    for number in range(3):
        here.route(f"r{number}", f"Host(`r{number}.{ZONE}`)")
    here.ingress("taken", f"taken.{ZONE}")
    await seen.wait_until(f'{records}{{status="created"}}', {f"status=created,zone={ZONE}": 3})
    here.route("r0", f"Host(`r0.{ZONE}`)", annotations={"catalyst-dns-sync.io/target": "192.0.2.7"})
    await seen.wait_until(f'{records}{{status="updated"}}', {f"status=updated,zone={ZONE}": 1})
    here.delete_route("r1")
    here.delete_route("r2")
    await seen.wait_until(f'{records}{{status="deleted"}}', {f"status=deleted,zone={ZONE}": 2})
    await here.console(
        "zones/records/delete", zone=ZONE, domain=f"r0.{ZONE}", type="A", ipAddress="192.0.2.7"
    )
    await seen.wait_until(f'{records}{{status="created"}}', {f"status=created,zone={ZONE}": 4})
    here.dns_faults.add(Fault(Kind.RESET, times=None))
    daemon.parts.worker.begin()
    connection = 'sum(catalyst_dns_sync_api_requests_total{status_code="connection"}) > bool 0'
    await seen.wait_until(connection, {"": 1})
    here.dns_faults.clear()


@pytest.mark.timeout(90)
@pytest.mark.tool("prometheus", "promtool")
async def test_a_real_prometheus_sees_the_story_and_no_panel_is_without_data(
    tmp_path: Path,
) -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    async with (
        world() as here,
        running(here, drift_interval=0.5) as daemon,
        prometheus(tmp_path, daemon.bound.metrics) as seen,
    ):
        await story(here, daemon, seen)
        _, text = await daemon.get("/metrics")
        values = {
            name: await seen.query(f"catalyst_dns_sync_{name}")
            for name in ("records_total", "ingress_resources", "managed_records", "source_synced")
        }
        skips = await seen.query("catalyst_dns_sync_skips > 0")
        calls = await seen.query("sum by (status_code) (catalyst_dns_sync_api_requests_total) > 0")
        timed = await seen.query(
            "sum(catalyst_dns_sync_api_requests_total)"
            " == bool sum(catalyst_dns_sync_api_request_duration_seconds_count)"
        )
        errors = await seen.query("catalyst_dns_sync_reconcile_errors_total > 0")
        passes = await seen.query("catalyst_dns_sync_reconcile_duration_seconds_count > 3")
        empty = [
            panel["title"]
            for panel in dashboard["panels"]
            for target in panel.get("targets", ())
            if not has_data(await seen.query(as_asked(target["expr"])))
        ]
        jobs = await seen.get("label/job/values", **{"match[]": "catalyst_dns_sync_build_info"})
        rules = (await seen.get("rules"))["groups"][0]["rules"]

    assert values == {
        "records_total": {
            f"status=created,zone={ZONE}": 4,
            f"status=updated,zone={ZONE}": 1,
            f"status=deleted,zone={ZONE}": 2,
        },
        "ingress_resources": {
            "namespace=default,type=ingress": 1,
            "namespace=default,type=ingressroute": 1,
        },
        "managed_records": {
            f"type=A,zone={ZONE}": 1,
            f"type=AAAA,zone={ZONE}": 0,
            f"type=CNAME,zone={ZONE}": 0,
            f"type=PTR,zone={ZONE}": 0,
        },
        "source_synced": {"type=ingress": 1, "type=ingressroute": 1, "type=ingressroutetcp": 1},
    }
    assert skips == {"reason=not-ours": 1}
    assert set(calls) == {"status_code=200", "status_code=connection"}
    assert timed == {"": 1}
    assert "error_type=unavailable,resource_type=zone" in errors
    assert set(passes) == {"resource_type=zone"}
    assert empty == []
    assert jobs == ["catalyst-dns-sync"]
    assert len(rules) == 9
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    assert TARGET not in text
    checked = await program("promtool", "check", "metrics", stdin=text)
    assert (checked.code, checked.out + checked.err) == (0, "")


def as_asked(query: str) -> str:
    """Return a panel's query with Grafana's variables filled in."""
    for variable, value in (("$__rate_interval", WINDOW), ("$job", ".*"), ("$zone", ".*")):
        query = query.replace(variable, value)
    assert "$" not in query
    return query


def has_data(found: dict[str, float]) -> bool:
    return any(value == value for value in found.values())  # noqa: PLR0124 (that is how NaN is found)


@pytest.mark.tool("promtool")
async def test_each_alert_fires_in_its_story_and_not_in_the_quiet_one() -> None:
    checked = await program("promtool", "check", "rules", str(MONITORING / "alerts.yaml"))
    tested = await program("promtool", "test", "rules", str(MONITORING / "alerts_test.yaml"))

    assert checked.code == 0, checked.out + checked.err
    assert tested.code == 0, tested.out + tested.err


def test_each_alert_has_its_chapter_in_the_runbook() -> None:
    runbook = (MONITORING.parent.parent / "docs" / "runbook.md").read_text()
    rules = (MONITORING / "alerts.yaml").read_text()
    links = [line.split("#")[1] for line in rules.splitlines() if "runbook_url:" in line]
    names = [line.split()[-1] for line in rules.splitlines() if "- alert:" in line]
    chapters = {line.strip("# ").lower().replace(" ", "-") for line in runbook.splitlines()}

    assert len(links) == len(names) == 9
    assert [link for link in links if link not in chapters] == []
    assert [name for name in names if name not in runbook] == []
