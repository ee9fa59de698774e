import asyncio

import pytest

from catalyst_dns_sync.control.reverse import ReverseNames
from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.pointers import reverse_name
from catalyst_dns_sync.core.records import Record
from fakes.control import Rig
from fakes.dns import FakeProvider
from fakes.values import ZONE, host, marker, obj, ours, ref

pytestmark = pytest.mark.looptime

NET = parse_name("168.192.in-addr.arpa")
BACK = reverse_name("192.168.1.54")
POINTED = Record("PTR", host("app"), 300, marker())


def reverse_names() -> tuple[ReverseNames, list[tuple[DnsName, DnsName]]]:
    provider = FakeProvider(ZONE, NET)
    views = {zone: ZoneView(zone, provider) for zone in (ZONE, NET)}
    views[NET].contents.put(BACK, (POINTED,))
    touched: list[tuple[DnsName, DnsName]] = []
    return ReverseNames(views, lambda zone, name: touched.append((zone, name))), touched


def test_zones_of_names_are_planned_once_before_one_of_addresses_is_looked_at() -> None:
    names, _ = reverse_names()
    before = [names.unplanned_before(zone) for zone in (ZONE, NET)]

    names.planned(ZONE)

    assert before == [(), [ZONE]]
    assert names.unplanned_before(NET) == []


def test_what_addresses_point_to_is_looked_at_once_their_names_are_known() -> None:
    names, touched = reverse_names()

    names.planned(ZONE)

    assert touched == [(NET, BACK)]
    assert names.take_concerned() == {NET}
    assert names.take_concerned() == frozenset()


async def test_an_address_that_a_name_has_is_wanted_as_if_an_object_claimed_it() -> None:
    rig = Rig(ZONE, NET, points_back=True)
    rig.provider.by_hand("app", ours())
    rig.ingresses.replace([obj("Ingress/web/app", "app", target="192.168.1.54")], began=0.0)
    rig.list_all()
    async with rig.running():
        await asyncio.sleep(5.0)

    demands = rig.reconciler.demands
    assert demands.wanted(NET, [BACK, host("other")]) == {BACK}
    found = demands.objects(BACK, rig.reconciler.contents(NET))
    app = ref("Ingress/web/app")
    assert [(one.ref, one.names) for one in found] == [
        (app, frozenset({host("app")})),
        (app, frozenset({BACK})),
    ]
