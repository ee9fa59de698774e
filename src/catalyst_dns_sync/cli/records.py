"""The command `record`: custom records of the running daemon."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import DryRun, Format, Output, Server, Yes, with_settings
from catalyst_dns_sync.cli.questions import confirmed
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.web.controlsocket import ask, ask_leader

PATIENCE = 60.0
"""Seconds to wait for an answer: the daemon itself gives an order up earlier."""

app = typer.Typer(
    help="Show, add and remove custom records: names that people ordered, kept in the zone.",
    epilog="Example: catalyst-dns-sync record add nas.home.arpa 192.168.1.10",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


class OrderNotDoneError(CatalystError):
    """The daemon did not do what it was told; the text says why."""


@app.command("list")
@with_settings
def list_(
    *,
    settings: Settings,
    output: Output = Format.TEXT,
) -> None:
    """Print the custom records of the managed zones.

    Example: catalyst-dns-sync record list
    """
    with errors_as_exit_codes():
        asyncio.run(ask_leader(settings.control_socket))
        found = _told(settings, "GET", "custom-records")["records"]
    if output is Format.JSON:
        import json

        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    for one in found:
        values = ", ".join(f"{r['type']} {r['value']} ttl {r['ttl']}" for r in one["records"])
        shared = f"  shared with {', '.join(one['shared'])}" if one["shared"] else ""
        text = f"  | {one['text']}" if one["text"] else ""
        where = f"  on {one['server']}" if "server" in one else ""
        sys.stdout.write(f"{one['name']}{where}  {values}{shared}{text}\n")
    sys.stdout.write(f"{len(found)} custom records\n")


@app.command()
@with_settings
def add(
    name: Annotated[str, typer.Argument(help="the name, in one of DNS_ZONES", metavar="NAME")],
    targets: Annotated[
        list[str],
        typer.Argument(help="addresses, or one host name for a CNAME", metavar="TARGET..."),
    ],
    *,
    settings: Settings,
    server: Server = None,
    ttl: Annotated[
        str, typer.Option("--ttl", help="time to live [default DNS_TTL_DEFAULT]", metavar="TEXT")
    ] = "",
    text: Annotated[
        str, typer.Option("--text", help="what people should know of it", metavar="TEXT")
    ] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Let a name have these targets, whatever the cluster has, until it is removed.

    A custom record that is there gets the new targets.

    Example: catalyst-dns-sync record add nas.home.arpa 192.168.1.10 --ttl 5m
    """
    body = _at(server) | {
        "action": "add",
        "name": name,
        "targets": ",".join(targets),
        "ttl": ttl,
        "text": text,
    }
    _order(settings, body, yes=yes, dry_run=dry_run)


@app.command()
@with_settings
def remove(
    name: Annotated[str, typer.Argument(help="the name of a custom record", metavar="NAME")],
    *,
    settings: Settings,
    server: Server = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """End a custom record; where objects claim the name as well, it stays theirs.

    Example: catalyst-dns-sync record remove nas.home.arpa
    """
    _order(settings, _at(server) | {"action": "remove", "name": name}, yes=yes, dry_run=dry_run)


def _at(server: str | None) -> dict[str, Any]:
    return {} if server is None else {"server": server}


def _order(settings: Settings, body: dict[str, Any], *, yes: bool, dry_run: bool) -> None:
    with errors_as_exit_codes():
        asyncio.run(ask_leader(settings.control_socket))
        shown = _told(settings, "POST", "custom-records/plan", body)["change"]
        if not confirmed([shown] if shown else [], "to be done", yes=yes, dry_run=dry_run):
            return
        acted = _told(settings, "POST", "custom-records", {**body, "shown": shown})
    sys.stdout.write(f"done: {acted['change'] or 'nothing'}\n")


def _told(
    settings: Settings, method: str, what: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    answer = asyncio.run(ask(settings.control_socket, method, what, body, PATIENCE))
    if "error" in answer:
        raise OrderNotDoneError(answer["error"])
    return answer
