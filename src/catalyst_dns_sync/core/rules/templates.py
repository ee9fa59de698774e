"""The templates of v2 rules: literal text, and patterns between braces that have names.

They are gorilla/mux's; Traefik's copy of that code for TCP differs in what it compiles.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from catalyst_dns_sync.core.rules.model import shown
from catalyst_dns_sync.core.rules.re2 import fault_of
from catalyst_dns_sync.core.rules.values import Complaint, ascii_only, rooted

_BRACE: Final = re.compile(r"[{}]")
# What Go's regexp.QuoteMeta puts a backslash before.
_META: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


class _Template(NamedTuple):
    """A template cut at its outermost braces; there is one literal more than there are names."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    patterns: tuple[str, ...]


def host_template(value: str) -> str | None:
    """Say what is wrong with a v2 HostRegexp."""
    return ascii_only(value) or _fault(value, default="[^.]+", flags="(?i)")


def sni_template(value: str) -> str | None:
    """Say what is wrong with a v2 HostSNIRegexp, which may be other than ASCII."""
    return _fault(value, default="[^.]+", flags="(?i)", only_whole=True)


def path_template(value: str) -> str | None:
    """Say what is wrong with a v2 Path or PathPrefix."""
    return rooted(value) or _fault(value, default="[^/]+")


def query_parts(values: Sequence[str]) -> list[tuple[int, str]]:
    """Cut each argument of a v2 Query at its first equals sign, and number the pieces by it."""
    return [(number, part) for number, value in enumerate(values) for part in value.split("=", 1)]


def query_templates(values: Sequence[str]) -> Complaint | None:
    """Say what is wrong with the arguments of a v2 Query: templates that share no variable."""
    parts = query_parts(values)
    seen: set[str] = set()
    for (number, key), (_, value) in zip(parts[::2], parts[1::2], strict=True):
        template = f"{key}={value}"
        if fault := _fault(template, default=".*"):
            return Complaint(number, fault)
        names = set(_names(template))
        if twice := seen & names:
            return Complaint(number, f"the variable {shown(min(twice))} stands in two templates")
        seen |= names
    return None


def _names(template: str) -> tuple[str, ...]:
    parsed = _parse(template, default=".*")
    return () if isinstance(parsed, str) else parsed.names


def _fault(value: str, *, default: str, flags: str = "", only_whole: bool = False) -> str | None:
    template = _parse(value, default)
    if isinstance(template, str):
        return template
    groups = (f"(?P<v{number}>{pattern})" for number, pattern in enumerate(template.patterns))
    literals = [_META.sub(r"\\\g<0>", literal) for literal in template.literals]
    body = "".join(text for pair in zip(literals, groups, strict=False) for text in pair)
    whole = f"{flags}^{body}{literals[-1]}$"
    parts = () if only_whole else (f"^{pattern}$" for pattern in template.patterns)
    for text in (*parts, whole):
        if fault := fault_of(text):
            return f"{shown(value)} has a pattern that Go does not compile: {fault}"
    return None


def _parse(value: str, default: str) -> _Template | str:
    """Cut a template at its outermost braces; a string says why that cannot be done."""
    literals: list[str] = []
    names: list[str] = []
    patterns: list[str] = []
    level = start = end = 0
    for brace in _BRACE.finditer(value):
        level += 1 if brace[0] == "{" else -1
        if level < 0:
            break
        if brace[0] == "{" and level == 1:
            start = brace.start()
        elif level == 0:
            name, colon, pattern = value[start + 1 : brace.start()].partition(":")
            literals.append(value[end:start])
            names.append(name)
            patterns.append(pattern if colon else default)
            end = brace.end()
    if level:
        return f"{shown(value)} has unbalanced braces"
    if not (all(names) and all(patterns)):
        return f"{shown(value)} has braces without a name or a pattern"
    return _Template((*literals, value[end:]), tuple(names), tuple(patterns))
