"""Users, tokens, permissions, the lock-out and the second factor."""

import pytest

from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium.model.accounts import Accounts, SessionType
from catalyst_dns_sync.sandbox.technitium.model.errors import (
    ApiError,
    InvalidTokenError,
    LoginFailedError,
    TwoFactorRequiredError,
)
from catalyst_dns_sync.sandbox.technitium.model.rdata import parse_address
from catalyst_dns_sync.sandbox.technitium.model.totp import totp_at
from unit.sandbox.technitium.builders import ZONE, Api, Clock, lab, running

HERE = parse_address("192.0.2.77", "A").ip
SIX = [parse_address(text, "AAAA").ip for text in ("2001:db8::1", "2001:db8::2", "2001:db8:1::")]


def fail(accounts: Accounts, times: int) -> None:
    for _ in range(times):
        with pytest.raises(LoginFailedError):
            accounts.log_in("admin", "nope", None, HERE)


def test_five_failures_block_the_network_for_five_minutes() -> None:
    clock = Clock()
    accounts = Accounts("secret", clock)
    fail(accounts, 5)

    with pytest.raises(ApiError, match="Max limit of 5 attempts exceeded"):
        accounts.log_in("admin", "secret", None, HERE)
    clock.advance(300)

    assert accounts.log_in("admin", "secret", None, HERE).name == "admin"


def test_a_success_forgets_the_failures() -> None:
    accounts = Accounts("secret", Clock())
    fail(accounts, 4)
    accounts.log_in("admin", "secret", None, HERE)

    fail(accounts, 4)

    assert accounts.log_in("admin", "secret", None, HERE).name == "admin"


def test_the_default_password_does_not_count() -> None:
    accounts = Accounts("secret", Clock())
    for _ in range(6):
        with pytest.raises(LoginFailedError):
            accounts.log_in("admin", "admin", None, HERE)

    assert accounts.log_in("admin", "secret", None, HERE).name == "admin"


def test_ipv6_addresses_are_blocked_by_their_64() -> None:
    accounts = Accounts("secret", Clock())
    one, neighbour, stranger = SIX
    for _ in range(5):
        with pytest.raises(LoginFailedError):
            accounts.log_in("admin", "nope", None, one)

    with pytest.raises(ApiError, match="Max limit"):
        accounts.log_in("admin", "secret", None, neighbour)
    assert accounts.log_in("admin", "secret", None, stranger).name == "admin"


def test_a_session_ends_half_an_hour_after_its_last_call_and_an_api_token_never() -> None:
    clock = Clock()
    accounts = Accounts("secret", clock)
    admin = accounts.user("admin")
    session = accounts.open_session(admin, SessionType.STANDARD)
    token = accounts.open_session(admin, SessionType.API_TOKEN, "t")
    clock.advance(1800)
    accounts.session(session.token)
    clock.advance(1801)

    with pytest.raises(InvalidTokenError):
        accounts.session(session.token)
    assert accounts.session(token.token) is token


def test_a_disabled_users_token_is_invalid() -> None:
    server, _ = lab()
    token = server.create_token()
    server.accounts.user("admin").disabled = True

    with pytest.raises(InvalidTokenError):
        server.accounts.session(token)


def test_a_second_factor_is_asked_for_after_the_password() -> None:
    clock = Clock()
    accounts = Accounts("secret", clock)
    secret = "JBSWY3DPEHPK3PXP"
    accounts.add_user("me", "right", totp_secret=secret)

    with pytest.raises(LoginFailedError, match="Invalid username or password"):
        accounts.log_in("me", "wrong", None, HERE)
    with pytest.raises(TwoFactorRequiredError):
        accounts.log_in("me", "right", None, HERE)
    with pytest.raises(LoginFailedError, match="TOTP"):
        accounts.log_in("me", "right", "000", HERE)
    assert accounts.log_in("me", "right", totp_at(secret, clock()), HERE).name == "me"


def test_a_deleted_users_tokens_are_gone() -> None:
    server, _ = lab()
    server.accounts.add_user("me", "pw")
    token = server.create_token("me")

    server.accounts.remove_user("me")

    with pytest.raises(InvalidTokenError):
        server.accounts.session(token)


def test_one_time_passwords_are_those_of_rfc_6238() -> None:
    moment = Clock().moment.fromtimestamp(59, Clock().moment.tzinfo)

    assert totp_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", moment) == "287082"


async def test_a_revoked_token_is_invalid_from_then_on() -> None:
    async with running() as api:
        before = await api("zones/list")
        api.server.revoke_token(api.token)
        after = await api("zones/list")

    assert (before["status"], after["status"]) == ("ok", "invalid-token")


async def _least_privilege(api: Api) -> Api:
    """Make the user that section 1.4 recommends for the daemon."""
    await api("admin/users/create", user="svc", **{"pass": "pw"}, displayName="svc")
    made = await api("admin/sessions/createToken", user="svc", tokenName="t")
    await api("zones/permissions/set", zone=ZONE, userPermissions="svc|true|true|true")
    return Api(api.server, api.ports, api.client, made["response"]["token"])


async def test_a_least_privilege_user_can_do_what_the_daemon_needs_and_no_more() -> None:
    async with running() as api:
        api.server.create_zone("other.test")
        svc = await _least_privilege(api)
        seen = [zone["name"] for zone in (await svc("zones/list"))["response"]["zones"]]
        allowed = [(await svc.add("x"))["status"]]
        denied = [
            (await svc(call, zone=ZONE))["errorMessage"]
            for call in ("zones/create", "zones/delete", "zones/disable", "zones/import",
                         "zones/options/get", "admin/users/list")
        ]  # fmt: skip
        other = await svc("zones/records/get", domain="other.test")

    assert seen == [ZONE]
    assert allowed == ["ok"]
    assert {*denied, other["errorMessage"]} == {"Access was denied."}


async def test_administrators_keep_their_rights_on_a_zone() -> None:
    async with running() as api:
        shown = await api(
            "zones/permissions/set", zone=ZONE, userPermissions="", groupPermissions=""
        )

    assert [row["name"] for row in shown["response"]["groupPermissions"]] == [
        "Administrators",
        "DNS Administrators",
    ]


async def test_the_version_decides_what_a_session_shows() -> None:
    shown = {}
    for version in ("15.2", "14.3", "13.6"):
        async with running(Technitium(version=version)) as api:
            body = await api("user/session/get")
            shown[version] = (body["info"]["version"], "defaultNsRecordTtl" in body["info"],
                              "clusterInitialized" in body["info"])  # fmt: skip

    assert shown == {
        "15.2": ("15.2", True, True),
        "14.3": ("14.3", True, True),
        "13.6": ("13.6", False, False),
    }
