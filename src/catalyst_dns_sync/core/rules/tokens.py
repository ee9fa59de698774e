"""Cuts a rule into the tokens of a Go expression, as ``go/scanner`` does.

Traefik has no lexer of its own: a rule is read as a Go expression, with Go's strings,
comments and automatic semicolons.
"""

import math
import re
import unicodedata
from typing import Final, NamedTuple

from catalyst_dns_sync.core.rules.literals import interpreted
from catalyst_dns_sync.core.rules.model import RuleError, shown, syntax_error

NAME: Final = "name"
STRING: Final = "string"
NUMBER: Final = "number"
UNUSABLE: Final = "unusable"
KEYWORD: Final = "keyword"
NEWLINE: Final = "newline"
END: Final = "end"

SINGLE_QUOTES: Final = "single quotes are no string in Traefik's rules; use backticks"


class Token(NamedTuple):
    """One token; of an operator, the kind is its text; of a string, the value is decoded."""

    kind: str
    value: str
    position: int


# https://go.dev/ref/spec#Keywords
_KEYWORDS: Final = frozenset(
    (
        *("break", "case", "chan", "const", "continue", "default", "defer", "else"),
        *("fallthrough", "for", "func", "go", "goto", "if", "import", "interface", "map"),
        *("package", "range", "return", "select", "struct", "switch", "type", "var"),
    )
)

# Possessive throughout: a long literal must not be tried in all its parts.
_DIGITS: Final = r"[0-9](?:_?[0-9])*+"
_HEX: Final = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*+"
# https://go.dev/ref/spec#Integer_literals and the sections after it
_NUMBER: Final = rf"""(?:
        (?P<hex_float>0[xX](?:_?{_HEX}(?:\.(?:{_HEX})?+)?+|\.{_HEX})[pP][+-]?{_DIGITS})
      | (?P<float>    {_DIGITS}\.(?:{_DIGITS})?(?:[eE][+-]?{_DIGITS})?
                    | {_DIGITS}[eE][+-]?{_DIGITS}
                    | \.{_DIGITS}(?:[eE][+-]?{_DIGITS})?)
      | (?P<integer>  (?:0[xX](?:_?[0-9a-fA-F])++ | 0[bB](?:_?[01])++ | 0[oO](?:_?[0-7])++
                    | 0(?:_?[0-7])*+(?![0-9_]) | [1-9](?:_?[0-9])*+ | {_DIGITS}(?=i))(?!\.))
    )(?P<imaginary>i)?(?!\w|\.(?!\.\.))"""
_RUNE: Final = r"""'(?:[^\\'\n]|\\(?:[abfnrtv\\']|[0-3][0-7]{2}|x[0-9a-fA-F]{2}
                    |u(?!d[89a-f])[0-9a-f]{4}|U000(?!0d[89a-f])(?:0[0-9a-f]|10)[0-9a-f]{4}))'"""

# Every alternative is linear, and the last one takes whatever is left: no character is skipped.
_TOKEN: Final = re.compile(
    rf"""(?P<operator>\.\.\.|&\^=?|&&|&=|\|\||\|=|<<=?|>>=?|<-|\+\+|--|:=|/(?![*/])=?
                   |[=!<>+*%^-]=?|[&|(),;:~\[\]{{}}]|\.(?![0-9]))
      | (?P<word>   [A-Za-z_\x80-\U0010FFFF][A-Za-z0-9_\x80-\U0010FFFF]*)
      | (?P<raw>    `[^`]*`)
      | (?P<blank>  [ \t\r]+)
      | (?P<quoted> "[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")
      | (?P<newline>\n)
      | (?P<comment>//[^\n]*|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/)
      | (?P<number> {_NUMBER})
      | (?P<rune>   {_RUNE})
      | (?P<rest>   .)
    """,
    re.VERBOSE | re.DOTALL,
)

