from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from catalyst_dns_sync.core.ownership import (
    ADOPTED,
    Identity,
    Marker,
    answering,
    bars_cname,
    is_origin,
    is_other_cluster,
    is_ours,
    is_owner_id,
    make_marker,
    origin_namespace,
    origin_text,
    origin_texts,
    parse_marker,
    render_marker,
    renewed_marker,
)
from catalyst_dns_sync.core.records import ObjectRef, Record
from fakes.values import ANY_TEXT, CLUSTER, US, ZONE, a, host, marker, ref

ALL_KINDS = ("HTTPRoute", "Ingress", "IngressRoute", "IngressRouteTCP")
LONGEST = ObjectRef("IngressRouteTCP", "n" * 63, ".".join(["o" * 62] * 4))

OWNERS = st.sampled_from(["default", "default2", "a", "team-1.home_2", "o" * 32])
CLUSTERS = st.sampled_from([None, CLUSTER])
REFS = st.builds(
    ObjectRef,
    st.sampled_from(ALL_KINDS),
    st.integers(1, 63).map("n".__mul__),
    st.integers(1, 253).map("o".__mul__) | st.sampled_from(["web.app", "a b", "~a", "ü"]),
)
KINDS = st.sets(st.sampled_from(ALL_KINDS), min_size=1).map(lambda kinds: tuple(sorted(kinds)))
IDENTITIES = st.builds(Identity, OWNERS, CLUSTERS)
EXTRA = st.builds(
    "{}={}".format, st.sampled_from(["lease", "x", "until"]), st.text("az09~", max_size=60)
)
EXTRAS = st.lists(EXTRA, max_size=3, unique_by=lambda word: word.partition("=")[0]).map(tuple)
MARKERS = st.builds(
    Marker,
    OWNERS,
    CLUSTERS,
    REFS.map(origin_text),
    KINDS,
    EXTRAS,
    st.text(st.characters(codec="ascii"), max_size=80) | ANY_TEXT,
    st.integers(1, 9999),
)


def test_a_marker_can_be_read_by_a_person() -> None:
    made = make_marker(US, ref("IngressRoute/monitoring/grafana"), {"IngressRoute", "Ingress"})

    assert render_marker(made) == (
        "catalyst-dns-sync/v1 owner=default cluster=3f2a91c0 "
        "origin=IngressRoute/monitoring/grafana kinds=Ingress,IngressRoute"
    )


@given(MARKERS)
def test_a_marker_that_fits_is_read_back_as_it_was(written: Marker) -> None:
    rendered = render_marker(written)
    whole = replace(written, extra=(), human="")
    length = len(render_marker(whole)) + sum(len(word) + 1 for word in written.extra)
    length += len(written.human.encode("utf-8", "replace")) + 3 if written.human else 0
    assume(length <= 255 and _is_text(written.human))

    assert parse_marker(rendered) == written


@given(IDENTITIES, REFS, KINDS, EXTRAS, ANY_TEXT, st.integers(1, 9999))
@example(Identity("o" * 32, CLUSTER), LONGEST, ALL_KINDS, (), "é" * 300, 9999)
def test_a_comment_has_at_most_255_bytes_and_all_of_ours_is_ascii(
    identity: Identity,
    origin: ObjectRef,
    kinds: tuple[str, ...],
    extra: tuple[str, ...],
    human: str,
    version: int,
) -> None:
    made = make_marker(identity, origin, kinds)
    old = replace(made, extra=extra, human=human, version=version)

    for each in (made, old, renewed_marker(old, identity, (origin,), kinds)):
        comment = render_marker(each)
        read = parse_marker(comment)
        assert comment.partition(" | ")[0].isascii()
        assert len(comment.encode()) <= 255
        assert read is not None
        assert (read.owner, read.cluster, read.kinds) == (identity.owner, identity.cluster, kinds)
        assert is_origin(read, origin)
        assert origin_namespace(read) == origin.namespace


def test_a_hashed_origin_still_names_kind_and_namespace() -> None:
    made = make_marker(Identity("o" * 32, CLUSTER), LONGEST, ALL_KINDS)

    assert made.origin.startswith(f"IngressRouteTCP/{'n' * 63}/~")
    assert is_origin(made, LONGEST)
    assert not is_origin(made, replace(LONGEST, name=LONGEST.name[:-1] + "x"))
    assert made.origin in origin_texts(LONGEST)


@pytest.mark.parametrize(
    "version", [pytest.param(1, id="this release"), pytest.param(9999, id="a newer one")]
)
def test_a_renewed_marker_hashes_an_origin_that_just_does_not_fit(version: int) -> None:
    for length in range(80, 253):
        origin = ObjectRef("IngressRoute", "web", "o" * length)
        old = Marker("default", CLUSTER, "IngressRoute/web/gone", ALL_KINDS, version=version)

        comment = render_marker(renewed_marker(old, US, (origin,), ALL_KINDS))

        assert len(comment) <= 255


def test_an_odd_name_is_hashed_so_that_the_marker_stays_plain() -> None:
    odd = ObjectRef("Ingress", "web", "a b=c | d")
    made = make_marker(US, odd, ["Ingress"])

    assert parse_marker(render_marker(made)) == made
    assert is_origin(made, odd)


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("", id="none"),
        pytest.param("my printer", id="human"),
        pytest.param("heritage=external-dns,owner=default", id="another program"),
        pytest.param(marker().replace("v1", "v0"), id="no version"),
        pytest.param(marker().replace("v1", "v1x"), id="odd version"),
        pytest.param(" " + marker(), id="blank before"),
        pytest.param(marker() + " ", id="blank after"),
        pytest.param(marker() + " see ticket 12", id="words added without a bar"),
        pytest.param(marker().replace("owner=default ", ""), id="owner removed"),
        pytest.param(marker(owner=""), id="owner emptied"),
        pytest.param(marker() + " owner=other", id="owner twice"),
        pytest.param(marker().replace(" origin", "  origin"), id="two blanks"),
        pytest.param(marker().upper(), id="capitals"),
        pytest.param("old: " + marker(), id="not at the beginning"),
        pytest.param("catalyst-dns-sync/v1", id="cut after the version"),
    ],
)
def test_an_edited_marker_is_foreign(comment: str) -> None:
    assert parse_marker(comment) is None
    assert not is_ours(a(comment=comment), US)


