"""What can go wrong with a Technitium server, finer than the port's two kinds.

ProviderUnavailableError
├─ NotReachedError        no answer at all: refused, reset, no answer in time
├─ NameMovedError         the name no longer holds what it held when it was read
└─ NotLeadingError        not sent, because another instance may write now
ProviderRejectedError
├─ TokenRefusedError      the token is not, or no longer, valid
└─ ZoneRefusedError       the zone is missing, or cannot be written on this server
"""

from catalyst_dns_sync.control.ports import ProviderRejectedError, ProviderUnavailableError


class NotReachedError(ProviderUnavailableError):
    """The server gave no answer; a call that writes may have been carried out all the same."""


class NameMovedError(ProviderUnavailableError):
    """The record is already there, or already gone: the name has to be read again."""


class NotLeadingError(ProviderUnavailableError):
    """The call was not sent: this instance lost the right to write."""


class TokenRefusedError(ProviderRejectedError):
    """The server does not know the token; every call would be refused."""


class ZoneRefusedError(ProviderRejectedError):
    """Nothing can be done in this zone on this server."""
