"""The command `check`: is all there that the daemon needs, and if not, what mends it."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import typer

from catalyst_dns_sync.cli.exits import TROUBLE, errors_as_exit_codes
from catalyst_dns_sync.cli.options import Format, Output, Server, log_to_stderr, with_dev_mode
from catalyst_dns_sync.core.checkup import Finding, Level
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.servers import of_server

_SHOWN = {
    Level.OK: "ok",
    Level.HINT: "hint",
    Level.WARNING: "WARNING",
    Level.ERROR: "ERROR",
}


@with_dev_mode
def check(
    *,
    settings: Settings,
    server: Server = None,
    output: Output = Format.TEXT,
) -> None:
    """Say what is missing or wrong, and what mends it.

    Exit codes: 0 fine, 1 trouble, 2 settings that can't be used.

    Example: catalyst-dns-sync check --dns-zones home.arpa
    """
    from catalyst_dns_sync.app.checkup import examine

    log_to_stderr(settings)
    with errors_as_exit_codes():
        findings = asyncio.run(examine(of_server(settings, server)))
    render = as_json if output is Format.JSON else as_text
    sys.stdout.write(render(findings) + "\n")
    raise typer.Exit(TROUBLE if any(one.is_trouble for one in findings) else 0)


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings as JSON."""
    ok = not any(one.is_trouble for one in findings)
    return json.dumps({"ok": ok, "findings": [asdict(one) for one in findings]}, indent=2)


def as_text(findings: Sequence[Finding]) -> str:
    """Return the findings as people read them: what is well first, what matters last."""
    order = list(_SHOWN)
    sorted_findings = sorted(findings, key=lambda one: order.index(one.level))
    lines = [line for one in sorted_findings for line in _lines(one)]
    return "\n".join([*lines, _summary(findings)])


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{_SHOWN[finding.level]:<8} {finding.check}: {finding.text}"
    for number, line in enumerate(finding.mend.splitlines()):
        yield f"         {'-> ' if number == 0 else '   '}{line}"


def _summary(findings: Sequence[Finding]) -> str:
    counts = {level: sum(one.level is level for one in findings) for level in Level}
    words = [
        f"{counts[level]} {level.value}{'s' if counts[level] != 1 else ''}"
        for level in (Level.ERROR, Level.WARNING, Level.HINT)
        if counts[level]
    ]
    return ", ".join(words) or "all is well"