@given(ANY_TEXT | ANY_TEXT.map(lambda tail: "catalyst-dns-sync/v1 " + tail))
def test_no_comment_makes_the_reader_fail(comment: str) -> None:
    read = parse_marker(comment)

    assert read is None or read.owner


def test_a_marker_of_a_newer_release_is_read_and_kept() -> None:
    comment = (
        "catalyst-dns-sync/v7 owner=default cluster=3f2a91c0 origin=Ingress/web/app "
        "kinds=Gateway,Ingress lease=abc | do not touch | please"
    )

    read = parse_marker(comment)

    assert read == Marker(
        "default",
        CLUSTER,
        "Ingress/web/app",
        ("Gateway", "Ingress"),
        extra=("lease=abc",),
        human="do not touch | please",
        version=7,
    )
    assert render_marker(read) == comment


def test_renewing_keeps_what_people_and_newer_releases_wrote_and_a_living_origin() -> None:
    old = parse_marker(marker("Ingress/web/b", "Ingress,IngressRoute", tail=" x=1 | mine"))
    assert old is not None

    same = renewed_marker(
        old, US, (ref("IngressRoute/web/a"), ref("Ingress/web/b")), ["Ingress", "IngressRoute"]
    )
    moved = renewed_marker(old, US, (ref("IngressRoute/web/a"),), ["IngressRoute"])

    assert same == old
    assert moved == replace(old, origin="IngressRoute/web/a", kinds=("IngressRoute",))


def test_the_cluster_is_added_once_it_is_known_and_never_dropped() -> None:
    old = parse_marker(marker(cluster=None))
    assert old is not None
    origins = (ref("IngressRoute/web/app"),)

    learnt = renewed_marker(old, US, origins, ["IngressRoute"])
    forgotten = renewed_marker(learnt, Identity("default"), origins, ["IngressRoute"])

    assert (learnt.cluster, forgotten.cluster) == (CLUSTER, CLUSTER)


@pytest.mark.parametrize(
    ("owner", "mine"),
    [("default", True), ("default2", False), ("defaul", False), ("Default", False)],
)
def test_an_owner_id_is_compared_as_a_whole(owner: str, *, mine: bool) -> None:
    assert is_ours(a(comment=marker(owner=owner)), US) is mine


@pytest.mark.parametrize(
    ("written", "own", "other"),
    [
        (CLUSTER, CLUSTER, False),
        (None, CLUSTER, False),
        (None, None, False),
        ("aaaaaaaa", CLUSTER, True),
        ("aaaaaaaa", None, True),
    ],
)
def test_another_cluster_with_our_owner_is_told_apart(
    written: str | None, own: str | None, *, other: bool
) -> None:
    found = parse_marker(marker(cluster=written))

    assert found is not None
    assert is_other_cluster(found, Identity("default", own)) is other


@pytest.mark.parametrize(
    ("kind", "at_apex", "below"),
    [
        *[(kind, True, True) for kind in ("A", "AAAA", "CNAME", "ANAME", "APP", "DNAME", "FWD")],
        ("NS", False, True),
        *[(kind, False, False) for kind in ("SOA", "TXT", "MX", "CAA", "SRV", "HTTPS", "PTR")],
    ],
)
def test_only_records_that_answer_for_a_name_decide_whose_it_is(
    kind: str, *, at_apex: bool, below: bool
) -> None:
    record = Record(kind, "x", 300)

    assert bool(answering((record,), ZONE, ZONE)) is at_apex
    assert bool(answering((record,), host("app"), ZONE)) is below


def test_only_dnssecs_own_records_stand_beside_a_cname() -> None:
    barring = [
        kind for kind in ("A", "TXT", "MX", "RRSIG", "NSEC") if bars_cname(Record(kind, "x", 300))
    ]

    assert barring == ["A", "TXT", "MX"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("default", True),
        ("a", True),
        ("team-1.home_2", True),
        ("x" * 32, True),
        ("x" * 33, False),
        ("", False),
        ("a b", False),
        ("a=b", False),
        ("-a", False),
        ("a|b", False),
        ("ä", False),
        ("a\n", False),
    ],
)
def test_an_owner_id_is_plain_and_short(text: str, *, good: bool) -> None:
    assert is_owner_id(text) is good


@pytest.mark.parametrize("kind", ["NS", "DNAME", "ANAME", "APP", "FWD"])
def test_a_marker_on_a_type_that_we_never_write_was_copied_and_is_foreign(kind: str) -> None:
    assert not is_ours(Record(kind, "x.test", 300, marker()), US)


def test_a_marker_never_loses_that_its_record_was_adopted() -> None:
    for length in range(60, 253):
        origin = ObjectRef("IngressRoute", "web", "o" * length)
        words = ("lease=" + "x" * 40, ADOPTED)
        made = replace(make_marker(US, origin, ALL_KINDS), extra=words, human="by Ada")

        for each in (made, renewed_marker(made, US, (origin,), ALL_KINDS)):
            read = parse_marker(render_marker(each))
            assert read is not None
            assert ADOPTED in read.extra


def _is_text(text: str) -> bool:
    return text == text.encode("utf-8", "replace").decode()
