"""Scripts in which people act on the daemon: at the control socket, and by commands beside it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from simulation.bounds import COMMAND, DNS, EDIT, INFERRED
from simulation.objects import KINDS, Spec

if TYPE_CHECKING:
    from simulation.script import Writer

ZONE = "lab.test"
THOUGHTS = (0.0, 0.0, 3.0, 25.0)
TEXTS = ("", "the app", "bought in 2019; ask Ann | not Bob", "owner=me", "ü" * 110)


def with_people(writer: "Writer", trouble: Callable[["Writer"], None]) -> None:
    """Write another profile's script, and people's acts at any moment of it."""
    trouble(writer)
    rng, end = writer.rng, writer.at
    slots = len(writer.script.daemons)
    for _ in range(rng.randrange(3, 9)):
        writer.at = rng.uniform(5.0, end + 130.0)
        act(writer, rng.randrange(slots))
    writer.at = end


def act(writer: "Writer", slot: int) -> None:
    """Let a person do something."""
    rng = writer.rng
    match rng.randrange(9):
        case 0 | 1 | 2:
            release(writer, slot)
        case 3 | 4:
            pause(writer, slot, rng.choice((0.5, 5.0, 40.0)))
        case 5:
            by_hand(writer, rng.choice(writer.hosts))
            command(writer, "adopt", slot)
        case 6:
            command(writer, "purge", slot)
        case 7 if writer.script.clusters == 2:
            command(writer, "adopt-from", slot, other=1 - writer.script.daemons[slot][1])
        case _:
            command(writer, "plan", slot)


def release(writer: "Writer", slot: int = 0) -> None:
    """Release what waits for a person, all or some of it, and at once or after a while."""
    rng = writer.rng
    think, share = rng.choice(THOUGHTS), rng.choice((0.5, 1.0, 1.0))
    writer.add("release", slot, think, share, settles=think + EDIT, lasts=think)


def pause(writer: "Writer", slot: int, lasts: float) -> None:
    """Pause the daemon, and end that after a while."""
    began = writer.at
    writer.add("pause", slot, settles=lasts + EDIT, lasts=lasts)
    writer.at += lasts
    writer.add("resume", slot, settles=EDIT)
    writer.at = began


def out_of_touch(writer: "Writer", kind: str) -> None:
    """Let one source be refused for a while."""
    lasts = writer.rng.choice((12.0, 30.0))
    for what in ("list", "watch"):
        settles = lasts + INFERRED
        writer.add("fault", "kube", f"{what} {kind}", "500", lasts, settles=settles, lasts=lasts)
    writer.add("disturb", kind, "eof", settles=INFERRED)


def by_hand(writer: "Writer", name: str, cluster: int = 0) -> None:
    """Let a person's own records say what an object wants."""
    writer.add("by_hand", name, ZONE, writer.rng.choice(TEXTS), cluster, settles=EDIT)


def command(writer: "Writer", purpose: str, slot: int = 0, other: int = 0) -> None:
    """Run a command beside the daemon; at times it is killed after a few writes."""
    rng = writer.rng
    think, dies_at = rng.choice(THOUGHTS), rng.choice((0, 0, 0, 1, 2))
    settles = think + COMMAND + INFERRED
    writer.add(
        "command", slot, purpose, think, dies_at, other, settles=settles, lasts=think + COMMAND
    )


def own_hosts(writer: "Writer", count: int, kinds: tuple[str, ...] = KINDS) -> list[Spec]:
    """Make objects, each with a host of its own; some have several values."""
    rng = writer.rng
    specs = [
        Spec(
            rng.choice(kinds),
            rng.choice(("a", "b")),
            f"o{number}",
            (f"h{number}.lab.test",),
            target=rng.choice(("", "", "192.0.2.7", "192.0.2.7,192.0.2.8")),
            klass=rng.choice(("", "x")),
        )
        for number in range(count)
    ]
    for spec in specs:
        writer.put(spec)
    return specs


def pauses(writer: "Writer") -> None:
    """A healthy world in which the cluster changes, while the daemon is paused now and then."""
    rng = writer.rng
    writer.daemons(writer.config())
    writer.fill(rng.randrange(1, 6))
    writer.add("start", 0, settles=EDIT)
    writer.wait(5.0)
    for _ in range(rng.randrange(1, 4)):
        lasts = rng.choice((2.0, 20.0, 60.0))
        pause(writer, 0, lasts)
        end = writer.at + lasts
        writer.wait(0.2)
        while writer.at < end:
            # An end that was seen while another object claims the name counts for its one pass.
            writer.edit(settles=lasts + INFERRED)
            writer.wait(0.2, 4.0)
        writer.at = max(writer.at, end + 1.0)


