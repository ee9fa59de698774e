"""The step that tells which certificate covers a name."""

from collections.abc import Iterable
from datetime import UTC, datetime

from catalyst_dns_sync.core.certificates import RENEWED_BEFORE, Certificate, covering
from catalyst_dns_sync.core.explain.model import Outcome, Stage, Step
from catalyst_dns_sync.core.names import DnsName

_DAY = 86400.0


def certificate_step(name: DnsName, certificates: Iterable[Certificate], now: float) -> Step:
    """Return what is to be said of the certificates that cover a name, at a Unix time."""
    found = covering(name, certificates)
    if not found:
        detail = "no certificate in the cluster covers it"
        advice = "fine for plain HTTP; for https add it to a Certificate, or see the browser warn"
        return Step(Stage.CERTIFICATE, Outcome.NOTE, detail, (), advice)
    best, *others = found
    more = tuple(_text(one) for one in others)
    if best.ends is None or best.ready is False:
        advice = f"kubectl -n {best.ref.namespace} describe certificate {best.ref.name}"
        detail = f"{_text(best)}, and it is not ready"
        return Step(Stage.CERTIFICATE, Outcome.NOTE, detail, more, advice)
    if best.ends < now + RENEWED_BEFORE:
        days = (best.ends - now) / _DAY
        when = f"in {days:.0f} days" if days >= 0 else f"{-days:.0f} days ago"
        advice = "cert-manager renews earlier than that: look at the events of the Certificate"
        detail = (
            f"{_text(best)}: that is {when}" if days >= 0 else f"{_text(best)}: it ended {when}"
        )
        return Step(Stage.CERTIFICATE, Outcome.NOTE, detail, more, advice)
    return Step(Stage.CERTIFICATE, Outcome.OK, _text(best), more)


def _text(one: Certificate) -> str:
    if one.ends is None:
        return f"{one.ref} is to cover it"
    return f"{one.ref} covers it until {datetime.fromtimestamp(one.ends, UTC):%Y-%m-%d}"
