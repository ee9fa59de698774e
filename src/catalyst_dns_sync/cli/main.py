"""The command line: which commands there are, and where each of them is."""

from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is imported when somebody asks for it.

    ``attribute`` is a function, or an app with commands of its own; ``summary`` is its first line
    of help.
    """

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "run": Entry("daemon", "run", "Keep the zones in step, until a signal says stop."),
    "plan": Entry("daemon", "plan", "Show what a pass would change, and change nothing."),
    "check": Entry("check", "check", "Say what is missing or wrong, and what mends it."),
    "explain": Entry("explain", "explain", "Say why a name is, or is not, in DNS."),
    "sandbox": Entry(
        "sandbox", "app", "Run a cluster, a DNS server and the daemon on this machine."
    ),
    "release": Entry(
        "running", "release", "Let the daemon carry out the deletes that it withholds."
    ),
    "pause": Entry("running", "pause", "Make the daemon look but not touch, until `resume`."),
    "resume": Entry("running", "resume", "End a pause."),
    "record": Entry("records", "app", "Show, add and remove custom records."),
    "log-level": Entry("running", "log_level", "Say or set the level of the running daemon's log."),
    "adopt": Entry("takeover", "adopt", "Mark records as ours that already say what is wanted."),
    "purge": Entry("takeover", "purge", "Delete records of ours that nobody looks after any more."),
    "export": Entry("backups", "export", "Print our records as a DNSRecordBackup."),
    "import": Entry("backups", "import_", "Put the records of a DNSRecordBackup back."),
    "hosts": Entry(
        "hosts", "app", "Show the block that dev mode keeps in a hosts file, or clean it."
    ),
    "dev": Entry("dev", "dev", "Run in dev mode, and start again whenever a file is saved."),
    "version": Entry("version", "version", "Say which program this is."),
}


class CommandGroup(TyperGroup):
    """Imports a command only to run it, or to print its own help."""

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401 (typer knows what it passes)
        super().__init__(**attrs)
        # Only the names are looked at: to suggest one for a slip of the pen.
        self.commands = dict.fromkeys(COMMANDS, self)

    def get_command(self, _ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override] # noqa: ANN401 (its type is private to typer)
        """Return a command, or None."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(import_module(f"catalyst_dns_sync.cli.{entry.module}"), entry.attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)

    def format_commands(self, _ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override] # noqa: ANN401 (its type is private to typer)
        """Write the table of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(*, wanted: bool) -> None:
    if wanted:
        import_module("catalyst_dns_sync.cli.version").version()
        raise typer.Exit


@app.callback(epilog="Example: catalyst-dns-sync plan --help")
def catalyst_dns_sync(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="say which program this is",
            is_eager=True,
            callback=lambda value: _say_version(wanted=value),
        ),
    ] = False,
) -> None:
    """Keep the DNS records of a Technitium server in step with a Kubernetes cluster."""
