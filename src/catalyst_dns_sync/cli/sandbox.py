"""The sandbox's commands. What is slow to import is imported by the command that needs it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from catalyst_dns_sync.app.sandbox_options import DEFAULT_ZONE, TechnitiumVersion
from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import Format, Level
from catalyst_dns_sync.sandbox.breaking.breakage import KINDS, Server, What

DEFAULT_PORT_BASE = 24530

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def sandbox(  # noqa: PLR0913 (an option is a parameter)
    context: typer.Context,
    *,
    objects: Annotated[
        list[Path] | None,
        typer.Option("--objects", help="manifests to begin with, a file or a folder; repeatable"),
    ] = None,
    zone: Annotated[
        list[str] | None, typer.Option("--zone", help="zone to manage; repeatable")
    ] = None,
    target: Annotated[
        str, typer.Option("--target", help="address that the names get")
    ] = "192.168.1.54",
    sources: Annotated[
        str | None, typer.Option("--sources", help="kinds to watch, as the setting SOURCES")
    ] = None,
    kubeconfig: Annotated[
        Path | None, typer.Option("--kubeconfig", help="write the kubeconfig to this file")
    ] = None,
    delete_grace: Annotated[
        str, typer.Option("--delete-grace", help="time that a name must be unclaimed")
    ] = "0",
    no_daemon: Annotated[
        bool, typer.Option("--no-daemon", help="the two servers alone, to run the daemon by hand")
    ] = False,
    port_base: Annotated[
        int,
        typer.Option(
            "--port-base",
            help="first of five ports: Kubernetes, Technitium, DNS, metrics, probes, and with two "
            "DNS servers two more; 0: free ones",
            min=0,
            max=65529,
        ),
    ] = DEFAULT_PORT_BASE,
    technitium_version: Annotated[
        TechnitiumVersion,
        typer.Option("--technitium-version", help="the release that Technitium behaves like"),
    ] = TechnitiumVersion.V15_2,
    dns_servers: Annotated[
        int,
        typer.Option(
            "--dns-servers",
            help="2: two Technitium servers with the same zones and different addresses, as the "
            "setting DNS_SERVERS",
            min=1,
            max=2,
        ),
    ] = 1,
    breakable: Annotated[
        bool, typer.Option("--breakable", help="let `sandbox break` break the servers")
    ] = False,
    log_level: Annotated[
        Level, typer.Option("--log-level", help="how much the log says, on stderr")
    ] = Level.INFO,
    output: Annotated[
        Format, typer.Option("--output", "-o", help="how to print where everything is")
    ] = Format.TEXT,
) -> None:
    """Run everything on this machine: a Kubernetes API, a Technitium server, and the daemon.

    Example: catalyst-dns-sync sandbox --zone home.arpa
    """
    if context.invoked_subcommand is not None:
        _refuse_own_options(context)
        return
    import asyncio
    from dataclasses import replace

    from catalyst_dns_sync.app.invitation import invitation
    from catalyst_dns_sync.app.sandbox import main
    from catalyst_dns_sync.app.sandbox_options import DEFAULT_SOURCES, Sandbox, parse_options
    from catalyst_dns_sync.telemetry import logs

    def announce(ready: Sandbox) -> None:
        text = ready.as_json() if output is Format.JSON else invitation(ready)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    logs.configure(log_level.value, "text", sys.stderr)
    with errors_as_exit_codes():
        options = replace(
            parse_options(
                zones=zone or [DEFAULT_ZONE],
                target=target,
                delete_grace=delete_grace,
                sources=sources or DEFAULT_SOURCES,
            ),
            objects=tuple(objects or ()),
            kubeconfig=kubeconfig,
            with_daemon=not no_daemon,
            port_base=port_base,
            technitium_version=technitium_version,
            dns_servers=dns_servers,
            breakable=breakable,
        )
        asyncio.run(main(options, announce))


_Socket = Annotated[
    Path | None,
    typer.Option("--socket", help="the sandbox's break_socket; default: found by --port-base"),
]
_PortBase = Annotated[
    int, typer.Option("--port-base", help="the --port-base of the sandbox", min=1, max=65529)
]


@app.command("break", epilog="  ".join(f"{what}: {kind.does}." for what, kind in KINDS.items()))
def break_(  # noqa: PLR0913 (an option is a parameter)
    *,
    what: Annotated[
        What | None, typer.Option("--what", help="how to break; see below for each", metavar="WHAT")
    ] = None,
    server: Annotated[
        Server | None, typer.Option("--server", help="which server; default: each that fits")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", help="how long, like 30s; default: until `mend`")
    ] = None,
    times: Annotated[
        int | None, typer.Option("--times", help="how many requests; default: all of them")
    ] = None,
    skip: Annotated[
        int | None, typer.Option("--skip", help="how many requests go well before")
    ] = None,
    path: Annotated[
        str | None, typer.Option("--path", help="only requests whose path has this pattern")
    ] = None,
    verb: Annotated[
        str | None, typer.Option("--verb", help="only these at Kubernetes: list, watch, get ...")
    ] = None,
    resource: Annotated[
        str | None, typer.Option("--resource", help="only this at Kubernetes: ingressroutes ...")
    ] = None,
    delay: Annotated[
        str | None, typer.Option("--delay", help="how late, for delay; default 1s")
    ] = None,
    status: Annotated[
        int | None, typer.Option("--status", help="the status, for status; default 503")
    ] = None,
    bytes_: Annotated[
        int | None, typer.Option("--bytes", help="how much is sent, for cut; default 0")
    ] = None,
    writes: Annotated[
        int | None, typer.Option("--writes", help="how many are gone, for forget")
    ] = None,
    socket: _Socket = None,
    port_base: _PortBase = DEFAULT_PORT_BASE,
) -> None:
    """Break the servers of a running `sandbox --breakable`; without --what: say what is broken.

    Example: catalyst-dns-sync sandbox break --what status --for 30s
    """
    with errors_as_exit_codes():
        wanted: dict[str, Any] = {
            "what": what,
            "server": server,
            "for": _seconds("--for", for_),
            "times": times,
            "skip": skip,
            "path": path,
            "verb": verb,
            "resource": resource,
            "delay": _seconds("--delay", delay),
            "status": status,
            "bytes": bytes_,
            "writes": writes,
        }
        given = {key: value for key, value in wanted.items() if value is not None}
        if not given:
            _tell(socket, port_base, "GET", "status", "nothing is broken")
        else:
            _tell(socket, port_base, "POST", "break", "", given)


@app.command()
def mend(*, socket: _Socket = None, port_base: _PortBase = DEFAULT_PORT_BASE) -> None:
    """Mend all that `sandbox break` broke, at once.

    Example: catalyst-dns-sync sandbox mend
    """
    with errors_as_exit_codes():
        _tell(socket, port_base, "POST", "mend", "nothing was broken")


def _tell(
    socket: Path | None,
    port_base: int,
    method: str,
    call: str,
    nothing: str,
    body: dict[str, Any] | None = None,
) -> None:
    import asyncio

    from catalyst_dns_sync.app.breaking import tell

    lines = asyncio.run(tell(socket, port_base, method, call, body))
    sys.stdout.write("".join(f"{line}\n" for line in lines or [nothing]))


def _seconds(flag: str, text: str | None) -> float | None:
    from catalyst_dns_sync.settings.model import SettingsError
    from catalyst_dns_sync.settings.parsers import positive_seconds

    try:
        return None if text is None else positive_seconds(text)
    except ValueError as error:
        raise SettingsError([f"{flag}: {error}"]) from error


def _refuse_own_options(context: typer.Context) -> None:
    """Say so where an option stands before the sub-command, which would not see it."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            flag, command = parameter.opts[0], context.invoked_subcommand
            raise typer.BadParameter(f"write {flag} behind `{command}`", ctx=context)
