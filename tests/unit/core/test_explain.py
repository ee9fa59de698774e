from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from catalyst_dns_sync.core.admission import Admission, admitted
from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.endpoints import DEFAULT_OPTIONS, ObjectOptions, watched_object
from catalyst_dns_sync.core.explain import (
    Answer,
    Bystander,
    Case,
    Outcome,
    Stage,
    Watch,
    bystander,
    explain,
)
from catalyst_dns_sync.core.explain.spelling import nearest
from catalyst_dns_sync.core.gateway.model import Route, RoutedObject
from catalyst_dns_sync.core.hostsplan import expressible
from catalyst_dns_sync.core.merge import Defaults, merge
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import ANY, Claim, Fault, Term, WatchedObject
from catalyst_dns_sync.core.plan import make_plan, our_markers
from catalyst_dns_sync.core.policy import Policy, under_policy
from catalyst_dns_sync.core.previews import as_of
from catalyst_dns_sync.core.records import ObjectRef, Record, parse_targets
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.skips import Skip, SkipReason
from catalyst_dns_sync.core.terms import Coverage
from fakes.values import KINDS, RULES, US, ZONE, a, host, marker, obj, ours, zone

APP = host("app")
TARGET = "192.168.1.54"
WATCH = Watch(RULES.coverage)
DEFAULTS = Defaults(parse_targets(TARGET))
CLAIM = obj("IngressRoute/web/app", "app")
TWIN = obj("Ingress/web/twin", "app", target="10.0.0.9", created="2027")
IN_STEP = {"app": [ours()]}
FOREIGN = {"app": [a("10.0.0.1", comment="by Ada")]}
NS = {"app": [Record("NS", "ns.example", 300)]}
SERVED = Answer("192.168.1.2:53", (f"A {TARGET}",), milliseconds=1.2)
OLD = Answer("the system's resolver", ("A 10.0.0.1",))


def route(*matches: str, kind: str = "IngressRoute", **metadata: Any) -> dict[str, Any]:
    routes = [{"kind": "Rule", "match": match} for match in matches]
    named = {"name": "app", "namespace": "web", **metadata}
    return {"kind": kind, "metadata": named, "spec": {"routes": routes}}


def parsed(raw: dict[str, Any], options: ObjectOptions = DEFAULT_OPTIONS) -> WatchedObject:
    found = watched_object(raw, raw["kind"], options)
    assert found is not None
    return found


def annotated(**annotations: str) -> WatchedObject:
    prefixed = {f"catalyst-dns-sync.io/{key}": text for key, text in annotations.items()}
    return parsed(route("Host(`app.lab.test`)", annotations=prefixed))


def seen(
    *objects: WatchedObject,
    holds: dict[str, list[Record]] | None = None,
    name: str = APP,
    raw: Collection[dict[str, Any]] = (),
    watch: Watch = WATCH,
    policy: Policy = Policy.SYNC,
    hosted: str = "",
    skips: tuple[Skip, ...] = (),
    as_hosts: bool = False,
    defaults: Defaults = DEFAULTS,
    waits: bool = False,
    **known: Any,
) -> Case:
    """Return the case as the commands put it together."""
    contents = zone(holds or {})
    rules = replace(RULES, hosted=frozenset({DnsName(hosted)} if hosted else ()))
    markers = our_markers(contents, US)
    zones = frozenset({ZONE})
    wanted = merge(objects, zone=ZONE, zones=zones, defaults=defaults, markers=markers)
    plan = make_plan(expressible(wanted) if as_hosts else wanted, contents, rules)
    plan = under_policy(plan, policy)
    about = {skip.name for skip in skips}
    changes = tuple(one for one in plan.changes if one.name not in about)
    waiting: frozenset[DnsName] = frozenset()
    if waits:
        waiting = frozenset(one.name for one in changes if isinstance(one, Delete))
        changes = ()
    asked = parse_name(name)
    found = (bystander(one, one["kind"], asked, watch) for one in raw)
    known.setdefault("contents", contents)
    known.setdefault("plan", replace(plan, changes=changes, skips=plan.skips + skips))
    return Case(
        name=asked,
        zones=zones,
        objects=objects,
        bystanders=tuple(one for one in found if one is not None),
        defaults=defaults,
        identity=US,
        waiting=waiting,
        **known,
    )


