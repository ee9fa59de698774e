"""What others do to our records, and how often we look."""

import json

import pytest

from catalyst_dns_sync.core.drift import DriftPolicy
from fakes.world import ZONE, World, running, settle, world

pytestmark = pytest.mark.looptime


async def edit(here: World, name: str, address: str, *, ttl: str = "300") -> None:
    """Change the address of a record of ours, as the console does: the comment stays."""
    (record,) = here.shown()[name]
    await here.console(
        "zones/records/update",
        zone=ZONE,
        domain=name,
        type="A",
        ipAddress=record.value,
        newIpAddress=address,
        ttl=ttl,
        comments=record.comment,
    )


async def test_a_changed_value_is_put_right_and_counted() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here) as daemon:
            await edit(here, "app.lab.test", "203.0.113.9")
            await settle(20)
            _, metrics = await daemon.get("/metrics")

        assert here.addresses("app.lab.test") == {"192.0.2.1"}
        assert 'drift_detected_total{drift_type="changed",zone="lab.test"} 1.0' in metrics


async def test_a_changed_value_is_only_reported_where_that_is_wanted() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here, drift_policy=DriftPolicy.REPORT) as daemon:
            await edit(here, "app.lab.test", "203.0.113.9")
            await settle(600)
            reported = here.addresses("app.lab.test")
            _, metrics = await daemon.get("/metrics")
            here.route("app", "Host(`app.lab.test`)", annotations=_annotations(target="192.0.2.5"))
            await settle(5)

        assert reported == {"203.0.113.9"}
        assert 'catalyst_dns_sync_skips{reason="drift"} 1.0' in metrics
        assert here.addresses("app.lab.test") == {"192.0.2.5"}


@pytest.mark.parametrize(
    ("policy", "word", "after"),
    [(DriftPolicy.REPORT, "true", "192.0.2.1"), (DriftPolicy.REPAIR, "false", "203.0.113.9")],
)
async def test_an_object_may_say_otherwise(policy: DriftPolicy, word: str, after: str) -> None:
    async with world() as here:
        remediate = {"catalyst-dns-sync.io/auto-remediate": word}
        here.route("app", "Host(`app.lab.test`)", annotations=remediate)
        async with running(here, drift_policy=policy):
            await edit(here, "app.lab.test", "203.0.113.9")
            await settle(600)

        assert here.addresses("app.lab.test") == {after}


async def test_what_a_killed_server_forgot_is_no_drift() -> None:
    async with world() as here, running(here, drift_policy=DriftPolicy.REPORT):
        await settle(30)
        here.route("app", "Host(`app.lab.test`)")
        await settle(1)
        here.dns.crash()
        await settle(80)

        assert here.names() == {"app.lab.test"}


async def test_a_delete_that_a_killed_server_forgot_needs_no_new_evidence() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        here.route("rest", "Host(`rest.lab.test`)")
        async with running(here):
            await settle(30)
            here.delete_route("app")
            await settle(1)
            before = here.names()
            here.dns.crash()
            forgotten = here.names()
            await settle(35)

            assert (before, forgotten) == ({"rest.lab.test"}, {"app.lab.test", "rest.lab.test"})
            assert here.names() == {"rest.lab.test"}


async def test_a_zone_that_comes_back_older_makes_the_sources_be_listed_again() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            await settle(30)
            await here.by_hand("mine.lab.test", "203.0.113.9")
            await settle(30)
            lists = here.api.request_counts["list", "ingressroutes"]
            await here.by_hand("other.lab.test", "203.0.113.9")
            here.dns.crash()
            await settle(90)

            assert here.api.request_counts["list", "ingressroutes"] > lists


async def test_while_much_changes_zones_are_read_often_and_after_a_silent_hour_seldom() -> None:
    async with world() as here, running(here):
        busy = await _readings(here, 120, new_names=3)
        await settle(120)
        normal = await _readings(here, 1800)
        await settle(3600)
        idle = await _readings(here, 3600)

        assert busy >= 4
        assert normal in (5, 6)
        assert idle in (1, 2)


async def test_a_token_file_that_changes_is_read_without_any_signal() -> None:
    async with world() as here:
        file = here.folder / "token"
        file.write_text(here.token)
        async with running(here, dns_api_token=None, dns_api_token_file=file) as daemon:
            old = here.token
            here.token = here.dns.create_token()
            file.write_text(here.token)
            await settle(20)
            here.dns.revoke_token(old)
            here.route("app", "Host(`app.lab.test`)")
            await settle(1)
            _, body = await daemon.get("/readyz")

        assert here.names() == {"app.lab.test"}
        assert json.loads(body)["status"] == "ok"


async def _readings(here: World, seconds: int, *, new_names: int = 0) -> int:
    """Count the readings of the whole zone, while so many names are made every ten seconds."""
    before = here.dns.traffic.calls["/api/zones/records/get"]
    for second in range(0, seconds, 10):
        for number in range(new_names):
            here.route(f"r{second}-{number}", f"Host(`r{second}-{number}.lab.test`)")
        await settle(10)
    of_single_names = new_names * (seconds // 10)
    return here.dns.traffic.calls["/api/zones/records/get"] - before - of_single_names


def _annotations(**words: str) -> dict[str, str]:
    return {f"catalyst-dns-sync.io/{key}": value for key, value in words.items()}
