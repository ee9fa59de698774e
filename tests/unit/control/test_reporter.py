import logging
from dataclasses import replace
from typing import Any

import pytest

from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import Applied, ProviderUnavailableError, Verdict
from catalyst_dns_sync.control.reporter import MANY, REASONS, Reporter
from catalyst_dns_sync.control.skipbook import SkipBook
from catalyst_dns_sync.core.changes import Change, Create, Update
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.skips import ADVICE, Skip, SkipReason
from fakes.values import ZONE, delete, endpoint, host, ours, ref

NAME = "catalyst_dns_sync.control.reporter"
CREATE = Create(endpoint("app"), (ours(),))
UPDATE = Update(endpoint("app", ttl=60), (ours(),), (ours(ttl=60),))
MOVED = Update(endpoint("app"), (ours("192.0.2.9"),), (ours(),))
RENAMED = Update(endpoint("app"), (ours(),), (ours(),))
RULED = Create(replace(endpoint("app"), rule="Host(`app.lab.test`)"), (ours(),))
REFUSED = ProviderUnavailableError("refused")
TIMEOUT = ProviderUnavailableError("timeout")
SKIP = Skip(SkipReason.CONFLICT, host("app"), "wants another", ref("Ingress/web/b"))


class Log:
    """A reporter, and what it said since it was asked last."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        self._caplog = caplog
        self.reporter = Reporter()
        self._book = SkipBook()

    def after(self, **outcome: Any) -> list[tuple[str, str]]:
        skips = outcome.pop("skips", ())
        changes = outcome.pop("changes", ())
        ended = Outcome(Plan(ZONE, changes, skips), **outcome)
        self.reporter.changed(ZONE, ended, ended.applied)
        self.reporter.pass_ended(ZONE, ended)
        self.reporter.skips_changed(self._book.take(ZONE, skips))
        return self.said()

    def failed(self, error: ProviderUnavailableError) -> list[tuple[str, str]]:
        self.reporter.pass_failed(ZONE, error)
        return self.said()

    def said(self) -> list[tuple[str, str]]:
        # asyncio speaks at this level too, whenever a loop is made or comes to its end.
        self.records = [line for line in self._caplog.records if line.name == NAME]
        self._caplog.clear()
        return [(line.levelname, line.getMessage()) for line in self.records]

    def fields(self, *names: str) -> list[object]:
        (record,) = self.records
        return [vars(record).get(name) for name in names]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


def done(change: Change) -> Applied:
    return Applied(change, Verdict.DONE, change.goal, 1)


def failing(change: Change, error: ProviderUnavailableError = REFUSED) -> Applied:
    return Applied(change, Verdict.FAILED, None, 0, error)


def test_a_pass_with_nothing_to_do_is_silent(log: Log) -> None:
    assert log.after() == []


@pytest.mark.parametrize(
    ("change", "says", "fields"),
    [
        (CREATE, "record created", ["app.lab.test", "192.168.1.54", 300, "web"]),
        (UPDATE, "record updated", ["app.lab.test", "192.168.1.54", 60, "web"]),
        (delete("app"), "record deleted", ["app.lab.test", "192.168.1.54", 300, "web"]),
    ],
)
def test_each_change_is_said_once_with_its_data_in_fields(
    log: Log, change: Change, says: str, fields: list[object]
) -> None:
    assert log.after(changes=(change,), applied=(done(change),)) == [("INFO", says)]
    assert log.fields("zone", "dns_name", "target", "ttl", "namespace") == [ZONE, *fields]


@pytest.mark.parametrize(
    ("change", "outcome", "why"),
    [
        (CREATE, {}, "the object claims the name"),
        (CREATE, {"drift": (Drift(host("app"), "removed"),)}, "somebody changed the record"),
        (UPDATE, {}, "the object wants another ttl"),
        (MOVED, {}, "the object wants another target"),
        (RENAMED, {}, "the object wants another marker"),
        (delete("app"), {}, "no object claims it any more"),
        (
            delete("app"),
            {"inferred": frozenset({host("app")})},
            "it is in no list of the cluster any more",
        ),
        (delete("app"), {"released": frozenset({host("app")})}, "a person released it"),
    ],
)
def test_each_change_says_why(log: Log, change: Change, outcome: dict[str, Any], why: str) -> None:
    log.after(changes=(change,), applied=(done(change),), **outcome)

    made = next(one for one in log.records if one.getMessage().startswith("record "))
    assert vars(made)["why"] == why


def test_a_change_says_which_object_and_which_rule(log: Log) -> None:
    log.after(changes=(RULED,), applied=(done(RULED),))

    assert log.fields("resource", "rule") == ["IngressRoute/web/app", "Host(`app.lab.test`)"]


def test_a_flood_is_cut_short_and_counted(log: Log) -> None:
    skips = tuple(replace(SKIP, name=host(f"n{number}")) for number in range(MANY + 20))

    said = log.after(skips=skips)

    assert said.count(("WARNING", "left alone")) == MANY
    assert said[-1] == ("WARNING", "more is left alone")
    assert vars(log.records[-1])["count"] == 20


def test_a_skip_is_said_when_it_appears_and_when_it_ends(log: Log) -> None:
    assert log.after(skips=(SKIP,)) == [("WARNING", "left alone")]
    assert log.fields("dns_name", "reason", "detail", "resource", "advice") == [
        "app.lab.test",
        "conflict",
        "wants another",
        "Ingress/web/b",
        ADVICE[SkipReason.CONFLICT],
    ]
    assert log.after(skips=(SKIP,)) == []
    assert log.after() == [("WARNING", "no longer left alone")]
    assert log.after() == []


def test_a_zone_that_fails_is_said_once_for_each_reason_and_when_it_is_back(log: Log) -> None:
    warned = [("WARNING", "zone can't be synced")]

    assert log.failed(REFUSED) == warned
    assert log.failed(REFUSED) == []
    assert log.failed(TIMEOUT) == warned
    assert log.after() == [("WARNING", "zone is reached again")]
    assert log.after() == []
    assert log.failed(TIMEOUT) == warned


def test_a_trouble_that_looks_different_each_time_is_said_a_few_times_only(log: Log) -> None:
    said = [log.failed(ProviderUnavailableError(f"502 at {second}")) for second in range(50)]

    assert sum(map(len, said)) == REASONS


def test_a_pass_that_breaks_off_is_said_like_one_that_could_not_begin(log: Log) -> None:
    warned = [("WARNING", "zone can't be synced")]

    assert log.after(changes=(CREATE,), error=REFUSED) == warned
    assert log.after(changes=(CREATE,), error=REFUSED) == []
    assert log.after() == [("WARNING", "zone is reached again")]


def test_a_change_that_fails_is_said_once_for_each_reason(log: Log) -> None:
    warned = [("WARNING", "change failed, will be tried again")]

    assert log.after(changes=(CREATE,), applied=(failing(CREATE),)) == warned
    assert log.fields("dns_name", "error") == ["app.lab.test", "refused"]
    assert log.after(changes=(CREATE,), applied=(failing(CREATE),)) == []
    assert log.after(changes=(CREATE,), applied=(failing(CREATE, TIMEOUT),)) == warned


def test_the_end_of_a_failure_is_said(log: Log) -> None:
    log.after(changes=(CREATE,), applied=(failing(CREATE),))

    assert log.after(changes=(CREATE,), applied=(done(CREATE),)) == [
        ("INFO", "record created"),
        ("WARNING", "change does not fail any more"),
    ]
    assert log.after() == []


def test_a_failure_that_went_away_by_itself_is_said_too(log: Log) -> None:
    log.after(changes=(CREATE,), applied=(failing(CREATE),))

    assert log.after() == [("WARNING", "change does not fail any more")]


def test_a_pass_that_breaks_off_says_nothing_of_failures_that_it_did_not_come_to(log: Log) -> None:
    log.after(changes=(CREATE,), applied=(failing(CREATE),))

    assert log.after(changes=(CREATE,), error=REFUSED) == [("WARNING", "zone can't be synced")]
    assert log.after(changes=(CREATE,), applied=(failing(CREATE),)) == [
        ("WARNING", "zone is reached again")
    ]


def test_drift_is_said_each_time(log: Log) -> None:
    drift = (Drift(host("app"), "removed"),)

    for _ in range(2):
        assert log.after(drift=drift) == [("WARNING", "somebody changed a record of ours")]
        assert log.fields("dns_name", "drift") == ["app.lab.test", "removed"]


def test_a_dry_run_says_each_change_once(log: Log) -> None:
    said = [("INFO", "would change, but this is a dry run")]

    assert log.after(changes=(CREATE,)) == said
    assert log.after(changes=(CREATE,)) == []
    assert log.after(changes=(UPDATE,)) == said


def test_a_stale_change_is_no_trouble_to_speak_of(log: Log) -> None:
    stale = Applied(CREATE, Verdict.STALE, (), 0)

    assert log.after(changes=(CREATE,), applied=(stale,)) == []


def test_zones_are_reported_each_by_itself(log: Log) -> None:
    log.failed(REFUSED)

    log.reporter.pass_failed(host("sub"), REFUSED)

    assert log.said() == [("WARNING", "zone can't be synced")]
