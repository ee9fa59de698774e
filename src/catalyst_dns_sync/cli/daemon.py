"""The commands `run` and `plan`: the daemon, and a look at what it would do."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalyst_dns_sync.cli.direct import run as run_daemon
from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import Server, Zones, log_to_stderr, with_dev_mode, zones_given
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.servers import of_server, only_server

if TYPE_CHECKING:
    from catalyst_dns_sync.app.passes import Plans

CHANGES = 2


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MARKDOWN = "markdown"


@with_dev_mode
def run(
    *,
    settings: Settings,
    once: Annotated[bool, typer.Option("--once", help="make one pass and end")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="change nothing, say what would change")
    ] = False,
) -> None:
    """Keep the zones in step, until a signal says stop.

    Example: catalyst-dns-sync run --dns-zones home.arpa --dry-run
    """
    run_daemon(settings, once=once, dry_run=dry_run)


@with_dev_mode
def plan(
    *,
    settings: Settings,
    server: Server = None,
    zone: Zones = None,
    diff_against: Annotated[
        Path | None,
        typer.Option("--diff-against", help="an export to compare with, too", metavar="FILE"),
    ] = None,
    output: Annotated[
        PlanFormat, typer.Option("--output", "-o", help="how to print the plan")
    ] = PlanFormat.TABLE,
) -> None:
    """Show what a pass would change, and change nothing.

    Exit codes: 0 nothing to do, 2 there are changes (or differences from an export),
    1 trouble: what could be planned is shown all the same.

    Example: catalyst-dns-sync plan --zone home.arpa -o markdown
    """
    from catalyst_dns_sync.cli import plans
    from catalyst_dns_sync.cli.backups import read_backup
    from catalyst_dns_sync.cli.paint import paint_for

    log_to_stderr(settings)
    owner = settings.owner_id
    with errors_as_exit_codes():
        chosen = of_server(settings, server)
        backup = None
        if diff_against is not None:
            # An export is of one server.
            chosen = only_server(settings, server)
            backup = read_backup(diff_against, owner)
        planned = asyncio.run(_planned(chosen, zones_given(zone)))
        if planned.errors and (backup is not None or not planned.proposals):
            raise ExceptionGroup("there is no plan", planned.errors)
    proposals = planned.proposals
    since = plans.since_export(backup, proposals, owner) if backup is not None else None
    match output:
        case PlanFormat.TABLE:
            text = plans.as_table(proposals, paint_for(sys.stdout), since)
        case PlanFormat.JSON:
            text = plans.as_json(proposals, since)
        case PlanFormat.YAML:
            text = plans.as_yaml(proposals, since)
        case PlanFormat.MARKDOWN:
            text = plans.as_markdown(proposals, since)
    sys.stdout.write(text + "\n")
    if planned.errors:
        with errors_as_exit_codes():
            raise ExceptionGroup("some zones have no plan", planned.errors)
    raise typer.Exit(CHANGES if since or plans.has_changes(proposals) else 0)


async def _planned(settings: Settings, zones: list[DnsName]) -> "Plans":
    from catalyst_dns_sync.app import passes
    from catalyst_dns_sync.cli.progress import Progress, shown

    progress = Progress()
    async with shown(progress):
        return await passes.plan(settings, zones, progress.say)
