"""Fixed schedules of the simulation; `make simulate` plays more."""

import pytest

from simulation.mutants import MUTANTS, source
from simulation.objects import Spec
from simulation.script import PROFILES, script_of
from simulation.suites import deaths, played
from simulation.world import Result, Script, Step, run

SCHEDULES = 200
LEADERS = 20


def broken(result: Result) -> list[str]:
    return [str(violation) for violation in result.violations]


@pytest.mark.parametrize("first", range(0, SCHEDULES, 20))
def test_no_law_is_broken_in_fixed_schedules(first: int) -> None:
    results = [played(script_of(seed)) for seed in range(first, first + 20)]

    assert [text for result in results for text in broken(result)] == []


@pytest.mark.parametrize("first", range(0, LEADERS, 10))
def test_no_two_of_several_instances_write_and_one_soon_does(first: int) -> None:
    results = [played(script_of(seed, "leaders")) for seed in range(first, first + 10)]

    assert [text for result in results for text in broken(result)] == []


def test_a_daemon_that_dies_at_any_of_its_calls_converges_when_it_is_back() -> None:
    scripts = list(deaths(1))

    assert [text for script in scripts for text in broken(run(script, quiet=20.0))] == []


def test_every_profile_does_something() -> None:
    results = [run(script_of(seed, profile)) for seed, profile in enumerate(PROFILES)]

    assert all(result.writes and result.calls for result in results)


def test_a_schedule_plays_the_same_each_time() -> None:
    first, second = (run(script_of(13, "storm")) for _ in range(2))

    assert (first.calls, first.writes, first.virtual) == (
        second.calls,
        second.writes,
        second.virtual,
    )
    assert first.zone == second.zone


def test_what_can_not_be_right_is_found() -> None:
    """The oracle is awake: names that nobody makes because no daemon runs are missed."""
    spec = Spec("Ingress", "a", "o1", ("h1.lab.test",))
    steps = (Step(0.0, "start", (0,)), Step(5.0, "fault", ("dns", "", "refused", 1e6)))
    script = Script(1, "by hand", steps=(*steps, Step(6.0, "put", (spec,))))

    assert [violation.law for violation in run(script).violations] == ["converged"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_still_applies(mutant: object) -> None:
    assert mutant in MUTANTS
    assert next(one for one in MUTANTS if one is mutant).text(source())