def http_route(reason: SkipReason, *, costs_names: bool = False) -> RoutedObject:
    """Return a route that lists the name and does not have it."""
    fault = Fault(reason, "Gateway/infra/gw", "because", costs_names)
    return RoutedObject(
        ObjectRef("HTTPRoute", "web", "app"),
        faults=(fault,),
        holds=frozenset({APP}) if costs_names else frozenset(),
        route=Route((Claim(APP),), frozenset({APP})),
    )


def partly_served() -> RoutedObject:
    """Return a route that lists two names, of which a listener serves the other one."""
    claims = (Claim(APP), Claim(host("wiki")))
    listed = frozenset({APP, host("wiki")})
    ref = ObjectRef("HTTPRoute", "web", "app")
    return RoutedObject(ref, claims=claims[1:], route=Route(claims, listed))


def left(reason: SkipReason, detail: str = "because") -> tuple[Skip, ...]:
    return (Skip(reason, APP, detail),)


IGNORED = route("Host(`app.lab.test`)", annotations={"catalyst-dns-sync.io/ignore": "true"})
INGRESS = {
    "kind": "Ingress",
    "metadata": {"name": "shop", "namespace": "web"},
    "spec": {"tls": [{"hosts": ["app.lab.test"]}], "rules": [{"host": "shop.lab.test"}]},
}
UNREAD: dict[str, Any] = {"contents": None, "plan": None}

STOPS, WAITS, NOTE, OK = Outcome.STOPS, Outcome.WAITS, Outcome.NOTE, Outcome.OK


def lasting(now: float) -> WatchedObject:
    """Return a preview, too many while its time lasts, which is till 1 s after 1970 began."""
    base = parsed(route("Host(`app.lab.test`)"))
    term = Term(base, base.names, expires=1.0)
    return as_of(replace(base, term=term), now, lambda _name: False)


