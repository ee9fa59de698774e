"""PTR records on request: one for each address, where the reverse zone is managed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from catalyst_dns_sync.app import passes, takeover
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.world import Running, World, running, settle, world

pytestmark = pytest.mark.looptime

FOUR, SIX = "2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"
ONE = f"1.{FOUR}"
ONE_OF_SIX = "1." + "0." * 23 + SIX
ZONES = frozenset(map(parse_name, ("lab.test", FOUR, SIX)))
TARGET_KEY = "catalyst-dns-sync.io/target"
ON: dict[str, Any] = {"dns_ptr": True, "dns_zones": ZONES}


@asynccontextmanager
async def both_ways(**overrides: Any) -> AsyncIterator[tuple[World, Running]]:
    async with world(*map(str, ZONES)) as here, running(here, **ON | overrides) as daemon:
        yield here, daemon


def pointers(here: World, zone: str = FOUR) -> dict[str, set[str]]:
    return {name: here.addresses(name, zone) for name in here.names(zone)}


def said(daemon: Running) -> list[Skip]:
    outcomes = [one.outcome for one in daemon.parts.board.zones.values()]
    return [skip for one in outcomes if one is not None for skip in one.plan.skips]


async def test_each_address_points_back_to_one_name_and_to_the_next_one_when_that_is_gone() -> None:
    async with both_ways(dns_ip_address=parse_targets("192.0.2.1,2001:db8::1")) as (here, _):
        here.ingress("a", "a.lab.test", annotations={"catalyst-dns-sync.io/priority": "1"})
        here.ingress("b", "b.lab.test")
        here.ingress("wild", "*.lab.test", annotations={"catalyst-dns-sync.io/priority": "9"})
        await settle(2)
        first = pointers(here) | pointers(here, SIX)
        here.ingress("z", "z.lab.test", annotations={"catalyst-dns-sync.io/priority": "5"})
        await settle(2)
        later = pointers(here)
        here.api.delete("ingresses", "networking.k8s.io/v1", "a", "default")
        await settle(2)
        after = pointers(here) | pointers(here, SIX)
        marks = here.shown(FOUR)[ONE][0]
        for name in ("b", "wild", "z"):
            here.delete_ingress(name)
        await settle(2)

        assert first == {ONE: {"a.lab.test"}, ONE_OF_SIX: {"a.lab.test"}}
        assert later == {ONE: {"a.lab.test"}}
        assert after == {ONE: {"z.lab.test"}, ONE_OF_SIX: {"z.lab.test"}}
        assert (marks.ttl, marks.comment.partition(" origin=")[2]) == (
            300,
            "Ingress/default/z kinds=Ingress",
        )
        assert pointers(here) == pointers(here, SIX) == {}
        assert here.names() == set()


async def test_a_name_that_keeps_its_address_keeps_the_pointer_through_a_grace() -> None:
    async with both_ways(delete_grace=10.0) as (here, _):
        here.ingress("a", "a.lab.test")
        await settle(2)
        here.ingress("b", "b.lab.test")
        await settle(2)
        here.delete_ingress("a")
        await settle(5)
        here.ingress("a", "a.lab.test")
        await settle(30)

        assert pointers(here) == {ONE: {"a.lab.test"}}


async def test_an_address_that_its_name_leaves_loses_its_pointer_and_the_new_one_gets_it() -> None:
    async with both_ways(delete_grace=10.0) as (here, daemon):
        here.ingress("a", "a.lab.test", annotations={TARGET_KEY: "192.0.2.1"})
        await settle(2)
        here.ingress("a", "a.lab.test", annotations={TARGET_KEY: "192.0.2.9"})
        await settle(5)
        soon = pointers(here)
        await settle(20)
        _, metrics = await daemon.get("/metrics")

        assert soon == {ONE: {"a.lab.test"}, f"9.{FOUR}": {"a.lab.test"}}
        assert pointers(here) == {f"9.{FOUR}": {"a.lab.test"}}
        assert f'catalyst_dns_sync_managed_records{{type="PTR",zone="{FOUR}"}} 1.0' in metrics


async def test_what_a_person_has_at_an_address_is_never_touched() -> None:
    mine = {"zone": FOUR, "type": "PTR", "comments": "mine"}
    async with both_ways() as (here, daemon):
        await here.console("zones/records/add", domain=ONE, ptrName="nas.lab.test", **mine)
        await here.console("zones/records/add", domain=f"2.{FOUR}", ptrName="b.lab.test", **mine)
        await here.console("zones/records/add", domain=f"7.{FOUR}", ptrName="x.lab.test", **mine)
        here.ingress("a", "a.lab.test")
        here.ingress("b", "b.lab.test", annotations={TARGET_KEY: "192.0.2.2"})
        await settle(30)
        told = {(one.reason, one.name) for one in said(daemon)}
        before = here.shown(FOUR)
        here.delete_ingress("a")
        await settle(30)

        assert told == {
            (SkipReason.NOT_OURS, parse_name(ONE)),
            (SkipReason.ADOPTABLE, parse_name(f"2.{FOUR}")),
        }
        assert here.shown(FOUR) == before


async def test_a_pointer_that_went_with_a_preview_is_no_drift() -> None:
    patterns = (parse_host_pattern("pr-*.lab.test"),)
    async with both_ways(preview_hosts=patterns) as (here, daemon):
        here.ingress("pr-1", "pr-1.lab.test")
        await settle(5)
        before = pointers(here)
        here.delete_ingress("pr-1")
        await settle(30)
        _, metrics = await daemon.get("/metrics")
        drift = [line for line in metrics.splitlines() if "drift_detected_total{" in line]

    assert (before, pointers(here)) == ({ONE: {"pr-1.lab.test"}}, {})
    assert drift
    assert [line for line in drift if not line.endswith(" 0.0")] == []


async def test_a_pointer_that_went_with_a_deleted_address_is_back_and_counts_as_nobodys_deed() -> (
    None
):
    async with both_ways(drift_policy=DriftPolicy.REPORT) as (here, daemon):
        here.ingress("a", "a.lab.test")
        here.ingress("b", "b.lab.test")
        await settle(2)
        before = pointers(here)
        # The server takes the PTR along, in whatever zone it is.
        await here.console(
            "zones/records/delete", domain="a.lab.test", type="A", ipAddress="192.0.2.1"
        )
        gone = pointers(here)
        await settle(30)
        _, metrics = await daemon.get("/metrics")
        reverse = [line for line in metrics.splitlines() if "drift_det" in line and FOUR in line]

        assert (before, gone) == ({ONE: {"a.lab.test"}}, {})
        assert pointers(here) == {ONE: {"b.lab.test"}}
        assert here.names() == {"b.lab.test"}
        assert [line for line in reverse if not line.endswith(" 0.0")] == []


async def test_one_pass_over_each_zone_makes_them_and_purge_takes_all_away() -> None:
    async def yes(_changes: object) -> bool:
        return True

    async with world(*map(str, ZONES)) as here:
        here.ingress("a", "a.lab.test")
        settings = here.settings(**ON)
        assert await passes.once(settings, dry_run=False)
        made = pointers(here)
        # Nothing is known of the names' zone, or PTRs are switched off: what is there stays.
        here.delete_ingress("a")
        planned = await passes.plan(here.settings(**ON | {"dns_ptr": False}))
        plans = [one.reviewed.plan for one in planned.proposals]
        orphans = [skip for one in plans for skip in one.skips if skip.name == ONE]
        gone = await takeover.purge_all(lambda: passes.settled(settings), yes)

        assert made == {ONE: {"a.lab.test"}}
        assert [(one.reason, one.detail) for one in orphans] == [
            (SkipReason.ORPHAN, "PTR a.lab.test, and DNS_PTR is off")
        ]
        assert gone == 2
        assert pointers(here) == {}


async def test_a_zone_of_names_that_can_not_be_read_takes_no_pointer_down() -> None:
    async with world(*map(str, ZONES)) as here:
        here.ingress("a", "a.lab.test")
        async with running(here, **ON):
            await settle(2)
        names = here.dns.zones.find("lab.test")
        assert names is not None
        here.dns.zones.remove(names)
        async with running(here, wait=False, **ON):
            await settle(400)

        assert pointers(here) == {ONE: {"a.lab.test"}}


async def test_without_a_reverse_zone_nothing_happens() -> None:
    async with world(*map(str, ZONES)) as here:
        here.ingress("a", "a.lab.test")
        async with running(here, dns_ptr=True) as daemon:
            await settle(2)
            skips = said(daemon)

        assert here.names() == {"a.lab.test"}
        assert pointers(here) == {}
        assert skips == []
