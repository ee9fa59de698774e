"""From the text of a rule to the names that it serves."""

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final, NamedTuple

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


class _Value(NamedTuple):
    """A value of a matcher for names; ``name`` is None where the value is a regular expression."""

    text: str
    name: DnsName | LeftOut | None
    negated: bool


def names_of(rule: str, syntax: Syntax, protocol: Protocol) -> RuleNames:
    """Return the names that a rule serves if Traefik takes it.

    Raises `RuleError`, and nothing else, if Traefik refuses it: one bad matcher takes
    the whole router down, so such a rule serves no name.
    """
    # What no UTF-8 can carry reaches Traefik as U+FFFD.
    text = rule if rule.isascii() else _SURROGATE.sub("\ufffd", rule)
    leaves = leaves_of(parse(text), MATCHERS[protocol, syntax])
    for leaf in leaves:
        _check(leaf)
    hosts: dict[DnsName, None] = {}
    regexps: dict[str, None] = {}
    doubtful: list[_Value] = []
    for value in _values(leaves, syntax, protocol):
        if value.negated or isinstance(value.name, LeftOut):
            doubtful.append(value)
        elif value.name is None:
            regexps[value.text] = None
        else:
            hosts[value.name] = None
    skipped = (_left_out(value) for value in doubtful if not _is_listed(value, hosts, regexps))
    return RuleNames(tuple(hosts), tuple(regexps), tuple(dict.fromkeys(skipped)))


def _check(leaf: Leaf) -> None:
    """Refuse what Traefik refuses when it builds a router, in the order in which it looks."""
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


def _values(leaves: Iterable[Leaf], syntax: Syntax, protocol: Protocol) -> Iterator[_Value]:
    for matcher, arguments, negated, _ in leaves:
        match matcher.gives:
            case Gives.HOSTS:
                for text, _ in arguments:
                    yield _Value(text, host_of(text, syntax, protocol), negated)
            case Gives.REGEXPS:
                for text, _ in arguments:
                    yield _Value(text, None, negated)
            case Gives.NOTHING:
                pass


def _is_listed(value: _Value, hosts: Container[str], regexps: Container[str]) -> bool:
    """Tell whether a negated value also stands in the rule without negation."""
    if isinstance(value.name, LeftOut):
        return False
    return value.text in regexps if value.name is None else value.name in hosts


def _left_out(value: _Value) -> LeftOut:
    if isinstance(value.name, LeftOut) and not value.negated:
        return value.name
    return LeftOut(value.text, "it is negated", broken=False)
