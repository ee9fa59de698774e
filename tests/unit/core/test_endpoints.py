from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.annotations import READ
from catalyst_dns_sync.core.endpoints import DEFAULT_OPTIONS, ObjectOptions, watched_object
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import Claim, WatchedObject
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.rules import Syntax
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.core.skips import SkipReason
from fakes.values import ANY_TEXT, JSON, ref

CREATED = "2026-03-01T12:00:00Z"
HOST = "app.lab.test"
APP = parse_name(HOST)
V2 = ObjectOptions(Syntax.V2)


def metadata(**rest: Any) -> dict[str, Any]:
    return {"name": "app", "namespace": "web", "creationTimestamp": CREATED, **rest}


def annotated(**values: str) -> dict[str, Any]:
    return metadata(
        annotations={f"catalyst-dns-sync.io/{key}": value for key, value in values.items()}
    )


def ingress(*hosts: Any, meta: Any = None, status: Any = None, **spec: Any) -> dict[str, Any]:
    rules = [{"host": host} for host in hosts]
    return {"metadata": meta or metadata(), "spec": {"rules": rules, **spec}, "status": status}


def route(*rules: str, meta: Any = None, syntax: str | None = None, **spec: Any) -> dict[str, Any]:
    written: dict[str, Any] = {"syntax": syntax} if syntax else {}
    routes = [{"kind": "Rule", "match": rule, **written} for rule in rules]
    return {"metadata": meta or metadata(), "spec": {"routes": routes, **spec}}


def read(
    raw: object, kind: str = "IngressRoute", options: ObjectOptions = DEFAULT_OPTIONS, **rest: bool
) -> WatchedObject:
    found = watched_object(raw, kind, options, **rest)
    assert found is not None
    return found


def claims(*hosts: str) -> tuple[Claim, ...]:
    return tuple(Claim(parse_name(host)) for host in hosts)


def names(*hosts: str) -> frozenset[DnsName]:
    return frozenset(parse_name(host) for host in hosts)


def test_an_ingress_claims_the_hosts_of_its_rules_and_not_of_its_tls() -> None:
    raw = ingress("B.lab.test", HOST, "b.lab.test.", tls=[{"hosts": ["tls.lab.test"]}])

    assert read(raw, "Ingress") == WatchedObject(
        ref("Ingress/web/app"), CREATED, claims("b.lab.test", HOST)
    )


def test_an_ingress_rule_without_a_host_claims_nothing() -> None:
    assert read(ingress(None, "", 7), "Ingress").claims == ()


def test_an_ingress_keeps_its_status_as_the_last_resort() -> None:
    balancer = {"loadBalancer": {"ingress": [{"ip": "10.0.0.2"}, {"ip": "10.0.0.1"}]}}
    named = {"loadBalancer": {"ingress": [{"hostname": "lb.example.org"}, {"hostname": "x.test"}]}}

    by_address = read(ingress(HOST, status=balancer), "Ingress")
    by_name = read(ingress(HOST, status=named), "Ingress")

    assert by_address.claims == (Claim(APP, status=parse_targets("10.0.0.1,10.0.0.2")),)
    assert by_name.claims == (Claim(APP, status=parse_targets("lb.example.org")),)


def test_an_ingressroute_claims_the_names_of_its_rules() -> None:
    raw = route(f"Host(`{HOST}`) && PathPrefix(`/a`)", "Host(`B.lab.test`) || Host(`c.lab.test`)")

    assert read(raw) == WatchedObject(
        ref("IngressRoute/web/app"), CREATED, claims(HOST, "b.lab.test", "c.lab.test")
    )


def test_a_name_that_a_rule_excludes_is_not_claimed() -> None:
    assert read(route(f"Host(`{HOST}`) && !Host(`b.lab.test`)")).claims == claims(HOST)


