"""Evaluates the steps of a rule down to its matchers, as Traefik's predicate library does."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, assert_never

from catalyst_dns_sync.core.rules.matchers import Matcher, advice_on
from catalyst_dns_sync.core.rules.model import (
    RuleError,
    RuleErrorClass,
    shown,
    syntax_error,
)
from catalyst_dns_sync.core.rules.steps import (
    Call,
    Join,
    Lookup,
    Negation,
    Number,
    Refusal,
    Step,
    Text,
)


class Leaf(NamedTuple):
    """One matcher of a rule, with its arguments; ``negated`` after De Morgan."""

    matcher: Matcher
    arguments: tuple[Text, ...]
    negated: bool
    position: int


_MENDED: Final = {"&": "&&", "|": "||"}


def leaves_of(steps: Iterable[Step], matchers: Mapping[str, Matcher]) -> list[Leaf]:
    """Return the matchers of a rule from left to right.

    Raises `RuleError` for the first thing that Traefik cannot evaluate, in its own order.
    """
    leaves: list[Leaf] = []
    called: list[Matcher] = []
    stack: list[Text | Number | Leaf] = []
    for step in steps:
        match step:
            case Text() | Number():
                stack.append(step)
            case Lookup():
                called.append(_found(step, matchers))
            case Call():
                arguments = stack[len(stack) - step.arguments :]
                del stack[len(stack) - step.arguments :]
                leaf = Leaf(called.pop(), _texts(arguments), step.negated, step.position)
                leaves.append(leaf)
                stack.append(leaf)
            case Negation():
                _check_operand(stack[-1])
            case Join():
                _join(step, stack)
            case Refusal():
                raise syntax_error(step.message, step.position)
            case _:
                assert_never(step)
    _check_operand(stack[-1])
    return leaves


def _found(step: Lookup, matchers: Mapping[str, Matcher]) -> Matcher:
    if matcher := matchers.get(step.name):
        return matcher
    message = f"there is no matcher {shown(step.name)} here; {advice_on(step.name, matchers)}"
    raise RuleError(RuleErrorClass.MATCHER, message, step.position)


def _texts(arguments: list[Text | Number | Leaf]) -> tuple[Text, ...]:
    texts: list[Text] = []
    for argument in arguments:
        if not isinstance(argument, Text):
            raise syntax_error("a matcher takes only strings; use backticks", argument.position)
        texts.append(argument)
    return tuple(texts)


def _join(step: Join, stack: list[Text | Number | Leaf]) -> None:
    right = stack.pop()
    if step.operator not in {"&&", "||"}:
        mended = _MENDED.get(step.operator, "&& or ||")
        raise syntax_error(
            f"{step.operator} is no operator of rules; write {mended}", step.position
        )
    _check_operand(stack[-1])
    _check_operand(right)


def _check_operand(value: Text | Number | Leaf) -> None:
    if not isinstance(value, Leaf):
        raise syntax_error("a value stands alone, without a matcher", value.position)
