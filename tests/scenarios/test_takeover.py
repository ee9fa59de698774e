"""A zone of external-dns, with its registry, is taken over; it may break off at any call."""

import dns.asyncquery
import dns.message
import pytest

from catalyst_dns_sync.app.moving import Registry
from catalyst_dns_sync.core.external_dns import Affixes
from fakes.external_dns import Size, die_after, fill, lost_names, not_taken, take_over
from fakes.world import TARGET, World, world

pytestmark = pytest.mark.looptime

CALLS_BEFORE_IT_DIES = (301, 750)
"""Between two writes, and among the TXT records; `make takeover` tries each call."""


async def answers(here: World, name: str) -> set[str]:
    query = dns.message.make_query(name, "A")
    reply = await dns.asyncquery.udp(query, here.ports.host, 5, here.ports.dns)
    return {str(one) for rrset in reply.answer for one in rrset}


async def test_500_names_of_external_dns_are_taken_over_though_it_dies_again_and_again() -> None:
    registry = Registry("k8s", Affixes())
    async with world() as here:
        made = fill(here, Size())
        before = made.left_alone(here.shown())
        broken = 0
        for calls in CALLS_BEFORE_IT_DIES:
            die_after(here, calls)
            broken += await take_over(here, registry) is None
            here.dns_faults.clear()
            assert await answers(here, made.wanted[calls % 400]) == {TARGET}
        done = await take_over(here, registry)

        assert broken == len(CALLS_BEFORE_IT_DIES)
        assert done is not None
        assert sorted(one.name for one in done.refusals) == sorted(made.reported)
        assert not_taken(here, made) == []
        assert made.left_alone(here.shown()) == before
        assert lost_names(here) == []


@pytest.mark.parametrize(
    "affixes",
    [
        Affixes("edns-"),
        Affixes("", "-owner"),
        Affixes("%{record_type}-reg."),
        Affixes("", "-%{record_type}"),
    ],
    ids=lambda affixes: f"{affixes.prefix}*{affixes.suffix}",
)
async def test_a_registry_is_found_however_its_records_are_named(affixes: Affixes) -> None:
    registry = Registry("k8s", affixes)
    async with world() as here:
        made = fill(here, Size(wanted=3, moved=1, idle=1, others=3, foreign=1), affixes)
        before = made.left_alone(here.shown())

        done = await take_over(here, registry)

        assert done is not None
        assert done.names == len(made.wanted)
        assert sorted(one.name for one in done.refusals) == sorted(made.reported)
        assert not_taken(here, made) == []
        assert made.left_alone(here.shown()) == before
