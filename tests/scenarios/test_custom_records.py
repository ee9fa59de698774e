"""Records that people order of the running daemon, over its control socket."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from catalyst_dns_sync.app.backups import exported, restored
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.ownership import parse_marker
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.settings.model import DnsProvider
from catalyst_dns_sync.web.controlsocket import ask
from fakes.world import ZONE, World, running, settle, world

pytestmark = pytest.mark.looptime
NAS = "nas.lab.test"


async def order(here: World, action: str, name: str = NAS, **more: str) -> dict[str, Any]:
    body = {"action": action, "name": name, **more}
    return await ask(here.folder / "control.sock", "POST", "custom-records", body)


async def add(here: World, targets: str, name: str = NAS, **more: str) -> dict[str, Any]:
    return await order(here, "add", name, targets=targets, **more)


async def listed(here: World) -> list[str]:
    answer = await ask(here.folder / "control.sock", "GET", "custom-records")
    return [one["name"] for one in answer["records"]]


async def yes(_changes: Sequence[Change], _refusals: Sequence[Refusal]) -> bool:
    return True


async def test_custom_records_outlive_the_daemon_and_go_by_order() -> None:
    async with world() as here:
        async with running(here):
            await add(here, "10.0.0.9", ttl="5m", text="Ann's")
            await add(here, "10.0.0.1,fd00::1", "*.apps.lab.test")
            await add(here, "web.example.org", "www.lab.test")
        async with running(here):
            await settle(900)
            (held,) = here.shown()[NAS]
            mark = parse_marker(held.comment)
            assert (held.value, held.ttl) == ("10.0.0.9", 300)
            assert mark is not None
            assert (mark.origin, mark.kinds, mark.human) == (f"Custom/{NAS}", ("Custom",), "Ann's")
            assert here.addresses("*.apps.lab.test") == {"10.0.0.1", "fd00::1"}
            assert here.addresses("www.lab.test") == {"web.example.org"}
            assert await listed(here) == ["*.apps.lab.test", NAS, "www.lab.test"]

            for name in await listed(here):
                await order(here, "remove", name)
            assert here.names() == set()


async def test_a_server_that_is_killed_right_after_loses_no_custom_record() -> None:
    async with world() as here, running(here):
        await settle(30)
        await add(here, "10.0.0.9")
        here.dns.crash()
        assert here.names() == set()

        await settle(40)

        assert here.addresses(NAS) == {"10.0.0.9"}


async def test_an_export_brings_custom_records_back_as_what_they_were() -> None:
    async with world() as here, running(here):
        await add(here, "10.0.0.9")
        backup = await exported(here.settings())
        await order(here, "remove")

        await restored(here.settings(), backup, yes)
        await settle(900)

        assert here.addresses(NAS) == {"10.0.0.9"}
        assert await listed(here) == [NAS]


async def test_another_owners_custom_record_is_left_alone() -> None:
    async with world() as here:
        async with running(here, owner_id="other"):
            await add(here, "10.0.0.9")
        async with running(here):
            await settle(900)
            assert (await order(here, "remove"))["error"].startswith("not-ours")
            assert (await add(here, "10.0.0.1"))["error"].startswith("not-ours")
            assert await listed(here) == []
        assert here.addresses(NAS) == {"10.0.0.9"}


async def test_a_hosts_file_has_no_place_for_a_custom_record() -> None:
    async with world() as here:
        hosts = here.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        values: dict[str, Any] = {"dns_provider": DnsProvider.HOSTS, "hosts_file": hosts}
        async with running(here, **values):
            answer = await add(here, "10.0.0.9")
    assert answer["error"].startswith("a hosts file has no place for a marker")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"action": "add", "name": NAS},
        {"action": "add", "name": NAS, "targets": "10.0.0.999"},
        {"action": "add", "name": "", "targets": "10.0.0.9"},
        {"action": "add", "name": NAS, "targets": "10.0.0.9", "ttl": "soon"},
        {"action": "add", "name": NAS, "targets": "10.0.0.9", "ttl": 60},
        {"action": "add", "name": NAS, "targets": "10.0.0.9", "text": "a\nb"},
        {"action": "throw", "name": NAS},
    ],
)
async def test_what_is_no_order_is_refused_and_nothing_is_done(body: Any) -> None:
    async with world() as here, running(here):
        for what in ("custom-records", "custom-records/plan"):
            assert "error" in await ask(here.folder / "control.sock", "POST", what, body)
    assert here.writes == 0


async def test_who_orders_at_the_control_socket_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        async with world() as here, running(here):
            await add(here, "10.0.0.9")
            for what in ("pause", "resume"):
                await ask(here.folder / "control.sock", "POST", what)
            await ask(here.folder / "control.sock", "POST", "release", {"names": [NAS]})

    told = [one.__dict__["who"] for one in caplog.records if hasattr(one, "who")]
    assert len(told) == 4
    assert all(who.endswith(") at the control socket") for who in told)


async def test_what_was_ordered_is_the_zones_and_what_the_console_says_counts() -> None:
    async with world() as here, running(here):
        await add(here, "10.0.0.9")
        (held,) = here.shown()[NAS]
        form = {"zone": ZONE, "domain": NAS, "type": "A", "ipAddress": "10.0.0.9"}
        changed = {"newIpAddress": "10.0.0.7", "ttl": "17", "comments": held.comment}
        await here.console("zones/records/update", **form, **changed)
        writes = here.writes

        await settle(900)

        assert [(one.value, one.ttl) for one in here.shown()[NAS]] == [("10.0.0.7", 17)]
        assert (await listed(here), here.writes) == ([NAS], writes)
