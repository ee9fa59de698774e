"""What differs between the server's releases, as far as a client meets it."""

from dataclasses import dataclass
from functools import cached_property

DEFAULT_TTL = 3600
DEFAULT_NS_TTL = 14400
"""Seconds: what the settings of a new server say."""


@dataclass(frozen=True)
class Edition:
    """One release of the server; `text` is what it calls itself."""

    text: str = "15.2"

    @cached_property
    def number(self) -> tuple[int, ...]:
        """The release as numbers that compare."""
        return tuple(int(part) for part in self.text.split("."))

    @property
    def is_before_14(self) -> bool:
        """No `server` key, no 2FA, unknown paths answer ok (technitium-api 12.1)."""
        return self.number < (14, 0)

    @property
    def is_before_15(self) -> bool:
        """No Bearer header, no single-use tokens, errors carry a stack trace."""
        return self.number < (15, 0)

    @property
    def has_record_ttl_defaults(self) -> bool:
        """NS and SOA records have defaults of their own since v14.3."""
        return self.number >= (14, 3)

    @property
    def add_retargets_ttl(self) -> bool:
        """Since v15.2 adding what is there with another TTL changes the TTL (trap T3)."""
        return self.number >= (15, 2)

    @property
    def default_ns_ttl(self) -> int:
        """The TTL of the NS record of a new zone."""
        return DEFAULT_NS_TTL if self.has_record_ttl_defaults else DEFAULT_TTL
