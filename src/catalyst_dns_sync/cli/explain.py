"""The command `explain`."""

import asyncio
import sys
from typing import Annotated

import typer

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.options import Format, Output, Server, log_to_stderr, with_dev_mode
from catalyst_dns_sync.cli.rules import explain_rule, rules_in
from catalyst_dns_sync.core.names import InvalidNameError, parse_name
from catalyst_dns_sync.core.rules import Protocol, Syntax
from catalyst_dns_sync.settings.model import Settings, SettingsError
from catalyst_dns_sync.settings.parsers import url as parse_url
from catalyst_dns_sync.settings.servers import of_server

NOT_AS_WANTED = 2


@with_dev_mode
def explain(  # noqa: PLR0913 (one for each option)
    host: Annotated[
        str | None, typer.Argument(help="the name to explain", metavar="HOST", show_default=False)
    ] = None,
    *,
    settings: Settings,
    server: Server = None,
    dns_port: Annotated[
        int | None,
        typer.Option("--dns-port", help="where the DNS server answers queries", show_default=False),
    ] = None,
    resolver: Annotated[
        bool, typer.Option("--resolver/--no-resolver", help="ask the system's resolver, too")
    ] = True,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="ask the daemon whose pages are there, instead of cluster and DNS server",
            metavar="URL",
            show_default=False,
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            help="a rule of Traefik's, in place of HOST; - reads one from each line of stdin",
            show_default=False,
        ),
    ] = None,
    syntax: Annotated[
        Syntax, typer.Option("--syntax", help="the rule's syntax", case_sensitive=False)
    ] = Syntax.V3,
    tcp: Annotated[bool, typer.Option("--tcp", help="a rule of an IngressRouteTCP")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Say why a name is, or is not, in DNS; or which names a rule gives.

    A HOST is followed from the objects that claim it to what DNS answers now; the exit code is 0
    where it is in DNS as the cluster wants it, and else 2.

    With --url the daemon there is asked: neither a kubeconfig nor a token is needed.

    With --rule no cluster is needed. With -o text the exit code is 1 where the rule is refused;
    with -o json, and for rules from stdin, the answer says so itself.

    Example: catalyst-dns-sync explain grafana.home.arpa
    """
    if (host is None) == (rule is None):
        with errors_as_exit_codes():
            raise SettingsError(["name one of the two: a HOST, or a --rule"])
    if rule is not None:
        _explain_rules(rule, syntax, Protocol.TCP if tcp else Protocol.HTTP, output)
    elif host is not None and url is not None:
        _explain_from(url, host, output)
    elif host is not None:
        _explain_host(settings, server, host, dns_port, output, resolver=resolver)


def _explain_host(
    settings: Settings,
    server: str | None,
    host: str,
    dns_port: int | None,
    output: Format,
    *,
    resolver: bool,
) -> None:
    from catalyst_dns_sync.app.explaining import explained, servers_for
    from catalyst_dns_sync.cli import explanations
    from catalyst_dns_sync.cli.paint import paint_for
    from catalyst_dns_sync.providers.asking import ask_system

    log_to_stderr(settings)
    in_step = True
    with errors_as_exit_codes():
        try:
            name = parse_name(host)
        except InvalidNameError as error:
            raise SettingsError([str(error)]) from error
        resolve = ask_system if resolver else None
        for view in servers_for(of_server(settings, server), name):
            told = asyncio.run(explained(view.settings, name, dns_port=dns_port, resolve=resolve))
            if output is Format.JSON:
                text = explanations.as_json(told, view.name)
            else:
                heading = f"Server {view.name}\n" if view.name else ""
                text = heading + explanations.as_text(told, paint_for(sys.stdout))
            sys.stdout.write(text + "\n")
            in_step = in_step and told.is_in_step
    raise typer.Exit(0 if in_step else NOT_AS_WANTED)


def _explain_from(url: str, host: str, output: Format) -> None:
    from catalyst_dns_sync.cli import explanations
    from catalyst_dns_sync.cli.paint import paint_for
    from catalyst_dns_sync.web.client import explanation_at

    with errors_as_exit_codes():
        try:
            base, name = parse_url(url), parse_name(host)
        except ValueError as error:
            raise SettingsError([str(error)]) from error
        told = asyncio.run(explanation_at(base, name))
    text = (
        explanations.as_json(told)
        if output is Format.JSON
        else explanations.as_text(told, paint_for(sys.stdout))
    )
    sys.stdout.write(text + "\n")
    raise typer.Exit(0 if told.is_in_step else NOT_AS_WANTED)


def _explain_rules(rule: str, syntax: Syntax, protocol: Protocol, output: Format) -> None:
    if rule == "-":
        for line in rules_in(sys.stdin.buffer):
            sys.stdout.write(explain_rule(line, syntax, protocol).as_json() + "\n")
            sys.stdout.flush()
        return
    found = explain_rule(rule, syntax, protocol)
    sys.stdout.write((found.as_json() if output is Format.JSON else found.as_text()) + "\n")
    if found.error is not None and output is Format.TEXT:
        raise typer.Exit(1)
