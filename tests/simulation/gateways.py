"""Scripts in which routes of the Gateway API live, and all they rest on changes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulation.bounds import DOUBT, EDIT
from simulation.latecomers import COMES, GATEWAY
from simulation.objects import NARROW, REFUSED, Spec

if TYPE_CHECKING:
    from simulation.script import Writer

ADDRESSES = ("192.0.2.77", "192.0.2.78", "192.0.2.78,2001:db8::78")

LISTENERS = ((), (), (), ("*.lab.test",), NARROW)
"""Hostnames of its listener."""


def gateways(writer: "Writer") -> None:
    """Routes live while their Gateway moves, loses its address, goes and comes, or its CRD does.

    In some schedules they have no other target than its addresses.
    """
    rng = writer.rng
    more: dict[str, Any] = {"target": ""} if rng.random() < 0.4 else {}
    writer.daemons(writer.config(kinds=("Ingress", "HTTPRoute", "DNSEndpoint"), **more))
    gateway = replace(GATEWAY, address=rng.choice(ADDRESSES))
    writer.put(gateway)
    for number in range(rng.randrange(1, 7)):
        kind = rng.choice(("HTTPRoute", "HTTPRoute", "HTTPRoute", "DNSEndpoint", "Ingress"))
        host = f"h{number}.lab.test" if rng.random() < 0.8 else rng.choice(writer.hosts)
        target = "192.0.2.1" if kind == "DNSEndpoint" else ""
        writer.put(Spec(kind, rng.choice("abc"), f"o{number}", (host,), target=target))
    specs = [spec for spec in writer.objects.values() if spec.kind != "Gateway"]
    routes = [spec for spec in specs if spec.kind == "HTTPRoute"]
    writer.add("start", 0, settles=EDIT)
    for _ in range(rng.randrange(2, 7)):
        writer.wait(0.3, 3.0, 20.0, 90.0)
        dice = rng.random()
        if dice < 0.3:
            _moves_or_goes(writer, gateway)
        elif dice < 0.55 and routes:
            _is_judged(writer, rng.choice(routes))
        elif dice < 0.85:
            _trouble(writer)
        else:
            writer.delete(rng.choice(specs).ref, settles=DOUBT)
        if rng.random() < 0.5:
            writer.wait(0.3, 5.0, 70.0)
            for spec in rng.sample(specs, rng.randrange(len(specs) + 1)):
                writer.put(spec, settles=DOUBT)
    writer.wait(3.0, 90.0)
    address, hosts = rng.choice(("", *ADDRESSES)), rng.choice(LISTENERS)
    gateway = replace(gateway, address=address, hosts=hosts)
    for spec in rng.sample((gateway, *specs), len(specs) + 1):
        verdict = REFUSED if spec in routes and rng.random() < 0.2 else ""
        writer.put(replace(spec, fault=verdict), settles=COMES + DOUBT)


def _moves_or_goes(writer: "Writer", gateway: Spec) -> None:
    rng = writer.rng
    if rng.random() < 0.4:
        writer.delete(gateway.ref, settles=DOUBT)
        return
    for _ in range(rng.randrange(1, 4)):
        address, hosts = rng.choice(("", *ADDRESSES)), rng.choice(LISTENERS)
        writer.put(replace(gateway, address=address, hosts=hosts), settles=DOUBT)
        writer.at += rng.choice((0.05, 0.5, 3.0))


def _is_judged(writer: "Writer", route: Spec) -> None:
    """Let a controller accept or refuse a route, or begin to think of it anew."""
    rng = writer.rng
    for _ in range(rng.randrange(1, 4)):
        verdict = rng.choice(("", REFUSED, REFUSED, "pending"))
        writer.put(replace(route, fault=verdict), settles=DOUBT)
        writer.at += rng.choice((0.05, 0.5, 5.0, 15.0))


def _trouble(writer: "Writer") -> None:
    rng = writer.rng
    match rng.randrange(3):
        case 0:
            lasts = rng.choice((1.0, 15.0, 40.0))
            what = rng.choice(("list Gateway", "watch Gateway", "list HTTPRoute"))
            error = rng.choice(("500", "refused", "hang"))
            writer.add("fault", "kube", what, error, lasts, settles=lasts + DOUBT, lasts=lasts)
        case 1:
            kind = rng.choice(("Gateway", "HTTPRoute", "DNSEndpoint"))
            writer.add("crd_gone", kind, 0.01, settles=DOUBT)
            writer.wait(1.0, 20.0, 90.0)
            writer.add("crd_back", kind, settles=COMES + DOUBT)
            writer.at += COMES
        case _:
            writer.restart()