STORIES = [
    (
        "no listener serves this one of a route's names",
        seen(partly_served()),
        Stage.OBJECTS,
        STOPS,
        "HTTPRoute/web/app lists it, but no-listener: no listener of its Gateways serves it",
        "give the Gateway a listener",
    ),
    (
        "an object's word that can't be used",
        seen(
            replace(
                CLAIM,
                claims=(),
                faults=(Fault(SkipReason.UNSUPPORTED, f"TXT {APP}", "no TXT", costs_names=False),),
            )
        ),
        Stage.OBJECTS,
        STOPS,
        "IngressRoute/web/app speaks of it, but unsupported: no TXT",
        "use A, AAAA or CNAME",
    ),
    (
        "a Service without an address",
        seen(replace(CLAIM, claims=(Claim(APP, targets=()),))),
        Stage.TARGET,
        STOPS,
        "takes its own address alone, and has none yet",
        "look why its load balancer gives none",
    ),
    # What is so; the step that tells it, with its outcome; words of it; words of the advice.
    ("in step", seen(CLAIM, holds=IN_STEP), Stage.CHANGE, OK, "nothing", ""),
    ("to be created", seen(CLAIM), Stage.CHANGE, WAITS, "creates A 192.168.1.54", "`run`"),
    (
        "another target",
        seen(CLAIM, holds={"app": [ours("10.0.0.1")]}),
        Stage.CHANGE,
        WAITS,
        "changes A 10.0.0.1 ttl 300 to A 192.168.1.54 ttl 300",
        "`run`",
    ),
    ("another ttl", seen(CLAIM, holds={"app": [ours(ttl=60)]}), Stage.CHANGE, WAITS, "60", ""),
    (
        "an untrue marker",
        seen(CLAIM, holds={"app": [a(comment=marker("IngressRoute/web/old"))]}),
        Stage.CHANGE,
        WAITS,
        "the marker of",
        "",
    ),
    (
        "a rule that does not parse",
        seen(parsed(route("Host(`app.lab.test`"))),
        Stage.OBJECTS,
        STOPS,
        "IngressRoute/web/app has a fault: invalid-rule",
        "mend the rule",
    ),
    (
        "a rule that does not parse, and a record",
        seen(parsed(route("Host(`app.lab.test`")), holds=IN_STEP),
        Stage.OBJECTS,
        STOPS,
        "IngressRoute/web/app has a fault: invalid-rule",
        "mend the rule",
    ),
    (
        "a host that is none",
        seen(parsed(route("Host(`app.lab.test/x`)"))),
        Stage.OBJECTS,
        STOPS,
        "invalid-host",
        "mend the host",
    ),
    (
        "a namespace that may not claim it",
        seen(admitted(parsed(route("Host(`app.lab.test`)")), Admission(rows=()))),
        Stage.OBJECTS,
        STOPS,
        "not-allowed: DNS_CLAIMS does not let namespace web claim it",
        "let DNS_CLAIMS name the host",
    ),
    (
        "an object whose time ended",
        seen(lasting(now=2.0)),
        Stage.OBJECTS,
        STOPS,
        "expired: its time ended 1970-01-01T00:00:01Z",
        "remove or change its annotation",
    ),
    (
        "a preview beyond the limit",
        seen(lasting(now=0.0)),
        Stage.OBJECTS,
        STOPS,
        "preview-limit:",
        "raise PREVIEW_LIMIT",
    ),
    (
        "a target that is none",
        seen(annotated(target="10.0.0.300, x")),
        Stage.OBJECTS,
        STOPS,
        "invalid-annotation",
        "mend the annotation",
    ),
    (
        "a ttl that is none",
        seen(annotated(ttl="soon"), holds=IN_STEP),
        Stage.OBJECTS,
        NOTE,
        "claims it by Host(`app.lab.test`)",
        "mend the annotation",
    ),
    (
        "no target",
        seen(CLAIM, defaults=Defaults()),
        Stage.TARGET,
        STOPS,
        "IngressRoute/web/app names no target",
        "DNS_IP_ADDRESS",
    ),
    (
        "no target any more",
        seen(CLAIM, defaults=Defaults(), holds=IN_STEP),
        Stage.TARGET,
        NOTE,
        "the last known one stays",
        "DNS_IP_ADDRESS",
    ),
    (
        "a conflict",
        seen(CLAIM, TWIN, holds=IN_STEP),
        Stage.TARGET,
        NOTE,
        "A 192.168.1.54 ttl 300, from DNS_IP_ADDRESS",
        "only one object",
    ),
    (
        "a wildcard in a hosts file",
        seen(obj("Ingress/web/any", "*.app"), name="*.app.lab.test", as_hosts=True),
        Stage.TARGET,
        STOPS,
        "unsupported",
        "plain names",
    ),
    (
        "by hand",
        seen(CLAIM, holds=FOREIGN),
        Stage.RECORD,
        STOPS,
        "not-ours: A 10.0.0.1",
        "delete it by hand",
    ),
    ("by hand, as wanted", seen(CLAIM, holds={"app": [a()]}), Stage.RECORD, STOPS, "A", "`adopt`"),
    (
        "by hand, and nobody asks",
        seen(holds=FOREIGN),
        Stage.RECORD,
        NOTE,
        "not ours, and nobody asks us for it: A 10.0.0.1",
        "",
    ),
    ("delegated", seen(CLAIM, holds=NS), Stage.SERVER, STOPS, "delegated", "delegation"),
    (
        "below a DNAME",
        seen(
            obj("Ingress/web/x", "x.app"),
            name="x.app.lab.test",
            holds={"app": [Record("DNAME", "other.test", 300)]},
        ),
        Stage.SERVER,
        STOPS,
        "app.lab.test has a DNAME",
        "delegation",
    ),
    ("shadowed", seen(CLAIM, hosted=APP), Stage.SERVER, STOPS, "shadowed", "DNS_ZONES"),
    (
        "a CNAME at the apex",
        seen(obj("Ingress/web/app", "", target="x.test"), name=ZONE),
        Stage.RECORD,
        STOPS,
        "apex can't have a CNAME",
        "can't stand beside",
    ),
    (
        "a CNAME beside TXT",
        seen(
            obj("Ingress/web/app", "app", target="x.test"),
            holds={"app": [Record("TXT", "hello", 300)]},
        ),
        Stage.RECORD,
        STOPS,
        "cname-blocked: TXT hello",
        "can't stand beside",
    ),
    (
        "disabled in the console",
        seen(CLAIM, holds={"app": [ours(disabled=True)]}),
        Stage.RECORD,
        STOPS,
        "held",
        "enable",
    ),
    (
        "of another cluster",
        seen(CLAIM, holds={"app": [a(comment=marker(cluster="aaaaaaaa"))]}),
        Stage.RECORD,
        STOPS,
        "of cluster aaaaaaaa",
        "--from-cluster",
    ),
    (
        "an orphan",
        seen(holds={"app": [a(comment=marker(kinds="HTTPRoute"))]}),
        Stage.CHANGE,
        STOPS,
        "orphan",
        "purge --orphans",
    ),
    (
        "filtered out, and a record",
        seen(
            parsed(route("Host(`app.lab.test`)"), ObjectOptions(ingress_classes=frozenset({"x"}))),
            holds=IN_STEP,
        ),
        Stage.OBJECTS,
        STOPS,
        "the filters of the settings leave it out",
        "class",
    ),
    (
        "a source out of touch",
        seen(holds=IN_STEP, skips=left(SkipReason.SOURCE_UNKNOWN)),
        Stage.CHANGE,
        STOPS,
        "source-unknown",
        "stays",
    ),
    (
        "a source out of touch, and no record",
        seen(unknown=("ingress: 403",)),
        Stage.OBJECTS,
        STOPS,
        "not synced: ingress: 403",
        "access",
    ),
    (
        "a kind that is gone",
        seen(holds=IN_STEP, skips=left(SkipReason.SOURCE_ABSENT)),
        Stage.CHANGE,
        STOPS,
        "source-absent",
        "`release`",
    ),
    (
        "withheld",
        seen(holds=IN_STEP, skips=left(SkipReason.WITHHELD)),
        Stage.CHANGE,
        STOPS,
        "withheld",
        "`release`",
    ),
    (
        "withheld by the daemon",
        seen(holds=IN_STEP, withheld={APP: "9 deletes"}, waits=True),
        Stage.CHANGE,
        STOPS,
        "the daemon withholds its delete: 9 deletes",
        "`release`",
    ),
    (
        "no updates",
        seen(CLAIM, holds={"app": [ours("10.0.0.1")]}, policy=Policy.CREATE_ONLY),
        Stage.CHANGE,
        STOPS,
        "policy: create-only forbids",
        "policy",
    ),
    (
        "drift that is only reported",
        seen(CLAIM, skips=left(SkipReason.DRIFT)),
        Stage.CHANGE,
        STOPS,
        "drift",
        "DRIFT_POLICY",
    ),
    (
        "the daemon is paused",
        seen(CLAIM, paused=True),
        Stage.CHANGE,
        STOPS,
        "the daemon is paused; the next pass creates",
        "`resume`",
    ),
    ("the end was seen", seen(holds=IN_STEP), Stage.CHANGE, WAITS, "deletes A", "`run`"),
    (
        "waiting for its grace",
        seen(holds=IN_STEP, waits=True, graced={APP: 7.0}),
        Stage.CHANGE,
        WAITS,
        "looks at its delete again in 7 s",
        "claims it again",
    ),
    (
        "a second list is due",
        seen(holds=IN_STEP, waits=True),
        Stage.CHANGE,
        WAITS,
        "a second list has to confirm it",
        "CONFIRM_SECONDS",
    ),
    ("nobody claims it", seen(), Stage.OBJECTS, STOPS, "no object claims it", "make an Ingress"),
    (
        "outside the zones",
        seen(name="app.other.test"),
        Stage.ZONE,
        STOPS,
        "no zone of DNS_ZONES (lab.test)",
        "DNS_ZONES",
    ),
    ("no label boundary", seen(name="xlab.test"), Stage.ZONE, STOPS, "no zone", "DNS_ZONES"),
    (
        "a route that its Gateway refuses",
        seen(http_route(SkipReason.NOT_ACCEPTED)),
        Stage.OBJECTS,
        STOPS,
        "HTTPRoute/web/app lists it, but not-accepted: Gateway/infra/gw: because",
        "accepts it",
    ),
    (
        "a route that meets no listener",
        seen(http_route(SkipReason.NO_LISTENER)),
        Stage.OBJECTS,
        STOPS,
        "HTTPRoute/web/app lists it, but no-listener:",
        "listener",
    ),
    (
        "a route whose Gateway is not there",
        seen(http_route(SkipReason.GATEWAY_UNKNOWN, costs_names=True)),
        Stage.OBJECTS,
        STOPS,
        "HTTPRoute/web/app has a fault: gateway-unknown:",
        "make the Gateway",
    ),
    (
        "only negated",
        seen(raw=[route("Host(`x.lab.test`) && !Host(`app.lab.test`)")]),
        Stage.OBJECTS,
        STOPS,
        "IngressRoute/web/app only negates it",
        "without !",
    ),
    (
        "another namespace",
        seen(
            raw=[route("Host(`app.lab.test`)")],
            watch=Watch(Coverage(KINDS, frozenset({"prod"}))),
        ),
        Stage.OBJECTS,
        STOPS,
        "in namespace web, which WATCH_NAMESPACE does not name",
        "add web",
    ),
    (
        "a kind that is not watched",
        seen(raw=[route("Host(`app.lab.test`)")], watch=Watch(Coverage(frozenset({"Ingress"})))),
        Stage.OBJECTS,
        STOPS,
        "SOURCES does not name IngressRoute",
        "SOURCES",
    ),
    (
        "another class",
        seen(
            raw=[route("Host(`app.lab.test`)")],
            watch=Watch(RULES.coverage, ObjectOptions(ingress_classes=frozenset({"inner"}))),
        ),
        Stage.OBJECTS,
        STOPS,
        "it names no class, and INGRESS_CLASS has inner",
        "class",
    ),
    (
        "other labels",
        seen(
            raw=[route("Host(`app.lab.test`)", labels={"dns": "no"})],
            watch=Watch(RULES.coverage, ObjectOptions(selector=parse_label_selector("dns=yes"))),
        ),
        Stage.OBJECTS,
        STOPS,
        "its labels are not those of LABEL_SELECTOR",
        "label",
    ),
    ("ignored", seen(raw=[IGNORED]), Stage.OBJECTS, STOPS, "takes it out", "remove the annotation"),
    ("in tls only", seen(raw=[INGRESS]), Stage.OBJECTS, STOPS, "spec.tls only", "add a rule"),
    (
        "by regular expression",
        seen(raw=[route(r"HostRegexp(`^.+\.lab\.test$`)")]),
        Stage.OBJECTS,
        STOPS,
        "no object claims it",
        "annotate it",
    ),
    (
        "TCP without TLS",
        seen(parsed(route("HostSNI(`app.lab.test`)", kind="IngressRouteTCP"))),
        Stage.OBJECTS,
        STOPS,
        "needs spec.tls",
        "mend the rule",
    ),
    (
        "the zone is missing",
        seen(CLAIM, trouble="zone lab.test is not among the zones", **UNREAD),
        Stage.SERVER,
        STOPS,
        "not among the zones",
        "mend that first",
    ),
    (
        "another answer",
        seen(CLAIM, holds=IN_STEP, answer=replace(SERVED, values=("A 10.0.0.1",))),
        Stage.ANSWER,
        STOPS,
        "while the zone holds A 192.168.1.54",
        "split horizon",
    ),
    (
        "no answer",
        seen(CLAIM, holds=IN_STEP, answer=replace(SERVED, values=(), code="", error="timeout")),
        Stage.ANSWER,
        STOPS,
        "gave no answer: timeout",
        "--dns-port",
    ),
    (
        "the right answer",
        seen(CLAIM, holds=IN_STEP, answer=SERVED),
        Stage.ANSWER,
        OK,
        "192.168.1.2:53 answers A 192.168.1.54 (1 ms)",
        "",
    ),
    (
        "an older answer in the resolver",
        seen(CLAIM, holds=IN_STEP, answer=SERVED, resolver=OLD),
        Stage.RESOLVER,
        NOTE,
        "other than 192.168.1.2:53",
        "older answer",
    ),
    (
        "a hosts file that the resolver does not read",
        seen(CLAIM, holds=IN_STEP, resolver=OLD, in_hosts_file=True),
        Stage.RESOLVER,
        NOTE,
        "other than the file",
        "/etc/hosts",
    ),
]


