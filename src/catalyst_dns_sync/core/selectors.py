"""Label selectors: Kubernetes' little language for choosing objects by their labels.

Rules: Kubernetes documentation, "Labels and Selectors", and `k8s.io/apimachinery/pkg/labels`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", re.ASCII)
_PREFIX = re.compile(
    r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*", re.ASCII
)
_MAX_PREFIX_LENGTH = 253
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)

_SET = re.compile(r"(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)", re.ASCII)
_COMPARISON = re.compile(r"(?P<key>[^\s=!<>()]+)\s*(?P<operator>==|=|!=|>|<)\s*(?P<value>.*)")
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")


class Operator(StrEnum):
    """What a requirement asks of a label; ``NOT_IN`` also holds where the label is missing."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    MISSING = "missing"
    GREATER = ">"
    LESS = "<"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Tell whether these labels meet the condition."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return value in self.values
            case Operator.NOT_IN:
                return value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.MISSING:
                return value is None
            case Operator.GREATER:
                return value is not None and _is_integer(value) and int(value) > self._bound
            case Operator.LESS:
                return value is not None and _is_integer(value) and int(value) < self._bound
            case _:
                assert_never(self.operator)

    @property
    def _bound(self) -> int:
        (bound,) = self.values
        return int(bound)


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """Conditions that must all hold; none at all chooses everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an object with these labels is chosen."""
        return all(requirement.holds(labels) for requirement in self.requirements)


def parse_label_selector(text: str) -> LabelSelector:
    """Return the selector that the text writes down, such as ``app=web,tier in (a, b),!old``.

    Raises `ValueError` with a sentence that says what to mend.
    """
    if not text.strip():
        return LabelSelector()
    if text.count("(") != text.count(")"):
        raise ValueError(f"label selector {text!r}: the parentheses are not balanced")
    parts = (part.strip() for part in _COMMA_OUTSIDE_PARENTHESES.split(text))
    return LabelSelector(tuple(_requirement(part, text) for part in parts))


def _requirement(part: str, text: str) -> Requirement:
    if not part:
        raise ValueError(f"label selector {text!r}: there is nothing before or after a comma")
    if part.startswith("!") and "=" not in part:
        return Requirement(_key(part[1:].strip(), text), Operator.MISSING)
    if found := _SET.fullmatch(part):
        values = frozenset(_value(each.strip(), text) for each in found["values"].split(","))
        return Requirement(_key(found["key"], text), Operator(found["operator"]), values)
    if found := _COMPARISON.fullmatch(part):
        return _comparison(found["key"], found["operator"], found["value"].strip(), text)
    return Requirement(_key(part, text), Operator.EXISTS)


def _comparison(key: str, operator: str, value: str, text: str) -> Requirement:
    key = _key(key, text)
    if operator in {">", "<"}:
        if not _is_integer(value):
            raise ValueError(f"label selector {text!r}: {key} {operator} needs a whole number")
        return Requirement(key, Operator(operator), frozenset({value}))
    kind = Operator.NOT_IN if operator == "!=" else Operator.IN
    return Requirement(key, kind, frozenset({_value(value, text)}))


def _key(key: str, text: str) -> str:
    prefix, slash, name = key.rpartition("/")
    prefix_is_good = not slash or (
        len(prefix) <= _MAX_PREFIX_LENGTH and _PREFIX.fullmatch(prefix) is not None
    )
    if not (prefix_is_good and _NAME.fullmatch(name)):
        raise ValueError(
            f"label selector {text!r}: {key!r} is not a label key; write it like app or "
            "example.com/app, and a condition like app=web, app!=web, app in (a, b), app or !app"
        )
    return key


def _value(value: str, text: str) -> str:
    if value and not _NAME.fullmatch(value):
        raise ValueError(
            f"label selector {text!r}: {value!r} is not a label value; it may have at most 63 "
            "letters, digits, '-', '_' and '.', and begins and ends with a letter or digit"
        )
    return value


def _is_integer(value: str) -> bool:
    return _INTEGER.fullmatch(value) is not None
