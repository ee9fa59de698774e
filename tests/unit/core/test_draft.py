from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.admission import Admission, ClaimRow, Scope, admitted
from catalyst_dns_sync.core.contents import Contents, holdings_of
from catalyst_dns_sync.core.custom import custom_objects
from catalyst_dns_sync.core.draft import Draft
from catalyst_dns_sync.core.index import ObjectIndex
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import Claim, Fault, WatchedObject
from catalyst_dns_sync.core.ownership import Identity
from catalyst_dns_sync.core.patterns import parse_host_pattern, parse_namespace_pattern
from catalyst_dns_sync.core.plan import delegations, make_plan, our_markers
from catalyst_dns_sync.core.records import (
    ObjectRef,
    Record,
    Records,
    Zone,
    ZoneStamp,
    parse_targets,
)
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.core.terms import Rules
from fakes.values import CLUSTER, RULES, ZONE, a, host, marker, obj, ours, ref

DEFAULTS = Defaults(parse_targets("192.168.1.54"))
SUB = host("sub")
ZONES = frozenset({ZONE, SUB})

NAMES = [
    *(host(label) for label in ("", "a", "b", "a.b", "x.b", "sub", "x.sub", "*", "*.b")),
    parse_name("other.test"),
]
HELD = [name for name in NAMES if name.endswith(ZONE)]
REFS = st.builds(
    ObjectRef,
    st.sampled_from(["Ingress", "IngressRoute"]),
    st.just("web"),
    st.sampled_from(["a", "b"]),
)
SOME_NAMES = st.frozensets(st.sampled_from(NAMES), max_size=2)
WHOLE_OBJECTS = st.builds(
    lambda ref, created, names, target, status, faults, kept, is_filtered: (
        WatchedObject(ref, created, filtered=names | kept)
        if is_filtered
        else WatchedObject(
            ref,
            created,
            tuple(Claim(name, target, None, status) for name in sorted(names)),
            faults,
            kept - names if faults else frozenset(),
        )
    ),
    REFS,
    st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]),
    SOME_NAMES,
    st.sampled_from([None, parse_targets("10.0.0.1"), parse_targets("x.test")]),
    st.sampled_from([(), parse_targets("10.0.0.3")]),
    st.sampled_from(
        [
            (),
            (),
            (Fault(SkipReason.INVALID_RULE, "x", "y"),),
            (Fault(SkipReason.INVALID_ANNOTATION, "x", "y", costs_names=False),),
        ]
    ),
    SOME_NAMES,
    st.sampled_from([False, False, True]),
)
ADMISSIONS = st.sampled_from(
    [
        Admission(),
        Admission(Scope(no_hosts=(parse_host_pattern("*.b.lab.test"),))),
        Admission(
            rows=(ClaimRow(parse_namespace_pattern("web"), (parse_host_pattern("a.lab.test"),)),)
        ),
    ]
)
OBJECTS = st.builds(admitted, WHOLE_OBJECTS, ADMISSIONS)
RECORDS = st.builds(
    lambda value, comment, disabled: Record(value[0], value[1], 300, comment, disabled),
    st.sampled_from(
        [
            ("A", "192.168.1.54"),
            ("A", "10.0.0.1"),
            ("CNAME", "x.test"),
            ("NS", "ns.test"),
            ("DNAME", "x.test"),
            ("TXT", "hello"),
        ]
    ),
    st.sampled_from(
        [
            "",
            *(
                marker(f"{kind}/web/{name}", kind)
                for kind in ("Ingress", "IngressRoute")
                for name in "ab"
            ),
            marker("Ingress/web/a", "Ingress,IngressRoute"),
            marker("Ingress/web/a", "Ingress", cluster="aaaaaaaa"),
            marker(owner="other"),
            marker("Custom/a", "Custom"),
            marker("Ingress/web/a", "Custom,Ingress"),
            marker("Custom/a", "Custom", cluster="aaaaaaaa"),
        ]
    ),
    st.sampled_from([False, False, True]),
)
AT_A_NAME = st.lists(RECORDS, max_size=2, unique_by=lambda one: (one.type, one.value)).map(
    lambda records: tuple(sorted(records))
)


@dataclass(frozen=True)
class Put:
    """An object is there, or is another one."""

    obj: WatchedObject


@dataclass(frozen=True)
class Remove:
    """An object goes."""

    ref: ObjectRef


@dataclass(frozen=True)
class Write:
    """A name holds something else."""

    name: DnsName
    records: Records


@dataclass(frozen=True)
class Read:
    """The zone is read again."""

    names: Mapping[DnsName, Records]


Step: TypeAlias = Put | Remove | Write | Read | Rules
STEPS = st.one_of(
    st.builds(Put, OBJECTS),
    st.builds(Put, OBJECTS),
    st.builds(Remove, REFS),
    st.builds(Write, st.sampled_from(HELD), AT_A_NAME),
    st.builds(
        Read,
        st.dictionaries(st.sampled_from(HELD), AT_A_NAME.filter(bool), max_size=5),
    ),
    st.builds(
        Rules,
        st.sampled_from([RULES.identity, Identity("default", None), Identity("other", CLUSTER)]),
        st.just(RULES.coverage),
        st.sampled_from([ZONES, frozenset({ZONE})]),
        st.sampled_from([frozenset[str](), frozenset({"Ingress"})]),
        st.sampled_from([frozenset[str](), frozenset({"IngressRoute"})]),
    ),
)


