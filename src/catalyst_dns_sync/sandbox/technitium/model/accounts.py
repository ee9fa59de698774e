"""Users, their sessions and tokens."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from catalyst_dns_sync.sandbox.technitium.model.access import (
    ADMINISTRATORS,
    EVERYONE,
    Access,
    Permission,
    section_permissions,
)
from catalyst_dns_sync.sandbox.technitium.model.errors import (
    ApiError,
    InvalidTokenError,
    LoginFailedError,
    TwoFactorRequiredError,
    access_denied,
)
from catalyst_dns_sync.sandbox.technitium.model.lockout import Lockout
from catalyst_dns_sync.sandbox.technitium.model.names import IpAddress
from catalyst_dns_sync.sandbox.technitium.model.totp import is_totp

ADMIN = "admin"


class SessionType(StrEnum):
    """How a token came to be, and thereby how it ends."""

    STANDARD = "Standard"
    API_TOKEN = "ApiToken"  # noqa: S105 - the name of a kind of token
    SINGLE_USE = "SingleUse"


@dataclass(slots=True)
class User:
    """An account; `totp_secret` is the second factor, in base32, or empty."""

    name: str
    display_name: str
    password: str = field(repr=False)
    groups: set[str]
    totp_secret: str = field(default="", repr=False)
    disabled: bool = False
    session_timeout: int = 1800


@dataclass(slots=True)
class Session:
    """One token; an API token never expires, the others slide with each call."""

    token: str = field(repr=False)
    user: User
    type: SessionType
    last_seen: datetime
    token_name: str = ""
    is_saved: bool = True

    def has_expired(self, now: datetime) -> bool:
        """Tell whether a Standard session was left alone for too long."""
        timeout = self.user.session_timeout
        if self.type is SessionType.API_TOKEN or timeout == 0:
            return False
        return now - self.last_seen > timedelta(seconds=timeout)


class Accounts:
    """Users, permissions of the sections, live sessions, failed logins."""

    def __init__(self, admin_password: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._sessions: dict[str, Session] = {}
        self.lockout = Lockout()
        self.sections: dict[str, Permission] = section_permissions()
        self.users: dict[str, User] = {}
        self.add_user(ADMIN, admin_password, "Administrator").groups.add(ADMINISTRATORS)

    def add_user(
        self, name: str, password: str, display_name: str | None = None, totp_secret: str = ""
    ) -> User:
        """Create an account that is only in the group Everyone; names are lower case."""
        key = name.lower()
        if key in self.users:
            raise ApiError(f"User already exists: {key}")
        user = User(key, display_name or name, password, {EVERYONE}, totp_secret)
        self.users[key] = user
        return user

    def user(self, name: str) -> User:
        """Return the account, or raise the server's error."""
        try:
            return self.users[name.lower()]
        except KeyError:
            raise ApiError(f"No such user exists: {name}") from None

    def remove_user(self, name: str) -> None:
        """Delete an account and its tokens (AM:980-1000)."""
        user = self.user(name)
        if user.name == ADMIN:
            raise ApiError("Cannot delete the default admin user.")
        del self.users[user.name]
        self._sessions = {t: s for t, s in self._sessions.items() if s.user is not user}

    def log_in(self, name: str, password: str, totp: str | None, remote: IpAddress) -> User:
        """Return the user whose password, and second factor, these are."""
        self.lockout.check(remote, self._now())
        user = self.users.get(name.lower())
        known = user.password if user else ""
        if user is None or not hmac.compare_digest(known.encode(), password.encode()):
            # The default password tried on an admin who has changed it does not count.
            if (name.lower(), password) != (ADMIN, ADMIN):
                self.lockout.failed(remote, self._now())
            raise LoginFailedError(f"Invalid username or password for user: {name}")
        if user.totp_secret:
            self._check_totp(user, totp, remote)
        self.lockout.succeeded(remote)
        if user.disabled:
            raise ApiError("User account is disabled. Please contact your administrator.")
        return user

    def open_session(
        self, user: User, kind: SessionType, token_name: str = "", *, is_saved: bool = True
    ) -> Session:
        """Make a token for the user: 64 lower-case hexadecimal digits."""
        if len(token_name) > 255:
            raise ApiError("Token name length cannot exceed 255 characters.")
        session = Session(
            secrets.token_hex(32), user, kind, self._now(), token_name, is_saved=is_saved
        )
        if is_saved:
            self.save()
        self._sessions[session.token] = session
        return session

    def save(self) -> None:
        """Write all this to disk, which drops single-use tokens (AM:622-630)."""
        for session in self._sessions.values():
            session.is_saved = True
        self._sessions = {
            t: s for t, s in self._sessions.items() if s.type is not SessionType.SINGLE_USE
        }

    def crash(self) -> None:
        """Forget tokens that nothing has saved (T14), and failed logins."""
        self._sessions = {token: s for token, s in self._sessions.items() if s.is_saved}
        self.lockout = Lockout()

    def session(self, token: str) -> Session:
        """Return the live session of a token, and count this as a call of it."""
        now = self._now()
        session = self._sessions.get(token)
        if session is None or session.user.disabled:
            raise InvalidTokenError
        if session.has_expired(now) or session.type is SessionType.SINGLE_USE:
            del self._sessions[token]
        if session.has_expired(now):
            raise InvalidTokenError
        session.last_seen = now
        return session

    def sessions(self) -> list[Session]:
        """Return the live sessions."""
        return list(self._sessions.values())

    def close(self, token: str) -> Session | None:
        """End a session, an API token's, too (T15), and return it."""
        return self._sessions.pop(token, None)

    def reopen(self, session: Session) -> None:
        """Let a token be valid again that `close` ended."""
        self._sessions[session.token] = session

    def require(self, user: User, section: str, access: Access) -> None:
        """Raise unless the user has this access to the section."""
        if access not in self.sections[section].of(user.name, user.groups):
            raise access_denied()

    def _check_totp(self, user: User, totp: str | None, remote: IpAddress) -> None:
        if not totp:
            raise TwoFactorRequiredError(user.name)
        if not is_totp(totp, user.totp_secret, self._now()):
            self.lockout.failed(remote, self._now())
            raise LoginFailedError(
                f"Invalid time-based one-time password (TOTP) was attempted for user: {user.name}"
            )
