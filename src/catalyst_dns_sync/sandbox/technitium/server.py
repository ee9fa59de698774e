"""The embedded server as one object: what the HTTP API and the DNS responder both work on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from catalyst_dns_sync.sandbox.technitium.model.accounts import ADMIN, Accounts, SessionType
from catalyst_dns_sync.sandbox.technitium.model.edition import Edition
from catalyst_dns_sync.sandbox.technitium.model.names import zone_name_of
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType
from catalyst_dns_sync.sandbox.technitium.model.zones import Zones

WRITE_CALLS = frozenset(
    f"/api/zones/{name}"
    for name in (
        "create",
        "delete",
        "enable",
        "disable",
        "import",
        "permissions/set",
        "records/add",
        "records/update",
        "records/delete",
    )
)
"""Calls that change a zone."""


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Traffic:
    """What was asked of the server, counted since it was made; a crash does not reset it."""

    calls: Counter[str] = field(default_factory=Counter)
    """HTTP calls by path, whatever became of them."""

    queries: Counter[str] = field(default_factory=Counter)
    """DNS queries by response code."""

    @property
    def write_calls(self) -> int:
        """How many calls were made that change a zone."""
        return sum(count for path, count in self.calls.items() if path in WRITE_CALLS)


class Fellows(Protocol):
    """The cluster that a server is a node of."""

    domain: str

    def node(self, name: str) -> "Technitium | None":
        """Return the node with this name."""

    def nodes(self, asked: "Technitium") -> list[dict[str, object]]:
        """Return the nodes as the one that is asked shows them."""

    def follow(self) -> None:
        """Let the copies follow what changed long enough ago."""


class Technitium:
    """One Technitium DNS Server: users and tokens, zones, and how often it was asked.

    ``version`` is the release to behave like, 13.6 to 15.2. ``cluster`` names the nodes of a
    cluster, if it is to be in one. ``now`` is the clock of everything that has an age.
    """

    def __init__(
        self,
        *,
        domain: str = "ns1.sandbox.internal",
        version: str = "15.2",
        admin_password: str = "admin",  # noqa: S107 - the real server's own default
        cluster: frozenset[str] = frozenset(),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.domain = domain
        self.edition = Edition(version)
        self.cluster = cluster
        self.fellows: Fellows | None = None
        self.now = now
        self.started = now()
        self.traffic = Traffic()
        self.accounts = Accounts(admin_password, now)
        self.zones = Zones(domain, self.edition, now)

    def create_zone(self, name: str, kind: ZoneType = ZoneType.PRIMARY) -> Zone:
        """Create a zone as an administrator would."""
        return self.zones.create(zone_name_of(name), kind)

    def create_token(self, user: str = ADMIN, name: str = "sandbox") -> str:
        """Return a new API token of the user."""
        accounts = self.accounts
        return accounts.open_session(accounts.user(user), SessionType.API_TOKEN, name).token

    def revoke_token(self, token: str) -> None:
        """End a token, as an administrator may at any moment."""
        self.accounts.close(token)

    def records(self, zone: str) -> list[Record]:
        """Return all records of a zone, in the order that the API lists them."""
        self.zones.expire_due()
        found = self.zones.find(zone_name_of(zone))
        return list(found.nodes.all_records()) if found else []

    def unsaveable_zones(self) -> list[str]:
        """Return the zones that a restart would take back, since a comment is too long (T9)."""
        return [zone.name for zone in self.zones if zone.nodes.unsaveable]

    def restart(self) -> None:
        """Stop cleanly and come back: everything that can be saved is kept."""
        self.zones.disk.save(self.now())
        self.accounts.save()
        self.crash()

    def crash(self, forgotten_writes: int | None = None) -> None:
        """Die and come back: unsaved changes of the last 5 s are gone, `uptimestamp` moves.

        ``forgotten_writes`` says instead how many changes are gone: the last ones, however old.
        """
        self.zones.crash(forgotten_writes)
        self.accounts.crash()
        self.started = self.now()
