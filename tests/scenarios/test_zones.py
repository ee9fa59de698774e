"""Several DNS servers: each gets what its zones should hold, whatever the others do."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from catalyst_dns_sync.app import passes, takeover
from catalyst_dns_sync.app.backups import exported
from catalyst_dns_sync.app.checkup import examine
from catalyst_dns_sync.app.explaining import explained, servers_for
from catalyst_dns_sync.app.lanes import spaced
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.sandbox.technitium import Faults, Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_dns
from catalyst_dns_sync.sandbox.technitium.cluster import Cluster
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from catalyst_dns_sync.settings.claims import rows
from catalyst_dns_sync.settings.parsers import host_patterns, namespace_patterns
from catalyst_dns_sync.settings.servers import only_server
from catalyst_dns_sync.settings.serversfile import DnsServer
from catalyst_dns_sync.web.controlsocket import ask
from fakes.world import ZONE, Running, World, running, settle, virtual_now, world

pytestmark = pytest.mark.looptime

LAB, OTHER = parse_name(ZONE), parse_name("other.test")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers, lan and tailnet, that both have one zone; the second has one more."""

    here: World
    tailnet: Technitium
    faults: Faults
    servers: tuple[DnsServer, ...]
    dns_port: int

    def settings(self, **overrides: Any) -> dict[str, Any]:
        alone = {"dns_server_url": None, "dns_api_token": None, "dns_zones": None}
        return alone | {"dns_servers": self.servers} | overrides

    def on_tailnet(self, zone: str = ZONE) -> dict[str, set[str]]:
        """Return the values of each name at the second server."""
        shown = World(self.here.api, self.tailnet, *[None] * 4)  # type: ignore[arg-type]
        return {name: shown.addresses(name, zone) for name in shown.names(zone)}

    def on_lan(self) -> dict[str, set[str]]:
        """Return the values of each name at the first server."""
        return {name: self.here.addresses(name) for name in self.here.names()}


@asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    async with world() as here, AsyncExitStack() as stack:
        tailnet, faults = Technitium(now=virtual_now), Faults()
        for zone in (LAB, OTHER):
            tailnet.create_zone(zone)
        ports = await stack.enter_async_context(serve_dns(tailnet, faults=faults))
        (here.folder / "lan").write_text(here.token)
        (here.folder / "tailnet").write_text(tailnet.create_token())
        servers = (
            DnsServer("lan", here.ports.url, here.folder / "lan", {LAB: ZoneTerms()}),
            DnsServer(
                "tailnet",
                ports.url,
                here.folder / "tailnet",
                {LAB: ZoneTerms(), OTHER: ZoneTerms(ttl=60)},
                targets=parse_targets("100.64.0.1"),
            ),
        )
        yield Pair(here, tailnet, faults, servers, ports.dns)


async def parts_of_readiness(daemon: Running) -> dict[str, bool]:
    _, body = await daemon.get("/readyz")
    return {one["part"]: one["ok"] for one in json.loads(body)["parts"]}


async def test_one_zone_on_two_servers_holds_the_addresses_of_each() -> None:
    async with pair() as two:
        two.here.route("a", "Host(`a.lab.test`) || Host(`a.other.test`)")
        async with running(two.here, **two.settings()):
            await settle(5)
            assert two.on_lan() == {"a.lab.test": {"192.0.2.1"}}
            assert two.on_tailnet() == {"a.lab.test": {"100.64.0.1"}}
            assert two.on_tailnet("other.test") == {"a.other.test": {"100.64.0.1"}}
            two.here.delete_route("a")
            await settle(5)
            assert (two.on_lan(), two.on_tailnet(), two.on_tailnet("other.test")) == ({}, {}, {})


async def test_a_server_that_hangs_does_not_hold_up_the_other_and_gets_all_when_it_is_back() -> (
    None
):
    async with pair() as two, running(two.here, **two.settings()) as daemon:
        hangs = Fault(Kind.HANG, times=None)
        two.faults.add(hangs)
        two.here.route("a", "Host(`a.lab.test`)")
        await settle(2)
        assert two.on_lan() == {"a.lab.test": {"192.0.2.1"}}
        assert two.on_tailnet() == {}
        await settle(120)
        two.here.route("b", "Host(`b.lab.test`)")
        await settle(2)
        assert set(two.on_lan()) == {"a.lab.test", "b.lab.test"}
        ready = await parts_of_readiness(daemon)
        assert (ready["dns/lan"], ready["zone/lab.test@lan"]) == (True, True)
        assert (ready["dns/tailnet"], ready["zone/lab.test@tailnet"]) == (False, False)
        two.faults.end(hangs)
        await settle(60)
        assert set(two.on_tailnet()) == {"a.lab.test", "b.lab.test"}
        assert all((await parts_of_readiness(daemon)).values())


