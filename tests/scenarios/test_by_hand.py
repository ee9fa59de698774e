"""What people put into a zone by hand survives everything that the cluster does."""

import pytest

from fakes.world import ZONE, Shown, World, running, settle, world

pytestmark = pytest.mark.looptime

MINE = Shown("A", "203.0.113.7", 60, "do not touch", disabled=False)


async def test_a_record_at_a_wanted_name_stays_as_it_is() -> None:
    async with world() as here:
        await here.by_hand("app.lab.test", MINE.value, ttl="60", comments=MINE.comment)
        async with running(here):
            here.route("app", "Host(`app.lab.test`)")
            await settle()
            here.route("app", "Host(`app.lab.test`)", annotations=_target("192.0.2.99"))
            await settle()
            here.delete_route("app")
            await settle(600)

        assert here.shown() == {"app.lab.test": [MINE]}


async def test_a_record_at_any_other_name_stays_as_it_is() -> None:
    async with world() as here:
        await here.by_hand("nas.lab.test", MINE.value, ttl="60", comments=MINE.comment)
        async with running(here):
            for number in range(3):
                here.route(f"app-{number}", f"Host(`app-{number}.lab.test`)")
            await settle()
            for number in range(3):
                here.delete_route(f"app-{number}")
            await settle(600)

        assert here.shown() == {"nas.lab.test": [MINE]}


async def test_a_record_that_is_put_beside_ours_later_stays_and_stops_us() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)")
        await settle()
        await here.by_hand("app.lab.test", MINE.value, ttl="300", comments=MINE.comment)
        await settle()
        here.route("app", "Host(`app.lab.test`)", annotations=_target("192.0.2.99"))
        await settle()
        here.delete_route("app")
        await settle(600)

        assert {one.value for one in here.shown()["app.lab.test"]} == {"192.0.2.1", MINE.value}
        assert MINE.comment in {one.comment for one in here.shown()["app.lab.test"]}


async def test_a_record_that_says_what_is_wanted_is_not_adopted() -> None:
    async with world() as here:
        await here.by_hand("app.lab.test", "192.0.2.1", ttl="60", comments="mine")
        async with running(here):
            here.route("app", "Host(`app.lab.test`)")
            await settle()
            here.delete_route("app")
            await settle(600)

        assert here.shown() == {
            "app.lab.test": [Shown("A", "192.0.2.1", 60, "mine", disabled=False)]
        }


async def test_a_record_of_ours_that_a_person_disables_is_held_until_enabled() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)")
        await settle()
        await _disable(here, "true")
        here.route("app", "Host(`app.lab.test`)", annotations=_target("192.0.2.99"))
        await settle()
        held = here.shown()["app.lab.test"]
        await _disable(here, "false")
        await settle()

        assert [(one.value, one.disabled) for one in held] == [("192.0.2.1", True)]
        assert here.addresses("app.lab.test") == {"192.0.2.99"}


async def test_a_text_record_at_our_name_is_neither_touched_nor_in_the_way() -> None:
    async with world() as here, running(here):
        form = {"zone": ZONE, "domain": "app.lab.test", "type": "TXT", "text": "v=spf1"}
        await here.console("zones/records/add", **form, comments="mail")
        here.route("app", "Host(`app.lab.test`)")
        await settle()
        both = {one.type for one in here.shown()["app.lab.test"]}
        here.delete_route("app")
        await settle()

        assert both == {"A", "TXT"}
        assert here.shown() == {
            "app.lab.test": [Shown("TXT", "v=spf1", 3600, "mail", disabled=False)]
        }


async def test_two_owners_in_one_zone_never_touch_each_other() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here, owner_id="first"):
            pass
        before = here.shown()
        async with running(here, owner_id="second", dns_ip_address=()):
            here.delete_route("app")
            await settle(600)

        assert here.shown() == before


async def test_below_a_foreign_delegation_nothing_is_made() -> None:
    async with world() as here, running(here):
        form = {
            "zone": ZONE,
            "domain": "sub.lab.test",
            "type": "NS",
            "nameServer": "ns.example.org",
        }
        await here.console("zones/records/add", **form)
        here.route("app", "Host(`app.sub.lab.test`) || Host(`sub.lab.test`)")
        await settle()

        assert here.names() == set()


async def _disable(here: World, disable: str) -> None:
    (record,) = here.shown()["app.lab.test"]
    await here.console(
        "zones/records/update",
        zone=ZONE,
        domain="app.lab.test",
        type="A",
        ipAddress=record.value,
        ttl=str(record.ttl),
        comments=record.comment,
        disable=disable,
    )


def _target(address: str) -> dict[str, str]:
    return {"catalyst-dns-sync.io/target": address}
