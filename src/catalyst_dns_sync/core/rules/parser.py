"""Reads a rule as a Go expression, and writes it down in the order in which it is evaluated.

Go's parser judges the whole text before Traefik looks at a single matcher. So this module
decides only whether the text is an expression; what it calls is judged in `evaluation`.
"""

from collections.abc import Mapping
from typing import Final

from catalyst_dns_sync.core.rules import tokens as kinds
from catalyst_dns_sync.core.rules.model import shown, syntax_error
from catalyst_dns_sync.core.rules.slips import no_operand, no_operator, open_call
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
from catalyst_dns_sync.core.rules.tokens import Token, tokens_of

MAX_LENGTH: Final = 64 * 1024
MAX_NESTING: Final = 1000


# https://go.dev/ref/spec#Operator_precedence
_RANKS: Final[Mapping[str, int]] = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-", "|", "^"), 4),
    **dict.fromkeys(("*", "/", "%", "<<", ">>", "&", "&^"), 5),
}
_TIGHTEST: Final = 6
_UNARY: Final = frozenset({"!", "+", "-", "^", "&", "~", "<-", "*"})


def parse(text: str) -> list[Step]:
    """Return the steps that evaluate a rule, operands before operators, from left to right.

    Raises `RuleError` for what is no Go expression, and for more than `MAX_LENGTH` characters
    or `MAX_NESTING` nested parentheses, which Traefik would take.
    """
    if len(text) > MAX_LENGTH:
        raise syntax_error(f"the rule is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return _Parser(tokens_of(text)).rule()


class _Level:
    """A pair of parentheses, and how far what stands between them is read.

    ``negated`` is what all the ``!`` before the present operand make, and ``base`` those before
    the parentheses; ``start`` is the step at which the operand begins.
    """

    __slots__ = (
        *("argument", "argument_start", "arguments", "base", "callee", "first", "grouped"),
        *("is_call", "negated", "pending", "start"),
    )

    def __init__(self, first: Token, start: int, *, is_call: bool, negated: bool) -> None:
        self.is_call = is_call
        self.base = self.negated = negated
        self.pending: list[Join | Negation] = []
        self.begin(first, start)
        self.arguments = 0
        self.begin_argument(first, start)

    def begin_argument(self, first: Token, start: int) -> None:
        """Begin an argument of a call."""
        self.argument = first
        self.argument_start = start
        self.grouped = False
        self.negated = self.base

    def begin(self, first: Token, start: int) -> None:
        """Begin an operand; it has a ``callee`` once it is a name, which could be called."""
        self.first = first
        self.start = start
        self.callee = ""


class _Parser:
    """Operator precedence with a stack of its own: no rule can exhaust Python's."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._token = tokens[0]
        self._steps: list[Step] = []
        self._level = _Level(tokens[0], 0, is_call=False, negated=False)
        self._outer: list[_Level] = []

    def rule(self) -> list[Step]:
        if self._token.kind == kinds.END:
            raise syntax_error("the rule is empty", self._token.position)
        self._operand()
        while self._continue():
            self._operand()
        return self._steps

    def _take(self) -> Token:
        """Take the next token, which is never the END."""
        taken = self._token
        self._index += 1
        self._token = self._tokens[self._index]
        return taken

    def _refuse(self, message: str, token: Token) -> None:
        self._steps.append(Refusal(message, token.position))

    def _operand(self) -> None:
        """Take one operand, with all the signs and parentheses before it."""
        while True:
            token = self._token
            if token.kind in _UNARY:
                self._sign(self._take())
            elif token.kind == "(":
                self._level.begin(token, len(self._steps))
                self._level.grouped = True
                self._open(is_call=False, negated=self._level.negated)
            else:
                break
        self._level.begin(token, len(self._steps))
        if not self._simple_call(token):
            self._atom(token)
            self._take()

    def _simple_call(self, name: Token) -> bool:
        """Take a name with one string in parentheses, which nearly every matcher is, at once."""
        if name.kind != kinds.NAME:
            return False
        following = self._tokens[self._index + 1 : self._index + 4]
        if [token.kind for token in following] != ["(", kinds.STRING, ")"]:
            return False
        text = following[1]
        self._steps += (
            Lookup(name.value, name.position),
            Text(text.value, text.position),
            Call(1, self._level.negated, name.position),
        )
        self._index += 4
        self._token = self._tokens[self._index]
        return True

    def _sign(self, token: Token) -> None:
        if token.kind == "!":
            self._level.negated = not self._level.negated
            self._level.pending.append(Negation(token.position))
        else:
            self._refuse(f"{token.kind} is no operator of rules", token)

    def _atom(self, token: Token) -> None:
        match token.kind:
            case kinds.STRING:
                self._steps.append(Text(token.value, token.position))
            case kinds.NAME:
                self._level.callee = token.value
                # Unless it is called, which takes this back.
                self._refuse(f"{shown(token.value)} has no arguments in parentheses", token)
            case kinds.NUMBER:
                self._steps.append(Number(token.position))
            case kinds.UNUSABLE:
                is_rune = token.value.startswith("'")
                self._refuse(
                    kinds.SINGLE_QUOTES if is_rune else "Traefik cannot read this number", token
                )
            case _:
                raise no_operand(token)

    def _continue(self) -> bool:
        """Take what follows an operand, and tell whether another operand has to come."""
        while True:
            level = self._level
            kind = self._token.kind
            if rank := _RANKS.get(kind):
                self._flush(rank)
                level.pending.append(Join(kind, self._take().position))
                level.negated = level.base
                return True
            if kind == "(":
                self._call()
                if self._token.kind != ")":
                    return True
                self._close()
            elif kind == ".":
                self._member()
            elif level.is_call:
                if self._argument():
                    return True
                self._close()
            elif kind == ")" and self._outer:
                self._flush()
                self._close()
            else:
                self._end()
                return False

    def _flush(self, rank: int = 0) -> None:
        """Apply the operators that bind at least as tightly as the rank."""
        pending = self._level.pending
        while pending and _rank(pending[-1]) >= rank:
            self._steps.append(pending.pop())

    def _open(self, *, is_call: bool, negated: bool) -> None:
        if len(self._outer) >= MAX_NESTING:
            raise syntax_error(
                f"more than {MAX_NESTING} parentheses are nested", self._token.position
            )
        self._take()
        self._outer.append(self._level)
        self._level = _Level(self._token, len(self._steps), is_call=is_call, negated=negated)

    def _call(self) -> None:
        level = self._level
        # Only a name can be called; anything else is never evaluated, so it leaves no step.
        del self._steps[level.start :]
        if level.callee:
            self._steps.append(Lookup(level.callee, level.first.position))
        self._open(is_call=True, negated=False)

    def _close(self) -> None:
        if self._token.kind != ")":
            raise open_call(self._token)
        self._take()
        closed, self._level = self._level, self._outer.pop()
        level = self._level
        if closed.is_call and level.callee:
            call = Call(closed.arguments, level.negated, level.first.position)
            self._steps.append(call)
            level.callee = ""
        elif closed.is_call:
            del self._steps[level.start :]
            self._refuse("only a matcher can be called", level.first)

    def _member(self) -> None:
        level = self._level
        self._take()
        if self._token.kind != kinds.NAME:
            raise syntax_error("a dot stands between no two names", self._token.position)
        member = self._take().value
        # Go reads a.b(...) as a function of a package, and a.b.c(...) as none.
        can_be_called = level.callee and "." not in level.callee
        level.callee = f"{level.callee}.{member}" if can_be_called else ""
        del self._steps[level.start :]
        self._refuse("values have no members; a matcher is called by its name", level.first)

    def _argument(self) -> bool:
        """End an argument with what follows it, and tell whether another one has to come."""
        level = self._level
        self._flush()
        last = self._steps[-1]
        if level.grouped or isinstance(last, Join | Negation):
            del self._steps[level.argument_start :]
            self._refuse("an argument is one string, without operators around it", level.argument)
        elif isinstance(last, Refusal) and level.first.kind == kinds.NAME:
            del self._steps[level.argument_start :]
            self._refuse("a value is not quoted; put it between backticks", level.argument)
        level.arguments += 1
        has_dots = self._token.kind == "..." and bool(self._take())
        has_comma = self._token.kind == "," and bool(self._take())
        level.begin_argument(self._token, len(self._steps))
        return has_comma and not has_dots and self._token.kind != ")"

    def _end(self) -> None:
        self._flush()
        token = self._token
        following = self._tokens[min(self._index + 1, len(self._tokens) - 1)]
        is_last_line = token.kind == kinds.NEWLINE and following.kind == kinds.END
        if self._outer or not (token.kind == kinds.END or is_last_line):
            raise no_operator(token, following)


def _rank(step: Join | Negation) -> int:
    return _RANKS[step.operator] if isinstance(step, Join) else _TIGHTEST
