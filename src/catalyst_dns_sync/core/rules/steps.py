"""What evaluates a rule: steps of a stack machine, operands before operators."""

from typing import NamedTuple, TypeAlias


class Text(NamedTuple):
    """Put a string on the stack."""

    value: str
    position: int


class Number(NamedTuple):
    """Put a number on the stack; Traefik has no use for one."""

    position: int


class Lookup(NamedTuple):
    """Find the matcher of this name."""

    name: str
    position: int


class Call(NamedTuple):
    """Call the matcher with the topmost values; ``negated`` is what all the ``!`` above it make."""

    arguments: int
    negated: bool
    position: int


class Negation(NamedTuple):
    """Negate what is on top of the stack."""

    position: int


class Join(NamedTuple):
    """Join the two topmost by an operator."""

    operator: str
    position: int


class Refusal(NamedTuple):
    """Stop: Go can read this and Traefik cannot evaluate it."""

    message: str
    position: int


Step: TypeAlias = Text | Number | Lookup | Call | Negation | Join | Refusal