@pytest.mark.parametrize(
    ("case", "stage", "outcome", "says", "advises"),
    [pytest.param(*rest, id=story) for story, *rest in STORIES],
)
def test_each_story_is_told_by_the_right_step(
    case: Case, stage: Stage, outcome: Outcome, says: str, advises: str
) -> None:
    told = explain(case)

    step = next(step for step in told.steps if step.stage is stage)
    assert (step.outcome, says in step.detail, advises in step.advice) == (outcome, True, True), (
        step
    )
    if outcome is Outcome.STOPS:
        assert told.stopped_by == step
    else:
        assert told.stopped_by is None or not case.interests


def test_every_reason_to_leave_a_name_alone_has_its_story() -> None:
    told = " ".join(step.detail for _, case, *_ in STORIES for step in explain(case).steps)
    elsewhere = {SkipReason.NO_TARGET, SkipReason.CONFLICT}

    assert {one for one in SkipReason if one not in elsewhere and f"{one}:" not in told} == set()


def test_the_losers_of_a_conflict_are_named() -> None:
    target = explain(seen(CLAIM, TWIN, holds=IN_STEP)).steps[2]

    lost = "Ingress/web/twin wants 10.0.0.9, but IngressRoute/web/app has the name with"
    assert target.more == (f"{lost} 192.168.1.54",)


