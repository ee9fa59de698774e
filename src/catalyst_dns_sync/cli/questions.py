"""Shows what would be done, and asks."""

import sys
from collections.abc import Awaitable, Callable, Sequence

import typer

from catalyst_dns_sync.core.changes import Change, describe


def confirmed(lines: Sequence[str], what: str, *, yes: bool, dry_run: bool = False) -> bool:
    """Show the lines and ask whether to go on; nothing to do, and no terminal, mean no."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if not lines:
        sys.stdout.write(f"nothing is {what}\n")
        return False
    if dry_run:
        sys.stdout.write(f"{len(lines)} {what}\n")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        sys.stdout.write(f"{len(lines)} {what}; say --yes to go on\n")
        return False
    return typer.confirm(f"{len(lines)} {what}. Go on?")


def confirmed_changes(
    what: str, *, yes: bool, dry_run: bool = False
) -> Callable[[Sequence[Change]], Awaitable[bool]]:
    """Return a function that shows changes and asks."""

    async def ask(changes: Sequence[Change]) -> bool:
        return confirmed([describe(change) for change in changes], what, yes=yes, dry_run=dry_run)

    return ask
