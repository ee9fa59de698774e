"""Scripts in which cert-manager comes and goes, and people have Certificates of their own."""

from dataclasses import replace
from typing import TYPE_CHECKING

from simulation.bounds import DNS, EDIT, INFERRED
from simulation.issuing import KIND, NAMESPACE, wildcard_of
from simulation.objects import Issued, Spec

if TYPE_CHECKING:
    from simulation.script import Writer

SOON = 6.0
"""Seconds until a new name has its record, whatever becomes of certificates, and then some."""
COMES = 75.0
"""A kind that comes is seen within a minute, and then some."""
CALLS = ("get", "create", "update", "list", "watch", "")
FAILURES = ("401", "403", "409", "429", "500", "503", "refused", "hang", "cut", "missing")


def certificates(writer: "Writer") -> None:
    """Cert-manager's CRD comes while the daemon runs, goes, and comes again; people edit."""
    rng = writer.rng
    writer.daemons(writer.config(certificates=True))
    if rng.random() < 0.3:
        writer.add("fault", "kube", "list Secret", "403", 10**6, settles=0.0)
    for _ in range(rng.randrange(2)):
        _person(writer)
    if rng.random() < 0.6:
        writer.add("crd_gone", KIND, 0.01)
    writer.fill(rng.randrange(1, 6))
    writer.at = 3.0
    writer.add("start", 0, settles=EDIT)
    writer.wait(5.0)
    rng.choice((_alone, _alone, _amid_all))(writer)
    if rng.random() < 0.8:
        writer.wait(3.0, 70.0)
        _comes(writer)


def _alone(writer: "Writer") -> None:
    """Let nothing but certificates have troubles: new names do not wait for them."""
    rng = writer.rng
    writer.at += 8.0
    for number in range(rng.randrange(5, 14)):
        writer.wait(0.05, 1.0, 6.0, 25.0)
        dice = rng.random()
        if dice < 0.25:
            _comes_or_goes(writer)
        elif dice < 0.5:
            _person(writer)
        elif dice < 0.75:
            _fault(writer)
        else:
            writer.put(Spec("Ingress", "b", f"new{number}", (f"new{number}.lab.test",)))
            writer.add_at(SOON, "answers", 0)


def _amid_all(writer: "Writer") -> None:
    rng = writer.rng
    for _ in range(rng.randrange(6, 16)):
        writer.wait(0.05, 1.0, 6.0, 25.0)
        match rng.randrange(10):
            case 0 | 1:
                _comes_or_goes(writer)
            case 2 | 3 | 4:
                _person(writer)
            case 5:
                _fault(writer)
            case 6:
                writer.kube_fault()
            case 7:
                writer.dns_fault()
            case 8:
                writer.restart()
            case _:
                writer.edit(settles=INFERRED)


def _comes_or_goes(writer: "Writer") -> None:
    if writer.rng.random() < 0.5:
        _comes(writer)
        return
    writer.add("crd_gone", KIND, writer.rng.choice((0.01, 0.5, 4.0)), settles=DNS, lasts=10.0)
    if writer.rng.random() < 0.5:
        writer.wait(1.5, 4.0, 70.0)
        _comes(writer)


def _comes(writer: "Writer") -> None:
    writer.add("crd_back", KIND, settles=COMES + EDIT)


def _fault(writer: "Writer") -> None:
    """Let calls for certificates fail, all or of one sort."""
    rng = writer.rng
    call = rng.choice(CALLS)
    kinds = (*FAILURES, "lost", "lost") if call in ("get", "create", "update") else FAILURES
    kind, lasts = rng.choice(kinds), rng.choice((1.0, 15.0, 90.0))
    for verb in (call,) if call else CALLS[:-1]:
        writer.add(
            "fault", "kube", f"{verb} {KIND}", kind, lasts, rng.choice((0.5, 1.0)),
            settles=lasts + INFERRED, lasts=lasts,
        )  # fmt: skip
    if rng.random() < 0.6:
        writer.add("disturb", KIND, rng.choice(("eof", "reset", "gone")), settles=INFERRED)


def _person(writer: "Writer") -> None:
    """Edit or delete a zone's Certificate, or have one of its name; at times twice in a moment."""
    rng = writer.rng
    ours = wildcard_of(rng.choice(writer.script.zones))
    for _ in range(rng.choice((1, 1, 2, 3))):
        if rng.random() < 0.25:
            writer.add("delete", ours.ref, 0, settles=DNS)
        else:
            writer.add("put", _edited(writer, ours), 0, settles=DNS)
        writer.at += rng.choice((0.01, 0.03, 0.05, 2.0))


def _edited(writer: "Writer", ours: Issued) -> Issued:
    rng = writer.rng
    managed, owner = ours.labels
    match rng.randrange(9):
        case 0:
            return replace(ours, hosts=ours.hosts[:1])
        case 1:
            return replace(ours, issuer="Issuer/own")
        case 2:
            return replace(ours, secret="own-tls", more='{"duration": "9h"}')
        case 3:
            return replace(ours, more='{"duration": "9h"}')
        case 4:
            return replace(ours, labels=())
        case 5:
            return replace(ours, labels=(managed, (owner[0], "other")), issuer="Issuer/theirs")
        case 6:
            return replace(ours, labels=(("team", "web"),), hosts=("h1.lab.test",), secret="own")
        case 7:
            return Issued(KIND, NAMESPACE, "own", ("h2.lab.test",), secret="own", issuer="Issuer/x")
        case _:
            return ours
