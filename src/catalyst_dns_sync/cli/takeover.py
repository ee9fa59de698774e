"""The commands `adopt` and `purge`: what becomes of records that nobody looks after."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from catalyst_dns_sync.app import moving, passes, takeover
from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import Server, Yes, log_to_stderr, with_settings
from catalyst_dns_sync.cli.questions import confirmed, confirmed_changes
from catalyst_dns_sync.core.changes import describe
from catalyst_dns_sync.core.external_dns import Affixes, Handover
from catalyst_dns_sync.settings.model import Settings, SettingsError
from catalyst_dns_sync.settings.servers import of_server


class Origin(StrEnum):
    """Whose names can be taken over."""

    EXTERNAL_DNS = "external-dns"
    HOSTS_FILE = "hosts-file"


@with_settings
def adopt(
    file: Annotated[
        Path | None,
        typer.Argument(help="the file of --from hosts-file", metavar="FILE", show_default=False),
    ] = None,
    *,
    settings: Settings,
    server: Server = None,
    from_: Annotated[
        Origin | None, typer.Option("--from", help="take over what another program kept")
    ] = None,
    txt_owner_id: Annotated[
        str | None, typer.Option("--txt-owner-id", help="external-dns: whose names", metavar="ID")
    ] = None,
    txt_prefix: Annotated[
        str, typer.Option("--txt-prefix", help="as external-dns has it", metavar="TEXT")
    ] = "",
    txt_suffix: Annotated[
        str, typer.Option("--txt-suffix", help="as external-dns has it", metavar="TEXT")
    ] = "",
    txt_wildcard_replacement: Annotated[
        str,
        typer.Option("--txt-wildcard-replacement", help="as external-dns has it", metavar="TEXT"),
    ] = "",
    remove_txt: Annotated[
        bool, typer.Option("--remove-txt", help="and remove the TXT of names that are ours then")
    ] = False,
    from_owner: Annotated[
        str | None,
        typer.Option("--from-owner", help="take over what another OWNER_ID left", metavar="ID"),
    ] = None,
    from_cluster: Annotated[
        str | None,
        typer.Option(
            "--from-cluster", help="take over what this cluster left, by its id", metavar="ID"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show them, and do nothing")] = False,
    yes: Yes = False,
) -> None:
    """Mark records as ours that already say what the cluster wants.

    They are shown first; values and TTL stay. Stop the program whose names you take
    over before: two that keep one name in step work against each other.

    Example: catalyst-dns-sync adopt --from external-dns --txt-owner-id default
    """
    log_to_stderr(settings)
    registry: moving.Registry | None = None
    with errors_as_exit_codes():
        opened = partial(passes.settled, of_server(settings, server))
        _check(from_, file, txt_owner_id, from_owner, from_cluster, remove_txt=remove_txt)
        if from_ is Origin.EXTERNAL_DNS and txt_owner_id is not None:
            affixes = Affixes(txt_prefix, txt_suffix, txt_wildcard_replacement)
            registry = moving.Registry(txt_owner_id, affixes)
            choose: moving.Choice = registry.choose
        elif from_ is Origin.HOSTS_FILE and file is not None:
            text = _read(file)
            choose = moving.hosts_file_choice(text)
            if strangers := moving.outside(text, zones_of(settings)):
                sys.stdout.write(f"in none of DNS_ZONES: {', '.join(strangers)}\n")
        elif from_owner is not None:
            choose = moving.owner_choice(from_owner)
        else:
            ask = confirmed_changes("to adopt", yes=yes, dry_run=dry_run)
            count = asyncio.run(takeover.adopt(opened, from_cluster, ask))
            sys.stdout.write(f"{count} adopted\n")
            return
        removing = registry if remove_txt else None
        confirm = _confirmed_move("to adopt", yes=yes, dry_run=dry_run)
        moved = asyncio.run(moving.move(opened, choose, confirm, remove_texts=removing))
    texts = f", {moved.texts} TXT removed" if removing is not None else ""
    sys.stdout.write(f"{moved.names} adopted, {len(moved.refusals)} left as they are{texts}\n")


def _check(
    from_: Origin | None,
    file: Path | None,
    txt_owner_id: str | None,
    from_owner: str | None,
    from_cluster: str | None,
    *,
    remove_txt: bool,
) -> None:
    faults: list[str] = []
    if sum(one is not None for one in (from_, from_owner, from_cluster)) > 1:
        faults.append("--from, --from-owner and --from-cluster: say one of them")
    if (from_ is Origin.EXTERNAL_DNS) != (txt_owner_id is not None):
        faults.append("--from external-dns and --txt-owner-id ID go together")
    if (from_ is Origin.HOSTS_FILE) != (file is not None):
        faults.append("--from hosts-file and a FILE go together")
    if remove_txt and from_ is not Origin.EXTERNAL_DNS:
        faults.append("--remove-txt is for --from external-dns")
    if faults:
        raise SettingsError(faults)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from error


def _confirmed_move(
    what: str, *, yes: bool, dry_run: bool
) -> Callable[[Handover], Awaitable[bool]]:
    async def ask(found: Handover) -> bool:
        for one in found.refusals:
            sys.stdout.write(f"! {one.name} stays: {one.reason}\n")
        if found.others and not (found.changes or found.refusals or found.owned):
            whose = ", ".join(sorted(found.others))
            sys.stdout.write(
                f"no name is of that owner; there are TXT records of: {whose}. "
                "Compare --txt-owner-id, --txt-prefix and --txt-suffix\n"
            )
        lines = [describe(change) for change in found.changes]
        lines += [f"- {text.name} TXT {text.text}" for text in found.texts]
        and_texts = " or to remove" if found.texts else ""
        return confirmed(lines, what + and_texts, yes=yes, dry_run=dry_run)

    return ask


@with_settings
def purge(
    *,
    settings: Settings,
    server: Server = None,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="records of ours that no setting covers any more")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="all records of ours, for an uninstallation")
    ] = False,
    keep_records: Annotated[
        bool, typer.Option("--keep-records", help="with --all: only take our markers away")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show them, and do nothing")] = False,
    yes: Yes = False,
) -> None:
    """Delete records of ours that nobody looks after any more, after showing them.

    A running daemon makes those again that are wanted: `pause` it before --all.

    Example: catalyst-dns-sync purge --orphans --dry-run
    """
    log_to_stderr(settings)
    with errors_as_exit_codes():
        opened = partial(passes.settled, of_server(settings, server))
        if orphans == all_:
            raise SettingsError(["say what to purge: --orphans, or --all"])
        if keep_records and not all_:
            raise SettingsError(["--keep-records goes with --all"])
        if keep_records:
            confirm = _confirmed_move("to unmark", yes=yes, dry_run=dry_run)
            moved = asyncio.run(moving.move(opened, moving.leaving, confirm))
            sys.stdout.write(f"{moved.names} unmarked\n")
            return
        ask = confirmed_changes("to delete", yes=yes, dry_run=dry_run)
        purge_them = takeover.purge_all if all_ else takeover.purge_orphans
        count = asyncio.run(purge_them(opened, ask))
    sys.stdout.write(f"{count} deleted\n")
