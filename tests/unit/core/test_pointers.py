from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.merge import Defaults, Interest, decide
from catalyst_dns_sync.core.names import DnsName, is_reverse, parse_name
from catalyst_dns_sync.core.objects import Extras, WatchedObject
from catalyst_dns_sync.core.plan import make_plan
from catalyst_dns_sync.core.pointers import Pointers, reverse_name
from catalyst_dns_sync.core.records import Endpoint, ObjectRef, Record, Records, RecordType, Target
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.terms import Coverage
from fakes.values import KINDS, RULES, US, ZONE, a, demand, host, marker, obj, ours, ref, zone

NET = parse_name("168.192.in-addr.arpa")
CLOSER = parse_name("1.168.192.in-addr.arpa")
ZONES = frozenset({ZONE, NET, CLOSER})
BACK = reverse_name("192.168.1.54")
MARK = marker()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.168.1.54", "54.1.168.192.in-addr.arpa"),
        ("10.0.0.1", "1.0.0.10.in-addr.arpa"),
        (
            "2001:db8::567:89ab",
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
        ),
        ("::1", "1" + ".0" * 31 + ".ip6.arpa"),
    ],
)
def test_an_address_has_its_name(address: str, name: str) -> None:
    assert reverse_name(address) == parse_name(name)
    assert is_reverse(reverse_name(address))


@pytest.mark.parametrize("text", ["in-addr.arpa", "ip6.arpa", "10.in-addr.arpa", "8.b.d.ip6.arpa"])
def test_zones_of_addresses_are_known_by_their_names(text: str) -> None:
    assert is_reverse(parse_name(text))


@pytest.mark.parametrize("text", ["lab.test", "my-in-addr.arpa", "arpa", "home.arpa", "ip6.arpa.x"])
def test_zones_of_names_are_not_taken_for_those_of_addresses(text: str) -> None:
    assert not is_reverse(parse_name(text))


@dataclass
class Net:
    """What all zones hold, and what points back where."""

    names: dict[DnsName, Records] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pointers = Pointers(ZONES, lambda name: self.names.get(name, ()))
        self.pointers.unread.clear()

    def put(self, label: str, *records: Record, objects: tuple[WatchedObject, ...] = ()) -> None:
        """Take that a name holds these records, and is claimed by these objects."""
        name = host(label)
        self.names[name] = records
        interests: list[Interest] = [(one, one.claims[0]) for one in objects]
        endpoint = decide(name, interests, Defaults(), None)[0] if interests else None
        assert endpoint is None or isinstance(endpoint, Endpoint)
        self.pointers.take(name, endpoint, interests, US)

    def claimed(self, label: str, **more: object) -> None:
        """Let an object have a name with the address."""
        one = obj(f"Ingress/web/{label}", label, target="192.168.1.54", **more)  # type: ignore[arg-type]
        self.put(label, ours(), objects=(one,))

    def pointed(self, *records: Record) -> str | ObjectRef:
        """Return what the address points back to, where its name holds these records."""
        self.names[BACK] = records
        is_ours = any(record.comment == MARK for record in records)
        found = self.pointers.sought(BACK, records, is_ours=is_ours)
        if isinstance(found, ObjectRef):
            return found
        targets = {claim.targets for _, claim in found}
        assert len(targets) <= 1
        values = [one.value for one in targets.pop() or ()] if targets else []
        return ", ".join(values)


def ptr(label: str, comment: str = MARK) -> Record:
    return Record("PTR", host(label), 300, comment)


def test_the_oldest_name_comes_first_and_keeps_the_address_when_others_come() -> None:
    net = Net()
    net.claimed("b", created="2026-01-02T00:00:00Z")
    net.claimed("a", created="2026-01-03T00:00:00Z")
    net.claimed("c", created="2026-01-01T00:00:00Z")

    assert net.pointed() == "c.lab.test"
    assert net.pointed(ptr("b")) == "b.lab.test"
    assert net.pointed(ptr("b", "by hand")) == "b.lab.test"
    assert net.pointed(ptr("gone")) == "c.lab.test"


def test_a_priority_comes_before_age_and_names_of_one_object_go_by_the_alphabet() -> None:
    net = Net()
    net.claimed("b")
    one = obj("Ingress/web/z", "z", target="192.168.1.54", created="2026-06-01T00:00:00Z")
    (claim,) = one.claims
    first = replace(one, claims=(replace(claim, extras=Extras(priority=3)),))
    net.put("z", ours(), objects=(first,))

    assert net.pointed() == "z.lab.test"

    twin = obj("Ingress/web/b", "a", target="192.168.1.54")
    net.put("z")
    net.put("a", ours(), objects=(twin,))
    assert net.pointed() == "a.lab.test"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((a(),), id="by hand"),
        pytest.param((a(), ours("192.168.1.55")), id="beside one by hand"),
        pytest.param((ours(disabled=True),), id="disabled"),
        pytest.param((ours("192.168.1.55"),), id="elsewhere"),
        pytest.param((a(comment=marker(cluster="aaaaaaaa")),), id="of another cluster"),
        pytest.param((), id="not yet made"),
    ],
)
def test_only_a_name_that_we_hold_with_the_address_is_pointed_to(
    records: tuple[Record, ...],
) -> None:
    net = Net()
    net.put("app", *records, objects=(obj("Ingress/web/app", "app", target="192.168.1.54"),))

    assert net.pointed() == ""


