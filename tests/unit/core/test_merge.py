import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.merge import (
    Defaults,
    Demand,
    Keepers,
    merge,
    without_shadowed_legacy,
)
from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.objects import Claim, Fault, WatchedObject
from catalyst_dns_sync.core.ownership import Marker, parse_marker
from catalyst_dns_sync.core.records import ObjectRef, parse_targets
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.values import ZONE, demand, endpoint, host, marker, obj, ref

DEFAULTS = Defaults(parse_targets("192.168.1.54"))


def merged(
    *objects: WatchedObject,
    defaults: Defaults = DEFAULTS,
    incumbent: str = "",
    zones: tuple[str, ...] = (ZONE,),
) -> Demand:
    """Return the demand of `ZONE`, where the marker at ``app`` names the incumbent."""
    found = parse_marker(marker(incumbent)) if incumbent else None
    markers = {host("app"): found} if found else {}
    managed = frozenset(DnsName(zone) for zone in zones)
    return merge(objects, zone=ZONE, zones=managed, defaults=defaults, markers=markers)


def conflict(loser: str, wants: str, winner: str, has: str) -> Skip:
    detail = f"wants {wants}, but {winner} has the name with {has}"
    return Skip(SkipReason.CONFLICT, host("app"), detail, ref(loser))


def test_twins_are_one_endpoint_with_two_origins() -> None:
    assert merged(
        obj("IngressRoute/web/app-http", "app"), obj("IngressRoute/web/app", "app")
    ) == demand(endpoint("app", origins="IngressRoute/web/app IngressRoute/web/app-http"))


def test_a_twin_that_names_the_default_target_is_still_a_twin() -> None:
    both = merged(obj("Ingress/web/a", "app", target="192.168.1.54"), obj("Ingress/web/b", "app"))

    assert both == demand(endpoint("app", origins="Ingress/web/a Ingress/web/b"))


OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


@pytest.mark.parametrize(
    ("first", "second", "incumbent", "winner"),
    [
        pytest.param(
            ("Ingress/web/new", NEW), ("Ingress/web/old", OLD), "Ingress/web/new", 0, id="incumbent"
        ),
        pytest.param(("Ingress/web/new", NEW), ("Ingress/web/old", OLD), "", 1, id="age"),
        pytest.param(
            ("Ingress/web/new", NEW), ("Ingress/web/old", OLD), "Ingress/web/gone", 1, id="dead one"
        ),
        pytest.param(("IngressRoute/a/a", OLD), ("Ingress/b/b", OLD), "", 1, id="kind"),
        pytest.param(("Ingress/b/a", OLD), ("Ingress/a/b", OLD), "", 1, id="namespace"),
        pytest.param(("Ingress/a/a", OLD), ("Ingress/a/b", OLD), "", 0, id="name"),
    ],
)
def test_a_conflict_is_decided_by_incumbent_age_kind_namespace_and_name(
    first: tuple[str, str], second: tuple[str, str], incumbent: str, winner: int
) -> None:
    targets = ("10.0.0.1", "10.0.0.2")
    bids = [
        obj(origin, "app", target=target, created=created)
        for (origin, created), target in zip((first, second), targets, strict=True)
    ]
    loser = 1 - winner
    origins = (first[0], second[0])

    assert merged(*bids, incumbent=incumbent) == demand(
        endpoint("app", targets[winner], origins=origins[winner]),
        skips=(conflict(origins[loser], targets[loser], origins[winner], targets[winner]),),
    )


def test_a_hashed_incumbent_keeps_its_name_too() -> None:
    old, new = obj("Ingress/web/a", "app", target="10.0.0.1"), "Ingress/web/" + "z" * 200
    long = obj(new, "app", target="10.0.0.2")
    hashed = "Ingress/web/~" + hashlib.sha256(b"z" * 200).hexdigest()[:12]

    assert merged(old, long, incumbent=hashed).endpoints == {
        host("app"): endpoint("app", "10.0.0.2", origins=new)
    }


