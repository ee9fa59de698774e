"""The command `explain`."""

import sys
from typing import Annotated

import typer

from catalyst_dns_sync.cli.options import Format
from catalyst_dns_sync.cli.rules import explain_rule, rules_in
from catalyst_dns_sync.core.rules import Protocol, Syntax


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
