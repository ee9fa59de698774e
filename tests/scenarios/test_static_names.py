"""Services of type LoadBalancer and DNSEndpoint objects, with the whole daemon."""

from typing import Any

import pytest

from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

SOURCES = ("ingress", "service", "dnsendpoint")
GROUP = "externaldns.k8s.io/v1alpha1"


def service(here: World, *addresses: str) -> None:
    about = {"name": "nas", "namespace": "default"}
    here.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**about, "annotations": {"catalyst-dns-sync.io/hostname": "nas.lab.test"}},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
        }
    )
    found = here.api.find("services", "v1", "nas", "default")
    assert found is not None
    balancer = {"ingress": [{"ip": one} for one in addresses]}
    here.api.replace({**found, "status": {"loadBalancer": balancer}}, "status")


def machines(*entries: tuple[str, str, str]) -> dict[str, Any]:
    endpoints = [
        {"dnsName": name, "recordType": kind, "targets": [target]} for name, kind, target in entries
    ]
    return {
        "apiVersion": GROUP,
        "kind": "DNSEndpoint",
        "metadata": {"name": "machines", "namespace": "default"},
        "spec": {"endpoints": endpoints},
    }


async def test_a_services_name_follows_its_address_and_stays_where_it_has_none() -> None:
    async with world() as here, running(here, sources=SOURCES):
        service(here)
        await settle(5)
        assert here.names() == set()

        service(here, "192.0.2.7")
        await settle(5)
        assert here.addresses("nas.lab.test") == {"192.0.2.7"}

        service(here)
        await settle(30)
        assert here.addresses("nas.lab.test") == {"192.0.2.7"}

        service(here, "192.0.2.8")
        await settle(5)
        assert here.addresses("nas.lab.test") == {"192.0.2.8"}


async def test_a_dnsendpoints_names_come_change_and_go() -> None:
    async with world() as here, running(here, sources=SOURCES):
        here.apply(
            machines(("printer.lab.test", "A", "192.0.2.5"), ("p.lab.test", "CNAME", "x.io"))
        )
        await settle(5)
        assert here.addresses("printer.lab.test") == {"192.0.2.5"}
        assert here.addresses("p.lab.test") == {"x.io"}

        here.apply(machines(("printer.lab.test", "A", "192.0.2.6")))
        await settle(5)
        assert here.addresses("printer.lab.test") == {"192.0.2.6"}
        assert here.names() == {"printer.lab.test"}

        here.api.delete("dnsendpoints", GROUP, "machines", "default")
        await settle(5)
        assert here.names() == set()


async def test_names_stay_where_the_crd_of_dnsendpoint_is_removed() -> None:
    async with world() as here, running(here, sources=SOURCES):
        here.apply(machines(("printer.lab.test", "A", "192.0.2.5")))
        await settle(5)

        here.api.delete(
            "customresourcedefinitions",
            "apiextensions.k8s.io/v1",
            "dnsendpoints.externaldns.k8s.io",
        )
        await settle(300)

        assert here.addresses("printer.lab.test") == {"192.0.2.5"}