@dataclass
class Both:
    """A draft, and beside it all that it was told of."""

    rules: Rules = RULES
    objects: dict[ObjectRef, WatchedObject] = field(default_factory=dict)
    names: dict[DnsName, Records] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = ObjectIndex(ZONES)
        self.contents = Contents(ZONE)
        self.draft = Draft(self.contents, self.index, DEFAULTS)
        self.contents.identify(self.rules.identity)

    def take(self, step: Step) -> None:
        match step:
            case Put(new):
                self._replace(new.ref, new)
            case Remove(gone):
                self._replace(gone, None)
            case Write(name, records):
                self._write({**self.names, name: records})
                self.contents.put(name, records)
            case Read(names):
                self._write(names)
                self.contents.replace(names)
            case Rules():
                self.rules = step
                self.contents.identify(step.identity)

    def _replace(self, of: ObjectRef, new: WatchedObject | None) -> None:
        touched = self.index.replace(self.objects.pop(of, None), new)
        self.draft.touch(touched.names, touched.origins)
        if new is not None:
            self.objects[of] = new

    def _write(self, names: Mapping[DnsName, Records]) -> None:
        self.names = {name: records for name, records in names.items() if records}

    def agree(self) -> None:
        """Check that what was kept is what comes out when all is made anew."""
        zone = Zone(ZONE, ZoneStamp(0, ""), self.names)
        markers = our_markers(zone, self.rules.identity)
        ordered = custom_objects(zone, self.rules.identity)
        objects = [*self.objects.values(), *ordered]
        demand = merge(objects, zone=ZONE, zones=ZONES, defaults=DEFAULTS, markers=markers)

        while not self.draft.work(self.rules, 2):
            pass

        assert self.draft.plan() == make_plan(demand, zone, self.rules)
        assert {name: self.draft.endpoint(name) for name in demand.endpoints} == demand.endpoints
        assert (self.index.faulty, self.index.filtered) == (demand.faulty, demand.filtered)
        assert self.contents.names == self.names
        wanted = demand.endpoints
        holdings = holdings_of(
            set(marker.kinds).intersection(wanted[name].kinds if name in wanted else marker.kinds)
            for name, marker in markers.items()
        )
        names = sum(marker.kinds != ("Custom",) for marker in markers.values())
        assert self.draft.holdings == replace(holdings, names=names)
        assert self.contents.cuts == delegations(zone)


@given(st.lists(st.tuples(STEPS, st.sampled_from(["go on", "decide one", "check"])), max_size=12))
def test_a_plan_kept_name_by_name_is_the_plan_made_from_everything(
    steps: list[tuple[Step, str]],
) -> None:
    both = Both()
    for step, then in steps:
        both.take(step)
        if then == "decide one":
            both.draft.work(both.rules, 1)
        elif then == "check":
            both.agree()
    both.agree()


def test_one_event_touches_its_own_names_only() -> None:
    both = Both()
    for number in range(30):
        both.take(Put(obj(f"IngressRoute/web/{number}", f"n{number}")))
        both.take(Write(host(f"n{number}"), (a(comment=marker(f"IngressRoute/web/{number}")),)))
    both.agree()

    both.take(Put(obj("IngressRoute/web/new", "new", "n7")))

    assert not both.draft.work(RULES, 1)
    assert both.draft.work(RULES, 1)


def test_what_did_not_change_is_told_with_the_same_tuples() -> None:
    both = Both()
    both.take(Write(host("mine"), (a(),)))
    both.take(Put(obj("IngressRoute/web/mine", "mine")))
    both.agree()
    before = both.draft.plan()

    both.take(Put(obj("IngressRoute/web/new", "new")))
    both.draft.work(RULES)

    assert both.draft.plan().skips is before.skips
    assert len(both.draft.plan().changes) == 1


def test_a_name_is_looked_at_when_the_object_in_its_marker_gets_a_fault() -> None:
    both = Both()
    both.take(Write(host("app"), (ours("10.0.0.1"),)))
    both.take(Put(obj("Ingress/web/rival", "app")))
    both.agree()
    fault = Fault(SkipReason.INVALID_RULE, "x", "y")

    both.take(Put(WatchedObject(ref("IngressRoute/web/app"), faults=(fault,))))
    both.agree()

    told = [skip.reason for skip in both.draft.plan().skips]
    assert (both.draft.plan().changes, told[-1]) == ((), SkipReason.FAULTY_OBJECT)


def test_equal_readings_are_kept_once() -> None:
    contents = Contents(ZONE)
    first = (ours(),)
    contents.replace({host("a"): first, host("b"): (a(),)})

    before = contents.replace({host("a"): (replace(first[0]),), host("c"): (a(),)})

    assert contents.names[host("a")] is first
    assert before == {host("b"): (a(),), host("c"): ()}
