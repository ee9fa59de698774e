"""The commands `adopt` and `purge`: what becomes of records that nobody looks after."""

import asyncio
import sys
from functools import partial
from typing import Annotated

import typer

from catalyst_dns_sync.app import passes, takeover
from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import with_settings
from catalyst_dns_sync.cli.questions import confirmed_changes
from catalyst_dns_sync.settings.model import Settings, SettingsError
from catalyst_dns_sync.telemetry import logs


@with_settings
def adopt(
    *,
    settings: Settings,
    from_cluster: Annotated[
        str | None,
        typer.Option("--from-cluster", help="take over what this cluster left, by its id"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Mark records as ours that already say what the cluster wants, after showing them."""
    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        confirm = confirmed_changes("to adopt", yes=yes)
        opened = partial(passes.settled, settings)
        count = asyncio.run(takeover.adopt(opened, from_cluster, confirm))
    sys.stdout.write(f"{count} adopted\n")


@with_settings
def purge(
    *,
    settings: Settings,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="records of ours that no setting covers any more")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="all records of ours, for an uninstallation")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show them, and do nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Delete records of ours that nobody looks after any more, after showing them.

    A running daemon makes those again that are wanted: `pause` it before --all.
    """
    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        if orphans == all_:
            raise SettingsError(["say what to purge: --orphans, or --all"])
        confirm = confirmed_changes("to delete", yes=yes, dry_run=dry_run)
        purge_them = takeover.purge_all if all_ else takeover.purge_orphans
        count = asyncio.run(purge_them(partial(passes.settled, settings), confirm))
    sys.stdout.write(f"{count} deleted\n")