async def test_metrics_tell_a_zone_of_two_servers_apart() -> None:
    async with pair() as two:
        two.here.route("a", "Host(`a.lab.test`) || Host(`a.other.test`)")
        async with running(two.here, **two.settings()) as daemon:
            await settle(5)
            _, text = await daemon.get("/metrics")
        counted = [
            line for line in text.splitlines() if "managed_records{" in line and '"A"' in line
        ]
        assert [line.partition("_records")[2] for line in counted] == [
            '{type="A",zone="lab.test@lan"} 1.0',
            '{type="A",zone="lab.test@tailnet"} 1.0',
            '{type="A",zone="other.test"} 1.0',
        ]


async def test_a_fault_of_an_object_is_told_once_for_all_servers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with pair() as two, running(two.here, **two.settings()) as daemon:
        two.here.route("a", "Host(`a.lab.test`")
        await settle(5)
        assert [one.message for one in caplog.records].count("left alone") == 1
        _, text = await daemon.get("/metrics")
        assert 'catalyst_dns_sync_skips{reason="invalid-rule"} 1.0' in text.splitlines()
        two.here.delete_route("a")
        await settle(5)
        assert [one.message for one in caplog.records].count("no longer left alone") == 1
        _, text = await daemon.get("/metrics")
        assert 'catalyst_dns_sync_skips{reason="invalid-rule"} 0.0' in text.splitlines()


async def test_several_drift_watches_make_lists_come_no_more_often_than_one() -> None:
    asked: list[float] = []
    clock = asyncio.get_running_loop().time
    ask = spaced(lambda: asked.append(clock()), 300.0)
    began = clock()
    for _ in range(4):
        ask()
        await settle(100)
        ask()
        await settle(200)
    assert [time - began for time in asked] == pytest.approx([0.0, 300.0, 600.0, 900.0])


async def test_a_pause_is_for_all_servers() -> None:
    async with pair() as two, running(two.here, **two.settings()) as daemon:
        socket = daemon.parts.settings.control_socket
        await ask(socket, "POST", "pause")
        two.here.route("a", "Host(`a.lab.test`)")
        await settle(30)
        assert (two.on_lan(), two.on_tailnet()) == ({}, {})
        assert (await ask(socket, "GET", "status"))["paused"]
        await ask(socket, "POST", "resume")
        await settle(5)
        assert set(two.on_lan()) == set(two.on_tailnet()) == {"a.lab.test"}


async def test_what_two_servers_withhold_is_shown_of_each_and_released_at_both() -> None:
    async with pair() as two:
        for number in range(10):
            two.here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
        async with running(two.here, **two.settings()):
            await settle(5)
        for number in range(10):
            two.here.delete_route(f"r{number}")
        async with running(two.here, **two.settings()) as daemon:
            await settle(300)
            socket = daemon.parts.settings.control_socket
            waiting = (await ask(socket, "GET", "status"))["releasable"]
            assert len(waiting) == 10
            assert waiting["r1.lab.test"].startswith("lan: ")
            assert "; tailnet: " in waiting["r1.lab.test"]
            await ask(socket, "POST", "release", {"names": list(waiting)})
            await settle(5)
            assert (two.on_lan(), two.on_tailnet()) == ({}, {})


async def test_the_commands_see_every_server_or_the_one_that_is_named() -> None:
    async with pair() as two:
        two.here.route("a", "Host(`a.lab.test`)")
        settings = two.here.settings(**two.settings())
        planned = await passes.plan(settings)
        assert [(one.server, one.contents.name) for one in planned.proposals] == [
            ("lan", "lab.test"),
            ("tailnet", "lab.test"),
            ("tailnet", "other.test"),
        ]
        assert await passes.once(settings, dry_run=False)
        assert set(two.on_lan()) == set(two.on_tailnet()) == {"a.lab.test"}
        backup = await exported(only_server(settings, "tailnet"))
        assert set(backup.zones) == {"lab.test", "other.test"}
        told = [
            (await explained(view.settings, parse_name("a.lab.test"), resolve=None)).name
            for view in servers_for(settings, parse_name("a.lab.test"))
        ]
        assert told == ["a.lab.test"] * 2
        checks = {one.check.partition(": ")[0] for one in await examine(settings)}
        assert {"lan", "tailnet"} <= checks

        async def yes(changes: Any) -> bool:
            assert all(isinstance(one, Change) for one in changes)
            return True

        assert await takeover.purge_all(lambda: passes.settled(settings), yes) == 2
        assert (two.on_lan(), two.on_tailnet()) == ({}, {})


