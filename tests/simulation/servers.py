"""Scripts in which one daemon looks after two DNS servers, and something befalls one of them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulation.bounds import DNS, EDIT, HUMAN, INFERRED
from simulation.config import Server
from simulation.faults import server_side
from simulation.objects import Spec
from simulation.people import act, pause

if TYPE_CHECKING:
    from simulation.script import Writer

ZONE, INNER, ELSEWHERE = "lab.test", "dev.lab.test", "else.test"
SPREADS = ((ZONE,), (ZONE,), (ZONE,), (ZONE, INNER), (INNER,), (ELSEWHERE,), (ELSEWHERE, ZONE))
"""What zones the second server may have."""
SOON = 6.0
"""Seconds until a new name has its record at a server that is well, and then some."""
MORE_HOSTS = ("x.dev.lab.test", "a.else.test", "b.else.test")


def servers(writer: "Writer") -> None:
    """One of two servers hangs, fails, dies, forgets or is edited; the other one does not wait."""
    rng = writer.rng
    second = Server(
        "second",
        rng.choice(SPREADS),
        target=rng.choice(("192.0.2.1", "192.0.2.101", "192.0.2.101", "2001:db8::101")),
        ttl=rng.choice((300, 60)),
        policy=rng.choice(("sync", "sync", "sync", "upsert-only")),
    )
    writer.daemons(writer.config(others=(second,)))
    writer.hosts = (*writer.hosts, *(one for one in MORE_HOSTS if rng.random() < 0.5))
    writer.fill(rng.randrange(1, 6))
    writer.add("start", 0, settles=EDIT)
    writer.wait(5.0)
    trouble = rng.choice((_one_is_away, _one_is_away, _both_have_troubles, _one_forgets))
    trouble(writer)


def _one_is_away(writer: "Writer") -> None:
    """Leave one server well: what is new gets there at once, though the other one never answers."""
    rng = writer.rng
    away = rng.randrange(2)
    writer.at += 6.0
    what, lasts = rng.choice(("", "", "list", "get", "user", "add")), rng.choice((60.0, 400.0))
    kind = rng.choice(("hang", "hang", "hang", "refused", "lost-hang", "502"))
    _fault(writer, away, what, kind, lasts)
    for number in range(rng.randrange(2, 9)):
        writer.wait(0.1, 2.0, 8.0, 25.0)
        dice = rng.random()
        if dice < 0.2:
            _trouble(writer, away)
        elif dice < 0.6:
            spec = Spec("Ingress", "b", f"new{number}", (f"new{number}.{_zone(writer)}",))
            writer.put(spec)
            writer.add_at(SOON, "answers", 1 - away)
        else:
            writer.edit()


def _one_forgets(writer: "Writer") -> None:
    """Let one server die after a write, which its serial does not tell; nothing else is wrong."""
    away = writer.rng.randrange(2)
    writer.at += 16.0
    writer.add("forget", 0, 3, away, settles=85.0 + HUMAN, only=away)
    for _ in range(writer.rng.randrange(2, 6)):
        writer.put(writer.new_spec())
        writer.add_at(SOON, "answers", 1 - away)
        writer.wait(2.0, 8.0)


def _zone(writer: "Writer") -> str:
    return writer.rng.choice((ZONE, ZONE, INNER, ELSEWHERE))


def _both_have_troubles(writer: "Writer") -> None:
    rng = writer.rng
    for _ in range(rng.randrange(4, 13)):
        writer.wait(0.05, 1.0, 5.0, 20.0)
        dice = rng.random()
        if dice < 0.4:
            _trouble(writer, rng.randrange(2))
        elif dice < 0.48:
            writer.kube_fault()
        elif dice < 0.58:
            _restart(writer)
        elif dice < 0.66:
            act(writer, 0)
        elif dice < 0.72:
            pause(writer, 0, rng.choice((5.0, 40.0)))
            writer.wait(1.0)
            writer.edit()
        else:
            writer.edit()


def _restart(writer: "Writer") -> None:
    """Restart the daemon, at times without one of the servers, or with other words on it."""
    rng = writer.rng
    writer.restart()
    if rng.random() < 0.3:
        one = writer.script.daemons[0][0].others[0]
        others = rng.choice(((), (one,), (replace(one, target="192.0.2.102"),)))
        writer.wait(1.0, 20.0)
        changes: dict[str, Any] = {"others": others}
        writer.add("start", 0, changes, settles=INFERRED + 10.0)


def _fault(writer: "Writer", server: int, what: str, kind: str, lasts: float) -> None:
    chance, times = writer.rng.choice((0.6, 1.0, 1.0)), 10**6
    writer.add(
        "fault", server_side(server), what, kind, lasts, chance, times, 3.0,
        settles=lasts + DNS, lasts=lasts, only=server,
    )  # fmt: skip


def _trouble(writer: "Writer", server: int) -> None:
    """Let something befall one server."""
    rng = writer.rng
    zone = rng.choice(writer.zones_of(server))
    match rng.randrange(7):
        case 0 | 1 | 2:
            writer.dns_fault(server)
        case 3:
            jump = rng.choice((0.0, 0.0, 3600.0))
            writer.add("dns_crash", jump, server, settles=100.0, only=server)
        case 4:
            writer.add("token_replaced", server, settles=DNS, only=server)
        case 5:
            writer.add("zone_gone", zone, server, settles=DNS, only=server)
            began = writer.at
            writer.wait(1.0, 30.0)
            writer.add("zone_back", zone, server, settles=DNS, only=server)
            writer.at = began
        case _:
            writer.person(server)
