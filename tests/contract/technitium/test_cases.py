"""The HTTP API of Technitium, case by case: on the embedded server as three releases, and on a
real server where TECHNITIUM_URL and TECHNITIUM_TOKEN name one.
"""

import os

import aiohttp
import pytest

from contract.technitium.cases import Case, all_cases
from contract.technitium.flips import flipped
from contract.technitium.player import play, troubles
from contract.technitium.targets import VERSIONS, embedded, real

_EACH_CASE = pytest.mark.parametrize("case", all_cases(), ids=str)


_EACH_RELEASE = pytest.mark.parametrize(
    ("version", "case"),
    [
        pytest.param(version, case, id=f"{version}-{case}")
        for version in VERSIONS
        for case in all_cases()
        if case.holds_on(version)
    ],
)


@_EACH_RELEASE
async def test_the_embedded_server_answers_as_the_release_does(version: str, case: Case) -> None:
    async with embedded(version, case) as target, aiohttp.ClientSession() as client:
        played = await play(case, target, client)

    found = list(troubles(case, played))

    assert not found, _report(case, found)


@_EACH_CASE
async def test_no_expectation_of_a_case_can_be_changed_unnoticed(case: Case) -> None:
    async with embedded("15.2", case) as target, aiohttp.ClientSession() as client:
        played = await play(case, target, client)

    unnoticed = [path for path, other in flipped(case) if not any(troubles(other, played))]

    assert unnoticed == []
    assert list(flipped(case)) != []


_NO_SERVER = pytest.mark.skip(reason="TECHNITIUM_URL names no real server")
_ON_A_REAL_SERVER = (
    all_cases()
    if "TECHNITIUM_URL" in os.environ
    else [pytest.param(None, marks=_NO_SERVER, id="all cases")]
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", _ON_A_REAL_SERVER, ids=str)
async def test_a_real_server_answers_so(case: Case) -> None:
    async with real() as target, aiohttp.ClientSession() as client:
        if "sim_only" in case.flags or not case.holds_on(target.variables["VERSION"]):
            pytest.skip("needs the embedded server, or a newer real one")
        played = await play(case, target, client)

    found = list(troubles(case, played))

    assert not found, _report(case, found)


def test_the_releases_are_held_to_as_many_cases_as_were_replayed_on_real_servers() -> None:
    replayable = [case for case in all_cases() if "sim_only" not in case.flags]

    assert len(all_cases()) == 105
    assert {
        version: sum(case.holds_on(version) for case in replayable) for version in VERSIONS
    } == {"15.2": 100, "14.3": 85, "13.6": 78}


def _report(case: Case, found: list[str]) -> str:
    lines = [f"{case} (section {case.section})", *found]
    return "\n  ".join([*lines, f"evidence: {case.evidence}"] if case.evidence else lines)
