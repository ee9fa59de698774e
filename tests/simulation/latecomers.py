"""Scripts in which CRDs of the Gateway API and of DNSEndpoint come late, go, and come again."""

from typing import TYPE_CHECKING

from simulation.bounds import DOUBT, EDIT
from simulation.objects import Spec

if TYPE_CHECKING:
    from simulation.script import Writer

GATEWAY = Spec("Gateway", "a", "gw", address="192.0.2.77")
BUNDLES = (("Gateway", "HTTPRoute"), ("DNSEndpoint",))
"""CRDs that are installed, and removed, together."""
COMES = 75.0
"""A kind that comes is seen, and its names are made, within a minute, and then some."""


def latecomers(writer: "Writer") -> None:
    """Kinds are not there when the daemon starts; they come, go, and come again."""
    rng = writer.rng
    writer.daemons(writer.config(kinds=("Ingress", "HTTPRoute", "DNSEndpoint")))
    specs = [GATEWAY]
    for number in range(rng.randrange(2, 8)):
        kind = rng.choice(("HTTPRoute", "HTTPRoute", "DNSEndpoint", "DNSEndpoint", "Ingress"))
        host = f"h{number}.lab.test" if rng.random() < 0.8 else rng.choice(writer.hosts)
        specs.append(Spec(kind, rng.choice("abc"), f"o{number}", (host,)))
    away = rng.choice((BUNDLES, BUNDLES, BUNDLES[:1], BUNDLES[1:]))
    for bundle in away:
        _go(writer, bundle)
    writer.at = max(writer.at, 3.0)
    _make(writer, specs)
    writer.add("start", 0, settles=EDIT)
    writer.wait(1.0, 20.0)
    is_calm = rng.random() < 0.5
    for _ in range(rng.randrange(2, 6)):
        bundle = rng.choice(BUNDLES)
        if rng.random() < 0.6:
            _come(writer, bundle)
            writer.wait(0.05, 1.0, 3.0)
            _make(writer, specs)
            if is_calm:
                for spec in specs[1:]:
                    writer.add_at(COMES, "appears", spec)
                writer.at += COMES
        else:
            _go(writer, bundle)
        writer.wait(0.5, 5.0, 70.0)
        if not is_calm:
            _trouble(writer, specs)
    for bundle in BUNDLES:
        _come(writer, bundle)
    writer.wait(0.5, 70.0)
    # What went with its CRD does not always come again; routes can't be without their Gateway.
    back = specs if rng.random() < 0.5 else [GATEWAY, *rng.sample(specs, len(specs) // 2)]
    _make(writer, back)
    for spec in specs[1:]:
        if is_calm:
            writer.add_at(COMES, "appears", spec)


def _make(writer: "Writer", specs: list[Spec]) -> None:
    """Put the objects, in any order; those of kinds that are not served are refused."""
    for spec in writer.rng.sample(specs, len(specs)):
        writer.put(spec, settles=DOUBT)
        writer.at += writer.rng.choice((0.0, 0.0, 0.02, 0.5))


def _come(writer: "Writer", bundle: tuple[str, ...]) -> None:
    for kind in writer.rng.sample(bundle, len(bundle)):
        writer.add("crd_back", kind, settles=COMES + DOUBT)
        writer.at += writer.rng.choice((0.06, 0.06, 2.0))


def _go(writer: "Writer", bundle: tuple[str, ...]) -> None:
    for kind in writer.rng.sample(bundle, len(bundle)):
        spacing = writer.rng.choice((0.0, 0.01, 0.5))
        writer.add("crd_gone", kind, spacing, settles=DOUBT, lasts=8 * spacing)
        writer.at += 8 * spacing + writer.rng.choice((0.1, 0.1, 1.5))


def _trouble(writer: "Writer", specs: list[Spec]) -> None:
    rng = writer.rng
    match rng.randrange(6):
        case 0 | 1:
            what = rng.choice(("list", "watch", "crd"))
            kind = rng.choice(("Gateway", "HTTPRoute", "DNSEndpoint"))
            error = rng.choice(("500", "503", "403", "refused", "hang"))
            lasts = rng.choice((1.0, 15.0, 90.0))
            settles = lasts + DOUBT
            writer.add(
                "fault", "kube", f"{what} {kind}", error, lasts, settles=settles, lasts=lasts
            )
            writer.add("disturb", kind, rng.choice(("eof", "reset", "gone")), settles=DOUBT)
        case 2:
            writer.restart()
        case 3:
            writer.dns_fault()
        case 4:
            writer.delete(rng.choice(specs).ref, settles=DOUBT)
        case _:
            writer.put(rng.choice(specs), settles=DOUBT)
