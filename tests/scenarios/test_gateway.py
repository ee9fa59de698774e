"""Routes of the Gateway API and their Gateways, with the whole daemon."""

from typing import Any

import pytest

from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

GROUP = "gateway.networking.k8s.io/v1"
SOURCES = ("ingress", "httproute", "grpcroute", "tlsroute")
PARENT = {"name": "gw", "namespace": "infra"}
V1 = "apiextensions.k8s.io/v1"
NO_DEFAULT: dict[str, Any] = {"sources": SOURCES, "dns_ip_address": None}


def gateway(here: World, *addresses: str, hostname: str = "*.lab.test", **more: Any) -> None:
    listener = {"name": "web", "port": 80, "protocol": "HTTP", "hostname": hostname, **more}
    listener["allowedRoutes"] = {"namespaces": {"from": "All"}}
    put(
        here,
        "Gateway",
        "gw",
        "infra",
        {"gatewayClassName": "traefik", "listeners": [listener]},
        {"addresses": [{"type": "IPAddress", "value": one} for one in addresses]},
    )


def route(
    here: World, *hosts: str, kind: str = "HTTPRoute", name: str = "app", accepted: bool = True
) -> None:
    condition = {"type": "Accepted", "status": "True" if accepted else "False", "reason": "Told"}
    said = {"parentRef": PARENT, "controllerName": "x.io/gw", "conditions": [condition]}
    spec = {"parentRefs": [PARENT], "hostnames": list(hosts)}
    put(here, kind, name, "web", spec, {"parents": [said]})


def put(
    here: World, kind: str, name: str, namespace: str, spec: dict[str, Any], status: dict[str, Any]
) -> None:
    about = {"name": name, "namespace": namespace}
    here.apply({"apiVersion": GROUP, "kind": kind, "metadata": about, "spec": spec})
    found = here.api.find(f"{kind.lower()}s", GROUP, name, namespace)
    assert found is not None
    here.api.replace({**found, "status": status}, "status")


def crd(here: World, name: str) -> dict[str, Any]:
    found = here.api.find("customresourcedefinitions", V1, name, "")
    assert found is not None
    return {
        "apiVersion": V1,
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": found["spec"],
    }


async def test_names_follow_the_gateways_address_and_outlive_it() -> None:
    async with world() as here, running(here, **NO_DEFAULT):
        gateway(here, "192.0.2.9")
        for kind in ("HTTPRoute", "GRPCRoute"):
            route(here, f"{kind.lower()}.lab.test", kind=kind)
        await settle(5)
        assert here.names() == {"httproute.lab.test", "grpcroute.lab.test"}

        for address in ((), ("192.0.2.9",), (), ("192.0.2.10",)):
            gateway(here, *address)
            await settle(3)
            assert here.names() == {"httproute.lab.test", "grpcroute.lab.test"}

        assert here.addresses("httproute.lab.test") == {"192.0.2.10"}
        assert here.addresses("grpcroute.lab.test") == {"192.0.2.10"}


async def test_a_listeners_hostname_decides_what_its_routes_have() -> None:
    async with world() as here, running(here, **NO_DEFAULT):
        gateway(here, "192.0.2.9")
        route(here, "a.lab.test", "b.lab.test")
        route(here, name="all")
        await settle(5)
        assert here.names() == {"a.lab.test", "b.lab.test", "*.lab.test"}

        gateway(here, "192.0.2.9", hostname="a.lab.test")
        await settle(5)
        assert here.names() == {"a.lab.test"}


async def test_a_gateway_that_goes_and_comes_costs_no_name() -> None:
    async with world() as here:
        gateway(here, "192.0.2.9")
        route(here, "a.lab.test")
        async with running(here, **NO_DEFAULT):
            here.api.delete("gateways", GROUP, "gw", "infra")
            await settle(200)
            assert here.names() == {"a.lab.test"}

        async with running(here, **NO_DEFAULT):
            await settle(200)
            assert here.names() == {"a.lab.test"}

            gateway(here, "192.0.2.10")
            await settle(5)
            assert here.addresses("a.lab.test") == {"192.0.2.10"}


async def test_a_route_that_is_deleted_or_refused_loses_its_names() -> None:
    async with world() as here, running(here, **NO_DEFAULT):
        gateway(here, "192.0.2.9")
        route(here, "a.lab.test", name="a")
        route(here, "b.lab.test", name="b")
        await settle(5)
        assert here.names() == {"a.lab.test", "b.lab.test"}

        here.api.delete("httproutes", GROUP, "a", "web")
        route(here, "b.lab.test", name="b", accepted=False)
        await settle(5)
        assert here.names() == set()


@pytest.mark.parametrize("plural", ["gateways", "httproutes"])
async def test_a_removed_crd_takes_no_name_along_and_comes_again(plural: str) -> None:
    async with world() as here, running(here, **NO_DEFAULT):
        gateway(here, "192.0.2.9")
        route(here, "a.lab.test")
        await settle(5)
        name = f"{plural}.gateway.networking.k8s.io"
        definition = crd(here, name)

        here.api.delete("customresourcedefinitions", V1, name, "")
        await settle(200)
        assert here.names() == {"a.lab.test"}

        here.api.create(definition)
        await settle(120)
        gateway(here, "192.0.2.10")
        route(here, "a.lab.test")
        await settle(60)
        assert here.addresses("a.lab.test") == {"192.0.2.10"}


async def test_a_tlsroute_is_read_from_the_version_that_the_cluster_serves() -> None:
    async with world() as here:
        name = "tlsroutes.gateway.networking.k8s.io"
        definition = crd(here, name)
        here.api.delete("customresourcedefinitions", V1, name, "")
        await settle(1)
        definition["spec"]["versions"][0]["name"] = "v1alpha2"
        here.api.create(definition)
        await settle(1)
        gateway(here, "192.0.2.9", protocol="TLS")
        spec = {"parentRefs": [PARENT], "hostnames": ["db.lab.test"]}
        about = {"name": "db", "namespace": "web"}
        old = "gateway.networking.k8s.io/v1alpha2"
        here.apply({"apiVersion": old, "kind": "TLSRoute", "metadata": about, "spec": spec})
        async with running(here, **NO_DEFAULT, gateway_require_accepted=False):
            await settle(5)

            assert here.addresses("db.lab.test") == {"192.0.2.9"}