@pytest.mark.parametrize(
    ("raw", "options", "legacy", "claimed"),
    [
        pytest.param(route("Host(`a.test`, `b.test`)"), V2, False, 2, id="v2 is the default"),
        pytest.param(route("Host(`a.test`, `b.test`)"), DEFAULT_OPTIONS, False, 0, id="v3 is"),
        pytest.param(
            route("Host(`a.test`, `b.test`)", syntax="v2"), DEFAULT_OPTIONS, False, 2, id="says v2"
        ),
        pytest.param(route("Host(`a.test`, `b.test`)", syntax="v3"), V2, False, 0, id="says v3"),
        pytest.param(
            route("Host(`a.test`, `b.test`)", parentRefs=[{"name": "parent"}]),
            V2,
            False,
            0,
            id="below a parent v3 is the default",
        ),
        pytest.param(
            route("Host(`a.test`, `b.test`)", syntax="v2", parentRefs=[{"name": "parent"}]),
            DEFAULT_OPTIONS,
            False,
            2,
            id="below a parent, says v2",
        ),
        pytest.param(
            route("Host(`a.test`, `b.test`)"), DEFAULT_OPTIONS, True, 2, id="the legacy group is v2"
        ),
        pytest.param(route("HostHeader(`a.test`)"), V2, False, 1, id="HostHeader"),
    ],
)
def test_rules_are_read_in_the_syntax_that_traefik_takes(
    raw: object, options: ObjectOptions, *, legacy: bool, claimed: int
) -> None:
    assert len(read(raw, options=options, legacy=legacy).claims) == claimed


def test_filters_hold_for_the_legacy_group_too() -> None:
    options = ObjectOptions(ingress_classes=frozenset({"other"}))

    assert read(route(f"Host(`{HOST}`)"), options=options, legacy=True).claims == ()


def test_a_tcp_route_with_tls_claims_its_server_names() -> None:
    raw = route(f"HostSNI(`{HOST}`)", "HostSNI(`*`)", tls={"passthrough": True})

    assert read(raw, "IngressRouteTCP").claims == claims(HOST)
    assert read(route(f"HostSNI(`{HOST}`)", tls={}), "IngressRouteTCP").claims == claims(HOST)


def test_a_tcp_route_for_all_names_claims_none_and_has_no_fault() -> None:
    assert read(route("HostSNI(`*`)"), "IngressRouteTCP") == WatchedObject(
        ref("IngressRouteTCP/web/app"), CREATED
    )


def test_a_tcp_route_without_tls_serves_no_name_but_holds_it() -> None:
    found = read(route(f"HostSNI(`{HOST}`)"), "IngressRouteTCP")

    assert found.claims == ()
    assert found.holds == names(HOST)
    assert [fault.reason for fault in found.faults] == [SkipReason.INVALID_RULE]
    assert "tls: {} is enough" in found.faults[0].detail


def test_a_faulty_rule_costs_its_names_only_and_holds_what_it_mentions() -> None:
    found = read(route("Host(`broken.lab.test`) &&", f"Host(`{HOST}`)"))

    assert found.claims == claims(HOST)
    assert found.holds == names("broken.lab.test")
    assert found.is_faulty
    assert [(fault.reason, fault.value) for fault in found.faults] == [
        (SkipReason.INVALID_RULE, "Host(`broken.lab.test`) &&")
    ]


def test_an_impossible_host_costs_that_host_only() -> None:
    found = read(ingress("no good.lab.test", HOST), "Ingress")

    assert found.claims == claims(HOST)
    assert [(fault.reason, fault.costs_names) for fault in found.faults] == [
        (SkipReason.INVALID_HOST, True)
    ]


def test_a_name_that_another_rule_serves_is_claimed_and_not_merely_held() -> None:
    found = read(route(f"Host(`{HOST}`) &&", f"Host(`{HOST}`)"))

    assert (found.names, found.holds) == (names(HOST), frozenset())


def test_the_hostname_annotation_adds_names() -> None:
    raw = route("HostSNI(`*`)", meta=annotated(hostname=f"{HOST}, B.lab.test.,,"))

    assert read(raw, "IngressRouteTCP").claims == claims(HOST, "b.lab.test")


def test_a_bad_hostname_annotation_costs_that_name_only() -> None:
    found = read(route(meta=annotated(hostname=f"{HOST}, -bad-.lab.test")))

    assert found.claims == claims(HOST)
    assert [fault.reason for fault in found.faults] == [SkipReason.INVALID_HOST]


def test_the_target_and_ttl_annotations_belong_to_every_name() -> None:
    raw = ingress(HOST, "b.lab.test", meta=annotated(target="10.0.0.1", ttl="5m"))

    assert read(raw, "Ingress").claims == (
        Claim(APP, parse_targets("10.0.0.1"), 300),
        Claim(parse_name("b.lab.test"), parse_targets("10.0.0.1"), 300),
    )


