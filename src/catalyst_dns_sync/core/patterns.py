"""Patterns of host names and of namespaces, as settings write them."""

import re
from dataclasses import dataclass, field

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name

_NAMESPACE = re.compile(r"[a-z0-9*-]{1,63}", re.ASCII)
_WILD_LABEL = re.compile(r"[a-z0-9_*-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as it was written; ``regex`` is what it means."""

    text: str
    regex: re.Pattern[str] = field(compare=False)

    def matches(self, text: str) -> bool:
        """Tell whether the whole text is of the pattern."""
        return self.regex.fullmatch(text) is not None


def parse_host_pattern(text: str) -> Pattern:
    """Return the pattern of host names; raises `ValueError`.

    ``a.lab.home`` is one name, ``*.lab.home`` every name below it at any depth, ``pr-*.lab.home`` a
    label of that form, and ``*`` every name.
    """
    if text.strip() == "*":
        return Pattern("*", re.compile(r".+"))
    folded = text.strip().lower().removesuffix(".")
    below = folded.startswith("*.")
    rest = folded.removeprefix("*.")
    labels = rest.split(".")
    if "*" in rest:
        # A last label of any sort would make the pattern mean every name.
        if labels[-1] == "*" or not all(map(_WILD_LABEL.fullmatch, labels)):
            raise ValueError(f"{text.strip()!r} is no pattern of hosts; write it like *.lab.home")
    else:
        try:
            rest = parse_name(rest)
        except InvalidNameError as error:
            raise ValueError(str(error)) from error
    # A wildcard record is a name too, and its first label is a star.
    prefix = r"(?:[^.]+\.)+" if below else ""
    return Pattern(f"*.{rest}" if below else rest, re.compile(prefix + _glob(rest, r"[^.]*")))


def parse_namespace_pattern(text: str) -> Pattern:
    """Return the pattern of namespaces, in which ``*`` is any text; raises `ValueError`."""
    if not _NAMESPACE.fullmatch(text.strip()):
        raise ValueError(f"{text.strip()!r} is no namespace; write it like default or team-*")
    return Pattern(text.strip(), re.compile(_glob(text.strip(), r".*")))


def host_matches(name: DnsName, patterns: tuple[Pattern, ...]) -> bool:
    """Tell whether the name is of any of the patterns."""
    return any(pattern.matches(name) for pattern in patterns)


def _glob(text: str, star: str) -> str:
    return star.join(re.escape(part) for part in text.split("*"))
