"""Who asks, and whether they may change anything: closed, unless the settings say otherwise."""

import asyncio
import logging
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from catalyst_dns_sync.web.hosts import is_known_host
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.proxies import FORWARDED_FOR, Network, client_of, is_within
from catalyst_dns_sync.web.sessions import COOKIE, LIFETIME, Session, Sessions, csrf_of, is_same

log = logging.getLogger(__name__)

CLOSED = (
    "nothing can be changed here: no token is set. Set UI_TOKEN_FILE (or UI_TOKEN), or "
    "UI_PROXY_HEADER with UI_PROXY_RANGES, and start the daemon again"
)
TRIES = 10
MINUTE = 60.0
ADDRESSES_KEPT = 256
CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say. ``hosts`` are names that we answer to, ``zones`` the managed ones.

    What a peer in ``proxy_ranges`` says of others is believed.
    """

    hosts: Collection[str] = ()
    zones: Collection[str] = ()
    proxy_header: str = ""
    proxy_ranges: Sequence[Network] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, for the log; ``csrf`` is what forms must send along, nothing for programs."""

    who: str
    csrf: str = ""
    session: Session | None = None


class Access:
    """Decides on each request. ``token`` reads the token, empty where there is none now.

    It is read each time that somebody shows one, so that a rotated one counts at once.
    ``is_open`` says whether there is any way in.
    """

    def __init__(
        self,
        token: Callable[[], Awaitable[str]],
        rules: Rules,
        now: Callable[[], datetime],
        *,
        is_open: bool,
    ) -> None:
        self.is_open = is_open
        self._token = token
        self._rules = rules
        self._sessions = Sessions(now)
        self._own_key = secrets.token_urlsafe(32)
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def check_host(self, request: web.Request) -> None:
        """Raise `ProblemError` where the Host header names somebody else."""
        host = request.headers.get("Host", "")
        if not is_known_host(host, self._rules.hosts, self._rules.zones):
            detail = "this server does not answer to that Host: name it in UI_HOSTS if it should"
            raise ProblemError(421, detail)

    async def person(self, request: web.Request) -> Person | None:
        """Return who asks, None where it is nobody whom we know; raises `ProblemError`."""
        if shown := _bearer(request):
            await self._check_token(request, shown)
            return Person(f"the token, from {self._address(request)}")
        if name := self._proxied(request):
            csrf = csrf_of(self._own_key, name)
            return Person(f"{name}, from {self._address(request)}", csrf)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            return None
        token = await self._token()
        session = self._sessions.find(cookie, token) if token else None
        if session is None:
            return None
        return Person(f"a session, from {self._address(request)}", session.csrf, session)

    async def writer(self, request: web.Request, csrf: str = "") -> Person:
        """Return who wants to change something and may; ``csrf`` is what a form sent along.

        Raises `ProblemError`.
        """
        if not self.is_open:
            raise ProblemError(403, CLOSED)
        check_origin(request)
        person = await self.person(request)
        if person is None:
            detail = "log in, or send the token of UI_TOKEN as `Authorization: Bearer ...`"
            raise ProblemError(401, detail, {"WWW-Authenticate": "Bearer"})
        # A browser sends cookies and what a proxy adds for any page; it can't read our token.
        sent = csrf or request.headers.get(CSRF_HEADER, "")
        if person.csrf and not is_same(person.csrf, sent):
            raise ProblemError(403, f"the form is too old: load the page again ({CSRF_HEADER})")
        return person

    async def log_in(self, request: web.Request, shown: str) -> Session:
        """Begin a session for whoever shows the token; raises `ProblemError`."""
        if not self.is_open:
            raise ProblemError(403, CLOSED)
        check_origin(request)
        token = await self._check_token(request, shown)
        log.info("a person logged in", extra={"who": self._address(request)})
        return self._sessions.begin(token)

    def log_out(self, person: Person) -> None:
        """End a person's session."""
        if person.session is not None:
            self._sessions.end(person.session)

    async def _check_token(self, request: web.Request, shown: str) -> str:
        address, now = self._address(request), asyncio.get_running_loop().time()
        tries = self._tries(address, now)
        if len(tries) >= TRIES:
            wait = int(MINUTE - (now - tries[0])) + 1
            detail = f"too many wrong tokens from here: try again in {wait} s"
            raise ProblemError(429, detail, {"Retry-After": str(wait)})
        # It counts before it is looked at: many at once are many.
        tries.append(now)
        token = await self._token()
        if not token or not is_same(token, shown):
            log.warning("a wrong token was shown", extra={"who": address})
            detail = "the token is not the one of UI_TOKEN"
            raise ProblemError(401, detail, {"WWW-Authenticate": "Bearer"})
        tries.remove(now)
        return token

    def _tries(self, address: str, now: float) -> deque[float]:
        tries = self._failures.setdefault(address, deque())
        self._failures.move_to_end(address)
        while len(self._failures) > ADDRESSES_KEPT:
            self._failures.popitem(last=False)
        while tries and now - tries[0] >= MINUTE:
            tries.popleft()
        return tries

    def _address(self, request: web.Request) -> str:
        forwarded = request.headers.getall(FORWARDED_FOR, [])
        return client_of(_peer(request), forwarded, self._rules.proxy_ranges)

    def _proxied(self, request: web.Request) -> str:
        rules = self._rules
        if not rules.proxy_header or not is_within(_peer(request), rules.proxy_ranges):
            return ""
        values = request.headers.getall(rules.proxy_header, [])
        # Two of them: a proxy that adds its own and keeps what it was sent.
        name = values[0].strip() if len(values) == 1 else ""
        return name[:100] if name.isprintable() else ""


def check_origin(request: web.Request) -> None:
    """Raise `ProblemError` where a browser says that a page of somebody else's sends this."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("Host", "")
    if site not in ("none", "same-origin") or not is_ours:
        raise ProblemError(403, "another site's page sent this, and is not listened to")


def keep_cookie(response: web.Response, session: Session, request: web.Request) -> None:
    """Let the browser keep the session, for itself and for requests from our own pages.

    Without a path it is sent to what lies beside the login only (RFC 6265, 5.1.4), whatever the
    path is that a proxy has put before that: others may live at the same host.
    """
    # Whoever claims https for themselves only has a cookie that is sent less often.
    is_https = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
    response.set_cookie(
        COOKIE,
        session.cookie,
        max_age=LIFETIME,
        httponly=True,
        samesite="Strict",
        secure=is_https,
        path="",
    )


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _peer(request: web.Request) -> str:
    return request.remote or "an unknown address"