def test_a_bad_target_makes_no_record_and_takes_none_away() -> None:
    found = read(ingress(HOST, meta=annotated(target="10.0.0.256")), "Ingress")

    assert (found.claims, found.holds) == ((), names(HOST))
    assert found.is_faulty
    assert [fault.reason for fault in found.faults] == [SkipReason.INVALID_ANNOTATION]
    assert found.faults[0].detail.startswith("target: ")


def test_a_bad_ttl_is_said_and_the_default_used() -> None:
    found = read(ingress(HOST, meta=annotated(ttl="soon")), "Ingress")

    assert found.claims == claims(HOST)
    assert not found.is_faulty
    assert [fault.reason for fault in found.faults] == [SkipReason.INVALID_ANNOTATION]
    assert "the default is used" in found.faults[0].detail


@pytest.mark.parametrize("value", ["true", "TRUE", "True"])
def test_ignore_takes_the_object_out(value: str) -> None:
    found = read(route("Host(`a.test`) &&", f"Host(`{HOST}`)", meta=annotated(ignore=value)))

    assert found == WatchedObject(ref("IngressRoute/web/app"), CREATED)


@pytest.mark.parametrize("value", ["false", "", "yes"])
def test_only_true_ignores(value: str) -> None:
    assert read(route(f"Host(`{HOST}`)", meta=annotated(ignore=value))).claims == claims(HOST)


@pytest.mark.parametrize(
    ("value", "remediate", "faults"),
    [("true", True, 0), ("False", False, 0), ("", None, 0), ("maybe", None, 1)],
)
def test_an_object_may_say_whether_drift_is_repaired(
    value: str, *, remediate: bool | None, faults: int
) -> None:
    found = read(ingress(HOST, meta=annotated(**{"auto-remediate": value})), "Ingress")

    assert [claim.remediate for claim in found.claims] == [remediate]
    assert len(found.faults) == faults
    assert not found.is_faulty


@pytest.mark.parametrize(
    ("annotations", "faults"),
    [
        pytest.param({"tll": "60"}, ["catalyst-dns-sync.io/tll"], id="no annotation of ours"),
        pytest.param({"ignore": "yes"}, ["yes"], id="not true, not false"),
        pytest.param(dict.fromkeys(READ, ""), [], id="all that there are"),
        pytest.param({"ignore": "false"}, [], id="false"),
    ],
)
def test_an_annotation_for_us_that_changes_nothing_is_told_and_costs_no_name(
    annotations: dict[str, str], faults: list[str]
) -> None:
    found = read(ingress(HOST, meta=annotated(**annotations)), "Ingress")

    assert [(fault.reason, fault.value) for fault in found.faults] == [
        (SkipReason.INVALID_ANNOTATION, value) for value in faults
    ]
    assert [claim.name for claim in found.claims] == [HOST]
    assert not found.is_faulty


CLASS_META = metadata(annotations={"kubernetes.io/ingress.class": "traefik"})


@pytest.mark.parametrize("kind", ["Ingress", "IngressRoute"])
@pytest.mark.parametrize(
    ("meta", "spec", "classes", "chosen"),
    [
        pytest.param(None, {}, set(), True, id="unset means all"),
        pytest.param(None, {"ingressClassName": "x"}, set(), True, id="unset means every class"),
        pytest.param(None, {}, {"traefik"}, False, id="no class"),
        pytest.param(None, {"ingressClassName": "traefik"}, {"traefik"}, True, id="spec"),
        pytest.param(None, {"ingressClassName": "nginx"}, {"traefik"}, False, id="other class"),
        pytest.param(CLASS_META, {}, {"traefik"}, True, id="annotation"),
        pytest.param(CLASS_META, {}, {"nginx"}, False, id="other annotation"),
        pytest.param(CLASS_META, {}, {"nginx", "traefik"}, True, id="one of several"),
        pytest.param(
            CLASS_META, {"ingressClassName": "nginx"}, {"traefik"}, False, id="the spec comes first"
        ),
    ],
)
def test_the_class_filter_chooses_by_spec_or_annotation(
    kind: str, meta: Any, spec: dict[str, Any], classes: set[str], *, chosen: bool
) -> None:
    options = ObjectOptions(ingress_classes=frozenset(classes))
    make = ingress if kind == "Ingress" else route
    raw = make(HOST if kind == "Ingress" else f"Host(`{HOST}`)", meta=meta, **spec)

    found = read(raw, kind, options)

    assert (found.names, found.filtered) == (
        (names(HOST), frozenset()) if chosen else (frozenset(), names(HOST))
    )


