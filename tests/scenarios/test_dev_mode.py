"""Dev mode: the same daemon on a hosts file."""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.app import passes
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.hostsfile import BEGIN, END, clean, read, replace
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.skips import Skip, SkipReason
from catalyst_dns_sync.settings.model import DnsProvider
from fakes.world import TARGET, Running, World, running, settle, world

pytestmark = pytest.mark.looptime

EARLIER = 1_700_000_000
LOCALHOST = b"127.0.0.1\tlocalhost\n"


def file_of(here: World) -> Path:
    return here.folder / "hosts"


def put(here: World, content: bytes) -> None:
    """Write the file, some time ago: what was written just now is waited for, in real time."""
    file_of(here).write_bytes(content)
    os.utime(file_of(here), (EARLIER, EARLIER))


def settings(here: World, **overrides: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "dns_provider": DnsProvider.HOSTS,
        "hosts_file": file_of(here),
        "dns_zones": None,
        "dns_server_url": None,
        "dns_api_token": None,
        "drift_interval": 1.0,
        "delete_grace": 2.0,
    }
    return values | overrides


@asynccontextmanager
async def dev(here: World, *, wait: bool = True, **overrides: Any) -> AsyncIterator[Running]:
    async with running(here, wait=wait, **settings(here, **overrides)) as daemon:
        yield daemon


class AtOnce(ThreadPoolExecutor):
    """Waits for each call: virtual time would not wait for a thread."""

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        future = super().submit(*args, **kwargs)
        while not future.done():
            os.sched_yield()
        return future


@asynccontextmanager
async def laptop(content: bytes = LOCALHOST) -> AsyncIterator[World]:
    asyncio.get_running_loop().set_default_executor(AtOnce())
    async with world() as here:
        put(here, content)
        yield here


def block(here: World) -> dict[str, str]:
    """Return the addresses of the block's names."""
    found = read(file_of(here).read_bytes(), ())
    return {
        name: ",".join(target.value for target in targets)
        for name, targets in found.entries.items()
    }


def outside(here: World) -> bytes:
    return clean(file_of(here).read_bytes())


def inode(here: World) -> int:
    return file_of(here).stat().st_ino


async def skips(here: World, **overrides: Any) -> list[Skip]:
    planned = await passes.plan(here.settings(**settings(here, **overrides)))
    (proposal,) = planned.proposals
    return list(proposal.reviewed.plan.skips)


async def test_names_come_move_and_go_with_their_objects() -> None:
    async with laptop() as here, dev(here):
        here.route("grafana", "Host(`grafana.talos00`) || Host(`two.other.example`)")
        await settle(0.5)
        assert block(here) == {"grafana.talos00": TARGET, "two.other.example": TARGET}

        here.route("grafana", "Host(`moved.talos00`)")
        await settle(0.5)
        assert "moved.talos00" in block(here)
        await settle(2.5)
        assert block(here) == {"moved.talos00": TARGET}

        here.delete_route("grafana")
        await settle(3)
        assert block(here) == {}
        assert outside(here) == LOCALHOST


async def test_zones_choose_the_names_where_they_are_set() -> None:
    zones = frozenset({parse_name("talos00"), parse_name("lab.test")})
    async with laptop() as here, dev(here, dns_zones=zones):
        here.route("a", "Host(`a.talos00`) || Host(`b.lab.test`) || Host(`c.example`)")
        await settle(1)

        assert block(here) == {"a.talos00": TARGET, "b.lab.test": TARGET}


async def test_a_restart_writes_nothing_and_has_nothing_to_do() -> None:
    async with laptop() as here:
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here):
            await settle(1)
        before = inode(here)

        planned = await passes.plan(here.settings(**settings(here)))
        async with dev(here):
            await settle(600)

        assert [one.reviewed.plan.changes for one in planned.proposals] == [()]
        assert inode(here) == before


async def test_several_addresses_and_ipv6() -> None:
    async with laptop() as here:
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here, dns_ip_address=parse_targets("192.0.2.7,2001:db8::7")):
            await settle(1)

        assert block(here) == {"a.lab.test": "192.0.2.7,2001:db8::7"}


async def test_a_name_outside_the_block_is_the_users() -> None:
    theirs = LOCALHOST + b"10.0.0.9 a.lab.test # mine\n"
    async with laptop(theirs) as here:
        here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)")
        async with dev(here):
            await settle(2)
            assert block(here) == {"b.lab.test": TARGET}
            assert outside(here) == theirs
        (skip,) = await skips(here)

    assert (skip.reason, skip.name) == (SkipReason.NOT_OURS, "a.lab.test")


