"""The commands `run` and `plan`: the daemon, and a look at what it would do."""

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import typer

from catalyst_dns_sync.cli.direct import run as run_daemon
from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import with_dev_mode
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.telemetry import logs

CHANGES = 2


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"


@with_dev_mode
def run(
    *,
    settings: Settings,
    once: Annotated[bool, typer.Option("--once", help="make one pass and end")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="change nothing, say what would change")
    ] = False,
) -> None:
    """Keep the zones in step, until a signal says stop."""
    run_daemon(settings, once=once, dry_run=dry_run)


@with_dev_mode
def plan(
    *,
    settings: Settings,
    output: Annotated[
        PlanFormat, typer.Option("--output", "-o", help="how to print the plan")
    ] = PlanFormat.TABLE,
) -> None:
    """Show what a pass would change, and change nothing; exit 0: nothing to do, 2: changes."""
    from catalyst_dns_sync.app import passes
    from catalyst_dns_sync.cli import plans

    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        proposals = asyncio.run(passes.plan(settings))
    render = plans.as_json if output is PlanFormat.JSON else plans.as_table
    sys.stdout.write(render(proposals) + "\n")
    raise typer.Exit(CHANGES if plans.has_changes(proposals) else 0)
