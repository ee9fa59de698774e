"""The worst minutes: servers away, tokens revoked, zones gone; and what is said of them."""

import json
import logging

import pytest

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from catalyst_dns_sync.settings.parsers import Secret
from fakes.world import ZONE, Running, World, running, settle, world

pytestmark = pytest.mark.looptime

EVERYTHING = 100_000


def dns_down(here: World, kind: Kind = Kind.RESET) -> None:
    here.dns_faults.add(Fault(kind, times=None))


async def parts_of(daemon: Running) -> dict[str, dict[str, object]]:
    _, body = await daemon.get("/readyz")
    return {part["part"]: part for part in json.loads(body)["parts"]}


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.HANG, Kind.STATUS, Kind.CUT])
async def test_a_dns_server_that_is_away_comes_back_within_a_step_of_the_backoff(
    kind: Kind,
) -> None:
    async with world() as here:
        async with running(here) as daemon:
            here.route("first", "Host(`first.lab.test`)")
            await settle(5)
            dns_down(here, kind)
            here.route("second", "Host(`second.lab.test`)")
            await settle(60)
            during, _ = await daemon.get("/readyz")
            alive, _ = await daemon.get("/healthz")
            here.dns_faults.clear()
            await settle(40)
            after, _ = await daemon.get("/readyz")

        assert (during, alive, after) == (503, 200, 200)
        assert here.names() == {"first.lab.test", "second.lab.test"}


async def test_a_dns_server_that_is_away_at_the_start_is_waited_for() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        dns_down(here)
        async with running(here, wait=False) as daemon:
            await settle(300)
            during = await parts_of(daemon)
            here.dns_faults.clear()
            await settle(40)
            after, _ = await daemon.get("/readyz")

        assert during["zone/lab.test"]["state"] == "failing"
        assert during["source/ingressroute"]["state"] == "synced"
        assert after == 200
        assert here.names() == {"app.lab.test"}


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_an_api_server_that_refuses_at_the_start_is_waited_for(status: int) -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        here.api.faults.answer(status, times=EVERYTHING)
        async with running(here, wait=False) as daemon:
            await settle(300)
            during, _ = await daemon.get("/readyz")
            asked = here.api.request_counts.total()
            here.api.faults.clear()
            await settle(70)
            after, _ = await daemon.get("/readyz")

        assert (during, after) == (503, 200)
        assert asked < 4 * 300
        assert here.names() == {"app.lab.test"}


async def test_an_api_server_that_is_away_for_a_minute_costs_no_record() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            here.api.faults.reset(times=EVERYTHING)
            here.api.end_watches()
            await settle(60)
            here.api.faults.clear()
            here.route("late", "Host(`late.lab.test`)")
            await settle(5)

            assert here.names() == {"app.lab.test", "late.lab.test"}
            assert here.writes == 2


async def test_an_api_server_restored_from_a_backup_is_noticed() -> None:
    async with world() as here:
        for number in range(30):
            here.route(f"old-{number}", f"Host(`old-{number}.lab.test`)")
        async with running(here):
            here.api.lower_versions(20)
            here.route("new", "Host(`new.lab.test`)")
            await settle(130)

            assert "new.lab.test" in here.names()


async def test_a_revoked_token_is_said_once_and_heals_when_its_file_changes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with world() as here:
        file = here.folder / "token"
        file.write_text(here.token + "\n")
        async with running(here, dns_api_token=None, dns_api_token_file=file) as daemon:
            here.dns.revoke_token(here.token)
            here.route("app", "Host(`app.lab.test`)")
            await settle(300)
            calls = here.dns.traffic.calls.total()
            during, body = await daemon.get("/readyz")
            _, metrics = await daemon.get("/metrics")
            here.token = here.dns.create_token()
            file.write_text(here.token)
            await settle(40)
            after, _ = await daemon.get("/readyz")

        assert (during, after) == (503, 200)
        assert "DNS_API_TOKEN" in body
        assert 'status_code="invalid-token"' in metrics
        assert calls < 100
        assert here.dns.traffic.calls["/api/user/login"] == 0
        assert here.names() == {"app.lab.test"}
        said = [one for one in caplog.records if one.getMessage() == "zone can't be synced"]
        assert len(said) == 1