def test_neither_wildcards_nor_addresses_outside_the_zones_are_pointed_to_or_from() -> None:
    net = Net()
    net.claimed("*")
    net.put("x", ours("10.0.0.1"), objects=(obj("Ingress/web/x", "x", target="10.0.0.1"),))

    assert net.pointed() == ""
    assert reverse_name("10.0.0.1") not in net.pointers
    assert net.pointers.touched == set()


def test_what_points_to_a_name_stays_until_that_has_lost_the_address() -> None:
    net = Net()
    net.claimed("a")
    net.claimed("b")
    net.pointers.touched.clear()

    net.put("a", ours())
    kept = net.pointed(ptr("a"))
    net.pointers.touched.clear()
    net.put("a")
    touched = set(net.pointers.touched)

    assert kept == ObjectRef("PTR", "", host("a"))
    assert touched == {BACK}
    assert net.pointed(ptr("a")) == "b.lab.test"


def test_while_a_zone_of_names_was_not_read_what_points_there_stays() -> None:
    net = Net()
    net.pointers.unread.add(ZONE)

    assert net.pointed(ptr("a")) == ObjectRef("PTR", "", host("a"))
    net.pointers.unread.clear()
    assert net.pointed(ptr("a")) == ""


def test_what_went_with_its_address_is_nobodys_deed() -> None:
    net = Net()
    net.claimed("a")
    net.put("a")
    drift = [Drift(BACK, "removed"), Drift(host("x"), "removed")]

    assert net.pointers.excused(CLOSER, drift) == drift[1:]
    assert net.pointers.excused(CLOSER, drift) == drift


def test_what_went_with_an_address_in_the_pass_that_took_it_away_is_nobodys_deed() -> None:
    net = Net()
    net.claimed("a")
    drift = [Drift(BACK, "removed")]

    net.put("a", ours())
    while_it_has_it = net.pointers.excused(CLOSER, drift)
    net.claimed("a")
    net.put("a", ours())
    net.put("a")

    assert while_it_has_it == drift
    assert net.pointers.excused(CLOSER, drift) == []
    assert net.pointers.excused(CLOSER, drift) == drift


def test_the_claims_of_a_pointer_are_those_of_the_name_with_the_ttl_of_a_preview() -> None:
    net = Net()
    net.claimed("a", ttl=77)
    ((found, claim),) = net.pointers.wanted(BACK, ())

    assert found.ref == ref("Ingress/web/a")
    assert (claim.name, claim.ttl, claim.targets, claim.rule) == (
        BACK,
        77,
        (Target(RecordType.PTR, "a.lab.test"),),
        "the address of a.lab.test",
    )


@pytest.mark.parametrize(
    ("pointed", "reason", "says"),
    [
        (None, SkipReason.ORPHAN, "PTR a.lab.test, and DNS_PTR is off"),
        (frozenset({NET}), SkipReason.ORPHAN, "which lies in no zone of DNS_ZONES"),
    ],
)
def test_a_pointer_that_the_settings_do_not_cover_is_an_orphan(
    pointed: frozenset[DnsName] | None, reason: SkipReason, says: str
) -> None:
    held = zone({"54.1": (ptr("a"),)}, name=NET)
    rules = replace(RULES, coverage=Coverage(KINDS, pointed=pointed))

    plan = make_plan(demand(), held, rules)

    assert plan.changes == ()
    assert [(skip.name, skip.reason) for skip in plan.skips] == [(BACK, reason)]
    assert says in plan.skips[0].detail


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["", "192.168.1.54", "192.168.1.55", "192.168.2.1"]),
        st.booleans(),
        st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"]),
    ),
    max_size=12,
)


@given(STEPS)
def test_what_is_kept_name_by_name_is_what_all_names_together_say(
    steps: list[tuple[str, str, bool, str]],
) -> None:
    net = Net()
    last: dict[str, tuple[str, str]] = {}
    for label, address, is_claimed, created in steps:
        one = obj(f"Ingress/web/{label}", label, target=address or "x.test", created=created)
        records = (ours(address),) if address else ()
        net.put(label, *records, objects=(one,) if is_claimed else ())
        last.pop(label, None)
        if is_claimed and address:
            last[label] = (created, address)

    of_address: dict[str, list[tuple[str, str]]] = {}
    for label, (created, address) in last.items():
        of_address.setdefault(address, []).append((created, label))
    first = {
        address: f"{min(found, key=lambda one: (one[0], one[1]))[1]}.lab.test"
        for address, found in of_address.items()
    }
    told = {
        address: net.pointers.wanted(reverse_name(address), ())
        for address in ("192.168.1.54", "192.168.1.55", "192.168.2.1")
    }
    assert {
        address: (found[0][1].targets or ())[0].value for address, found in told.items() if found
    } == first
