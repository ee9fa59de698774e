from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.cli import yamltext
from catalyst_dns_sync.core.backup import Backup, BackupError, backup_of, body_of, parse_backup
from catalyst_dns_sync.core.changes import Create, Delete, describe
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Record, Records
from catalyst_dns_sync.core.restoring import (
    Difference,
    after_changes,
    differences,
    restoration,
)
from fakes.values import ZONE, a, delete, endpoint, host, marker, ours, zone

OURS = "default"
HELD = {
    "app": [ours(), ours("10.0.0.1")],
    "alias": [Record("CNAME", "x.test", 60, marker(tail=' | it\'s "so": # é'))],
    "off": [ours(disabled=True)],
    "": [a("10.0.0.2", comment="by hand"), Record("TXT", "x", 300)],
    "theirs": [a(comment=marker(owner="other"))],
}


def wanted(**names: Record) -> dict[DnsName, Records]:
    return {host(label): (record,) for label, record in names.items()}


def document(**record: Any) -> dict[str, Any]:
    body = body_of(backup_of([zone({"app": [ours()]})], OURS))
    body["spec"]["zones"][0]["records"][0] |= record
    return body


def test_a_backup_holds_what_is_ours_and_reads_as_it_was_written() -> None:
    backup = backup_of([zone(HELD)], OURS)

    text = yamltext.dump(body_of(backup))

    assert set(backup.zones[ZONE]) == {host("app"), host("alias"), host("off")}
    assert parse_backup(yamltext.load(text), OURS) == backup


def test_a_pointer_is_in_a_backup_like_other_records() -> None:
    net = DnsName("2.0.192.in-addr.arpa")
    back = Record("PTR", "app.lab.test", 300, marker())
    backup = backup_of([zone({"1": [back]}, name=net)], OURS)

    assert parse_backup(body_of(backup), OURS) == backup
    broken = Record("PTR", "192.0.2.1", 300, marker())
    body = body_of(backup_of([zone({"1": [broken]}, name=net)], OURS))
    with pytest.raises(BackupError, match="is no value of PTR"):
        parse_backup(body, OURS)


@given(st.permutations(list(HELD.items())), st.text(max_size=20))
def test_a_backup_is_the_same_text_whatever_the_order(held: Any, human: str) -> None:
    more = [("z", [ours(), a("10.0.0.9", comment=marker(tail=f" | {human}"))])]
    one, other = zone(dict([*held, *more])), zone(HELD | dict(more))

    texts = [yamltext.dump(body_of(backup_of([held], OURS))) for held in (one, other)]

    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (None, "no DNSRecordBackup"),
        ({"apiVersion": "catalyst-dns-sync.io/v1", "kind": "ConfigMap"}, "no DNSRecordBackup"),
        (document() | {"apiVersion": "catalyst-dns-sync.io/v2"}, "reads catalyst-dns-sync.io/v1"),
        (document() | {"spec": {}}, "spec.zones is no list"),
        (document(ttl="300"), "are wanted"),
        (document(ttl=True), "are wanted"),
        (document(ttl=-1), "-1 is no TTL"),
        (document(type="TXT"), "'TXT' is not a valid"),
        (document(value="10.0.0"), "'10.0.0' is no value of A"),
        (document(value="2001:db8::1"), "is no value of A"),
        (document(name="app.xlab.test"), "does not lie in lab.test"),
        (document(name="a..b"), "empty label"),
        (document(comment="by hand"), "it carries no marker"),
        (document(comment=marker(owner="other")), "it is of owner other"),
        (document(weight=3), "what weight means is not known"),
    ],
)
def test_a_document_that_is_none_of_ours_is_refused(body: object, fault: str) -> None:
    with pytest.raises(BackupError, match=fault):
        parse_backup(body, OURS)


def test_all_faults_are_told_together_but_not_without_end() -> None:
    body = document(ttl=-1)
    body["spec"]["zones"][0]["records"] *= 30

    with pytest.raises(BackupError) as caught:
        parse_backup(body, OURS)

    assert len(str(caught.value).splitlines()) == 21
    assert str(caught.value).endswith("and 10 faults more")


