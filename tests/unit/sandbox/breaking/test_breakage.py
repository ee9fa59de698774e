"""What may be asked for: each option where it fits, and all faults at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.breaking.breakage import (
    ALL,
    KINDS,
    Breakage,
    BreakageError,
    Server,
    What,
    parse_breakage,
)

EVERY_OPTION: dict[str, Any] = {
    "for": 30,
    "times": 2,
    "skip": 1,
    "path": "records/",
    "verb": "list",
    "resource": "ingressroutes",
    "status": 500,
    "bytes": 20,
    "delay": 0.5,
    "writes": 3,
}


def faults_of(body: object) -> list[str]:
    with pytest.raises(BreakageError) as caught:
        parse_breakage(body)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("what", What)
def test_each_way_takes_its_own_options_and_no_other(what: What) -> None:
    kind = KINDS[what]
    own = {key: value for key, value in EVERY_OPTION.items() if key in kind.options}

    parse_breakage({"what": what} | own)
    if others := EVERY_OPTION.keys() - own.keys():
        assert faults_of({"what": what} | EVERY_OPTION) == [
            f"--{other}: {what} does not take it: leave it out" for other in sorted(others)
        ]


@pytest.mark.parametrize("what", What)
def test_without_a_server_each_that_fits_is_meant(what: What) -> None:
    assert parse_breakage({"what": what}).servers == KINDS[what].servers


def test_a_verb_or_a_resource_means_kubernetes() -> None:
    assert parse_breakage({"what": "reset"}).servers == ALL
    assert parse_breakage({"what": "reset", "verb": "list"}) == Breakage(
        What.RESET, (Server.KUBERNETES,), verb="list"
    )


def test_everything_can_be_said_together() -> None:
    found = parse_breakage(
        {
            "what": "status",
            "server": "technitium",
            "for": 1.5,
            "times": 3,
            "skip": 2,
            "path": "records/(add|delete)",
            "status": 429,
        }
    )

    assert found == Breakage(
        What.STATUS, (Server.TECHNITIUM,), 1.5, 3, 2, "records/(add|delete)", status=429
    )


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [f"--what: one of {', '.join(What)} is wanted"]),
        ({"what": ["refuse"]}, [f"--what: one of {', '.join(What)} is wanted"]),
        ([], ['a JSON object is wanted, like {"what": "refuse", "for": 30}']),
        (
            {"what": "refuse", "server": "dns", "times": 0, "for": "30s"},
            [
                "--times: refuse does not take it: leave it out",
                "--server: refuse is for kubernetes or technitium or technitium-2",
                "--for: a duration above 0, like 30s, is wanted",
                "--times: a number of requests, 1 or more, is wanted",
            ],
        ),
        (
            {"what": "reset", "server": "technitium", "verb": "get", "resource": "x", "path": "("},
            [
                "--resource and --verb: only for kubernetes: at technitium aim with --path",
                "--path: a regular expression is wanted",
            ],
        ),
        (
            {"what": "status", "status": 99, "skip": True},
            [
                "--skip: a number of requests, 0 or more, is wanted",
                "--status: an HTTP status, 200 to 599, is wanted",
            ],
        ),
        (
            {"what": "forget", "server": "kubernetes"},
            ["--server: forget is for technitium or technitium-2"],
        ),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_change(body: object, faults: list[str]) -> None:
    assert faults_of(body) == faults


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"what": st.sampled_from(What) | JSON},
        optional=dict.fromkeys([*EVERY_OPTION, "server", "other"], JSON),
    )
    | JSON
)
def test_any_json_is_a_breakage_or_an_error_that_says_what_is_wanted(body: object) -> None:
    try:
        found: Breakage | str = parse_breakage(body)
    except BreakageError as error:
        found = str(error)

    assert found
