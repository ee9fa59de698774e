"""Kubernetes Events: what `kubectl describe` says at the end, and that no trouble comes of it."""

import logging
from typing import Any

import pytest

from catalyst_dns_sync.kube import events
from catalyst_dns_sync.sandbox.kube_api.timings import Timings
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime


def written(here: World, namespace: str = "default") -> list[dict[str, Any]]:
    names = here.api.names("events", "v1", namespace)
    found = [here.api.find("events", "v1", name, namespace) for _, name in names]
    return sorted((dict(event) for event in found if event), key=lambda event: event["reason"])


def shown(event: dict[str, Any]) -> tuple[str, str, str, int]:
    about = event["involvedObject"]["name"]
    return event["type"], event["reason"], f"{about}: {event['message']}", event["count"]


async def test_a_record_made_and_a_name_left_alone_are_events_on_their_objects() -> None:
    async with world() as here:
        await here.by_hand("taken.lab.test", "192.0.2.9")
        here.route("app", "Host(`app.lab.test`)")
        here.route("bad", "Hots(`bad.lab.test`)")
        here.ingress("taken", "taken.lab.test")
        async with running(here, events=True):
            await settle(30)
            found = written(here)

        uid = here.api.find("ingresses", "networking.k8s.io/v1", "taken", "default")
        invalid, taken, made = found
        assert shown(made) == (
            "Normal",
            "RecordCreated",
            "app: app.lab.test A 192.0.2.1 ttl 300",
            1,
        )
        assert shown(taken)[:2] == ("Warning", "NotOurs")
        assert "taken: taken.lab.test: A 192.0.2.9; delete it by hand" in shown(taken)[2]
        assert shown(invalid)[:2] == ("Warning", "InvalidRule")
        assert uid is not None
        assert taken["involvedObject"] == {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "namespace": "default",
            "name": "taken",
            "uid": uid["metadata"]["uid"],
        }


async def test_a_restart_counts_an_event_up_and_makes_no_second_one() -> None:
    async with world() as here:
        here.route("bad", "Hots(`bad.lab.test`)")
        for _ in range(2):
            async with running(here, events=True):
                await settle(30)

        (event,) = written(here)
        assert event["count"] == 2


async def test_a_refusal_is_said_once_and_costs_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with world() as here:
        here.api.access.forbid("create", "events")
        async with running(here, events=True) as daemon:
            for number in range(5):
                here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
                await settle(events.REFUSED_FOR)
            ready, _ = await daemon.get("/readyz")

        assert ready == 200
        assert len(here.names()) == 5
        said = [line.getMessage() for line in caplog.records]
        assert said.count("events may not be written") == 1


async def test_a_namespace_that_is_being_deleted_silences_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with world(timings=Timings()) as here:
        here.ingress("web", "web.lab.test", namespace="pr-1")
        here.api.delete("namespaces", "v1", "pr-1")
        async with running(here, events=True):
            await settle(1)
            here.ingress("app", "app.lab.test")
            await settle(30)

        assert [shown(event)[1] for event in written(here)] == ["RecordCreated"]
        assert "events may not be written" not in [one.getMessage() for one in caplog.records]


async def test_a_flood_is_written_slowly_and_not_to_its_end() -> None:
    async with world() as here:
        for number in range(30):
            here.route("many", " || ".join(f"Host(`n{n}.lab.test`)" for n in range(number + 1)))
        async with running(here, events=True):
            at_once = len(written(here))
            await settle(2)
            later = len(written(here))

        assert at_once <= 1
        assert 5 <= later <= 2 / events.INTERVAL + 2


async def test_without_the_setting_there_are_none() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        async with running(here):
            await settle(30)

        assert written(here) == []