async def test_a_zone_that_is_missing_costs_only_its_own_names() -> None:
    zones = frozenset({parse_name(ZONE), parse_name("gone.test")})
    async with world() as here:
        here.route("app", "Host(`app.lab.test`) || Host(`app.gone.test`)")
        async with running(here, dns_zones=zones) as daemon:
            await settle(60)
            during = await parts_of(daemon)
            here.dns.create_zone("gone.test")
            await settle(40)

            assert here.names() == {"app.lab.test"}
            assert here.names("gone.test") == {"app.gone.test"}
        assert during["zone/lab.test"]["ok"]
        assert "create it in the DNS console" in str(during["zone/gone.test"]["error"])


async def test_a_zone_that_is_deleted_is_not_empty_and_gets_its_names_back() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            await here.console("zones/delete", zone=ZONE)
            await settle(60)
            await here.console("zones/create", zone=ZONE, type="Primary")
            await settle(40)

            assert here.names() == {"app.lab.test"}


async def test_a_record_of_ours_that_a_person_deletes_is_made_again_without_any_event() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here) as daemon:
            form = {"zone": ZONE, "domain": "app.lab.test", "type": "A", "ipAddress": "192.0.2.1"}
            await here.console("zones/records/delete", **form)
            await settle(16)
            _, metrics = await daemon.get("/metrics")

            assert here.addresses("app.lab.test") == {"192.0.2.1"}
            drift = 'drift_detected_total{drift_type="removed",zone="lab.test"} 1.0'
            assert drift in metrics


async def test_writes_that_a_killed_server_forgot_are_made_again() -> None:
    async with world() as here, running(here):
        await settle(30)
        here.route("app", "Host(`app.lab.test`)")
        await settle(1)
        before = here.names()
        here.dns.crash()
        forgotten = here.names()
        await settle(80)

        assert (before, forgotten) == ({"app.lab.test"}, set())
        assert here.names() == {"app.lab.test"}


async def test_an_answer_that_is_lost_is_no_write_that_failed() -> None:
    async with world() as here, running(here):
        here.dns_faults.add(Fault(Kind.LOSE_ANSWER, "records/(add|update|delete)", times=3))
        for number in range(5):
            here.route(f"app-{number}", f"Host(`app-{number}.lab.test`)")
        await settle(60)
        writes = here.writes
        await settle(600)

        assert here.names() == {f"app-{number}.lab.test" for number in range(5)}
        assert here.writes == writes


async def test_a_record_that_a_slow_server_makes_after_its_object_has_gone_goes_too() -> None:
    async with world() as here, running(here, dns_timeout=2.0):
        here.dns_faults.add(Fault(Kind.DELAY, "records/add", seconds=6.0))
        here.route("app", "Host(`app.lab.test`)")
        await settle(2.5)
        here.delete_route("app")
        await settle(5)
        late = here.names()
        await settle(30)

        assert late == {"app.lab.test"}
        assert here.names() == set()


@pytest.mark.parametrize("failing", range(6))
async def test_a_plan_that_is_cut_off_after_any_call_is_finished_by_the_next(failing: int) -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)", annotations=_target("192.0.2.1,192.0.2.2"))
        async with running(here):
            pass
        here.route("app", "Host(`app.lab.test`)", annotations=_target("192.0.2.3,192.0.2.4"))
        here.dns_faults.add(Fault(Kind.RESET, "records/", times=1, after=failing))
        async with running(here):
            await settle(30)

        assert here.addresses("app.lab.test") == {"192.0.2.3", "192.0.2.4"}


async def test_no_token_is_in_any_log_metric_or_page(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here) as daemon:
            dns_down(here)
            await settle(60)
            here.dns_faults.clear()
            here.dns.revoke_token(here.token)
            await settle(60)
            pages = [await daemon.get(path) for path in ("/metrics", "/readyz", "/healthz")]

        said = "\n".join(str(vars(record)) for record in caplog.records) + str(pages)
        assert here.token not in said
        assert "kube-token" not in said


async def test_a_wrong_token_is_one_line_that_says_what_to_mend() -> None:
    async with world() as here:
        async with running(here, dns_api_token=Secret("0" * 64)) as daemon:
            await settle(60)
            parts = await parts_of(daemon)

        error = str(parts["zone/lab.test"]["error"])
        assert "DNS_API_TOKEN" in error
        assert "\n" not in error


def _target(addresses: str) -> dict[str, str]:
    return {"catalyst-dns-sync.io/target": addresses}
