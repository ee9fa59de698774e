"""What can be asked for: which breakage, of which server, aimed at what, and for how long."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """The ways to break a server."""

    DELAY = "delay"
    REFUSE = "refuse"
    RESET = "reset"
    HALF_OPEN = "half-open"
    STATUS = "status"
    CUT = "cut"
    LOSE_ANSWER = "lose-answer"
    FORGET = "forget"
    DROP_WATCHES = "drop-watches"
    EXPIRE_HISTORY = "expire-history"
    REVOKE_TOKEN = "revoke-token"  # noqa: S105 (no token)
    PAUSE = "pause"


class Server(StrEnum):
    """The servers that can be broken."""

    KUBERNETES = "kubernetes"
    TECHNITIUM = "technitium"
    TECHNITIUM_2 = "technitium-2"
    """The second one of a sandbox with two."""


TECHNITIUMS = (Server.TECHNITIUM, Server.TECHNITIUM_2)
ALL = (Server.KUBERNETES, *TECHNITIUMS)

_PLACE = frozenset({"path", "verb", "resource"})
_AIM = _PLACE | {"times", "skip", "for"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What one way to break a server does, to which servers, and which options it takes."""

    does: str
    servers: tuple[Server, ...]
    options: frozenset[str]


KINDS: Mapping[What, Kind] = {
    What.DELAY: Kind("answers come late, by --delay", ALL, _AIM | {"delay"}),
    What.REFUSE: Kind(
        "the port refuses connections, those that are open are reset", ALL, frozenset({"for"})
    ),
    What.RESET: Kind("connections are reset, nothing is done", ALL, _AIM),
    What.HALF_OPEN: Kind("requests are accepted and never answered", ALL, _AIM),
    What.STATUS: Kind("answered with an HTTP --status, nothing is done", ALL, _AIM | {"status"}),
    What.CUT: Kind("done, the answer ends after so many --bytes", ALL, _AIM | {"bytes"}),
    What.LOSE_ANSWER: Kind("done, the connection is reset instead of answered", TECHNITIUMS, _AIM),
    What.FORGET: Kind(
        "a crash: the last --writes are gone, or those of the last 5 s",
        TECHNITIUMS,
        frozenset({"writes"}),
    ),
    What.DROP_WATCHES: Kind(
        "open watches are reset, and the next ones --times or --for",
        (Server.KUBERNETES,),
        frozenset({"resource", "times", "for"}),
    ),
    What.EXPIRE_HISTORY: Kind(
        "every version so far is too old: 410", (Server.KUBERNETES,), frozenset()
    ),
    What.REVOKE_TOKEN: Kind("the sandbox's token is not valid", ALL, frozenset({"for"})),
    What.PAUSE: Kind(
        "requests wait, and are answered when it is over", ALL, _PLACE | frozenset({"for"})
    ),
}
"""All of them. Only the HTTP APIs break: DNS queries are always answered."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """One thing to break. Without ``seconds`` and ``times`` it lasts until somebody mends it.

    Of ``servers`` those count that are there.
    """

    what: What
    servers: tuple[Server, ...]
    seconds: float | None = None
    times: int | None = None
    skip: int = 0
    path: str = ""
    verb: str = "*"
    resource: str = "*"
    status: int = 503
    after_bytes: int = 0
    delay: float = 1.0
    writes: int | None = None


class BreakageError(ValueError):
    """It can't be done; the text says, a line for each fault, what to change."""


def parse_breakage(body: object) -> Breakage:
    """Return what a JSON object asks for; its keys are the options of `sandbox break`.

    Raises `BreakageError` with all faults.
    """
    if not isinstance(body, dict):
        raise BreakageError('a JSON object is wanted, like {"what": "refuse", "for": 30}')
    try:
        what = What(str(body.get("what")))
    except ValueError:
        raise BreakageError(f"--what: one of {', '.join(What)} is wanted") from None
    kind = KINDS[what]
    given = {key: value for key, value in body.items() if value is not None and key != "what"}
    faults = _misfits(what, kind, given)
    values: dict[str, Any] = {}
    for option, (name, read, wanted) in _OPTIONS.items():
        if option in given:
            try:
                values[name] = read(given[option])
            except ValueError:
                faults.append(f"--{option}: {wanted} is wanted")
    if faults:
        raise BreakageError("\n".join(faults))
    return Breakage(what, _servers(kind, given), **values)


def _misfits(what: What, kind: Kind, given: Mapping[str, object]) -> list[str]:
    faults = [
        f"--{option}: {what} does not take it: leave it out"
        for option in sorted(given.keys() - kind.options - {"server"})
    ]
    server = given.get("server")
    if server is not None and str(server) not in kind.servers:
        servers = " or ".join(kind.servers)
        faults.append(f"--server: {what} is for {servers}")
    elif server in TECHNITIUMS and (aims := given.keys() & {"verb", "resource"}):
        flags = " and ".join(f"--{aim}" for aim in sorted(aims))
        faults.append(f"{flags}: only for kubernetes: at technitium aim with --path")
    return faults


def _servers(kind: Kind, given: Mapping[str, object]) -> tuple[Server, ...]:
    if "server" in given:
        return (Server(str(given["server"])),)
    if given.keys() & {"verb", "resource"}:
        return (Server.KUBERNETES,)
    return kind.servers


def _whole(lowest: int, highest: int = 10**9) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ValueError(value)

    return read


def _duration(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**9:
        return float(value)
    raise ValueError(value)


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError(value)


def _pattern(value: object) -> str:
    try:
        re.compile(_text(value))
    except re.error as error:
        raise ValueError(value) from error
    return _text(value)


_OPTIONS: Mapping[str, tuple[str, Callable[[object], object], str]] = {
    "for": ("seconds", _duration, "a duration above 0, like 30s,"),
    "times": ("times", _whole(1), "a number of requests, 1 or more,"),
    "skip": ("skip", _whole(0), "a number of requests, 0 or more,"),
    "path": ("path", _pattern, "a regular expression"),
    "verb": ("verb", _text, "a verb like list or watch"),
    "resource": ("resource", _text, "a resource's plural, like ingressroutes,"),
    "status": ("status", _whole(200, 599), "an HTTP status, 200 to 599,"),
    "bytes": ("after_bytes", _whole(0), "a number of bytes, 0 or more,"),
    "delay": ("delay", _duration, "a duration above 0, like 2s,"),
    "writes": ("writes", _whole(1), "a number of writes, 1 or more,"),
}
"""Each option: the field, how its value is read, and what is wanted."""
