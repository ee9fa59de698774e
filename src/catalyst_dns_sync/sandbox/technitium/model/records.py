"""A record as the zone stores it: its data, and what the server keeps beside the data."""

from dataclasses import dataclass, field
from datetime import datetime

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.rdata import Data
from catalyst_dns_sync.sandbox.technitium.model.values import utf16_length

MAX_COMMENT = 255
"""UTF-16 units that the API takes; the zone file has room for 255 *bytes* (trap T9)."""


@dataclass(slots=True)
class Usage:
    """When a record was last given to a resolver; in memory only."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One value of an RRset; `name` keeps the case that it was sent with."""

    name: str
    type: str
    ttl: int
    data: Data
    comments: str = ""
    disabled: bool = False
    expiry_ttl: int = 0
    last_modified: datetime | None = None
    usage: Usage = field(default_factory=Usage, compare=False, repr=False)

    def retargeted(self, ttl: int) -> "Record":
        """Return the record with another TTL and, as the server does, without all else (T2)."""
        return Record(self.name, self.type, ttl, self.data)

    def with_data(self, data: Data, modified: datetime) -> "Record":
        """Return the record with other data, as of another moment."""
        return Record(
            self.name,
            self.type,
            self.ttl,
            data,
            self.comments,
            self.disabled,
            self.expiry_ttl,
            modified,
            self.usage,
        )

    def is_too_long_for_disk(self) -> bool:
        """Tell whether the zone file has no room for the comment (trap T9)."""
        return len(self.comments) > 63 and len(self.comments.encode("utf-8", "replace")) > 255


def check_comment(text: str) -> None:
    """Raise the server's error for a comment that is too long for the API."""
    if utf16_length(text) > MAX_COMMENT:
        raise ApiError(
            "Resource record comment text cannot exceed 255 characters. (Parameter 'Comments')"
        )
