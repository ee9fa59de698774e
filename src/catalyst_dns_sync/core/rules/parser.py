"""Reads a rule as a Go expression, and writes it down in the order in which it is evaluated.

Go's parser judges the whole text before Traefik looks at a single matcher. So this module
decides only whether the text is an expression; what it calls is judged in `evaluation`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from catalyst_dns_sync.core.rules import tokens as kinds
from catalyst_dns_sync.core.rules.model import RuleError, shown, syntax_error
from catalyst_dns_sync.core.rules.tokens import Token, tokens_of

MAX_LENGTH: Final = 64 * 1024
MAX_NESTING: Final = 200


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

# https://go.dev/ref/spec#Operator_precedence
_RANKS: Final[Mapping[str, int]] = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-", "|", "^"), 4),
    **dict.fromkeys(("*", "/", "%", "<<", ">>", "&", "&^"), 5),
}
_UNARY: Final = frozenset({"!", "+", "-", "^", "&", "~", "<-", "*"})


def parse(text: str) -> list[Step]:
    """Return the steps that evaluate a rule, operands before operators, from left to right.

    Raises `RuleError` for what is no Go expression, and for more than `MAX_LENGTH` characters
    or `MAX_NESTING` nested parentheses, which Traefik would take.
    """
    if len(text) > MAX_LENGTH:
        raise syntax_error(f"the rule is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return _Parser(tokens_of(text)).rule()


class _Parser:
    """A recursive descent with two or three frames for each level of parentheses."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._token = tokens[0]
        self._steps: list[Step] = []

    def rule(self) -> list[Step]:
        if self._token.kind == kinds.END:
            raise syntax_error("the rule is empty", self._token.position)
        self._expression(0, negated=False)
        newline = self._take() if self._token.kind == kinds.NEWLINE else None
        if self._token.kind != kinds.END:
            raise self._misplaced(newline or self._token)
        return self._steps

    def _take(self) -> Token:
        """Take the next token, which is never the END."""
        taken = self._token
        self._index += 1
        self._token = self._tokens[self._index]
        return taken

    def _expression(self, depth: int, *, negated: bool) -> None:
        if depth > MAX_NESTING:
            raise syntax_error(
                f"more than {MAX_NESTING} parentheses are nested", self._token.position
            )
        pending: list[Token] = []
        self._operand(depth, negated=negated)
        while rank := _RANKS.get(self._token.kind):
            while pending and _RANKS[pending[-1].kind] >= rank:
                self._join(pending.pop())
            pending.append(self._take())
            self._operand(depth, negated=negated)
        while pending:
            self._join(pending.pop())

    def _join(self, operator: Token) -> None:
        self._steps.append(Join(operator.kind, operator.position))

    def _operand(self, depth: int, *, negated: bool) -> None:
        negations: list[Token] = []
        while self._token.kind in _UNARY:
            operator = self._take()
            if operator.kind == "!":
                negations.append(operator)
                negated = not negated
            else:
                self._refuse(f"{operator.kind} is no operator of rules", operator)
        self._primary(depth, negated=negated)
        for operator in reversed(negations):
            self._steps.append(Negation(operator.position))

    def _primary(self, depth: int, *, negated: bool) -> None:
        start = len(self._steps)
        first = self._token
        callee = self._atom(depth, negated=negated)
        while self._token.kind in {"(", "."}:
            # Only a name can be called; what came before is never evaluated then.
            del self._steps[start:]
            if self._token.kind == ".":
                callee = self._member(callee)
                self._refuse("values have no members; a matcher is called by its name", first)
            elif callee:
                self._call(callee, first, depth, negated=negated)
                callee = ""
            else:
                self._call("", first, depth, negated=negated)
                del self._steps[start:]
                self._refuse("only a matcher can be called", first)

    def _atom(self, depth: int, *, negated: bool) -> str:
        """Take an operand and return its name, if it is one that could be called."""
        token = self._token
        match token.kind:
            case kinds.NAME:
                self._take()
                self._refuse(f"{shown(token.value)} is called without parentheses", token)
                return token.value
            case "(":
                self._take()
                self._expression(depth + 1, negated=negated)
                if self._token.kind != ")":
                    raise self._misplaced(self._token, inside=True)
            case kinds.STRING:
                self._steps.append(Text(token.value, token.position))
            case kinds.NUMBER:
                self._steps.append(Number(token.position))
            case kinds.UNUSABLE:
                self._refuse(_unusable(token.value), token)
            case _:
                raise self._no_operand(token)
        self._take()
        return ""

    def _member(self, callee: str) -> str:
        self._take()
        if self._token.kind != kinds.NAME:
            raise syntax_error("a dot stands between no two names", self._token.position)
        member = self._take().value
        return f"{callee}.{member}" if callee and "." not in callee else ""

    def _call(self, callee: str, first: Token, depth: int, *, negated: bool) -> None:
        self._take()
        self._steps.append(Lookup(callee, first.position))
        count = 0
        while self._token.kind != ")":
            self._argument(depth + 1)
            count += 1
            dots = self._token.kind == "..." and self._take()
            if self._token.kind != ",":
                break
            self._take()
            if dots:
                break
        if self._token.kind != ")":
            raise self._open_call()
        self._take()
        self._steps.append(Call(count, negated, first.position))

    def _argument(self, depth: int) -> None:
        first = self._token
        if first.kind == kinds.STRING and self._tokens[self._index + 1].kind in {")", ","}:
            # Nearly every argument: what follows would do the same, slowly.
            self._steps.append(Text(self._take().value, first.position))
            return
        start = len(self._steps)
        self._expression(depth, negated=False)
        composed = first.kind == "(" or first.kind in _UNARY
        if composed or isinstance(self._steps[-1], Join):
            del self._steps[start:]
            self._refuse("an argument is one bare string", first)

    def _refuse(self, message: str, token: Token) -> None:
        self._steps.append(Refusal(message, token.position))

    def _no_operand(self, token: Token) -> RuleError:
        match token.kind:
            case kinds.END:
                message = "the rule ends where a matcher is expected"
            case kinds.KEYWORD | "[" | "{":
                message = f"{token.value} begins no matcher"
            case _:
                message = f"{token.value} stands where a matcher is expected"
        return syntax_error(message, token.position)

    def _open_call(self) -> RuleError:
        token = self._token
        match token.kind:
            case kinds.END:
                message = "a matcher's arguments are not closed; a ) is missing"
            case kinds.NEWLINE:
                message = "a line breaks before the ) of a matcher; put a comma before the break"
            case _:
                message = "a comma or a ) is missing between a matcher's arguments"
        return syntax_error(message, token.position)

    def _misplaced(self, token: Token, *, inside: bool = False) -> RuleError:
        match token.kind:
            case kinds.END:
                message = "a group is not closed; a ) is missing"
            case kinds.NEWLINE if inside:
                message = "a line breaks before the ) of a group; put the ) on that line"
            case kinds.NEWLINE:
                message = "a line may not begin with an operator; put it at the end of the last one"
            case ")":
                message = "this ) closes nothing"
            case kinds.NAME if token.value.lower() in {"and", "or"}:
                message = f"{token.value} is no operator of rules; write && or ||"
            case kinds.NAME | kinds.STRING | "(" | "!":
                message = "an operator is missing here; write && or ||"
            case _:
                message = f"{token.value} is no operator of rules; write && or ||"
        return syntax_error(message, token.position)


def _unusable(literal: str) -> str:
    return kinds.SINGLE_QUOTES if literal.startswith("'") else "Traefik cannot read this number"