def test_a_name_without_a_target_is_unresolved_and_said() -> None:
    found = merged(obj("IngressRoute/web/app", "app"), defaults=Defaults())

    assert found.unresolved == {host("app"): ref("IngressRoute/web/app")}
    assert found.claims(host("app"))
    assert [(skip.reason, skip.name) for skip in found.skips] == [
        (SkipReason.NO_TARGET, host("app"))
    ]


def test_the_objects_own_status_is_the_last_resort() -> None:
    mine = obj("Ingress/web/app", "app", status="10.0.0.9")

    assert merged(mine).endpoints[host("app")] == endpoint("app", origins="Ingress/web/app")
    assert merged(mine, defaults=Defaults()).endpoints[host("app")] == endpoint(
        "app", "10.0.0.9", origins="Ingress/web/app"
    )


def test_an_incumbent_that_lost_its_address_keeps_its_name() -> None:
    found = merged(
        obj("Ingress/web/a", "app"),
        obj("Ingress/web/b", "app", target="10.0.0.2"),
        defaults=Defaults(),
        incumbent="Ingress/web/a",
    )

    assert (found.endpoints, found.unresolved) == ({}, {host("app"): ref("Ingress/web/a")})
    assert {(skip.reason, skip.origin) for skip in found.skips} == {
        (SkipReason.NO_TARGET, ref("Ingress/web/a")),
        (SkipReason.CONFLICT, ref("Ingress/web/b")),
    }


def test_a_newcomer_without_an_address_does_not_keep_others_from_the_name() -> None:
    found = merged(
        obj("Ingress/web/a", "app"),
        obj("Ingress/web/b", "app", target="10.0.0.2"),
        defaults=Defaults(),
    )

    assert found.endpoints == {host("app"): endpoint("app", "10.0.0.2", origins="Ingress/web/b")}
    assert [(skip.reason, skip.origin) for skip in found.skips] == [
        (SkipReason.NO_TARGET, ref("Ingress/web/a"))
    ]


@pytest.mark.parametrize("field", ["target", "status"])
def test_a_cname_to_itself_is_no_target(field: str) -> None:
    itself = obj("Ingress/web/app", "app", **{field: str(host("app"))})  # type: ignore[arg-type]

    assert merged(itself, defaults=Defaults()).unresolved == {host("app"): ref("Ingress/web/app")}


def test_the_ttl_is_the_first_that_an_origin_names() -> None:
    found = merged(
        obj("Ingress/web/a", "app", created=OLD),
        obj("Ingress/web/b", "app", ttl=60, created=OLD),
        obj("Ingress/web/c", "app", ttl=90, created=NEW),
    )

    assert found.endpoints[host("app")].ttl == 60


def test_the_ttl_of_a_loser_does_not_matter() -> None:
    found = merged(
        obj("Ingress/web/a", "app"), obj("Ingress/web/b", "app", target="10.0.0.2", ttl=60)
    )

    assert found.endpoints[host("app")].ttl == 300


def test_a_name_belongs_to_the_longest_zone() -> None:
    both = obj("Ingress/web/app", "app", "app.sub")

    assert set(merged(both).endpoints) == {host("app"), host("app.sub")}
    assert set(merged(both, zones=(ZONE, f"sub.{ZONE}")).endpoints) == {host("app")}


def test_names_outside_every_zone_do_not_matter() -> None:
    claim = Claim(parse_name("app.notlab.test"))

    assert merged(WatchedObject(ref("Ingress/web/app"), claims=(claim,))) == Demand()


