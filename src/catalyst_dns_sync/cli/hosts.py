"""The commands for a hosts file that dev mode writes to."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.settings.model import Settings

app = typer.Typer(
    help="Show the block that dev mode keeps in a hosts file, or take it out.",
    epilog="Example: catalyst-dns-sync hosts show",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

_HostsFile = Annotated[
    str,
    typer.Option(
        "--hosts-file",
        envvar="HOSTS_FILE",
        show_envvar=False,
        show_default=False,
        help="the file [HOSTS_FILE; default /etc/hosts]",
        metavar="TEXT",
    ),
]


@app.command()
def show(*, hosts_file: _HostsFile = "") -> None:
    """Print the entries of the block, and what stands in its way.

    Example: catalyst-dns-sync hosts show
    """
    from catalyst_dns_sync.core.hostsfile import read
    from catalyst_dns_sync.providers.hosts.files import HostsFileStore
    from catalyst_dns_sync.providers.hosts.places import state_folder

    path = _path(hosts_file)
    with errors_as_exit_codes():
        found = read(HostsFileStore(path, state_folder()).read().text, ())
    lines = [
        f"{target.value}  {name}"
        for name in sorted(found.entries)
        for target in found.entries[name]
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stderr.write(f"{_count(len(lines))} in the block of {path}\n")
    for name in sorted(found.outside):
        sys.stderr.write(f"{name} stands outside the block too, and counts there\n")
    _warn_of_strays(path, found.stray)


@app.command("clean")
def clean_(*, hosts_file: _HostsFile = "") -> None:
    """Take the block out; the rest of the file stays byte for byte.

    Example: catalyst-dns-sync hosts clean --hosts-file /etc/hosts
    """
    from catalyst_dns_sync.core.hostsfile import clean, read
    from catalyst_dns_sync.providers.hosts.files import (
        FileMovedError,
        HostsFileStore,
    )
    from catalyst_dns_sync.providers.hosts.places import state_folder

    path = _path(hosts_file)
    store = HostsFileStore(path, state_folder())
    with errors_as_exit_codes():
        reading = store.read()
        found, left = read(reading.text, ()), clean(reading.text)
        if left == reading.text:
            sys.stdout.write(f"there is no block in {path}\n")
            return
        try:
            store.write(reading, left)
        except FileMovedError:
            sys.stderr.write(f"error: {path} was changed just now: try again\n")
            raise typer.Exit(1) from None
        finally:
            store.release()
    count = sum(len(targets) for targets in found.entries.values())
    sys.stdout.write(f"{_count(count)} taken out of {path}\n")
    _warn_of_strays(path, read(left, ()).stray)


def _path(text: str) -> Path:
    return Path(text).expanduser() if text.strip() else Settings().hosts_file


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def _warn_of_strays(path: Path, lines: tuple[int, ...]) -> None:
    if lines:
        where = ", ".join(map(str, lines))
        sys.stderr.write(f"{path} has markers without a partner, in line {where}: see to them\n")
