"""One call of the API, and what may be answered to it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from catalyst_dns_sync.sandbox.technitium.api.parameters import Parameters
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.sandbox.technitium.model.accounts import Session, User
from catalyst_dns_sync.sandbox.technitium.model.errors import (
    INTERNAL_ZONE,
    ApiError,
    InvalidTokenError,
    access_denied,
)
from catalyst_dns_sync.sandbox.technitium.model.names import IpAddress
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone
from catalyst_dns_sync.sandbox.technitium.server import Technitium

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Flat:
    """Fields beside `status` instead of in a `response` object (W:2244-2259)."""

    fields: Json


@dataclass(frozen=True, slots=True)
class PlainText:
    """An answer that is no JSON, such as an export."""

    text: str
    content_type: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)


Answer = Json | Flat | PlainText


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose token was looked at; `zone_file` is the body of an import, if any."""

    server: Technitium
    parameters: Parameters
    remote: IpAddress
    session: Session | None
    zone_file: str | None = None

    @property
    def user(self) -> User:
        """The caller; only calls without a token have none."""
        return self.need_session().user

    def need_session(self) -> Session:
        """Return the caller's session."""
        if self.session is None:
            raise InvalidTokenError
        return self.session

    def require(self, section: str, access: Access) -> None:
        """Raise unless the caller has this access to the section."""
        self.server.accounts.require(self.user, section, access)

    def may(self, zone: Zone, access: Access) -> bool:
        """Tell whether the caller has this access to the zone itself."""
        return access in zone.permission.of(self.user.name, self.user.groups)

    def require_zone(self, zone: Zone, access: Access) -> None:
        """Raise unless the caller has this access to the zone itself."""
        if not self.may(zone, access):
            raise access_denied()

    def refuse_internal(self, zone: Zone) -> None:
        """Raise for a zone that nobody may change."""
        if zone.internal:
            raise ApiError(INTERNAL_ZONE)


Handler = Callable[[Call], Answer]
