"""What can go wrong with a Technitium server, finer than the port's two kinds.

ProviderUnavailableError
├─ NotReachedError        no answer at all: refused, reset, no answer in time
├─ NotNowError            the server said no, for a reason that may pass or that we don't know
├─ NameMovedError         the name no longer holds what it held when it was read
└─ NotLeadingError        not sent, because another instance may write now
ProviderRejectedError
├─ AccessDeniedError      the token's user may not do this
├─ RecordRefusedError     the server takes no such record
├─ TokenRefusedError      the token is not, or no longer, valid
└─ ZoneRefusedError       the zone is missing, or cannot be written on this server
"""

from catalyst_dns_sync.control.ports import ProviderRejectedError, ProviderUnavailableError


class NotReachedError(ProviderUnavailableError):
    """The server gave no answer; a call that writes may have been carried out all the same."""


class NotNowError(ProviderUnavailableError):
    """The server refused, and is through with the call; it may take the same one later."""


class NameMovedError(ProviderUnavailableError):
    """The record is already there, or already gone: the name has to be read again."""


class NotLeadingError(ProviderUnavailableError):
    """The call was not sent: this instance lost the right to write."""


class AccessDeniedError(ProviderRejectedError):
    """The token's user lacks a permission for this call; others may go well."""


class RecordRefusedError(ProviderRejectedError):
    """The server does not take this record, at this name; others may go well."""


class TokenRefusedError(ProviderRejectedError):
    """The server does not know the token; every call would be refused."""


class ZoneRefusedError(ProviderRejectedError):
    """Nothing can be done in this zone on this server."""
