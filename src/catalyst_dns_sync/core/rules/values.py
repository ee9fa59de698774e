"""What Traefik demands of the arguments of its matchers, beyond their number."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from catalyst_dns_sync.core.rules.model import shown
from catalyst_dns_sync.core.rules.re2 import fault_of


class Complaint(NamedTuple):
    """Which argument is wrong, and why."""

    argument: int
    message: str


ACME_PROTOCOL: Final = "acme-tls/1"


def ascii_only(value: str) -> str | None:
    """Say what is wrong with a value that has to be ASCII: Traefik converts no Unicode names."""
    if value.isascii():
        return None
    return f"{shown(value)} is not ASCII; write the name in its xn-- form"


def regexp(value: str) -> str | None:
    """Say why Go would not compile a regular expression."""
    fault = fault_of(value)
    return fault and f"Go does not compile {shown(value)}: {fault}"


def host_regexp(value: str) -> str | None:
    """Say what is wrong with a v3 HostRegexp or HostSNIRegexp."""
    return ascii_only(value) or regexp(value)


def rooted(value: str) -> str | None:
    """Say what is wrong with a path that does not begin at the root."""
    return None if value.startswith("/") else f"the path {shown(value)} does not begin with a /"


_MASK: Final = re.compile(r"0*([0-9]{1,3})")


def address(value: str) -> str | None:
    """Say what is wrong with what should be an IP address or a range in CIDR notation."""
    host, slash, mask = value.partition("/")
    width = _width(host)
    length = _MASK.fullmatch(mask)
    if width and (not slash or (length and int(length[1]) <= width)):
        return None
    return f"{shown(value)} is neither an IP address nor a range such as 10.0.0.0/8"


def _width(text: str) -> int:
    if "%" in text:
        return 0
    try:
        return ipaddress.ip_address(text).max_prefixlen
    except ValueError:
        return 0


def alpn(value: str) -> str | None:
    """Say what is wrong with an ALPN protocol: one belongs to Traefik's own ACME client."""
    return f"Traefik keeps {ACME_PROTOCOL} for itself" if value == ACME_PROTOCOL else None


_SNI_V3: Final = re.compile(r"\*|(?:\*\.)?[\w.:-]+", re.ASCII)
_SNI_V2: Final = re.compile(r"\*|[\w.:-]+", re.ASCII)


def sni_v3(value: str) -> str | None:
    """Say what is wrong with a v3 HostSNI."""
    return None if _SNI_V3.fullmatch(value) else f"{shown(value)} is no host name"


def sni_v2(value: str) -> str | None:
    """Say what is wrong with a v2 HostSNI, which knows no wildcard but a lone ``*``."""
    return None if _SNI_V2.fullmatch(value) else f"{shown(value)} is no host name, nor a lone *"


_BRACE: Final = re.compile(r"[{}]")
_QUOTED_META: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


class Template(NamedTuple):
    """A v2 template: the literal texts around its braces, and the braces' names and patterns."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    patterns: tuple[str | None, ...]


def parse_template(template: str) -> Template | str:
    """Split a v2 template at its outermost braces; a string says why that cannot be done."""
    literals: list[str] = []
    names: list[str] = []
    patterns: list[str | None] = []
    level = start = end = 0
    for brace in _BRACE.finditer(template):
        level += 1 if brace[0] == "{" else -1
        if level < 0:
            break
        if brace[0] == "{" and level == 1:
            start = brace.start()
        elif level == 0:
            name, colon, pattern = template[start + 1 : brace.start()].partition(":")
            if not name or (colon and not pattern):
                return f"{shown(template)} has braces without a name or a pattern"
            literals.append(template[end:start])
            names.append(name)
            patterns.append(pattern if colon else None)
            end = brace.end()
    if level:
        return f"{shown(template)} has unbalanced braces"
    return Template((*literals, template[end:]), tuple(names), tuple(patterns))


def host_template(value: str) -> str | None:
    """Say what is wrong with a v2 HostRegexp."""
    return ascii_only(value) or _template(value, default="[^.]+", flags="(?i)", alone=True)


def sni_template(value: str) -> str | None:
    """Say what is wrong with a v2 HostSNIRegexp, which may be other than ASCII."""
    return _template(value, default="[^.]+", flags="(?i)", alone=False)


def path_template(value: str) -> str | None:
    """Say what is wrong with a v2 Path or PathPrefix."""
    return rooted(value) or _template(value, default="[^/]+", flags="", alone=True)


def query_templates(values: Sequence[str]) -> Complaint | None:
    """Say what is wrong with the arguments of a v2 Query: templates that share no variable."""
    parts = query_parts(values)
    seen: set[str] = set()
    for index in range(0, len(parts), 2):
        text = f"{parts[index]}={parts[index + 1]}"
        fault = _template(text, default=".*", flags="", alone=True)
        template = parse_template(text)
        if fault is None and isinstance(template, Template):
            if twice := seen.intersection(template.names):
                fault = f"the variable {shown(min(twice))} stands in two templates"
            seen.update(template.names)
        if fault:
            return Complaint(min(index, len(values) - 1), fault)
    return None


def query_parts(values: Sequence[str]) -> list[str]:
    """Split each argument of a v2 Query at its first equals sign."""
    return [part for value in values for part in value.split("=", 1)]


def _template(value: str, *, default: str, flags: str, alone: bool) -> str | None:
    template = parse_template(value)
    if isinstance(template, str):
        return template
    patterns = [default if pattern is None else pattern for pattern in template.patterns]
    # gorilla/mux compiles each pattern by itself, too; Traefik's copy for TCP does not.
    alone_patterns = [f"^{pattern}$" for pattern in patterns] if alone else []
    groups = (f"(?P<v{index}>{pattern})" for index, pattern in enumerate(patterns))
    literals = [_QUOTED_META.sub(r"\\\g<0>", literal) for literal in template.literals]
    body = "".join(text for pair in zip(literals, groups, strict=False) for text in pair)
    whole = f"{flags}^{body}{literals[-1]}$"
    for text in (*alone_patterns, whole):
        if fault := fault_of(text):
            return f"{shown(value)} has a pattern that Go does not compile: {fault}"
    return None