async def test_a_plan_shows_what_it_can_while_a_server_is_away() -> None:
    async with pair() as two:
        two.here.route("a", "Host(`a.lab.test`)")
        two.faults.add(Fault(Kind.RESET, times=None))

        planned = await passes.plan(two.here.settings(**two.settings()))

    assert [(one.server, len(one.reviewed.plan.changes)) for one in planned.proposals] == [
        ("lan", 1)
    ]
    assert [str(error).partition(": ")[0] for error in planned.errors] == ["server tailnet"]


async def test_a_policy_of_one_zone_holds_there_alone() -> None:
    async with world("lab.test", "other.test") as here:
        here.route("a", "Host(`a.lab.test`) || Host(`a.other.test`)")
        zones: Any = {"dns_zones": frozenset({LAB, OTHER})}
        terms = {OTHER: ZoneTerms(policy=Policy.UPSERT_ONLY)}
        async with running(here, **zones, dns_zone_options=terms):
            await settle(5)
            here.delete_route("a")
            await settle(5)
            assert (here.names(), here.names("other.test")) == (set(), {"a.other.test"})


async def test_what_a_changed_filter_leaves_out_stays_as_an_orphan() -> None:
    async with world() as here:
        here.route("a", "Host(`a.lab.test`) || Host(`b.lab.test`)", "one")
        here.route("c", "Host(`c.lab.test`)", "two")
        async with running(here):
            await settle(5)
        left_out: Any = {
            "exclude_hosts": host_patterns("b.lab.test"),
            "exclude_namespaces": namespace_patterns("two"),
        }
        async with running(here, **left_out) as daemon:
            await settle(5)
            here.delete_route("a", "one")
            here.delete_route("c", "two")
            await settle(300)
            assert here.names() == {"b.lab.test", "c.lab.test"}
            assert daemon.parts.worker.skips.reasons[SkipReason.ORPHAN] == 2


async def test_a_slip_in_the_table_of_claims_takes_no_name_down() -> None:
    async with world() as here:
        here.route("a", "Host(`a.lab.test`)", "team-a")
        async with running(here, dns_claims=rows("team-a: *.lab.test")):
            await settle(5)
        async with running(here, dns_claims=rows("team-x: *.lab.test")) as daemon:
            await settle(200)
            assert here.names() == {"a.lab.test"}
            assert daemon.parts.worker.skips.reasons[SkipReason.NOT_ALLOWED] == 1
            here.delete_route("a", "team-a")
            await settle(5)
            assert here.names() == set()


async def test_a_namespace_can_neither_take_nor_keep_the_name_of_another() -> None:
    async with world() as here:
        annotations = {"catalyst-dns-sync.io/target": "192.0.2.66"}
        here.route("thief", "Host(`a.lab.test`)", "team-b", annotations=annotations)
        # Its rule is broken, and seems to mean the name.
        here.route("slip", "Host(`a.lab.test`", "team-b")
        here.route("a", "Host(`a.lab.test`)", "team-a")
        table = rows("team-a: a.lab.test; team-b: *.b.lab.test")
        async with running(here, dns_claims=table):
            await settle(5)
            assert here.addresses("a.lab.test") == {"192.0.2.1"}
            here.delete_route("a", "team-a")
            await settle(5)
            assert here.names() == set()


async def test_who_may_claim_a_name_takes_it_from_who_may_not_any_more() -> None:
    async with world() as here:
        annotations = {"catalyst-dns-sync.io/target": "192.0.2.66"}
        here.route("old", "Host(`a.lab.test`)", "team-b", annotations=annotations)
        async with running(here):
            await settle(5)
            assert here.addresses("a.lab.test") == {"192.0.2.66"}
        here.route("new", "Host(`a.lab.test`)", "team-a")
        async with running(here, dns_claims=rows("team-a: *.lab.test")):
            await settle(120)
            assert here.addresses("a.lab.test") == {"192.0.2.1"}


@asynccontextmanager
async def two_nodes() -> AsyncIterator[tuple[World, Cluster, Technitium]]:
    """Serve a cluster of two, of which the daemon is told the second node, a secondary."""
    async with world() as here, AsyncExitStack() as stack:
        second = Technitium(domain="ns2.sandbox.internal", now=virtual_now)
        cluster = Cluster("sandbox.internal", [here.dns, second])
        ports = await stack.enter_async_context(serve_dns(second))
        yield replace(here, ports=ports), cluster, second