def withheld(writer: "Writer") -> None:
    """Objects vanish while nobody looks; a person releases names, and some are claimed again."""
    rng = writer.rng
    writer.daemons(writer.config())
    specs = own_hosts(writer, rng.randrange(2, 10), tuple(rng.sample(KINDS, rng.choice((1, 2)))))
    writer.add("start", 0, settles=EDIT)
    writer.wait(10.0)
    writer.at += 5.0
    crd = rng.random() < 0.3 and specs[0].kind != "Ingress"
    if crd:
        writer.add("crd_gone", specs[0].kind, 0.01, settles=INFERRED)
        writer.at += 10.0
        gone = specs[:1]
    else:
        writer.add("kill", 0)
        count = rng.choice((len(specs), rng.randrange(1, len(specs) + 1)))
        gone = rng.sample(specs, count)
        for spec in gone:
            writer.delete(spec.ref)
        writer.add("start", 0, settles=INFERRED + 10.0)
        writer.at += rng.choice((30.0, 80.0, 80.0, 80.0))
    if rng.random() < 0.5:
        # A release is for once: what is made again and deleted again needs its own evidence.
        writer.add("release", 0, 0.0, 1.0, settles=EDIT)
        writer.at += 3.0
        writer.put(gone[0], settles=75.0 + EDIT)
        writer.at += 4.0
        writer.delete(gone[0].ref, settles=INFERRED)
    for _ in range(rng.randrange(1, 5)):
        writer.wait(1.0, 10.0)
        dice = rng.random()
        if dice < 0.2:
            release(writer)
        elif dice < 0.35:
            out_of_touch(writer, rng.choice(KINDS))
            writer.at += 3.0
            release(writer)
        elif dice < 0.45:
            pause(writer, 0, rng.choice((2.0, 20.0)))
        elif dice < 0.8:
            spec = rng.choice(gone)
            writer.put(spec, settles=75.0 + EDIT)
            if rng.random() < 0.6:
                writer.at += rng.choice((3.0, 6.0))
                writer.delete(spec.ref, settles=INFERRED)
        elif dice < 0.9:
            writer.add("crd_back", specs[0].kind, settles=75.0 + INFERRED)
        else:
            writer.edit(settles=INFERRED)
    release(writer)


def handed(writer: "Writer") -> None:
    """People's own records are adopted; then their objects go, seen or not."""
    rng = writer.rng
    writer.daemons(writer.config())
    specs = own_hosts(writer, rng.randrange(2, 7))
    mine = [spec.hosts[0] for spec in specs if rng.random() < 0.7]
    for name in mine:
        by_hand(writer, name)
        if rng.random() < 0.2:
            writer.add("person", "add", name, ZONE, "203.0.113.5", settles=EDIT)
    writer.add("start", 0, settles=EDIT)
    writer.wait(8.0)
    if rng.random() < 0.3:
        writer.dns_fault()
    command(writer, "adopt")
    if rng.random() < 0.5:
        writer.at += rng.choice((2.0, 8.0))
        writer.put(writer.varied(rng.choice(specs)), settles=COMMAND)
    if rng.random() < 0.5:
        writer.at += 8.0
        one = rng.choice(specs)
        kind = rng.choice([kind for kind in KINDS if kind != one.kind])
        writer.put(replace(one, kind=kind, namespace="c"), settles=COMMAND)
    writer.at += rng.choice((8.0, 35.0))
    for _ in range(rng.randrange(1, 5)):
        writer.wait(0.5, 5.0)
        dice = rng.random()
        if dice < 0.25:
            writer.add("kill", 0)
            for spec in rng.sample(specs, rng.randrange(1, len(specs) + 1)):
                writer.delete(spec.ref)
            writer.add("start", 0, settles=INFERRED + 10.0)
            writer.at += rng.choice((1.0, 80.0))
            release(writer)
        elif dice < 0.4:
            writer.person()
        elif dice < 0.5:
            by_hand(writer, rng.choice(mine or [specs[0].hosts[0]]))
            command(writer, "adopt")
        else:
            writer.edit(settles=COMMAND + INFERRED)


