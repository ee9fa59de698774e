"""Says what is wrong where a rule is no Go expression, in words for those who write rules."""

from catalyst_dns_sync.core.rules import tokens as kinds
from catalyst_dns_sync.core.rules.model import RuleError, syntax_error
from catalyst_dns_sync.core.rules.tokens import Token


def no_operand(token: Token) -> RuleError:
    """Return the error of a token where a matcher or a value should begin."""
    match token.kind:
        case kinds.END:
            message = "the rule ends where a matcher is expected"
        case kinds.KEYWORD | "[" | "{":
            message = f"{token.value} begins no matcher"
        case _:
            message = f"{token.value} stands where a matcher is expected"
    return syntax_error(message, token.position)


def open_call(token: Token) -> RuleError:
    """Return the error of a token where a matcher's arguments should go on or end."""
    match token.kind:
        case kinds.END:
            message = "a matcher's arguments are not closed; a ) is missing"
        case kinds.NEWLINE:
            message = "a line breaks before the ) of a matcher; put a comma before the break"
        case _:
            message = "a comma or a ) is missing between a matcher's arguments"
    return syntax_error(message, token.position)


def no_operator(token: Token, following: Token) -> RuleError:
    """Return the error of a token where an operator, or an end, should be."""
    match token.kind:
        case kinds.END:
            message = "a group is not closed; a ) is missing"
        case kinds.NEWLINE:
            message = _broken_line(following)
        case ")":
            message = "this ) closes nothing"
        case kinds.NAME if token.value.lower() in {"and", "or"}:
            message = f"{token.value} is no operator of rules; write && or ||"
        case kinds.NAME | kinds.STRING | "(" | "!":
            message = "an operator is missing here; write && or ||"
        case _:
            message = f"{token.value} is no operator of rules; write && or ||"
    return syntax_error(message, token.position)


def _broken_line(following: Token) -> str:
    # Go ends an expression at the end of a line, even within parentheses.
    match following.kind:
        case ")":
            return "the line breaks before a ); put the ) at its end"
        case "(":
            return "the line breaks between a name and its ("
        case "&&" | "||" as operator:
            return f"a line may not begin with {operator}; put it at the end of the line before"
        case _:
            return "the rule ends with this line; an operator at its end would continue it"
