"""The commands `export` and `import`."""

import asyncio
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalyst_dns_sync.cli.exits import TROUBLE, errors_as_exit_codes
from catalyst_dns_sync.cli.options import (
    DryRun,
    Server,
    Yes,
    Zones,
    log_to_stderr,
    with_settings,
    zones_given,
)
from catalyst_dns_sync.cli.questions import confirmed_changes
from catalyst_dns_sync.core.backup import Backup, BackupError, body_of, parse_backup
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.restoring import Refusal
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.servers import only_server

if TYPE_CHECKING:
    from catalyst_dns_sync.app.backups import Restored


class BackupFormat(StrEnum):
    """How a backup is printed."""

    YAML = "yaml"
    JSON = "json"


@with_settings
def export(
    *,
    settings: Settings,
    server: Server = None,
    zone: Zones = None,
    output: Annotated[
        BackupFormat, typer.Option("--output", "-o", help="how to print it")
    ] = BackupFormat.YAML,
) -> None:
    """Print our records as a DNSRecordBackup; needs the DNS server, and no cluster.

    The same records are always the same text, so that two exports can be compared.

    Example: catalyst-dns-sync export > backup.yaml
    """
    from catalyst_dns_sync.app.backups import exported

    log_to_stderr(settings)
    with errors_as_exit_codes():
        backup = asyncio.run(exported(only_server(settings, server), zones_given(zone)))
    sys.stdout.write(_written(backup, output))


@with_settings
def import_(
    file: Annotated[
        Path, typer.Argument(help="a DNSRecordBackup; - reads it from stdin", metavar="FILE")
    ],
    *,
    settings: Settings,
    server: Server = None,
    restore_markers: Annotated[
        bool,
        typer.Option(
            "--restore-markers",
            help="mark records again that still say the same: on a promoted secondary",
        ),
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Put the records of a DNSRecordBackup back, after showing what changes.

    Names that hold anything that is not ours are refused and named, and nothing is
    deleted. Where it breaks off, the same command goes on. Exit code 1 where a name
    was refused.

    Example: catalyst-dns-sync import backup.yaml --dry-run
    """
    from catalyst_dns_sync.app.backups import restored

    log_to_stderr(settings)
    ask = confirmed_changes("to write", yes=yes, dry_run=dry_run)

    async def confirm(changes: Sequence[Change], refusals: Sequence[Refusal]) -> bool:
        for one in refusals:
            sys.stdout.write(f"! {one.name} refused: {one.reason}\n")
        return await ask(changes)

    with errors_as_exit_codes():
        backup = read_backup(file, settings.owner_id)
        done: Restored = asyncio.run(
            restored(
                only_server(settings, server), backup, confirm, restore_markers=restore_markers
            )
        )
    sys.stdout.write(f"{done.names} written, {len(done.refusals)} refused\n")
    raise typer.Exit(TROUBLE if done.refusals else 0)


def read_backup(file: Path, owner: str) -> Backup:
    """Read a backup from a file, or from stdin; raises `BackupError`."""
    from catalyst_dns_sync.cli import yamltext

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        body = yamltext.load(text)
    except OSError as error:
        raise BackupError(f"{file} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise BackupError(f"{file}: {error}") from error
    return parse_backup(body, owner)


def _written(backup: Backup, output: BackupFormat) -> str:
    body = body_of(backup)
    if output is BackupFormat.JSON:
        import json

        return json.dumps(body, indent=2) + "\n"
    from catalyst_dns_sync.cli import yamltext

    return yamltext.dump(body)
