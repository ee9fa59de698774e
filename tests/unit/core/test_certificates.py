"""What certificates cover, and what is kept of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalyst_dns_sync.core.certificates import (
    Certificate,
    Issuer,
    certificate_of,
    concerning,
    covering,
    is_covered,
    is_ours,
    parse_issuer,
    repaired,
    wildcard,
)
from catalyst_dns_sync.core.explain.coverage import certificate_step
from catalyst_dns_sync.core.explain.model import Outcome
from catalyst_dns_sync.core.names import DnsName
from fakes.values import ref

NOW = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
DAY = 86400.0
ZONE = DnsName("lab.test")
WANTED = wildcard(ZONE, "web", Issuer("ClusterIssuer", "acme"), "default")


def certificate(
    name: str, *covers: str, ends: float | None = NOW + 90 * DAY, kind: str = "Certificate"
) -> Certificate:
    ready = ends is not None if kind == "Certificate" else None
    return Certificate(
        ref(f"{kind}/web/{name}"), covers=covers, ends=ends, ready=ready, secret=name
    )


@pytest.mark.parametrize(
    ("pattern", "name", "covers"),
    [
        ("app.lab.test", "app.lab.test", True),
        ("APP.lab.test.", "app.lab.test", True),
        ("*.lab.test", "app.lab.test", True),
        ("*.lab.test", "lab.test", False),
        ("*.lab.test", "a.b.lab.test", False),
        ("*.lab.test", "*.lab.test", True),
        ("*.lab.test", "*.b.lab.test", False),
        ("*.b.lab.test", "a.b.lab.test", True),
        ("a*.lab.test", "app.lab.test", False),
        ("*", "app.lab.test", False),
        ("", "app.lab.test", False),
        ("app.lab.test", "*.lab.test", False),
    ],
)
def test_a_wildcard_stands_for_one_whole_label(pattern: str, name: str, *, covers: bool) -> None:
    assert is_covered(DnsName(name), pattern) is covers


def test_an_object_of_cert_manager_is_read() -> None:
    raw = {
        "metadata": {
            "name": "app",
            "namespace": "web",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "dnsNames": ["app.lab.test", 7],
            "secretName": "app-tls",
            "issuerRef": {"kind": "ClusterIssuer", "name": "acme"},
        },
        "status": {
            "notAfter": "2026-11-25T00:00:00Z",
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }

    assert certificate_of(raw) == Certificate(
        ref("Certificate/web/app"),
        "2026-01-01T00:00:00Z",
        covers=("app.lab.test",),
        ends=NOW,
        ready=True,
        secret="app-tls",
        issuer="ClusterIssuer/acme",
    )


@pytest.mark.parametrize(
    "raw",
    [
        {"metadata": {"name": "app", "namespace": "web"}},
        {
            "metadata": {"name": "app", "namespace": "web"},
            "spec": {"dnsNames": "x", "issuerRef": []},
            "status": {"notAfter": "soon", "conditions": [None, {"type": "Ready"}]},
        },
    ],
)
def test_what_says_nothing_covers_nothing(raw: dict[str, Any]) -> None:
    read = certificate_of(raw)

    assert read == Certificate(ref("Certificate/web/app"), ready=False, issuer="Issuer/")


@pytest.mark.parametrize("raw", [None, [], {}, {"metadata": {"name": ""}}])
def test_what_has_no_name_is_no_certificate(raw: object) -> None:
    assert certificate_of(raw) is None


def test_only_what_lies_in_our_zones_is_told_and_a_secret_of_cert_manager_only_once() -> None:
    kept = certificate("app", "app.lab.test")
    bare = certificate("own", "*.lab.test", kind="Secret")
    others = [
        certificate("app", "app.lab.test", kind="Secret"),
        certificate("elsewhere", "app.example.org"),
    ]

    assert concerning([kept, bare, *others], {ZONE}) == [kept, bare]


def test_the_one_that_ends_last_comes_first() -> None:
    early = certificate("early", "app.lab.test", ends=NOW + DAY)
    late = certificate("late", "*.lab.test")
    none = certificate("none", "app.lab.test", ends=None)

    assert covering(DnsName("app.lab.test"), [early, none, late]) == [late, early, none]


@pytest.mark.parametrize(
    ("ends", "outcome", "detail"),
    [
        (NOW + 90 * DAY, Outcome.OK, "Certificate/web/app covers it until 2027-02-23"),
        (
            NOW + 3 * DAY,
            Outcome.NOTE,
            "Certificate/web/app covers it until 2026-11-28: that is in 3 days",
        ),
        (
            NOW - 3 * DAY,
            Outcome.NOTE,
            "Certificate/web/app covers it until 2026-11-22: it ended 3 days ago",
        ),
        (None, Outcome.NOTE, "Certificate/web/app is to cover it, and it is not ready"),
    ],
)
def test_explain_tells_until_when_a_name_is_covered(
    ends: float | None, outcome: Outcome, detail: str
) -> None:
    step = certificate_step(
        DnsName("app.lab.test"), [certificate("app", "app.lab.test", ends=ends)], NOW
    )

    assert (step.outcome, step.detail) == (outcome, detail)


def test_explain_says_that_nothing_covers_a_name() -> None:
    step = certificate_step(DnsName("app.lab.test"), [certificate("app", "x.lab.test")], NOW)

    assert (step.outcome, step.detail) == (
        Outcome.NOTE,
        "no certificate in the cluster covers it",
    )


def test_a_wildcard_certificate_covers_the_zone_and_what_is_right_below() -> None:
    assert WANTED == {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {
            "name": "wildcard-lab.test",
            "namespace": "web",
            "labels": {
                "app.kubernetes.io/managed-by": "catalyst-dns-sync",
                "catalyst-dns-sync.io/owner": "default",
            },
        },
        "spec": {
            "secretName": "wildcard-lab.test-tls",
            "dnsNames": ["lab.test", "*.lab.test"],
            "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "acme"},
        },
    }


def test_a_repair_keeps_what_people_added() -> None:
    spec = {**WANTED["spec"], "dnsNames": ["lab.test"], "duration": "2160h"}
    current = {**WANTED, "spec": spec}

    assert repaired(current, WANTED) == {
        **WANTED,
        "spec": {**WANTED["spec"], "duration": "2160h"},
    }
    assert repaired({**current, "spec": {**WANTED["spec"], "duration": "1h"}}, WANTED) is None


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"app.kubernetes.io/managed-by": "catalyst-dns-sync"},
        {
            "app.kubernetes.io/managed-by": "catalyst-dns-sync",
            "catalyst-dns-sync.io/owner": "other",
        },
    ],
)
def test_what_has_not_all_of_our_labels_is_not_ours(labels: dict[str, str]) -> None:
    metadata = {**WANTED["metadata"], "labels": labels}

    assert not is_ours({**WANTED, "metadata": metadata}, WANTED)
    assert is_ours(WANTED, WANTED)


def test_an_issuer_is_a_kind_and_a_name() -> None:
    assert parse_issuer(" ClusterIssuer/acme ") == Issuer("ClusterIssuer", "acme")


@pytest.mark.parametrize("text", ["acme", "Other/acme", "Issuer/", "/acme"])
def test_any_other_issuer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not Issuer/NAME or ClusterIssuer/NAME"):
        parse_issuer(text)
