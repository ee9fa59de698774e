"""Sessions of people who showed the token: nothing of them is kept, so they outlive a restart.

The cookie is signed with a key that the token gives: with another token no older one is valid.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

COOKIE = "catalyst_dns_sync"
LIFETIME = 12 * 3600
ENDED_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is valid now; ``csrf`` is what its forms must send along."""

    cookie: str
    csrf: str


class Sessions:
    """Begins, checks and ends sessions; ``now`` returns the time of day."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ended: OrderedDict[str, None] = OrderedDict()

    def begin(self, token: str) -> Session:
        """Return a new session for somebody who showed the token."""
        expires = int(self._now().timestamp()) + LIFETIME
        payload = f"{expires}.{secrets.token_urlsafe(16)}"
        return _session(payload, token)

    def find(self, cookie: str, token: str) -> Session | None:
        """Return the session of a cookie, None where it is not valid, or not any more."""
        payload, _, _ = cookie.rpartition(".")
        session = _session(payload, token)
        if not is_same(session.cookie, cookie):
            return None
        expires = int(payload.partition(".")[0])
        if cookie in self._ended or expires <= self._now().timestamp():
            return None
        return session

    def end(self, session: Session) -> None:
        """End a session before its time, as far as this process is asked."""
        self._ended[session.cookie] = None
        while len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)


def is_same(secret: str, shown: str) -> bool:
    """Compare a secret with what was shown, in a time that tells nothing of either.

    aiohttp hands out header bytes that are no UTF-8 as lone surrogates.
    """
    left, right = (text.encode("utf-8", "surrogateescape") for text in (secret, shown))
    return hmac.compare_digest(left, right)


def csrf_of(key: str, subject: str) -> str:
    """Return what the forms of a subject must send along."""
    return _signature(key, f"csrf {subject}")


def _session(payload: str, token: str) -> Session:
    return Session(f"{payload}.{_signature(token, payload)}", csrf_of(token, payload))


def _signature(token: str, text: str) -> str:
    key = hashlib.sha256(b"catalyst-dns-sync session " + token.encode()).digest()
    return hmac.new(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
