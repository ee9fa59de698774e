"""The commands that speak to the running daemon, over its control socket."""

import asyncio
import sys
from typing import Annotated

import typer

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import Level, Yes, with_settings
from catalyst_dns_sync.cli.questions import confirmed
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.web.controlsocket import ask, ask_leader


@with_settings
def release(
    *,
    settings: Settings,
    yes: Yes = False,
) -> None:
    """Let the running daemon carry out the deletes that it withholds, after showing them.

    Example: catalyst-dns-sync release
    """
    socket = settings.control_socket
    with errors_as_exit_codes():
        waiting = asyncio.run(ask_leader(socket))["releasable"]
        lines = [f"- {name}  {reason}" for name, reason in sorted(waiting.items())]
        if not confirmed(lines, "withheld", yes=yes):
            return
        answer = asyncio.run(ask(socket, "POST", "release", {"names": sorted(waiting)}))
    sys.stdout.write(f"{len(answer['released'])} released\n")


@with_settings
def pause(*, settings: Settings) -> None:
    """Make the running daemon look but not touch, until `resume` or a restart.

    Example: catalyst-dns-sync pause
    """
    with errors_as_exit_codes():
        asyncio.run(ask_leader(settings.control_socket))
        asyncio.run(ask(settings.control_socket, "POST", "pause"))
    sys.stdout.write("paused\n")


@with_settings
def resume(*, settings: Settings) -> None:
    """End a pause.

    Example: catalyst-dns-sync resume
    """
    with errors_as_exit_codes():
        asyncio.run(ask_leader(settings.control_socket))
        asyncio.run(ask(settings.control_socket, "POST", "resume"))
    sys.stdout.write("resumed\n")


@with_settings
def log_level(
    level: Annotated[
        Level | None, typer.Argument(help="the new level; without it: say which one is in force")
    ] = None,
    *,
    settings: Settings,
) -> None:
    """Set the level of the running daemon's log, until it is set again or restarts.

    Example: catalyst-dns-sync log-level debug
    """
    body = None if level is None else {"level": level.value}
    with errors_as_exit_codes():
        method = "GET" if body is None else "POST"
        answer = asyncio.run(ask(settings.control_socket, method, "log-level", body))
    sys.stdout.write(f"{answer['level']}\n")
