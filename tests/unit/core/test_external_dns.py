import json

import pytest

from catalyst_dns_sync.core.external_dns import Affixes, Handover, Text, handover, removable
from catalyst_dns_sync.core.leaving import from_owner, without_markers
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Record, Zone
from catalyst_dns_sync.core.restoring import Refusal
from fakes.values import US, a, demand, endpoint, host, marker, ours, zone

PLAIN = Affixes()


def heritage(owner: str = "k8s", *, quoted: bool = True) -> str:
    text = f"heritage=external-dns,external-dns/owner={owner},external-dns/resource=ingress/web/app"
    return f'"{text}"' if quoted else text


def txt(owner: str = "k8s", *, quoted: bool = True) -> Record:
    data = {"characterStrings": [], "splitText": False, "text": heritage(owner, quoted=quoted)}
    return Record("TXT", json.dumps(data, sort_keys=True, separators=(",", ":")), 300)


@pytest.mark.parametrize(
    ("affixes", "name", "kind", "new", "old"),
    [
        # The rows are those of external-dns's own table, registry/mapper/mapper_test.go.
        (PLAIN, "foo.example.com", "A", "a-foo.example.com", "foo.example.com"),
        (PLAIN, "example.com", "AAAA", "aaaa-example.com", "example.com"),
        (Affixes("foo"), "example.com", "A", "fooa-example.com", "fooexample.com"),
        (Affixes("txt."), "a.b.c", "CNAME", "txt.cname-a.b.c", "txt.a.b.c"),
        (Affixes("", "-txt"), "app.b.c", "A", "a-app-txt.b.c", "app-txt.b.c"),
        (Affixes("%{record_type}-x-"), "app.b.c", "A", "a-x-app.b.c", "-x-app.b.c"),
        (Affixes("", ".%{record_type}"), "app.b.c", "CNAME", "app.cname.b.c", "app..b.c"),
        (Affixes("P-", wildcard_replacement="any"), "*.b.c", "A", "p-a-any.b.c", "p-any.b.c"),
    ],
)
def test_a_registry_is_looked_for_where_external_dns_keeps_it(
    affixes: Affixes, name: str, kind: str, new: str, old: str
) -> None:
    assert affixes.names(DnsName(name), kind) == (new, old)


HELD = zone(
    {
        "new": [a()],
        "a-new": [txt()],
        "old": [a(), txt(quoted=False)],
        "other": [a()],
        "a-other": [txt("prod")],
        "hand": [a()],
        "moved": [a("10.0.0.1")],
        "a-moved": [txt()],
        "idle": [a()],
        "a-idle": [txt()],
        "mine": [ours(), txt("prod")],
        "a-mine": [txt()],
        "both": [a(), Record("AAAA", "2001:db8::1", 300)],
        "a-both": [txt()],
        "aaaa-both": [txt("prod")],
        "web": [a()],
        "a-web": [a(), txt()],
        "note": [a(), Record("TXT", '{"text":"heritage=somebody,owner=k8s"}', 300)],
    }
)
WANTED = demand(
    *(endpoint(label) for label in ("new", "old", "other", "hand", "moved", "mine", "both")),
    *(endpoint(label) for label in ("web", "a-web", "note")),
)


def test_only_what_one_owner_has_and_the_cluster_wants_is_taken_over() -> None:
    found = handover(WANTED, HELD, US, owner="k8s", affixes=PLAIN)

    assert [change.name for change in found.changes] == [
        "a-web.lab.test",
        *map(host, ["new", "old"]),
    ]
    assert found.changes[1].goal[0].comment == marker(tail=" adopted=yes")
    assert found.refusals == (
        Refusal(host("both"), "only a part of its records is of that owner"),
        Refusal(host("idle"), "no object that is watched claims it"),
        Refusal(host("moved"), "the cluster wants A 192.168.1.54, and it has something else"),
        Refusal(host("web"), "its TXT record may speak of another name: `adopt` it"),
    )
    assert found.owned == (host("mine"),)
    assert found.others == {"prod"}
    assert Text(host("a-mine"), heritage(), "k8s") in found.texts


@pytest.mark.parametrize(("owner", "affixes"), [("k8s", Affixes("extdns-", "", "")), ("k8", PLAIN)])
def test_where_nothing_is_of_the_owner_all_owners_that_there_are_are_told(
    owner: str, affixes: Affixes
) -> None:
    found = handover(WANTED, HELD, US, owner=owner, affixes=affixes)

    assert found == Handover(others=frozenset({"k8s", "prod"}))


def test_a_registry_goes_only_where_the_zone_shows_that_the_name_is_ours() -> None:
    taken = [host(label) for label in ("mine", "new", "other", "gone")]

    found = removable(taken, HELD, US, owner="k8s", affixes=PLAIN)

    assert [text.name for text in found] == [host("a-mine")]


def test_what_another_owner_id_of_ours_left_is_taken_over_where_it_is_claimed() -> None:
    theirs = a("10.0.0.9", comment=marker(owner="old", cluster="aaaaaaaa", tail=" | hi"))
    held: Zone = zone(
        {
            "app": [theirs],
            "idle": [theirs],
            "off": [a(comment=marker(owner="old"), disabled=True)],
            "mixed": [theirs, a()],
            "mine": [ours()],
        }
    )
    wanted = demand(*(endpoint(label) for label in ("app", "off", "mixed", "mine")))

    changes, refusals = from_owner(wanted, held, US, "old")

    assert [(one.name, one.goal) for one in changes] == [
        (host("app"), (a("10.0.0.9", comment=marker(tail=" | hi")),))
    ]
    assert [one.name for one in refusals] == [host("idle"), host("off")]


def test_leaving_takes_markers_away_and_nothing_else() -> None:
    noted = a(ttl=60, comment=marker(tail=" adopted=yes | by Ada"))
    held = zone(
        {
            "app": [ours()],
            "noted": [noted],
            "hand": [a()],
            "off": [ours(disabled=True)],
            "theirs": [a(comment=marker(cluster="aaaaaaaa"))],
        }
    )

    assert [(one.name, one.goal) for one in without_markers(held, US)] == [
        (host("app"), (a(),)),
        (host("noted"), (a(ttl=60, comment="by Ada"),)),
    ]