def test_faulty_and_filtered_objects_keep_names_and_origins() -> None:
    fault = Fault(SkipReason.INVALID_RULE, "Host(", "no end")
    faulty = WatchedObject(ref("Ingress/web/a"), faults=(fault,), holds=frozenset({host("a")}))
    filtered = WatchedObject(ref("Ingress/web/b"), filtered=frozenset({host("b")}))

    found = merged(faulty, filtered)

    assert found.faulty.find(host("a"), []) == faulty.ref
    assert found.faulty.find(host("x"), ["Ingress/web/a"]) == faulty.ref
    assert found.faulty.find(host("b"), ["Ingress/web/b"]) is None
    assert found.filtered.find(host("b"), []) == filtered.ref
    assert found.filtered.find(host("x"), ["Ingress/web/gone", "Ingress/web/b"]) == filtered.ref
    assert found.skips == (
        Skip(SkipReason.INVALID_RULE, None, "'Host(': no end", ref("Ingress/web/a")),
    )


def test_a_fault_that_costs_no_name_keeps_none() -> None:
    fault = Fault(SkipReason.INVALID_ANNOTATION, "soon", "ttl", costs_names=False)

    assert merged(WatchedObject(ref("Ingress/web/a"), faults=(fault,))).faulty == Keepers()


def test_a_legacy_object_is_shadowed_by_its_newer_twin() -> None:
    new, old, alone = (
        obj("IngressRoute/web/a", "new"),
        obj("IngressRoute/web/a", "old"),
        obj("IngressRoute/web/b", "b"),
    )

    assert sorted(without_shadowed_legacy([new], [old, alone]), key=lambda one: one.ref) == [
        new,
        alone,
    ]


REFS = st.builds(
    ObjectRef,
    st.sampled_from(["Ingress", "IngressRoute"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["x", "y", "z"]),
)
OBJECTS = st.lists(
    st.builds(
        WatchedObject,
        REFS,
        st.sampled_from([OLD, NEW]),
        st.lists(
            st.builds(
                Claim,
                st.sampled_from([host("app"), host("b"), parse_name("other.test")]),
                st.sampled_from([None, parse_targets("10.0.0.1"), parse_targets("b.lab.test")]),
                st.sampled_from([None, 60]),
                st.sampled_from([(), parse_targets("10.0.0.3")]),
            ),
            max_size=2,
            unique_by=lambda claim: claim.name,
        ).map(tuple),
        st.sampled_from([(), (Fault(SkipReason.INVALID_RULE, "x", "y"),)]),
        st.sampled_from([frozenset[DnsName](), frozenset({host("held")})]),
    ),
    max_size=6,
    unique_by=lambda one: one.ref,
)
MARKERS = st.dictionaries(
    st.sampled_from([host("app"), host("b")]),
    REFS.map(lambda origin: Marker("default", None, str(origin), (origin.kind,))),
)


@given(OBJECTS, MARKERS, st.sampled_from([DEFAULTS, Defaults()]), st.randoms(use_true_random=False))
def test_the_order_of_the_objects_never_matters(
    objects: list[WatchedObject],
    markers: dict[DnsName, Marker],
    defaults: Defaults,
    dice: random.Random,
) -> None:
    def of(some: list[WatchedObject]) -> Demand:
        zones = frozenset({ZONE})
        return merge(some, zone=ZONE, zones=zones, defaults=defaults, markers=markers)

    shuffled = list(objects)
    dice.shuffle(shuffled)

    assert of(objects) == of(shuffled)
    assert list(of(objects).endpoints) == list(of(shuffled).endpoints)


@given(OBJECTS, MARKERS, st.sampled_from([DEFAULTS, Defaults()]))
def test_each_claim_is_an_origin_or_a_skip(
    objects: list[WatchedObject], markers: dict[DnsName, Marker], defaults: Defaults
) -> None:
    zones = frozenset({ZONE})

    found = merge(objects, zone=ZONE, zones=zones, defaults=defaults, markers=markers)

    claims = {(claim.name, one.ref) for one in objects for claim in one.claims}
    told = {(skip.name, skip.origin) for skip in found.skips if skip.name is not None}
    origins = {(name, origin) for name, end in found.endpoints.items() for origin in end.origins}
    assert told | origins == {(name, origin) for name, origin in claims if name.endswith(ZONE)}
    assert not told & origins
    assert not found.endpoints.keys() & found.unresolved.keys()
