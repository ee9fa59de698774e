"""Traefik's matchers: which there are, how many arguments they take, and which values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from catalyst_dns_sync.core.rules import templates, values
from catalyst_dns_sync.core.rules.model import Protocol, Syntax
from catalyst_dns_sync.core.rules.values import Complaint

Arity: TypeAlias = Callable[[Sequence[str]], str | None]
Check: TypeAlias = Callable[[Sequence[str]], Complaint | None]
ValueCheck: TypeAlias = Callable[[str], str | None]


class Gives(Enum):
    """What a matcher says about names."""

    NOTHING = auto()
    HOSTS = auto()
    REGEXPS = auto()


@dataclass(frozen=True, slots=True)
class Matcher:
    """One matcher of one syntax and protocol; the checks say what is wrong, or None."""

    name: str
    arity: Arity
    check: Check
    gives: Gives = Gives.NOTHING


def _exactly(*counts: int) -> Arity:
    wanted = " or ".join(str(count) for count in counts)
    plural = "" if counts == (1,) else "s"

    def check(arguments: Sequence[str]) -> str | None:
        if len(arguments) in counts:
            return None
        return f"it takes {wanted} argument{plural}, not {len(arguments)}"

    return check


def _any_number(_arguments: Sequence[str]) -> str | None:
    return None


def _pairs(arguments: Sequence[str]) -> str | None:
    if len(arguments) % 2 == 0:
        return None
    return f"it takes names and values in pairs, not {len(arguments)} arguments"


def _query_pairs(arguments: Sequence[str]) -> str | None:
    if len(templates.query_parts(arguments)) % 2 == 0:
        return None
    return "its arguments have the form key=value"


def _nothing(_arguments: Sequence[str]) -> Complaint | None:
    return None


def _each(check: ValueCheck, start: int = 0, step: int = 1) -> Check:
    def check_each(arguments: Sequence[str]) -> Complaint | None:
        for index in range(start, len(arguments), step):
            if message := check(arguments[index]):
                return Complaint(index, message)
        return None

    return check_each


def _spelled(matchers: Iterable[Matcher]) -> Mapping[str, Matcher]:
    """Index matchers by the four spellings that Traefik registers, and no others."""
    return {
        spelling: matcher
        for matcher in matchers
        for name in (matcher.name,)
        for spelling in (name, name.lower(), name.upper(), name.capitalize())
    }


_ONE: Final = _exactly(1)

_HTTP_V3: Final = (
    Matcher("ClientIP", _ONE, _each(values.address)),
    Matcher("Method", _ONE, _nothing),
    Matcher("Host", _ONE, _each(values.ascii_only), Gives.HOSTS),
    Matcher("HostRegexp", _ONE, _each(values.host_regexp), Gives.REGEXPS),
    Matcher("Path", _ONE, _each(values.rooted)),
    Matcher("PathPrefix", _ONE, _each(values.rooted)),
    Matcher("PathRegexp", _ONE, _each(values.regexp)),
    Matcher("Header", _exactly(2), _nothing),
    Matcher("HeaderRegexp", _exactly(2), _each(values.regexp, start=1)),
    Matcher("Query", _exactly(1, 2), _nothing),
    Matcher("QueryRegexp", _exactly(1, 2), _each(values.regexp, start=1)),
)
_HTTP_V2: Final = (
    Matcher("ClientIP", _any_number, _each(values.address)),
    Matcher("Method", _any_number, _nothing),
    Matcher("Host", _any_number, _each(values.ascii_only), Gives.HOSTS),
    Matcher("HostHeader", _any_number, _each(values.ascii_only), Gives.HOSTS),
    Matcher("HostRegexp", _any_number, _each(templates.host_template), Gives.REGEXPS),
    Matcher("Path", _any_number, _each(templates.path_template)),
    Matcher("PathPrefix", _any_number, _each(templates.path_template)),
    Matcher("Headers", _pairs, _nothing),
    Matcher("HeadersRegexp", _pairs, _each(values.regexp, start=1, step=2)),
    Matcher("Query", _query_pairs, templates.query_templates),
)
_TCP_V3: Final = (
    Matcher("ALPN", _ONE, _each(values.alpn)),
    Matcher("ClientIP", _ONE, _each(values.address)),
    Matcher("HostSNI", _ONE, _each(values.sni_v3), Gives.HOSTS),
    Matcher("HostSNIRegexp", _ONE, _each(values.host_regexp), Gives.REGEXPS),
)
_TCP_V2: Final = (
    Matcher("ALPN", _any_number, _each(values.alpn)),
    Matcher("ClientIP", _any_number, _each(values.address)),
    Matcher("HostSNI", _any_number, _each(values.sni_v2), Gives.HOSTS),
    Matcher("HostSNIRegexp", _any_number, _each(templates.sni_template), Gives.REGEXPS),
)

MATCHERS: Final[Mapping[tuple[Protocol, Syntax], Mapping[str, Matcher]]] = {
    (Protocol.HTTP, Syntax.V3): _spelled(_HTTP_V3),
    (Protocol.HTTP, Syntax.V2): _spelled(_HTTP_V2),
    (Protocol.TCP, Syntax.V3): _spelled(_TCP_V3),
    (Protocol.TCP, Syntax.V2): _spelled(_TCP_V2),
}
"""All matchers by protocol and syntax, under each name that a rule may call them by."""


def advice_on(name: str, matchers: Mapping[str, Matcher]) -> str:
    """Say what somebody may have meant who wrote a name that is not among the matchers."""
    if matcher := matchers.get(name.lower()):
        return f"write {matcher.name}"
    homes = [
        f"{syntax} rules for {protocol.upper()}"
        for (protocol, syntax), others in MATCHERS.items()
        if name.lower() in others
    ]
    if homes:
        return f"it belongs to {' and '.join(homes)}"
    return f"there are {', '.join(sorted({matcher.name for matcher in matchers.values()}))}"