async def test_a_name_that_already_has_the_address_is_left_out_quietly() -> None:
    async with laptop(f"{TARGET} a.lab.test\n".encode()) as here:
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here):
            await settle(2)

        assert await skips(here) == []
        assert file_of(here).read_bytes() == f"{TARGET} a.lab.test\n".encode()


@pytest.mark.parametrize("address", ["10.0.0.9", TARGET])
async def test_a_line_that_a_user_adds_takes_the_name_over_and_gives_it_back(address: str) -> None:
    async with laptop() as here, dev(here):
        here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)")
        await settle(1)
        file = file_of(here)
        line = f"{address} a.lab.test\n".encode()
        put(here, file.read_bytes() + line)
        await settle(2)
        assert block(here) == {"b.lab.test": TARGET}
        assert outside(here) == LOCALHOST + line

        put(here, file.read_bytes().replace(line, b""))
        await settle(2)
        assert block(here) == {"a.lab.test": TARGET, "b.lab.test": TARGET}


async def test_wildcards_and_names_as_targets_are_skips_of_their_own() -> None:
    cname = {"catalyst-dns-sync.io/target": "elsewhere.example"}
    async with laptop() as here:
        here.ingress("wild", "*.lab.test")
        here.route("alias", "Host(`alias.lab.test`)", annotations=cname)
        async with dev(here):
            await settle(1)
            assert block(here) == {}
        found = await skips(here)

    assert [(skip.reason, skip.name) for skip in found] == [
        (SkipReason.UNSUPPORTED, "*.lab.test"),
        (SkipReason.UNSUPPORTED, "alias.lab.test"),
    ]


def _without_block(content: bytes) -> bytes:
    return clean(content)


def _without_a_line(content: bytes) -> bytes:
    return content.replace(f"{TARGET}  a.lab.test\n".encode(), b"")


def _with_another_address(content: bytes) -> bytes:
    return content.replace(f"{TARGET}  a.lab.test".encode(), b"10.9.9.9  a.lab.test")


def _with_an_invention(content: bytes) -> bytes:
    return content.replace(b"#\n", b"#\n10.9.9.9 invented.lab.test\n")


def _with_another_count(content: bytes) -> bytes:
    return content.replace(b"entries: 2", b"entries: 7")


def _with_the_block_twice(content: bytes) -> bytes:
    return content + content[len(LOCALHOST) :]


def _with_crlf(content: bytes) -> bytes:
    return content.replace(BEGIN + b"\n", BEGIN + b"\r\n")


@pytest.mark.parametrize(
    "edit",
    [
        _without_block,
        _without_a_line,
        _with_another_address,
        _with_another_count,
        _with_the_block_twice,
        _with_crlf,
    ],
)
@pytest.mark.parametrize("way", ["in place", "by another file"])
async def test_an_edited_block_is_put_right_within_five_seconds(edit: Any, way: str) -> None:
    async with laptop() as here, dev(here):
        here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)")
        await settle(1)
        file = file_of(here)
        right = file.read_bytes()
        assert edit(right) != right

        if way == "by another file":
            file.unlink()
        put(here, edit(right))
        await settle(5)

        assert file.read_bytes() == right


async def test_another_tool_that_replaces_the_whole_file_keeps_its_text() -> None:
    async with laptop() as here, dev(here):
        here.route("a", "Host(`a.lab.test`)")
        await settle(1)
        file_of(here).unlink()
        put(here, b"10.0.0.1 everything-else\r\n")
        await settle(5)

        assert outside(here) == b"10.0.0.1 everything-else\r\n"
        assert block(here) == {"a.lab.test": TARGET}


async def test_a_name_that_nobody_claims_waits_for_evidence_as_in_a_zone() -> None:
    names = {parse_name(f"{label}.lab.test"): parse_targets(TARGET) for label in "abc"}
    async with laptop(replace(LOCALHOST, names)) as here:
        here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)")
        async with dev(here):
            await settle(58)
            early = set(block(here))
            await settle(10)
            late = set(block(here))

    assert (early, late) == (
        {"a.lab.test", "b.lab.test", "c.lab.test"},
        {"a.lab.test", "b.lab.test"},
    )