def test_a_slip_of_the_pen_is_answered_with_what_was_meant() -> None:
    told = explain(seen(obj("Ingress/web/x", "grafana", "home"), name="grafanna.lab.test"))

    assert told.steps[1].more == ("nearest names that are claimed: grafana.lab.test",)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("grafanna.lab.test", ["grafana.lab.test"]),
        ("grafana.lab.tests", ["grafana.lab.test"]),
        ("x.lab.test", []),
        ("lab.test", []),
        ("sonar.lab.test", ["sonarr.lab.test"]),
    ],
)
def test_names_are_near_by_what_they_do_not_share(name: str, near: list[str]) -> None:
    names = [host(label) for label in ("grafana", "ha", "radar", "sonarr")]

    assert nearest(parse_name(name), names) == near


@pytest.mark.parametrize(
    ("asked", "labels", "wildcard"),
    [
        ("x.lab.test", ["*"], "*.lab.test"),
        ("x.y.lab.test", ["*"], "*.lab.test"),
        ("x.y.lab.test", ["*", "y"], None),
        ("x.y.lab.test", ["*", "z.y"], None),
        ("x.y.lab.test", ["*", "*.y"], "*.y.lab.test"),
        ("x.lab.test", ["*", "z.x"], None),
        ("x.lab.test", ["*", "x", "*.x"], None),
    ],
)
def test_a_wildcard_is_named_where_it_answers(
    asked: str, labels: list[str], wildcard: str | None
) -> None:
    told = explain(seen(holds={label: [a()] for label in labels}, name=asked))

    hint = (f"the wildcard {wildcard} answers for it",) if wildcard else ()
    assert told.steps[1].more == hint


