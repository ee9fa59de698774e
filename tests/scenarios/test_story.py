"""One day in a minute, and what the metrics say of it: each number is known beforehand."""

import re
from datetime import UTC, datetime

import pytest

from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from fakes.world import ZONE, Running, World, running, settle, world

pytestmark = pytest.mark.looptime

FLAGS = re.MULTILINE
SERIES = re.compile(r"^catalyst_dns_sync_(\w+?)(?:\{(.*)\})? (\S+)$", FLAGS)
WEEK = {"catalyst-dns-sync.io/ttl": "7d"}
ELSEWHERE = {"catalyst-dns-sync.io/target": "192.0.2.7"}


async def series(daemon: Running) -> dict[str, float]:
    _, text = await daemon.get("/metrics")
    return {
        f"{name}{{{labels}}}".replace('"', "").replace("{}", ""): float(value)
        for name, labels, value in SERIES.findall(text)
    }


def summed(found: dict[str, float], *parts: str) -> float:
    return sum(value for name, value in found.items() if all(part in name for part in parts))


async def shorten_expiry(here: World) -> None:
    """Let the zone take no TTL above an hour."""
    await here.console(
        "zones/records/update",
        zone=ZONE,
        domain=ZONE,
        type="SOA",
        primaryNameServer="ns.lab.test",
        responsiblePerson="admin.lab.test",
        serial="0",
        refresh="900",
        retry="300",
        expire="3600",
        minimum="60",
    )


async def test_the_first_metrics_after_a_story_with_a_refusal_and_an_outage() -> None:
    async with world() as here:
        await shorten_expiry(here)
        async with running(here) as daemon:
            # Not at the moment of a look for drift, which comes every 15 s.
            await settle(37)
            before = await series(daemon)
            asked = here.dns.traffic.calls.copy()

            here.route("one", "Host(`one.lab.test`)", "web")
            here.route("two", "Host(`two.lab.test`)", "web")
            here.ingress("three", "three.lab.test", "media")
            await settle(20)
            here.route("one", "Host(`one.lab.test`)", "web", annotations=ELSEWHERE)
            await settle(20)
            here.delete_route("two", "web")
            here.delete_ingress("three", "media")
            await settle(20)
            here.ingress("week", "week.lab.test", "media", annotations=WEEK)
            await settle(20)
            refused = await series(daemon)
            here.delete_ingress("week", "media")
            await settle(60)

            here.dns_faults.add(Fault(Kind.RESET, times=None))
            here.route("late", "Host(`one.lab.test`)", "web", annotations=ELSEWHERE)
            await settle(20)
            during = await series(daemon)
            here.dns_faults.clear()
            await settle(60)
            after = await series(daemon)
            calls = here.dns.traffic.calls - asked

    assert {name: value for name, value in before.items() if "records_total" in name} == {
        "records_total{status=created,zone=lab.test}": 0,
        "records_total{status=updated,zone=lab.test}": 0,
        "records_total{status=deleted,zone=lab.test}": 0,
    }
    assert {name: value for name, value in after.items() if "records_total" in name} == {
        "records_total{status=created,zone=lab.test}": 3,
        "records_total{status=updated,zone=lab.test}": 1,
        "records_total{status=deleted,zone=lab.test}": 2,
    }
    assert {name: value for name, value in after.items() if "ingress_resources" in name} == {
        "ingress_resources{namespace=web,type=ingressroute}": 2
    }
    assert after["managed_records{type=A,zone=lab.test}"] == 1
    rejected = "reconcile_errors_total{error_type=rejected,resource_type=zone}"
    unavailable = "reconcile_errors_total{error_type=unavailable,resource_type=zone}"
    assert before[rejected] == before[unavailable] == refused[unavailable] == 0
    assert refused[rejected] >= 2
    assert during[unavailable] >= 3
    assert after[unavailable] == during[unavailable]
    assert after["propagation_seconds_count"] == 3
    assert after["source_synced{type=ingress}"] == 1

    # What we counted as answered is what the server counted, call by call.
    for path, count in calls.items():
        endpoint = f"endpoint={path.removeprefix('/api/')},"
        answered = [
            summed(found, "api_requests_total", endpoint)
            - summed(found, "api_requests_total", endpoint, "status_code=connection")
            for found in (before, after)
        ]
        assert answered[1] - answered[0] == count, path
    add = "api_requests_total{endpoint=zones/records/add,method=POST,status_code=error}"
    assert refused[add] == refused[rejected]
    assert summed(during, "status_code=connection") >= 3
    assert summed(after, "status_code=connection") == summed(during, "status_code=connection")
    assert summed(after, "api_request_duration_seconds_count") == summed(
        after, "api_requests_total"
    )
    passes = "reconcile_duration_seconds_count{resource_type=zone}"
    assert after[passes] == daemon.parts.worker._passes


async def test_the_time_of_the_last_success_stands_still_while_a_zone_is_out_of_reach() -> None:
    async with world() as here, running(here) as daemon:
        await settle(60)
        ages = [await age(daemon)]
        here.dns_faults.add(Fault(Kind.HANG, times=None))
        await settle(120)
        ages.append(await age(daemon))
        here.dns_faults.clear()
        await settle(60)
        ages.append(await age(daemon))

    assert ages[0] <= 16
    assert 120 <= ages[1] <= 136
    assert ages[2] <= 16


async def age(daemon: Running) -> float:
    _, text = await daemon.get("/metrics")
    (found,) = re.findall(r"^catalyst_dns_sync_last_success_timestamp_seconds (\S+)$", text, FLAGS)
    return datetime.now(UTC).timestamp() - float(found)
