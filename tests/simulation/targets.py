"""Scripts in which what names resolve to changes: a load balancer, a table, annotations."""

from dataclasses import replace
from typing import TYPE_CHECKING

from simulation.bounds import DOUBT, EDIT, INFERRED
from simulation.objects import Spec

if TYPE_CHECKING:
    from simulation.script import Writer

ADDRESSES = ("192.0.2.61", "192.0.2.62", "192.0.2.61,2001:db8::61", "192.0.2.62,2001:db8::62", "")
TABLES = (
    (),
    (("web", "192.0.2.31"), ("vpn", "192.0.2.32,2001:db8::32")),
    (("vpn", "192.0.2.32"), ("x", "192.0.2.33"), ("*", "192.0.2.34")),
)
BALANCER = Spec("Service", "a", "lb", address="192.0.2.61")


def targets(writer: "Writer") -> None:
    """The Service that names targets moves, flaps, loses its address, goes and comes."""
    rng = writer.rng
    is_followed = rng.random() < 0.7
    more = {"target": "", "service": "lb"} if is_followed else {}
    writer.daemons(writer.config(table=rng.choice(TABLES), **more))
    writer.tells = True
    if rng.random() < 0.8:
        writer.put(BALANCER)
    writer.fill(rng.randrange(2, 8))
    writer.add("start", 0, settles=EDIT)
    for _ in range(rng.randrange(4, 13)):
        writer.wait(0.05, 1.0, 6.0, 25.0)
        dice = rng.random()
        if is_followed and dice < 0.45:
            _moves(writer)
        elif dice < 0.5:
            _rivals(writer)
        elif dice < 0.54:
            writer.dns_fault()
        elif dice < 0.58:
            writer.restart()
        elif dice < 0.62:
            writer.add("person", "note", rng.choice(writer.hosts), "lab.test", "", settles=INFERRED)
        elif dice < 0.68:
            _out_of_touch(writer)
        else:
            writer.edit()


def _rivals(writer: "Writer") -> None:
    """Let two objects want a new name at once, with different targets and ranks."""
    rng = writer.rng
    name, ranks = f"new{rng.randrange(100)}", rng.sample((0, 5, -3), 2)
    for number, rank in enumerate(ranks):
        target = f"192.0.2.{40 + number}"
        host = f"{name}.lab.test"
        writer.put(Spec("Ingress", "abc"[number], name, (host,), target=target, priority=rank))


def _moves(writer: "Writer") -> None:
    rng = writer.rng
    match rng.randrange(5):
        case 0:
            writer.delete(BALANCER.ref)
        case 1:
            for _ in range(rng.randrange(2, 5)):
                writer.put(replace(BALANCER, address=rng.choice(("", BALANCER.address))))
                writer.at += rng.choice((0.05, 0.5, 3.0))
        case _:
            writer.put(replace(BALANCER, address=rng.choice(ADDRESSES)))


def _out_of_touch(writer: "Writer") -> None:
    lasts = writer.rng.choice((3.0, 30.0))
    for what in ("list Service", "watch Service"):
        settles = lasts + DOUBT
        writer.add("fault", "kube", what, "500", lasts, settles=settles, lasts=lasts)
    writer.add("disturb", "Service", writer.rng.choice(("eof", "gone")), settles=DOUBT)
