"""`/api/user/...` and `/api/admin/...`: log in, tokens, accounts (technitium-api 1.2)."""

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call, Flat, Json
from catalyst_dns_sync.sandbox.technitium.api.permission_rows import (
    access_json,
    permission_json,
    set_permission,
)
from catalyst_dns_sync.sandbox.technitium.model.access import SECTIONS, Access
from catalyst_dns_sync.sandbox.technitium.model.accounts import Session, SessionType, User
from catalyst_dns_sync.sandbox.technitium.model.edition import DEFAULT_NS_TTL, DEFAULT_TTL
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError, access_denied
from catalyst_dns_sync.sandbox.technitium.model.values import parse_choice, render_time

NEVER_LOGGED_ON = "0001-01-01T00:00:00"


def log_in(call: Call) -> Answer:
    """Open a Standard session."""
    session = call.server.accounts.open_session(_authenticated(call), SessionType.STANDARD)
    details = _session_json(call, session)
    if call.parameters.flag("includeInfo"):
        details["info"] = _info_json(call, session.user)
    return Flat(details)


def log_out(call: Call) -> Answer:
    """End the caller's session; an API token is deleted by it, too (T15)."""
    call.server.accounts.close(call.need_session().token)
    return Flat({})


def create_token(call: Call) -> Answer:
    """Make an API token, with user and password or, since v15.0, with a session.

    One made with a session is not written to disk by that call (T14).
    """
    edition = call.server.edition
    session = call.session
    if session is None or call.parameters.find("user") or edition.is_before_15:
        user, is_saved = _authenticated(call), True
    else:
        _refuse_api_token(session)
        user, is_saved = session.user, False
    name = call.parameters.need("tokenName")
    made = call.server.accounts.open_session(user, SessionType.API_TOKEN, name, is_saved=is_saved)
    return Flat(_token_json(made))


def create_single_use_token(call: Call) -> Answer:
    """Make a token for one call."""
    session = call.need_session()
    _refuse_api_token(session)
    made = call.server.accounts.open_session(session.user, SessionType.SINGLE_USE, is_saved=False)
    return {"username": made.user.name, "token": made.token}


def get_session(call: Call) -> Answer:
    """Describe the caller's session; the body has its full token in it."""
    session = call.need_session()
    info = _info_json(call, session.user)
    return Flat(_session_json(call, session) | {"info": info})


def create_user(call: Call) -> Answer:
    """Create an account that is in no group but Everyone."""
    call.require("Administration", Access.MODIFY)
    sent = call.parameters
    display_name = sent.find("displayName")
    if display_name is None and call.server.edition.is_before_14:
        raise ApiError("Object reference not set to an instance of an object.")
    name, password = sent.need("user"), sent.need("pass")
    user = call.server.accounts.add_user(name, password, display_name)
    call.server.accounts.save()
    return _user_json(call, user)


def list_users(call: Call) -> Answer:
    """List the accounts."""
    call.require("Administration", Access.VIEW)
    users = sorted(call.server.accounts.users.values(), key=lambda user: user.name)
    return {"users": [_user_json(call, user) for user in users]}


def delete_user(call: Call) -> Answer:
    """Delete an account and its tokens."""
    call.require("Administration", Access.DELETE)
    call.server.accounts.remove_user(call.parameters.need("user"))
    return {}


def create_token_for(call: Call) -> Answer:
    """Make an API token for any user."""
    call.require("Administration", Access.MODIFY)
    accounts = call.server.accounts
    user, name = accounts.user(call.parameters.need("user")), call.parameters.need("tokenName")
    return _token_json(accounts.open_session(user, SessionType.API_TOKEN, name))


def delete_session(call: Call) -> Answer:
    """End the session whose token begins so: an administrator revokes a token."""
    call.require("Administration", Access.DELETE)
    partial = call.parameters.need("partialToken")
    for session in call.server.accounts.sessions():
        if session.token.startswith(partial):
            call.server.accounts.close(session.token)
            return {}
    raise ApiError(f"No such active session was found for partial token: {partial}")


def get_section_permissions(call: Call) -> Answer:
    """Show who may do what in a section."""
    call.require("Administration", Access.VIEW)
    section = _section(call)
    return permission_json(section, call.server.accounts.sections[section])


def set_section_permissions(call: Call) -> Answer:
    """Replace rows of a section."""
    call.require("Administration", Access.DELETE)
    section = _section(call)
    permission = call.server.accounts.sections[section]
    set_permission(call, permission)
    call.server.accounts.save()
    return permission_json(section, permission)


def _section(call: Call) -> str:
    return parse_choice(call.parameters.need("section"), SECTIONS)


def _authenticated(call: Call) -> User:
    sent = call.parameters
    user, password = sent.need("user"), sent.need("pass")
    return call.server.accounts.log_in(user, password, sent.find("totp"), call.remote)


def _refuse_api_token(session: Session) -> None:
    if session.type is not SessionType.STANDARD:
        raise access_denied()


def _token_json(session: Session) -> Json:
    return {
        "username": session.user.name,
        "tokenName": session.token_name,
        "token": session.token,
    }


def _session_json(call: Call, session: Session) -> Json:
    if session.type is SessionType.API_TOKEN:
        return _token_json(session)
    edition = call.server.edition
    out: Json = {"displayName": session.user.display_name, "username": session.user.name}
    if not edition.is_before_15:
        out["isSsoUser"] = False
    if not edition.is_before_14:
        out["totpEnabled"] = bool(session.user.totp_secret)
    return out | {"token": session.token}


def _info_json(call: Call, user: User) -> Json:
    server = call.server
    edition, sections = server.edition, server.accounts.sections
    out: Json = {
        "version": edition.text,
        "uptimestamp": render_time(server.started),
        "dnsServerDomain": server.domain,
        "defaultRecordTtl": DEFAULT_TTL,
    }
    if edition.has_record_ttl_defaults:
        out |= {"defaultNsRecordTtl": DEFAULT_NS_TTL, "defaultSoaRecordTtl": 900}
    out |= {"useSoaSerialDateScheme": False, "dnssecValidation": True}
    if not edition.is_before_14:
        out["clusterInitialized"] = bool(server.cluster)
    if server.fellows is not None and not edition.is_before_14:
        out["clusterDomain"] = server.fellows.domain
        out["clusterNodes"] = server.fellows.nodes(server)
    return out | {
        "permissions": {
            name: access_json(rows.of(user.name, user.groups)) for name, rows in sections.items()
        }
    }


def _user_json(call: Call, user: User) -> Json:
    out: Json = {"displayName": user.display_name, "username": user.name}
    edition = call.server.edition
    if not edition.is_before_15:
        out["isSsoUser"] = False
    if not edition.is_before_14:
        out["totpEnabled"] = bool(user.totp_secret)
    return out | {
        "disabled": user.disabled,
        "previousSessionLoggedOn": NEVER_LOGGED_ON,
        "previousSessionRemoteAddress": "0.0.0.0",
        "recentSessionLoggedOn": NEVER_LOGGED_ON,
        "recentSessionRemoteAddress": "0.0.0.0",
    }
