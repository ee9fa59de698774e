"""``explain HOST`` between a cluster and a DNS server."""

import asyncio
import re

import pytest

from catalyst_dns_sync.app import passes
from catalyst_dns_sync.app.explaining import explained
from catalyst_dns_sync.core.explain import Explanation, Outcome, Stage, Step
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.providers.asking import ask_server
from fakes.world import TARGET, World, running, settle, world

pytestmark = pytest.mark.looptime


async def told(here: World, name: str, **overrides: object) -> Explanation:
    asked = parse_name(name)
    dns_port = here.ports.dns
    return await explained(here.settings(**overrides), asked, dns_port=dns_port, resolve=None)


def step(found: Explanation, stage: Stage) -> Step:
    return next(step for step in found.steps if step.stage is stage)


async def test_a_name_in_step_is_followed_from_its_rule_to_the_answer() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            found = await told(here, "app.lab.test")

        assert found.is_in_step
        assert [step.outcome for step in found.steps] == [Outcome.OK] * 7
        assert step(found, Stage.OBJECTS).detail.endswith("claims it by Host(`app.lab.test`)")
        assert f"answers A {TARGET} (" in step(found, Stage.ANSWER).detail


async def test_a_name_by_hand_is_told_with_what_the_server_answers() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        await here.by_hand("app.lab.test", "10.0.0.1")
        found = await told(here, "app.lab.test")

        assert found.stopped_by == step(found, Stage.RECORD)
        assert "not-ours: A 10.0.0.1" in found.verdict
        assert step(found, Stage.ANSWER).detail.split(" (")[0].endswith("answers A 10.0.0.1")


async def test_an_object_outside_the_watched_namespaces_is_found_and_told() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)", namespace="web")
        found = await told(here, "app.lab.test", watch_namespaces=("prod",))

        assert found.stopped_by == step(found, Stage.OBJECTS)
        assert "namespace web, which WATCH_NAMESPACE does not name" in found.verdict
        assert here.writes == 0


async def test_what_the_running_daemon_withholds_and_its_pause_are_told() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            pass
        here.delete_route("app")
        async with running(here) as daemon:
            await settle(120)
            withheld = await told(here, "app.lab.test")
            here.route("new", "Host(`new.lab.test`)")
            daemon.parts.reconciler.paused = True
            paused = await told(here, "new.lab.test")

        assert "the daemon withholds its delete: it would leave IngressRoute" in withheld.verdict
        assert "the daemon is paused" in paused.verdict


async def test_a_name_in_its_grace_is_told_with_the_time_that_is_left() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here, delete_grace=600.0):
            here.delete_route("app")
            await settle(100)
            found = await told(here, "app.lab.test")

        assert found.verdict == (
            "app.lab.test is under way: the daemon looks at its delete again in 500 s"
        )


async def test_a_zone_that_is_not_there_and_a_port_without_dns_are_told() -> None:
    async with world("other.test") as here:
        here.route("app", "Host(`app.lab.test`)")
        found = await told(here, "app.lab.test")
        answer = await ask_server(parse_name("app.lab.test"), "127.0.0.1", 1, 0.5)

        assert found.stopped_by == step(found, Stage.SERVER)
        assert answer.error


async def test_a_cluster_that_does_not_answer_is_told_and_not_waited_for() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            pass
        config = here.folder / "elsewhere"
        text = (here.folder / "kubeconfig").read_text()
        config.write_text(re.sub(r"127\.0\.0\.1:[0-9]+", "127.0.0.1:9", text))
        began = asyncio.get_running_loop().time()

        found = await told(here, "app.lab.test", kubeconfig=config)

        assert asyncio.get_running_loop().time() - began < 20
        assert "not synced: ingress: " in found.verdict
        assert step(found, Stage.SERVER).detail.startswith("the cluster does not answer")
        with pytest.raises(ExceptionGroup, match="unhandled errors") as caught:
            await passes.plan(here.settings(kubeconfig=config))
        assert caught.group_contains(passes.NotSyncedError, match="the cluster did not answer")