def names_of(server: Technitium) -> set[str]:
    return {one.name for one in server.records(ZONE) if one.type == "A"}


async def test_changes_go_to_the_primary_node_of_a_cluster() -> None:
    async with two_nodes() as (here, _, second):
        here.route("a", "Host(`a.lab.test`)")
        async with running(here):
            await settle(2)
            assert (names_of(here.dns), names_of(second)) == ({"a.lab.test"}, set())
            await settle(30)
            assert names_of(second) == {"a.lab.test"}
            here.delete_route("a")
            await settle(2)
            assert names_of(here.dns) == set()


@pytest.mark.parametrize("expelled", [False, True], ids=["alive", "expelled"])
async def test_another_node_that_is_promoted_in_the_middle_is_followed_and_nothing_is_lost(
    expelled: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    async with two_nodes() as (here, cluster, second):
        here.route("a", "Host(`a.lab.test`)")
        async with running(here) as daemon:
            await settle(30)
            here.route("b", "Host(`b.lab.test`)")
            await settle(1)
            assert names_of(here.dns) == {"a.lab.test", "b.lab.test"}
            # The copy has not followed yet, and will not any more.
            cluster.promote(second.domain)
            if expelled:
                cluster.expel(here.dns.domain)
            assert names_of(second) == {"a.lab.test"}
            here.route("c", "Host(`c.lab.test`)")
            await settle(60)
            assert names_of(second) == {"a.lab.test", "b.lab.test", "c.lab.test"}
            # A copy has no comments: what was copied is nobody's until it is adopted.
            assert daemon.parts.worker.skips.reasons[SkipReason.ADOPTABLE] == 1

            async def yes(_changes: Any) -> bool:
                return True

            assert await takeover.adopt(lambda: passes.settled(here.settings()), None, yes) == 1
            await settle(60)
            for name in "abc":
                here.delete_route(name)
            await settle(5)
            assert names_of(second) == set()


async def test_the_node_that_was_the_primary_is_asked_for_the_one_that_is() -> None:
    async with world() as here:
        second = Technitium(domain="ns2.sandbox.internal", now=virtual_now)
        cluster = Cluster("sandbox.internal", [here.dns, second])
        async with running(here):
            cluster.promote(second.domain)
            here.route("a", "Host(`a.lab.test`)")
            await settle(60)
            assert names_of(second) == {"a.lab.test"}


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_one_server_goes_through_the_other_is_in_step_in_seconds(seed: int) -> None:
    """Laws of each server: foreign records stay as they are, and quiet zones are as wanted."""
    chance, wanted = random.Random(seed), set[str]()
    async with pair() as two, running(two.here, **two.settings()):
        await two.here.by_hand("nas.lab.test", "192.0.2.77")
        troubles = [Kind.HANG, Kind.STATUS, Kind.RESET, Kind.CUT, Kind.LOSE_ANSWER]
        for _ in range(12):
            match chance.randrange(6):
                case 0 | 1 | 2:
                    label = chance.choice("abcdef")
                    two.here.route(label, f"Host(`{label}.lab.test`)")
                    wanted.add(f"{label}.lab.test")
                case 3 if wanted:
                    gone = chance.choice(sorted(wanted))
                    two.here.delete_route(gone.partition(".")[0])
                    wanted.remove(gone)
                case 4:
                    two.tailnet.crash()
                case _:
                    two.faults.clear()
                    times = chance.choice([1, 5, None])
                    two.faults.add(Fault(chance.choice(troubles), times=times))
            await settle(chance.choice([4, 8, 16]))
            assert two.on_lan() == {"nas.lab.test": {"192.0.2.77"}} | {
                name: {"192.0.2.1"} for name in wanted
            }
        two.faults.clear()
        await settle(300)
        assert two.on_tailnet() == {name: {"100.64.0.1"} for name in wanted}
        assert set(two.on_lan()) == wanted | {"nas.lab.test"}


@pytest.mark.tool("dig")
async def test_dig_is_told_the_address_of_each_server() -> None:
    async with pair() as two, running(two.here, **two.settings()):
        two.here.route("a", "Host(`a.lab.test`)")
        await settle(5)
        for port, address in ((two.here.ports.dns, "192.0.2.1"), (two.dns_port, "100.64.0.1")):
            process = await asyncio.create_subprocess_exec(
                *("dig", "@127.0.0.1", "-p", str(port), "+short", "a.lab.test"),
                stdout=asyncio.subprocess.PIPE,
            )
            told, _ = await process.communicate()
            assert told.decode().strip() == address