def test_a_route_without_hostnames_that_waits_for_its_gateway_is_named() -> None:
    fault = Fault(SkipReason.NOT_ACCEPTED, "Gateway/infra/gw", "because")
    listed = frozenset({ANY})
    ref = ObjectRef("HTTPRoute", "web", "open")
    waiting = RoutedObject(ref, faults=(fault,), route=Route((Claim(ANY),), listed))

    step = explain(seen(waiting)).steps[1]

    lists = "HTTPRoute/web/open lists no hostname and waits for its Gateway: not-accepted: because"
    assert step.more == (lists,)
    assert "till its Gateway accepts it" in step.advice


@pytest.mark.parametrize(
    ("says", "policy", "stays"),
    [("false", "repair", True), ("", "report", True), ("true", "report", False)],
)
def test_that_a_change_by_hand_is_put_right_is_said_only_where_it_is_so(
    says: str, policy: str, *, stays: bool
) -> None:
    claim = annotated(**({"auto-remediate": says} if says else {}))
    case = seen(claim, holds={"app": [ours("10.0.0.1")]}, drift_policy=DriftPolicy(policy))

    change = next(step for step in explain(case).steps if step.stage is Stage.CHANGE)

    assert any("what a person changed stays" in line for line in change.more) is stays


def test_an_object_that_claims_the_name_is_no_bystander() -> None:
    watch = WATCH

    assert bystander(route("Host(`app.lab.test`)"), "IngressRoute", APP, watch) is None
    assert bystander(route("Host(`b.lab.test`)"), "IngressRoute", APP, watch) is None
    assert bystander("no object", "IngressRoute", APP, watch) is None
    assert isinstance(bystander(IGNORED, "IngressRoute", APP, watch), Bystander)
