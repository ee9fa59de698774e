"""From the text of a rule to the names that it serves."""

import re
from collections.abc import Iterable
from typing import Final

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.rules.evaluation import Leaf, leaves_of
from catalyst_dns_sync.core.rules.hosts import host_of
from catalyst_dns_sync.core.rules.matchers import MATCHERS, Gives
from catalyst_dns_sync.core.rules.model import (
    LeftOut,
    Protocol,
    RuleError,
    RuleErrorClass,
    RuleNames,
    Syntax,
)
from catalyst_dns_sync.core.rules.parser import parse

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NEGATED: Final = "it is negated"


def names_of(rule: str, syntax: Syntax, protocol: Protocol) -> RuleNames:
    """Return the names that a rule serves if Traefik takes it.

    Raises `RuleError`, and nothing else, if Traefik refuses it: one bad matcher takes
    the whole router down, so such a rule serves no name.
    """
    # What no UTF-8 can carry reaches Traefik as U+FFFD.
    text = _SURROGATE.sub("\ufffd", rule)
    leaves = leaves_of(parse(text), MATCHERS[protocol, syntax])
    for leaf in leaves:
        _check(leaf)
    return RuleNames(
        hosts=tuple(_hosts(leaves, syntax, protocol)),
        regexps=tuple(_regexps(leaves)),
        skipped=tuple(dict.fromkeys(_skipped(leaves, syntax, protocol))),
    )


def _check(leaf: Leaf) -> None:
    if not leaf.arguments:
        raise _refused(RuleErrorClass.EMPTY, leaf, "it has no argument", leaf.position)
    for argument in leaf.arguments:
        if not argument.value:
            raise _refused(RuleErrorClass.EMPTY, leaf, "an argument is empty", argument.position)
    values = [argument.value for argument in leaf.arguments]
    if message := leaf.matcher.arity(values):
        raise _refused(RuleErrorClass.ARITY, leaf, message, leaf.position)
    if complaint := leaf.matcher.check(values):
        position = leaf.arguments[complaint.argument].position
        raise _refused(RuleErrorClass.VALUE, leaf, complaint.message, position)


def _refused(error_class: RuleErrorClass, leaf: Leaf, message: str, position: int) -> RuleError:
    return RuleError(error_class, f"{leaf.matcher.name}: {message}", position)


def _hosts(leaves: Iterable[Leaf], syntax: Syntax, protocol: Protocol) -> dict[DnsName, None]:
    names = (
        host_of(argument.value, syntax, protocol)
        for leaf in leaves
        if leaf.matcher.gives is Gives.HOSTS and not leaf.negated
        for argument in leaf.arguments
    )
    return dict.fromkeys(name for name in names if not isinstance(name, LeftOut))


def _regexps(leaves: Iterable[Leaf]) -> dict[str, None]:
    return dict.fromkeys(
        argument.value
        for leaf in leaves
        if leaf.matcher.gives is Gives.REGEXPS and not leaf.negated
        for argument in leaf.arguments
    )


def _skipped(leaves: Iterable[Leaf], syntax: Syntax, protocol: Protocol) -> Iterable[LeftOut]:
    hosts, regexps = _hosts(leaves, syntax, protocol), _regexps(leaves)
    for leaf in leaves:
        for argument in leaf.arguments:
            value = argument.value
            match leaf.matcher.gives:
                case Gives.HOSTS:
                    name = host_of(value, syntax, protocol)
                    if leaf.negated and (isinstance(name, LeftOut) or name not in hosts):
                        yield LeftOut(value, _NEGATED, broken=False)
                    elif not leaf.negated and isinstance(name, LeftOut):
                        yield name
                case Gives.REGEXPS if leaf.negated and value not in regexps:
                    yield LeftOut(value, _NEGATED, broken=False)
                case _:
                    pass
