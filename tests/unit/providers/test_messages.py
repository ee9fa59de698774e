"""What the server's texts mean, and what a person is told to do."""

import pytest

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
from catalyst_dns_sync.providers.technitium.messages import Asked, Failure, error_for, shortened

ADD = "/api/zones/records/add"

CNAME_IN_THE_WAY = (
    "Cannot add record: a CNAME record cannot exists with other record types for the same name."
)
TEXTS: list[tuple[str, type[ProviderError], str]] = [
    ("Parameter 'token' missing.", TokenRefusedError, "DNS_API_TOKEN_FILE"),
    ("Access was denied.", AccessDeniedError, "Modify on zone lab.test"),
    (
        "Access was denied to manage internal DNS Server zone.",
        ZoneRefusedError,
        "take it out of DNS_ZONES",
    ),
    ("No such zone was found: lab.test", ZoneRefusedError, "create zone lab.test"),
    ("No such authoritative zone was found: lab.test", ZoneRefusedError, "create zone lab.test"),
    ("Cannot add record in Secondary zone.", ZoneRefusedError, "primary server"),
    ("Cannot set records in Secondary Forwarder zone.", ZoneRefusedError, "primary server"),
    ("Cannot delete record in Secondary Catalog zone.", ZoneRefusedError, "primary server"),
    ("Cannot delete records in Stub zone.", ZoneRefusedError, "primary server"),
    ("Cannot update record in Catalog zone.", ZoneRefusedError, "primary server"),
    ("Zone cannot have sub domains.", ZoneRefusedError, "stub"),
    ("No such node exists in the Cluster by name: n", ProviderRejectedError, "primary node"),
    (
        "Cannot add record: TTL cannot be greater than SOA EXPIRE.",
        RecordRefusedError,
        "DNS_TTL_DEFAULT",
    ),
    (
        "Cannot set records: TTL cannot be greater than SOA EXPIRE.",
        RecordRefusedError,
        "SOA expire of zone lab.test",
    ),
    ("Cannot add record: record already exists.", NameMovedError, ""),
    (
        "Record already exists. Use overwrite option if you wish to overwrite existing record.",
        NameMovedError,
        "",
    ),
    ("Cannot delete record: no such record exists.", NameMovedError, ""),
    ("Cannot update record: the record does not exists to be updated.", NameMovedError, ""),
    ("Cannot update record: the old record does not exists.", NameMovedError, ""),
    ("Cannot update record: zone 'lab.test' does not exists.", NameMovedError, ""),
    (
        CNAME_IN_THE_WAY,
        RecordRefusedError,
        "delete either",
    ),
    ("Cannot set CNAME record at zone apex.", RecordRefusedError, "address"),
    (
        "CNAME domain name cannot be same as that of the record name.",
        RecordRefusedError,
        "target annotation",
    ),
    ("Parameter 'ipAddress' missing.", RecordRefusedError, "mend the object"),
    (
        "The domain name 'x.test' does not belong to the zone: lab.test",
        RecordRefusedError,
        "mend the object",
    ),
    (
        "Invalid domain name [a b.lab.test]: invalid character [32] was found.",
        RecordRefusedError,
        "mend the object",
    ),
    ("Invalid IP address family.", RecordRefusedError, "mend the object"),
    ("An invalid IP address was specified.", RecordRefusedError, "mend the object"),
    ("Failed to parse TTL from value: 1x", RecordRefusedError, "mend the object"),
    (
        "Resource record comment text cannot exceed 255 characters. (Parameter 'Comments')",
        RecordRefusedError,
        "mend the object",
    ),
    (
        "The zone file parser failed to parse 'rdata' field on line # 2.",
        RecordRefusedError,
        "",
    ),
    (
        "Cannot import records: the domain name 'x.test' does not belong to the zone 'lab.test'.",
        RecordRefusedError,
        "",
    ),
    ("Cannot set records. Please try again.", NotNowError, ""),
    ("Error while creating session. Please try again.", NotNowError, ""),
    ("Object reference not set to an instance of an object.", NotNowError, ""),
    ("", NotNowError, ""),
]


@pytest.mark.parametrize(("text", "kind", "advice"), TEXTS, ids=[text for text, _, _ in TEXTS])
def test_a_text_of_the_server_has_a_meaning(
    text: str, kind: type[ProviderError], advice: str
) -> None:
    error = error_for(Failure("error", text), Asked(ADD, "lab.test"))

    assert type(error) is kind
    assert advice in str(error)
    assert text[:150] in str(error)
    assert "\n" not in str(error)


def test_a_refused_token_names_the_settings() -> None:
    failure = Failure("invalid-token", "Invalid token or session expired.")

    error = error_for(failure, Asked("/api/zones/list"))

    assert type(error) is TokenRefusedError
    assert str(error) == (
        "/api/zones/list: the server says 'Invalid token or session expired.': put a valid API"
        " token into DNS_API_TOKEN or the file that DNS_API_TOKEN_FILE names"
    )


def test_a_second_factor_is_asked_of_people_only() -> None:
    error = error_for(Failure("2fa-required", "A time-based ..."), Asked("/api/zones/list"))

    assert type(error) is ProviderRejectedError
    assert "no API token" in str(error)


def test_an_unknown_status_may_go_away() -> None:
    error = error_for(Failure("starting", ""), Asked("/api/zones/list"))

    assert type(error) is ProviderUnavailableError


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/api/zones/list", "View on the section Zones"),
        ("/api/zones/records/get", "View on zone lab.test"),
        ("/api/zones/records/update", "Modify on zone lab.test"),
        ("/api/zones/records/delete", "Delete on zone lab.test"),
    ],
)
def test_a_missing_permission_is_named(path: str, permission: str) -> None:
    error = error_for(Failure("error", "Access was denied."), Asked(path, "lab.test"))

    assert permission in str(error)


def test_a_long_text_is_one_short_line() -> None:
    assert shortened("a\n" * 500) == ("a " * 100)[:199] + "…"


def test_who_may_not_import_is_told_what_to_grant() -> None:
    error = error_for(Failure("error", "Access was denied."), Asked("/api/zones/import", "a.test"))

    assert type(error) is AccessDeniedError
    assert "Modify on the section Zones, and on zone a.test" in str(error)