def orphaned(writer: "Writer") -> None:
    """Settings change, and a person purges what they do not cover any more."""
    rng = writer.rng
    writer.daemons(writer.config())
    specs = own_hosts(writer, rng.randrange(3, 8))
    for _ in range(rng.randrange(3)):
        writer.person()
    writer.add("start", 0, settles=EDIT)
    writer.wait(8.0)
    writer.add("person", "add", "mine.lab.test", ZONE, "203.0.113.5", settles=EDIT)
    writer.add("stop", 0)
    if rng.random() < 0.5:
        writer.delete(specs.pop().ref, settles=INFERRED)
    changes = rng.choice(
        ({"kinds": tuple(sorted(rng.sample(KINDS, 2)))}, {"namespaces": ("a",)}, {"klass": "x"})
    )
    writer.at += 3.0
    writer.add("start", 0, changes, settles=INFERRED)
    writer.at += rng.choice((1.0, 8.0, 90.0))
    for _ in range(rng.randrange(1, 4)):
        if rng.random() < 0.2:
            writer.dns_fault()
        if rng.random() < 0.1:
            writer.kube_fault()
        command(writer, "purge")
        for _ in range(rng.randrange(3)):
            writer.at += rng.choice((0.5, 4.0))
            spec = rng.choice(specs)
            writer.put(replace(spec, klass=rng.choice(("", "x"))), settles=COMMAND + INFERRED)
        writer.wait(2.0, 40.0)


def moved(writer: "Writer") -> None:
    """A cluster takes over what another with the same owner id left, or still looks after."""
    rng = writer.rng
    config = writer.config()
    writer.daemons(config, config, clusters=2)
    specs = own_hosts(writer, rng.randrange(2, 7))
    writer.add("start", 0, settles=EDIT)
    writer.wait(8.0)
    writer.at += 4.0
    if rng.random() < 0.6:
        writer.add("kill", 0)
    writer.add("start", 1, settles=INFERRED)
    for spec in specs:
        if rng.random() < 0.8:
            writer.put(writer.varied(spec) if rng.random() < 0.2 else spec, 1)
    writer.wait(5.0)
    for _ in range(rng.randrange(1, 4)):
        dice = rng.random()
        if dice < 0.6:
            # One who gives the wrong cluster's id gets nothing.
            command(writer, "adopt-from", 1, other=rng.choice((0, 0, 1)))
        elif dice < 0.7:
            command(writer, "adopt", 1)
        elif dice < 0.8:
            writer.person()
        else:
            writer.edit(rng.randrange(2), settles=COMMAND + INFERRED)
        writer.wait(3.0, 40.0)


def late(writer: "Writer") -> None:
    """Calls that we gave up on are carried out when nobody waits for them any more."""
    rng = writer.rng
    writer.daemons(writer.config())
    kind_of, last = rng.sample(KINDS, 2)
    writer.fill(rng.randrange(2, 6), kind=kind_of)
    writer.add("start", 0, settles=EDIT)
    writer.wait(8.0)
    for _ in range(rng.randrange(1, 4)):
        what = rng.choice(("", "add", "add", "delete", "delete", "update"))
        kind, seconds = rng.choice(("after-lost", "after-hang")), rng.choice((0.02, 0.5, 3.0, 20.0))
        lasts, times = rng.choice((3.0, 15.0, 30.0)), rng.choice((1, 2, 10**6))
        end = lasts + 10.0 + seconds
        writer.add(
            "fault", "dns", what, kind, lasts, rng.choice((0.6, 1.0)), times, seconds,
            settles=end + DNS, lasts=end,
        )  # fmt: skip
        for _ in range(rng.randrange(1, 5)):
            dice = rng.random()
            if dice < 0.08:
                writer.restart()
            elif dice < 0.16:
                writer.person()
            elif dice < 0.6:
                # An object that is gone again before a call for its sake is carried out.
                spec = Spec(last, "c", "late", ("late.lab.test",))
                writer.put(spec)
                writer.at += rng.choice((0.4, 0.7, 1.5))
                writer.delete(spec.ref)
            else:
                writer.edit()
            writer.wait(0.2, 3.0, 8.0)
        writer.wait(1.0, 20.0)
