"""Which names are previews, when a time ends, and what counts of an object at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from catalyst_dns_sync.core.endpoints import watched_object
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.core.previews import (
    Preview,
    PreviewRules,
    PreviewState,
    as_of,
    parse_duration,
    previews_of,
    steady,
    with_term,
)
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.times import parse_time

CREATED = "2026-01-01T00:00:00Z"
BORN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600.0
RULES = PreviewRules(
    frozenset({parse_name("lab.test")}),
    (parse_host_pattern("pr-*.app.lab.test"),),
    parse_label_selector("preview=true"),
)


def ingress(
    *hosts: str, labels: Mapping[str, object] | None = None, **annotations: str
) -> WatchedObject:
    words = {f"catalyst-dns-sync.io/{k.replace('_', '-')}": v for k, v in annotations.items()}
    raw = {
        "metadata": {
            "name": "web",
            "namespace": "pr",
            "creationTimestamp": CREATED,
            "labels": labels or {},
            "annotations": words,
        },
        "spec": {"rules": [{"host": host} for host in hosts]},
    }
    obj = watched_object(raw, "Ingress")
    assert obj is not None
    return with_term(obj, raw, RULES)


def at(obj: WatchedObject, hours: float, denied: str = "") -> WatchedObject:
    return as_of(obj, BORN.timestamp() + hours * HOUR, lambda name: name != denied)


@pytest.mark.parametrize(
    ("hosts", "labels", "previews"),
    [
        (["pr-1.app.lab.test"], {}, {"pr-1.app.lab.test"}),
        (["PR-1.App.lab.test."], {}, {"pr-1.app.lab.test"}),
        (["pr-1.app.lab.test", "www.lab.test"], {}, {"pr-1.app.lab.test"}),
        (["a.pr-1.app.lab.test", "pr.app.lab.test", "www.lab.test"], {}, set()),
        (["www.lab.test"], {"preview": "true"}, {"www.lab.test"}),
        (["www.lab.test"], {"preview": "false"}, set()),
        (["www.lab.test"], {"preview": True}, set()),
        (["www.other.test"], {"preview": "true"}, set()),
    ],
)
def test_a_preview_is_known_by_its_name_or_by_its_objects_label(
    hosts: list[str], labels: dict[str, object], previews: set[str]
) -> None:
    term = ingress(*hosts, labels=labels).term

    assert (set(term.previews) if term is not None else set()) == previews


@pytest.mark.parametrize(
    ("annotations", "hours"),
    [
        ({}, None),
        ({"expires_at": "2026-01-01T05:00:00Z"}, 5),
        ({"expires_at": "2026-01-01T05:00:00+02:00"}, 3),
        ({"ttl_after": "36h"}, 36),
        ({"ttl_after": "1d12h"}, 36),
        ({"ttl_after": "1w"}, 168),
        ({"ttl_after": "0s"}, 0),
        ({"ttl_after": "2h", "expires_at": "2026-01-01T01:00:00Z"}, 1),
        ({"ttl_after": "soon", "expires_at": "2026-01-01T01:00:00Z"}, 1),
    ],
)
def test_the_earlier_of_both_ends_counts(annotations: dict[str, str], hours: float | None) -> None:
    term = ingress("a.lab.test", labels=None, **annotations).term

    expires = term.expires if term is not None else None
    assert expires == (None if hours is None else BORN.timestamp() + hours * HOUR)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "\ud800"]
)
def test_an_unreadable_end_is_a_fault_and_costs_no_name(text: str) -> None:
    obj = ingress("a.lab.test", expires_at=text)

    assert [fault.reason for fault in obj.faults] == [SkipReason.INVALID_ANNOTATION]
    assert (set(obj.names), obj.is_faulty) == ({"a.lab.test"}, False)


def test_a_duration_and_a_time_without_meaning_are_none() -> None:
    assert [parse_duration(text) for text in ("", "h", "1", "1x", "-1h", "1h2d")] == [None] * 6
    assert parse_time("0000-01-01T00:00:00Z") is None


def test_what_is_over_claims_and_holds_nothing_and_says_so() -> None:
    obj = ingress("a.lab.test", "bad..host", ttl_after="1h")

    before, after = at(obj, 0.99), at(obj, 1)

    assert (set(before.names), before.holds) == ({"a.lab.test"}, obj.holds)
    assert after.all_names == frozenset()
    (fault,) = after.faults
    assert (fault.reason, fault.value) == (SkipReason.EXPIRED, "a.lab.test")
    assert fault.detail == "its time ended 2026-01-01T01:00:00Z"
    assert at(after, 0) == at(obj, 0)


def test_one_too_many_is_not_made_but_keeps_what_it_has() -> None:
    obj = ingress("pr-1.app.lab.test", "www.lab.test")

    denied = at(obj, 0, denied="pr-1.app.lab.test")

    assert (set(denied.names), set(denied.holds)) == ({"www.lab.test"}, {"pr-1.app.lab.test"})
    assert [fault.reason for fault in denied.faults] == [SkipReason.PREVIEW_LIMIT]
    assert denied.is_faulty
    assert at(denied, 0) == at(obj, 0)


def test_a_clock_is_waited_for_when_it_goes_back_a_little_and_followed_when_by_far() -> None:
    assert [steady(1000.0, wall) for wall in (1001.0, 999.0, 700.0, 699.0)] == [
        1001.0,
        1000.0,
        1000.0,
        699.0,
    ]


def test_previews_are_listed_by_age_with_what_became_of_them() -> None:
    live = at(ingress("pr-1.app.lab.test", "www.lab.test", ttl_after="2h"), 1)
    over = at(ingress("pr-2.app.lab.test", ttl_after="1h", ttl="30"), 1)
    denied = at(ingress("pr-3.app.lab.test"), 1, denied="pr-3.app.lab.test")

    rows = previews_of([denied, over, live], datetime(2026, 1, 1, 1, tzinfo=UTC))

    def row(name: str, expires: int | None, ttl: int, state: PreviewState) -> Preview:
        end = None if expires is None else datetime(2026, 1, 1, expires, tzinfo=UTC)
        return Preview(DnsName(name), live.ref, BORN, HOUR, end, ttl, state)

    assert rows == (
        row("pr-1.app.lab.test", 2, 60, PreviewState.LIVE),
        row("pr-2.app.lab.test", 1, 30, PreviewState.EXPIRED),
        row("pr-3.app.lab.test", None, 60, PreviewState.OVER_LIMIT),
    )
