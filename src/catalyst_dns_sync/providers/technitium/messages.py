"""The error texts of the HTTP API, and what each of them means for us.

Technitium has no error codes: a client can only read the text. The texts are those of v15.2
(and of older versions where they differ); whatever is not in the table counts as "try later".
"""

import re
from dataclasses import dataclass

from catalyst_dns_sync.control.ports import (
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from catalyst_dns_sync.providers.technitium.errors import (
    AccessDeniedError,
    NameMovedError,
    NotNowError,
    RecordRefusedError,
    TokenRefusedError,
    ZoneRefusedError,
)

MAX_TEXT = 200
"""How much of a server's text goes into an error."""

_NEW_CREDENTIAL = (
    "put a valid API token into DNS_API_TOKEN or the file that DNS_API_TOKEN_FILE names"
)

_BAD_REQUEST = "the server takes no such record: mend the object's host, target or TTL"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which call it was, and for which zone, so that an error can say what to mend."""

    path: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is no success: the envelope's status and the server's text."""

    status: str
    text: str


@dataclass(frozen=True, slots=True)
class _Meaning:
    pattern: re.Pattern[str]
    error: type[ProviderError]
    advice: str = ""


def _meaning(pattern: str, error: type[ProviderError], advice: str = "") -> _Meaning:
    return _Meaning(re.compile(pattern, re.IGNORECASE), error, advice)


_MEANINGS = (
    _meaning(r"Parameter 'token' missing", TokenRefusedError, _NEW_CREDENTIAL),  # up to v14
    _meaning(r"Access was denied to manage internal", ZoneRefusedError, "take it out of DNS_ZONES"),
    _meaning(
        r"Access was denied",
        AccessDeniedError,
        "in the DNS console, give the token's user {permission}",
    ),
    _meaning(
        r"No such (authoritative )?zone was found",
        ZoneRefusedError,
        "create zone {zone} in the DNS console, or mend DNS_ZONES",
    ),
    _meaning(
        r"Cannot (add record|set records|delete records?|update record) in .+ zone",
        ZoneRefusedError,
        "zone {zone} is only a copy here: let DNS_SERVER_URL name its primary server",
    ),
    _meaning(
        r"Zone cannot have sub domains",
        ZoneRefusedError,
        "zone {zone} is a stub here: let DNS_SERVER_URL name its primary server",
    ),
    _meaning(
        r"No such node exists in the Cluster",
        ProviderRejectedError,
        "let DNS_SERVER_URL name the cluster's primary node",
    ),
    _meaning(
        r".*TTL cannot be greater than SOA EXPIRE",
        RecordRefusedError,
        "lower DNS_TTL_DEFAULT or the ttl annotation, or raise the SOA expire of zone {zone}",
    ),
    # Somebody else was faster; or our own earlier call was, and its answer got lost.
    _meaning(r"Cannot add record: record already exists", NameMovedError),
    _meaning(r"Record already exists\. Use overwrite", NameMovedError),
    _meaning(r"Cannot delete record: no such record exists", NameMovedError),
    _meaning(
        r"Cannot update record: (the (old )?record does not exists|zone '.*' does not exists)",
        NameMovedError,
    ),
    _meaning(
        r"Cannot add record: a CNAME record cannot exists",
        RecordRefusedError,
        "a CNAME can't stand beside other records: delete either of them in the DNS console",
    ),
    _meaning(
        r"Cannot set CNAME record at zone apex",
        RecordRefusedError,
        "the zone's own name takes no CNAME: give the object an address as its target",
    ),
    _meaning(
        r"CNAME domain name cannot be same",
        RecordRefusedError,
        "the target is the name itself: mend the target annotation",
    ),
    _meaning(r"Parameter '.*' missing", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"The zone file parser failed", RecordRefusedError),
    _meaning(r"Cannot import records", RecordRefusedError),
    _meaning(r"The domain name '.*' does not belong", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"Invalid domain name \[", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"Invalid IP address family", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"An invalid IP address was specified", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"Failed to parse TTL", RecordRefusedError, _BAD_REQUEST),
    _meaning(r"Resource record comment text cannot exceed", RecordRefusedError, _BAD_REQUEST),
    _meaning(
        r"(Cannot set records|Error while creating session)\. Please try again",
        NotNowError,
    ),
)

_PERMISSIONS = {
    "/api/zones/list": "View on the section Zones",
    "/api/zones/import": "Modify on the section Zones, and on zone {zone}",
    "/api/zones/records/get": "View on zone {zone}",
    "/api/zones/records/add": "Modify on zone {zone}",
    "/api/zones/records/update": "Modify on zone {zone}",
    "/api/zones/records/delete": "Delete on zone {zone}",
}


def error_for(failure: Failure, asked: Asked) -> ProviderError:
    """Return what a failed call means; its text says what to mend, where a person has to."""
    if failure.status == "invalid-token":
        return _error(TokenRefusedError, failure, asked, _NEW_CREDENTIAL)
    if failure.status == "2fa-required":
        advice = f"it wants a one-time password, so ours is no API token: {_NEW_CREDENTIAL}"
        return _error(ProviderRejectedError, failure, asked, advice)
    if failure.status == "error":
        for meaning in _MEANINGS:
            if meaning.pattern.match(failure.text):
                return _error(meaning.error, failure, asked, meaning.advice)
        return _error(NotNowError, failure, asked, "")
    return _error(ProviderUnavailableError, failure, asked, "")


def shortened(text: str) -> str:
    """Return a server's text on one line, cut to what an error may carry."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def _error(kind: type[ProviderError], failure: Failure, asked: Asked, advice: str) -> ProviderError:
    permission = _PERMISSIONS.get(asked.path, "the permission for it").format(zone=asked.zone)
    told = advice.format(zone=asked.zone, permission=permission)
    said = f"{asked.path}: the server says {shortened(failure.text or failure.status)!r}"
    return kind(f"{said}: {told}" if told else said)