async def test_many_unclaimed_names_or_all_of_them_wait_for_a_person() -> None:
    names = {parse_name(f"n{number}.lab.test"): parse_targets(TARGET) for number in range(3)}
    async with laptop(replace(LOCALHOST, names)) as here, dev(here) as daemon:
        await settle(300)
        assert set(block(here)) == set(names)

        daemon.parts.reconciler.release(names)
        daemon.parts.worker.begin()
        await settle(5)
        assert block(here) == {}


async def test_a_removed_definition_takes_no_name_along() -> None:
    async with laptop() as here, dev(here):
        for number in range(8):
            here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
        await settle(1)
        crd = "ingressroutes.traefik.io"
        here.api.delete("customresourcedefinitions", "apiextensions.k8s.io/v1", crd)
        await settle(300)

        assert len(block(here)) == 8


async def test_a_kind_that_was_never_there_holds_nothing_back() -> None:
    async with laptop() as here:
        crd = "ingressroutetcps.traefik.io"
        here.api.delete("customresourcedefinitions", "apiextensions.k8s.io/v1", crd)
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here):
            await settle(1)
            here.delete_route("a")
            await settle(3)
            assert block(here) == {}


async def test_a_kind_that_went_away_holds_every_delete_back() -> None:
    async with laptop() as here, dev(here):
        here.route("a", "Host(`a.lab.test`)")
        await settle(1)
        crd = "ingressroutetcps.traefik.io"
        here.api.delete("customresourcedefinitions", "apiextensions.k8s.io/v1", crd)
        await settle(70)
        here.delete_route("a")
        await settle(70)

        assert block(here) == {"a.lab.test": TARGET}


async def test_a_source_that_is_out_of_touch_holds_every_delete_back() -> None:
    async with laptop() as here:
        here.route("a", "Host(`a.lab.test`)")
        here.api.forbid("list", "ingresses")
        async with dev(here):
            await settle(10)
            here.delete_route("a")
            await settle(120)
            held = block(here)

    assert held == {"a.lab.test": TARGET}


async def test_a_resource_that_is_made_again_within_the_grace_is_not_taken_out() -> None:
    async with laptop() as here, dev(here):
        here.route("a", "Host(`a.lab.test`)")
        await settle(1)
        before = inode(here)
        here.delete_route("a")
        await settle(1)
        here.route("a", "Host(`a.lab.test`)")
        await settle(10)

        assert (block(here), inode(here)) == ({"a.lab.test": TARGET}, before)


async def test_the_policy_and_the_drift_policy_hold_for_a_file_too() -> None:
    async with laptop() as here:
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here, policy=Policy.UPSERT_ONLY, drift_policy=DriftPolicy.REPORT):
            await settle(1)
            edited = file_of(here).read_bytes().replace(b"entries: 1", b"entries: 2")
            put(here, edited)
            here.delete_route("a")
            await settle(120)

        assert file_of(here).read_bytes() == edited


async def test_a_pause_holds_for_a_file_too() -> None:
    async with laptop() as here, dev(here) as daemon:
        here.route("a", "Host(`a.lab.test`)")
        await settle(1)
        daemon.parts.reconciler.paused = True
        edited = file_of(here).read_bytes().replace(b"entries: 1", b"entries: 2")
        put(here, edited)
        await settle(10)

        assert file_of(here).read_bytes() == edited


@pytest.mark.parametrize(
    "content",
    [
        BEGIN + b"\n10.0.0.1 nas\n",
        LOCALHOST + END + b"\n10.0.0.1 nas\n",
        BEGIN + b"\n10.0.0.1 nas\n" + BEGIN + b"\n" + END + b"\n10.0.0.2 printer\n",
        b"\xef\xbb\xbf10.0.0.1\tcaf\xe9\r\n\xff\x00",
    ],
)
async def test_nothing_of_the_users_is_eaten(content: bytes) -> None:
    async with laptop(content) as here:
        here.route("a", "Host(`a.lab.test`)")
        async with dev(here):
            await settle(5)
            assert block(here) == {"a.lab.test": TARGET}
            assert outside(here) == clean(content)


async def test_the_probes_and_the_metrics_speak_of_the_file_as_of_a_zone() -> None:
    async with laptop() as here, dev(here) as daemon:
        here.route("a", "Host(`a.lab.test`)")
        await settle(2)

        status, _ = await daemon.get("/readyz")
        _, metrics = await daemon.get("/metrics")

    assert status == 200
    assert 'catalyst_dns_sync_managed_records{type="A",zone="."} 1.0' in metrics
