"""Many names at once: imports of zone files, by the whole daemon."""

import asyncio
from collections import Counter

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.sandbox.technitium import Fault, Kind
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.settings.parsers import Secret
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

IMPORT = "/api/zones/import"
ADD = "/api/zones/records/add"
FEW = 5


def routes(here: World, count: int) -> set[str]:
    for number in range(count):
        here.route(f"app-{number}", f"Host(`app-{number}.lab.test`)")
    return {f"app-{number}.lab.test" for number in range(count)}


def calls(here: World) -> Counter[str]:
    """Return the calls since the last look."""
    made = here.dns.traffic.calls.copy()
    here.dns.traffic.calls.clear()
    return made


async def test_the_first_sync_of_many_names_is_one_import_and_then_there_is_peace() -> None:
    async with world() as here:
        names = routes(here, 150)
        async with running(here):
            made = calls(here)
            assert here.names() == names
            assert (made[IMPORT], made[ADD]) == (1, 0)
            await settle(14)
            assert calls(here).keys() <= {"/api/user/session/get"}, "the serial was foreseen"
            await settle(900)

            assert here.writes == 0


async def test_names_of_somebody_else_stay_out_of_it() -> None:
    async with world() as here:
        names = routes(here, 20)
        await here.by_hand("app-7.lab.test", "203.0.113.7", comments="mine")
        before = here.shown()["app-7.lab.test"]
        async with running(here, bulk_threshold=FEW):
            await settle(60)

        assert here.names() == names
        assert here.shown()["app-7.lab.test"] == before


async def test_a_person_who_is_faster_than_the_import_keeps_the_name() -> None:
    async with world() as here:
        names = routes(here, 20)
        hold = Fault(Kind.PAUSE, "zones/list", after=1)
        here.dns_faults.add(hold)
        async with running(here, wait=False, bulk_threshold=FEW):
            await settle(3)
            assert here.names() == set(), "the plan is made, the serial is about to be compared"
            await here.by_hand("app-7.lab.test", "203.0.113.7")
            here.dns_faults.end(hold)
            await settle(60)

        assert here.names() == names
        assert here.addresses("app-7.lab.test") == {"203.0.113.7"}


async def test_a_token_that_may_not_import_does_it_name_by_name() -> None:
    async with world() as here:
        names = routes(here, 20)
        here.dns.accounts.add_user("small", "pw")
        zone = here.dns.zones.find("lab.test")
        assert zone is not None
        zone.permission.users["small"] = Access.VIEW | Access.MODIFY | Access.DELETE
        async with running(
            here, dns_api_token=Secret(here.dns.create_token("small")), bulk_threshold=FEW
        ):
            assert here.names() == names
            made = calls(here)

        assert (made[IMPORT], made[ADD]) == (1, 20)


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.RESET, Kind.CUT, Kind.HANG, Kind.STATUS])
async def test_an_import_that_fails_is_made_up_for(kind: Kind) -> None:
    async with world() as here:
        names = routes(here, 20)
        here.dns_faults.add(Fault(kind, IMPORT))
        async with running(here, wait=False, bulk_threshold=FEW):
            await settle(60)
            assert here.names() == names
            calls(here)
            await settle(200)

            assert here.writes == 0


async def test_an_import_that_stops_half_way_is_finished() -> None:
    async with world() as here:
        names = routes(here, 20)
        hold = Fault(Kind.PAUSE, IMPORT)
        here.dns_faults.add(hold)
        async with running(here, wait=False, bulk_threshold=FEW):
            await settle(3)
            await here.console(
                "zones/records/add", zone="lab.test", domain="app-7.lab.test", type="CNAME",
                cname="elsewhere.test",
            )  # fmt: skip
            here.dns_faults.end(hold)
            await settle(60)

        assert here.names() == names
        assert here.addresses("app-7.lab.test") == {"elsewhere.test"}
        assert here.dns.traffic.calls[ADD] < 20


async def test_a_load_balancer_that_moves_takes_all_names_along_and_none_is_missed() -> None:
    answers: Counter[str] = Counter()
    stop = asyncio.Event()

    async def poll(here: World) -> None:
        while not stop.is_set():
            for number in (0, 20, 39):
                question = dns.message.make_query(f"app-{number}.lab.test", "A")
                answer = await dns.asyncquery.udp(question, here.ports.host, port=here.ports.dns)
                assert answer.rcode() == dns.rcode.NOERROR
                answers.update(str(rrset[0]) for rrset in answer.answer)
                answers["asked"] += 1

    async with world() as here, asyncio.TaskGroup() as tasks:
        names = routes(here, 40)
        async with running(here, bulk_threshold=FEW):
            pass
        tasks.create_task(poll(here))
        calls(here)
        async with running(
            here, dns_ip_address=parse_targets("192.0.2.7,2001:db8::7"), bulk_threshold=FEW
        ):
            made = calls(here)
            moved = {name: here.addresses(name) for name in names}
        stop.set()

    assert made[IMPORT] == 1
    assert here.writes == 0
    assert moved == {name: {"192.0.2.7", "2001:db8::7"} for name in names}
    assert answers["192.0.2.1"] + answers["192.0.2.7"] == answers["asked"] > 10
