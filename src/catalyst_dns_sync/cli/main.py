"""The commands. What is slow to import is imported by the command that needs it."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from catalyst_dns_sync.cli.dev import dev
from catalyst_dns_sync.cli.hosts import app as hosts_app
from catalyst_dns_sync.cli.options import (
    Format,
    Level,
    errors_as_exit_codes,
    with_dev_mode,
    with_settings,
)
from catalyst_dns_sync.cli.sandbox import app as sandbox_app
from catalyst_dns_sync.core.rules import Protocol, Syntax
from catalyst_dns_sync.settings.model import Settings, SettingsError

CHANGES = 2

app = typer.Typer(
    help="Keep the DNS records of a Technitium server in step with a Kubernetes cluster.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(hosts_app, name="hosts")
app.command()(dev)


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"


@app.command()
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
    import asyncio

    from catalyst_dns_sync.app import daemon, passes
    from catalyst_dns_sync.telemetry import logs

    logs.configure(settings.log_level, settings.log_format)
    with errors_as_exit_codes():
        if once:
            raise typer.Exit(0 if asyncio.run(passes.once(settings, dry_run=dry_run)) else 1)
        asyncio.run(daemon.main(settings, dry_run=dry_run))


@app.command()
@with_dev_mode
def plan(
    *,
    settings: Settings,
    output: Annotated[
        PlanFormat, typer.Option("--output", "-o", help="how to print the plan")
    ] = PlanFormat.TABLE,
) -> None:
    """Show what a pass would change, and change nothing; exit 0: nothing to do, 2: changes."""
    import asyncio

    from catalyst_dns_sync.app import passes
    from catalyst_dns_sync.cli import plans
    from catalyst_dns_sync.telemetry import logs

    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        proposals = asyncio.run(passes.plan(settings))
    render = plans.as_json if output is PlanFormat.JSON else plans.as_table
    sys.stdout.write(render(proposals) + "\n")
    raise typer.Exit(CHANGES if plans.has_changes(proposals) else 0)


@app.command()
def explain(
    *,
    rule: Annotated[
        str, typer.Option("--rule", help="a rule of Traefik's; - reads one from each line of stdin")
    ],
    syntax: Annotated[
        Syntax, typer.Option("--syntax", help="the rule's syntax", case_sensitive=False)
    ] = Syntax.V3,
    tcp: Annotated[bool, typer.Option("--tcp", help="a rule of an IngressRouteTCP")] = False,
    output: Annotated[Format, typer.Option("--output", "-o", help="how to print it")] = Format.TEXT,
) -> None:
    """Say which names a rule gives, and what is wrong with it; needs no cluster.

    With -o text the exit code is 1 where the rule is refused; with -o json, and for rules from
    stdin, the answer says so itself.
    """
    from catalyst_dns_sync.cli.rules import explain_rule, rules_in

    protocol = Protocol.TCP if tcp else Protocol.HTTP
    if rule == "-":
        for line in rules_in(sys.stdin.buffer):
            sys.stdout.write(explain_rule(line, syntax, protocol).as_json() + "\n")
            sys.stdout.flush()
        return
    found = explain_rule(rule, syntax, protocol)
    sys.stdout.write((found.as_json() if output is Format.JSON else found.as_text()) + "\n")
    if found.error is not None and output is Format.TEXT:
        raise typer.Exit(1)


@app.command()
@with_settings
def release(
    *,
    settings: Settings,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Let the running daemon carry out the deletes that it withholds, after showing them."""
    import asyncio

    from catalyst_dns_sync.cli.questions import confirmed
    from catalyst_dns_sync.web.control import ask

    socket = settings.control_socket
    with errors_as_exit_codes():
        waiting = asyncio.run(ask(socket, "GET", "status"))["releasable"]
        lines = [f"- {name}  {reason}" for name, reason in sorted(waiting.items())]
        if not confirmed(lines, "withheld", yes=yes):
            return
        answer = asyncio.run(ask(socket, "POST", "release", {"names": sorted(waiting)}))
    sys.stdout.write(f"{len(answer['released'])} released\n")


@app.command()
@with_settings
def pause(*, settings: Settings) -> None:
    """Make the running daemon look but not touch, until `resume` or a restart."""
    import asyncio

    from catalyst_dns_sync.web.control import ask

    with errors_as_exit_codes():
        asyncio.run(ask(settings.control_socket, "POST", "pause"))
    sys.stdout.write("paused\n")


@app.command()
@with_settings
def resume(*, settings: Settings) -> None:
    """End a pause."""
    import asyncio

    from catalyst_dns_sync.web.control import ask

    with errors_as_exit_codes():
        asyncio.run(ask(settings.control_socket, "POST", "resume"))
    sys.stdout.write("resumed\n")


@app.command()
@with_settings
def log_level(
    level: Annotated[
        Level | None, typer.Argument(help="the new level; without it: say which one is in force")
    ] = None,
    *,
    settings: Settings,
) -> None:
    """Set the level of the running daemon's log, until it is set again or restarts."""
    import asyncio

    from catalyst_dns_sync.web.control import ask

    body = None if level is None else {"level": level.value}
    with errors_as_exit_codes():
        method = "GET" if body is None else "POST"
        answer = asyncio.run(ask(settings.control_socket, method, "log-level", body))
    sys.stdout.write(f"{answer['level']}\n")


@app.command()
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
    import asyncio
    from functools import partial

    from catalyst_dns_sync.app import passes, takeover
    from catalyst_dns_sync.cli.questions import confirmed_changes
    from catalyst_dns_sync.telemetry import logs

    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        confirm = confirmed_changes("to adopt", yes=yes)
        opened = partial(passes.settled, settings)
        count = asyncio.run(takeover.adopt(opened, from_cluster, confirm))
    sys.stdout.write(f"{count} adopted\n")


@app.command()
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
    import asyncio
    from functools import partial

    from catalyst_dns_sync.app import passes, takeover
    from catalyst_dns_sync.cli.questions import confirmed_changes
    from catalyst_dns_sync.telemetry import logs

    logs.configure("error", "text", sys.stderr)
    with errors_as_exit_codes():
        if orphans == all_:
            raise SettingsError(["say what to purge: --orphans, or --all"])
        confirm = confirmed_changes("to delete", yes=yes, dry_run=dry_run)
        purge_them = takeover.purge_all if all_ else takeover.purge_orphans
        count = asyncio.run(purge_them(partial(passes.settled, settings), confirm))
    sys.stdout.write(f"{count} deleted\n")


@app.command()
def version() -> None:
    """Say which program this is."""
    import platform

    from catalyst_dns_sync import __version__
    from catalyst_dns_sync.app.commit import commit

    sys.stdout.write(
        f"catalyst-dns-sync {__version__} (commit {commit()}, Python {platform.python_version()})\n"
    )