def test_the_label_selector_chooses() -> None:
    options = ObjectOptions(selector=parse_label_selector("dns=public"))
    public = read(
        route(f"Host(`{HOST}`)", meta=metadata(labels={"dns": "public"})), options=options
    )
    plain = read(route(f"Host(`{HOST}`)"), options=options)

    assert (public.names, plain.names, plain.filtered) == (names(HOST), frozenset(), names(HOST))


def test_a_filtered_object_shows_no_faults_but_remembers_what_it_means() -> None:
    options = ObjectOptions(ingress_classes=frozenset({"other"}))

    found = read(route("Host(`a.test`) &&", f"Host(`{HOST}`)"), options=options)

    assert (found.faults, found.filtered) == ((), names(HOST, "a.test"))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        {},
        {"metadata": None},
        {"metadata": {"name": ""}},
        {"metadata": {"name": 7}},
    ],
)
def test_what_has_no_name_is_no_object(raw: object) -> None:
    assert watched_object(raw, "Ingress") is None


KINDS = st.sampled_from(["Ingress", "IngressRoute", "IngressRouteTCP"])
OPTIONS = st.builds(
    ObjectOptions,
    st.sampled_from(Syntax),
    st.sampled_from([frozenset[str](), frozenset({"traefik"})]),
    st.sampled_from([None, parse_label_selector("a=b")]),
)
RULES = ANY_TEXT | st.sampled_from(
    [f"Host(`{HOST}`)", "HostSNI(`x.test`)", "Host(`Bad_.-.test`)", "Host(`ü.test`, `*.y.test`)"]
)
HOSTS = ANY_TEXT | st.sampled_from([HOST, "*.lab.test", "Ü.lab.test."])
WORDS = ANY_TEXT | JSON | st.sampled_from(["true", "10.0.0.1", HOST, "5m", f"{HOST}, b.test"])
REAL_LOOKING = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": st.just("app") | ANY_TEXT | JSON},
            optional={
                "namespace": st.just("web") | ANY_TEXT | JSON,
                "creationTimestamp": JSON,
                "labels": st.dictionaries(st.just("a"), st.just("b") | JSON) | JSON,
                "annotations": st.dictionaries(
                    st.sampled_from(["hostname", "target", "ttl", "ignore"]).map(
                        "catalyst-dns-sync.io/".__add__
                    ),
                    WORDS,
                )
                | JSON,
            },
        )
    },
    optional={
        "spec": JSON
        | st.fixed_dictionaries(
            {},
            optional={
                "rules": st.lists(JSON | st.fixed_dictionaries({"host": HOSTS})),
                "routes": st.lists(
                    JSON
                    | st.fixed_dictionaries(
                        {"match": RULES},
                        optional={"kind": st.just("Rule"), "syntax": st.just("v2") | JSON},
                    )
                ),
                "tls": st.just({}) | JSON,
                "ingressClassName": st.just("traefik") | JSON,
                "parentRefs": JSON,
            },
        ),
        "status": JSON
        | st.fixed_dictionaries(
            {
                "loadBalancer": st.fixed_dictionaries(
                    {
                        "ingress": st.lists(
                            st.dictionaries(st.sampled_from(["ip", "hostname"]), HOSTS)
                        )
                    }
                )
            }
        ),
    },
)


@given(raw=JSON | REAL_LOOKING, kind=KINDS, options=OPTIONS, legacy=st.booleans())
def test_no_json_makes_the_reader_fail_and_every_name_is_canonical(
    raw: object, kind: str, options: ObjectOptions, *, legacy: bool
) -> None:
    found = watched_object(raw, kind, options, legacy=legacy)

    if found is not None:
        for name in found.names | found.holds | found.filtered:
            assert parse_name(name) == name
        assert not found.names & found.holds
        assert len({claim.name for claim in found.claims}) == len(found.claims)