# After these a newline ends the expression: https://go.dev/ref/spec#Semicolons
_ENDING_OPERATORS: Final = frozenset({")", "]", "}", "++", "--"})
_ENDING_KEYWORDS: Final = frozenset({"break", "continue", "fallthrough", "return"})


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a rule, an END last; comments and blanks are gone.

    Raises `RuleError` for what Go's scanner refuses.
    """
    start = 1 if text.startswith("\ufeff") else 0
    _refuse_marks(text, start)
    tokens: list[Token] = []
    may_end = False
    for match in _TOKEN.finditer(text, start):
        value = match[0]
        at = match.start()
        match match.lastgroup:
            case "operator":
                tokens.append(Token(value, value, at))
                may_end = value in _ENDING_OPERATORS
            case "word":
                tokens.append(_word(value, at))
                may_end = value not in _KEYWORDS or value in _ENDING_KEYWORDS
            case "raw":
                # Go drops carriage returns from raw strings.
                tokens.append(Token(STRING, value[1:-1].replace("\r", ""), at))
                may_end = True
            case "blank":
                pass
            case "quoted":
                tokens.append(Token(STRING, interpreted(value[1:-1], at + 1), at))
                may_end = True
            case "newline" | "comment":
                _check_line_directive(text, value, at)
                if may_end and "\n" in value:
                    tokens.append(Token(NEWLINE, value, at))
                    may_end = False
            case "number":
                tokens.append(Token(NUMBER if _is_usable(match) else UNUSABLE, value, at))
                may_end = True
            case "rune":
                tokens.append(Token(UNUSABLE, value, at))
                may_end = True
            case _:
                raise _illegal(value, at)
    tokens.append(Token(END, "", len(text)))
    return tokens


def _refuse_marks(text: str, start: int) -> None:
    for mark, name in (("\0", "a NUL character"), ("\ufeff", "a byte order mark")):
        if (at := text.find(mark, start)) >= 0:
            raise syntax_error(f"{name} stands in the rule; take it out", at)


def _word(value: str, at: int) -> Token:
    if value in _KEYWORDS:
        return Token(KEYWORD, value, at)
    if not value.isascii():
        for offset, character in enumerate(value):
            if not _is_word_character(character, first=offset == 0):
                raise _illegal(character, at + offset)
    return Token(NAME, value, at)


def _is_word_character(character: str, *, first: bool) -> bool:
    if character.isascii():
        return True
    category = unicodedata.category(character)
    return category.startswith("L") or (category == "Nd" and not first)


def _is_usable(match: re.Match[str]) -> bool:
    """Tell whether the number is an ``int`` or a ``float64`` to Go's strconv."""
    if match["imaginary"]:
        return False
    if match["hex_float"]:
        return True
    text = match[0]
    if match["float"]:
        return float(text.replace("_", "")) != math.inf
    value = _count(text)
    return value is not None and value < 1 << 63


def _illegal(character: str, at: int) -> RuleError:
    if character == "'":
        return syntax_error(SINGLE_QUOTES, at)
    if character == "`":
        return syntax_error("a backtick opens a string that is never closed", at)
    if character == '"':
        return syntax_error("a double quote opens a string that is not closed on its line", at)
    if character.isdigit() or character == ".":
        return syntax_error("this is no number; put a value between backticks", at)
    if character == "/":
        return syntax_error("a comment is not closed; end it with */", at)
    if character in "\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb":
        return syntax_error(
            f"{character} is a typographic quotation mark; use backticks around values", at
        )
    return syntax_error(f"the character {shown(character)} has no meaning here", at)


_HIGHEST_LINE: Final = 1 << 30


def _check_line_directive(text: str, comment: str, at: int) -> None:
    """Refuse ``//line file:0``: a comment that begins with ``line`` tells Go a line number."""
    if not comment.startswith(("//line ", "/*line ")):
        return
    if comment.startswith("//") and at > 0 and text[at - 1] != "\n":
        return
    body = comment[7:-2] if comment.startswith("/*") else comment[7:].removesuffix("\r")
    # file:line or file:line:column
    numbers = [_count(part) for part in body.split(":")[1:][-2:]]
    if not numbers:
        return
    if numbers[-1] is None:
        raise syntax_error("a comment that begins with 'line' must end in a line number", at)
    # From 1 << 63 on Go's int is negative, and passes.
    if any(number == 0 or _HIGHEST_LINE < (number or 0) < 1 << 63 for number in numbers):
        raise syntax_error("a comment that begins with 'line' ends in an impossible number", at)


def _count(text: str) -> int | None:
    """Return the value of decimal digits, or None where Go finds no number of 64 bits."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    # Python refuses to convert thousands of digits.
    return (
        int(digits) if len(digits) < 20 or (len(digits) == 20 and int(digits) < 1 << 64) else None
    )
