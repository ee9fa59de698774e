"""The terms of the rule language: what goes in, what comes out, and what goes wrong."""

from dataclasses import dataclass
from enum import StrEnum

from catalyst_dns_sync.core.names import DnsName


class Syntax(StrEnum):
    """Which of Traefik's two rule languages a rule is written in (`ruleSyntax`)."""

    V2 = "v2"
    V3 = "v3"


class Protocol(StrEnum):
    """What the rule routes; each protocol has matchers of its own."""

    HTTP = "http"
    TCP = "tcp"


class RuleErrorClass(StrEnum):
    """At which of Traefik's steps a rule is refused, in the order of the steps."""

    SYNTAX = "syntax"
    MATCHER = "matcher"
    EMPTY = "empty"
    ARITY = "arity"
    VALUE = "value"


class RuleError(ValueError):
    """Traefik refuses the rule; the message is one line and says how to mend it.

    ``position`` counts characters from the rule's start to the token that is wrong.
    """

    def __init__(self, error_class: RuleErrorClass, message: str, position: int) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A value that stands in a live rule and gives no name.

    ``broken`` tells a probable slip of the pen, which an operator should hear about,
    from what was meant so: a negation, a catch-all.
    """

    value: str
    reason: str
    broken: bool


@dataclass(frozen=True, slots=True)
class RuleNames:
    """What a rule says about names, each list in order of first appearance, without repetition."""

    hosts: tuple[DnsName, ...]
    regexps: tuple[str, ...]
    skipped: tuple[LeftOut, ...]


def syntax_error(message: str, position: int) -> RuleError:
    """Return the error of a rule that is no expression, or one that Traefik cannot evaluate."""
    return RuleError(RuleErrorClass.SYNTAX, message, position)


def shown(text: str, limit: int = 40) -> str:
    """Return the text quoted, on one line and cut, as an error message may hold it."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"`{cut}`" if cut.isprintable() and "`" not in cut else repr(cut)
