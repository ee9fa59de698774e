"""What everybody expects: names come, move and go with their objects."""

import pytest

from fakes.world import TARGET, running, settle, world

pytestmark = pytest.mark.looptime


async def test_an_applied_route_gets_a_record_with_its_origin() -> None:
    async with world() as here, running(here):
        here.route("grafana", "Host(`grafana.lab.test`)", "monitoring")
        await settle(1)

        (record,) = here.shown()["grafana.lab.test"]
        assert (record.type, record.value, record.ttl) == ("A", TARGET, 300)
        assert "origin=IngressRoute/monitoring/grafana kinds=IngressRoute" in record.comment


async def test_a_changed_rule_moves_the_name() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`old.lab.test`)")
        await settle(1)
        here.route("app", "Host(`new.lab.test`)")
        await settle(1)

        assert here.names() == {"new.lab.test"}


async def test_a_deleted_object_takes_its_name_along() -> None:
    async with world() as here, running(here):
        here.route("app", "Host(`app.lab.test`)")
        await settle(1)
        here.delete_route("app")
        await settle(1)

        assert here.names() == set()


async def test_deleting_one_twin_keeps_the_record() -> None:
    async with world() as here, running(here):
        here.route("grafana", "Host(`grafana.lab.test`)")
        here.route("grafana-http", "Host(`grafana.lab.test`)")
        await settle(1)
        here.delete_route("grafana")
        await settle(60)

        (record,) = here.shown()["grafana.lab.test"]
        assert "origin=IngressRoute/default/grafana-http " in record.comment


async def test_once_all_is_done_no_pass_writes() -> None:
    async with world() as here:
        for number in range(20):
            here.route(f"app-{number}", f"Host(`app-{number}.lab.test`)")
        async with running(here):
            assert here.writes == 20
            await settle(900)

            assert here.writes == 20