def test_what_is_missing_is_made_and_what_differs_is_changed() -> None:
    names = wanted(app=ours(), moved=ours(), same=ours())
    held = zone({"moved": [ours("10.0.0.1")], "same": [ours()], "new": [ours()]})

    changes, refusals = restoration(names, held, OURS)

    assert [(type(one).__name__, one.name, one.goal) for one in changes] == [
        ("Create", host("app"), (ours(),)),
        ("Update", host("moved"), (ours(),)),
    ]
    assert str(changes[0].endpoint.origins[0]) == "IngressRoute/web/app"  # type: ignore[union-attr]
    assert refusals == []


ALIAS = Record("CNAME", "x.test", 300, marker())


@pytest.mark.parametrize(
    ("was", "held", "reason"),
    [
        (ours(), [a("10.0.0.1")], "not ours: A 10.0.0.1"),
        (ours(), [a(comment="by Ada")], "not ours"),
        (ours(), [a(comment=marker(owner="other"))], "not ours"),
        (ours(), [ours(disabled=True)], "a person disabled it"),
        (ours(disabled=True), [a(comment=marker(tail=" | x"), disabled=True)], "disabled it"),
        (ours(), [a("10.0.0.1", comment=marker(cluster="aaaaaaaa"))], "of cluster aaaaaaaa"),
        (ALIAS, [Record("TXT", "x", 300)], "can't stand beside"),
    ],
)
def test_what_is_not_ours_to_write_is_refused(was: Record, held: list[Record], reason: str) -> None:
    changes, refusals = restoration(wanted(app=was), zone({"app": held}), OURS)

    assert changes == []
    assert reason in refusals[0].reason


def test_what_was_disabled_comes_back_disabled_and_is_gone_on_with_half_way() -> None:
    both = (ours("10.0.0.1", disabled=True), ours("10.0.0.2", disabled=True))
    begun = zone({"app": [both[0]], "on": [ours()]})

    changes, refusals = restoration(
        {host("app"): both, host("on"): (ours(disabled=True),)}, begun, OURS
    )

    assert [(one.name, one.goal) for one in changes] == [
        (host("app"), both),
        (host("on"), (ours(disabled=True),)),
    ]
    assert describe(changes[1]) == (
        "~ on.lab.test A 192.168.1.54 ttl 300 -> A 192.168.1.54 ttl 300 disabled"
    )
    assert refusals == []


def test_markers_come_back_on_records_that_still_say_the_same() -> None:
    names = wanted(app=ours(ttl=60), moved=ours(), said=ours(), whose=ours(), off=ours())
    names[host("half")] = (ours("10.0.0.1"), ours("10.0.0.2"))
    names[host("one")] = (ours("10.0.0.1"), ours("10.0.0.2", disabled=True))
    held = zone(
        {
            "app": [a(ttl=300)],
            "half": [ours("10.0.0.1"), a("10.0.0.2")],
            "one": [a("10.0.0.1", ttl=60)],
            "off": [a(disabled=True)],
            "moved": [a("10.0.0.1")],
            "said": [a(comment="hi")],
            "whose": [a(comment=marker(owner="other"))],
        }
    )

    changes, refusals = restoration(names, held, OURS, restore_markers=True)

    assert [(one.name, one.goal) for one in changes] == [
        (host("app"), (ours(),)),
        (host("half"), (ours("10.0.0.1"), ours("10.0.0.2"))),
        (host("one"), (ours("10.0.0.1", ttl=60), ours("10.0.0.2", ttl=60, disabled=True))),
        (host("said"), (a(comment=marker(tail=" | hi")),)),
    ]
    assert [one.name for one in refusals] == [host("moved"), host("off"), host("whose")]


def test_what_changed_since_a_backup_is_told_by_name() -> None:
    backup = Backup(OURS, {ZONE: wanted(app=ours(), gone=ours(), same=ours())})
    now = after_changes(
        wanted(app=ours(ttl=60), gone=ours(), same=ours()),
        [delete("gone"), Create(endpoint("new"), (ours(),))],
    )

    assert isinstance(delete("gone"), Delete)
    assert differences(backup, {ZONE: now}) == [
        Difference(host("app"), (ours(),), (ours(ttl=60),)),
        Difference(host("gone"), (ours(),), ()),
        Difference(host("new"), (), (ours(),)),
    ]
