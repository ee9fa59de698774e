"""Export and import between a zone that is lost and one that is whole again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from catalyst_dns_sync.app.backups import Restored, exported, restored
from catalyst_dns_sync.app.takeover import NotAllDoneError
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.backup import Backup
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.sandbox.technitium import Fault, Kind
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType
from fakes.world import TARGET, ZONE, World, running, settle, world

pytestmark = pytest.mark.looptime

WRITES = r"/(records/(add|update|delete)|zones/import)"


async def yes(_changes: Sequence[Change], _refusals: Sequence[Refusal]) -> bool:
    return True


async def no(_changes: Sequence[Change], _refusals: Sequence[Refusal]) -> bool:
    return False


async def filled(here: World) -> Backup:
    """Let the daemon make some records, and return them."""
    here.route("two", "Host(`a.lab.test`) || Host(`b.lab.test`)")
    target = {"catalyst-dns-sync.io/target": "192.0.2.1, 192.0.2.2, 2001:db8::1"}
    here.ingress("many", "c.lab.test", annotations=target)
    here.ingress("alias", "d.lab.test", annotations={"catalyst-dns-sync.io/target": "x.test"})
    async with running(here):
        await settle(1)
    return await exported(here.settings())


async def lose_zone(here: World) -> None:
    await here.console("zones/delete", zone=ZONE)
    here.dns.create_zone(ZONE)


async def disable(here: World, name: str, address: str) -> None:
    """Do what a person does in the console: the record stays what it is, but for the switch."""
    (held,) = (one for one in here.shown()[name] if one.value == address)
    form = {"zone": ZONE, "domain": name, "type": "A", "ipAddress": address, "ttl": str(held.ttl)}
    await here.console("zones/records/update", **form, comments=held.comment, disable="true")


async def become_secondary(here: World) -> Zone:
    """Put a secondary in the zone's place: a transfer has no comments and no disabled records."""
    primary = [one for one in here.dns.records(ZONE) if one.type not in ("SOA", "NS")]
    await here.console("zones/delete", zone=ZONE)
    secondary = here.dns.create_zone(ZONE, ZoneType.SECONDARY)
    secondary.fill([replace(one, comments="") for one in primary if not one.disabled])
    return secondary


async def test_a_lost_zone_comes_back_exactly_and_the_daemon_has_nothing_to_do() -> None:
    async with world() as here:
        backup = await filled(here)
        before = here.shown()
        await lose_zone(here)

        refused = await restored(here.settings(), backup, no)
        untouched = here.names()
        done = await restored(here.settings(), backup, yes)
        writes = here.writes
        again = await restored(here.settings(), backup, yes)
        async with running(here):
            await settle(60)

        assert (refused.names, untouched) == (0, set())
        assert (done, again) == (Restored(4), Restored(0))
        assert here.shown() == before
        assert here.writes == writes
        assert await exported(here.settings()) == backup


async def test_names_of_others_are_refused_and_the_rest_comes_back() -> None:
    async with world() as here:
        backup = await filled(here)
        await lose_zone(here)
        await here.by_hand("a.lab.test", "10.0.0.1")

        done = await restored(here.settings(), backup, yes)

        assert done.names == 3
        assert [one.name for one in done.refusals] == ["a.lab.test"]
        assert here.addresses("a.lab.test") == {"10.0.0.1"}


async def test_an_import_that_breaks_off_at_any_call_is_gone_on_with() -> None:
    async with world() as here:
        await filled(here)
        await disable(here, "c.lab.test", "192.0.2.2")
        backup, before = await exported(here.settings()), here.shown()
        for after in range(20):
            await lose_zone(here)
            here.dns_faults.add(Fault(Kind.LOSE_ANSWER, WRITES, times=None, after=after))
            try:
                await restored(here.settings(dns_timeout=0.5), backup, yes)
            except (NotAllDoneError, ProviderError):
                broke_off = True
            else:
                broke_off = False
            here.dns_faults.clear()
            await restored(here.settings(), backup, yes)

            assert here.shown() == before
            if not broke_off:
                return
    pytest.fail("it takes more calls than that?")


async def test_what_a_person_had_disabled_comes_back_disabled_and_stays_so() -> None:
    async with world() as here:
        await filled(here)
        await disable(here, "a.lab.test", TARGET)
        await disable(here, "c.lab.test", "192.0.2.2")
        backup, before = await exported(here.settings()), here.shown()
        await lose_zone(here)

        done = await restored(here.settings(), backup, yes)
        async with running(here):
            await settle(60)

        assert done == Restored(4)
        assert here.shown() == before
        assert await exported(here.settings()) == backup


async def test_a_promoted_secondary_is_ours_again_where_it_still_says_the_same() -> None:
    async with world() as here:
        await filled(here)
        here.route("changed", "Host(`e.lab.test`)")
        async with running(here):
            await settle(1)
        await disable(here, "b.lab.test", TARGET)
        backup, before = await exported(here.settings()), here.shown()
        secondary = await become_secondary(here)

        with pytest.raises(ProviderError, match="Secondary"):
            await restored(here.settings(), backup, yes, restore_markers=True)
        secondary.kind = ZoneType.PRIMARY
        await here.by_hand("mine.lab.test", "10.0.0.9")
        form = {"zone": ZONE, "domain": "e.lab.test", "type": "A", "ipAddress": TARGET}
        await here.console("zones/records/update", **form, newIpAddress="10.9.9.9")
        by_hand = {name: here.shown()[name] for name in ("e.lab.test", "mine.lab.test")}
        done = await restored(here.settings(), backup, yes, restore_markers=True)
        writes = here.writes
        async with running(here):
            await settle(60)

        assert [(one.name, one.reason) for one in done.refusals] == [
            ("e.lab.test", "it holds what is not ours: A 10.9.9.9")
        ]
        assert done.names == 4
        assert here.shown() == before | by_hand
        assert here.writes == writes


async def test_markers_that_come_back_are_gone_on_with_after_any_call() -> None:
    async with world() as here:
        backup = await filled(here)
        before = here.shown()
        for after in range(20):
            (await become_secondary(here)).kind = ZoneType.PRIMARY
            here.dns_faults.add(Fault(Kind.LOSE_ANSWER, WRITES, times=None, after=after))
            try:
                settings = here.settings(dns_timeout=0.5)
                await restored(settings, backup, yes, restore_markers=True)
            except (NotAllDoneError, ProviderError):
                broke_off = True
            else:
                broke_off = False
            here.dns_faults.clear()
            done = await restored(here.settings(), backup, yes, restore_markers=True)

            assert done.refusals == ()
            assert here.shown() == before
            if not broke_off:
                return
    pytest.fail("it takes more calls than that?")


async def test_what_a_newer_release_marked_is_read_and_not_written() -> None:
    async with world() as here:
        await filled(here)
        (old,) = here.shown()["a.lab.test"]
        newer = old.comment.replace("/v1 ", "/v2 ") + " weight=3"
        form = {"zone": ZONE, "domain": "a.lab.test", "type": "A", "ipAddress": old.value}
        await here.console("zones/records/update", **form, ttl="300", comments=newer)
        writes = here.writes

        async with running(here):
            await settle(120)
        backup = await exported(here.settings())

        assert here.writes == writes
        assert [one.comment for one in here.shown()["a.lab.test"]] == [newer]
        assert (await restored(here.settings(), backup, yes)) == Restored(0)
