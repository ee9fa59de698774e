"""Which Host we answer to, and how long a session is good for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from catalyst_dns_sync.web.hosts import is_known_host
from catalyst_dns_sync.web.proxies import client_of, is_within
from catalyst_dns_sync.web.sessions import LIFETIME, Sessions

TOKEN = "a token that is long enough"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("10.1.2.3:8080", True),
        ("[fd00::1]:8080", True),
        ("localhost:8080", True),
        ("catalyst-dns-sync", True),
        ("catalyst-dns-sync.infrastructure.svc:8080", True),
        ("catalyst-dns-sync.infrastructure.svc.cluster.local", True),
        ("DNS-sync.Lab.Test.", True),
        ("lab.test", True),
        ("dns.example.com:443", True),
        ("evil.example.com", False),
        ("evillab.test", False),
        ("lab.test.evil.com", False),
        ("10.1.2.3.evil.com", False),
        ("svc.evil.com", False),
        ("", False),
        (":8080", False),
        ("[", False),
    ],
)
def test_only_names_that_no_stranger_controls_are_answered_to(host: str, *, known: bool) -> None:
    assert is_known_host(host, ["dns.example.com"], ["lab.test"]) is known


def test_a_star_answers_to_any_host() -> None:
    assert is_known_host("evil.example.com", ["*"], [])


def test_a_session_ends_after_its_time() -> None:
    now = START
    sessions = Sessions(lambda: now)
    begun = sessions.begin(TOKEN)

    now = START + timedelta(seconds=LIFETIME - 1)
    assert sessions.find(begun.cookie, TOKEN) == begun
    now = START + timedelta(seconds=LIFETIME)
    assert sessions.find(begun.cookie, TOKEN) is None


def test_a_session_ends_with_its_token_and_outlives_the_process() -> None:
    begun = Sessions(lambda: START).begin(TOKEN)
    other = Sessions(lambda: START)

    assert other.find(begun.cookie, TOKEN) == begun
    assert other.find(begun.cookie, TOKEN + "!") is None


def test_a_session_ends_when_its_person_logs_out() -> None:
    sessions = Sessions(lambda: START)
    begun, kept = sessions.begin(TOKEN), sessions.begin(TOKEN)
    sessions.end(begun)

    assert [sessions.find(one.cookie, TOKEN) for one in (begun, kept)] == [None, kept]


def test_a_cookie_that_was_changed_is_none() -> None:
    sessions = Sessions(lambda: START)
    expires, nonce, signature = sessions.begin(TOKEN).cookie.split(".")
    longer = f"{int(expires) + 1}.{nonce}.{signature}"

    for cookie in (longer, f"{expires}.x.{signature}", "", ".", "..", "\udcff.1.2", "x" * 5000):
        assert sessions.find(cookie, TOKEN) is None


@pytest.mark.parametrize(
    ("address", "within"),
    [("10.42.1.2", True), ("::ffff:10.42.1.2", True), ("10.43.0.1", False), ("nobody", False)],
)
def test_a_proxy_is_known_by_its_address(address: str, *, within: bool) -> None:
    assert is_within(address, [ip_network("10.42.0.0/16"), ip_network("fd00::/8")]) is within


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.42.1.2", [], "10.42.1.2"),
        ("10.42.1.2", ["192.0.2.7"], "192.0.2.7"),
        # The browser wrote the first one itself.
        ("10.42.1.2", ["10.42.9.9, 203.0.113.5, 192.0.2.7"], "192.0.2.7"),
        ("10.42.1.2", ["203.0.113.5", "192.0.2.7 , 10.42.3.3"], "192.0.2.7"),
        ("::ffff:10.42.1.2", ["2001:DB8::7"], "2001:db8::7"),
        ("10.42.1.2", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("10.42.1.2", ["10.42.3.3, 10.42.4.4"], "10.42.3.3"),
        ("10.42.1.2", ["192.0.2.7, <b>nobody</b>"], "10.42.1.2"),
        ("10.42.1.2", ["192.0.2.7, , 10.42.3.3"], "10.42.3.3"),
        ("10.42.1.2", ["fe80::1%<b>eth0</b>"], "10.42.1.2"),
        ("192.0.2.66", ["192.0.2.7"], "192.0.2.66"),
        ("an unknown address", ["192.0.2.7"], "an unknown address"),
    ],
)
def test_who_asks_is_whom_the_last_proxy_of_ours_was_asked_by(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_of(peer, forwarded, [ip_network("10.42.0.0/16")]) == client
