"""News for people, by a web hook: what is told, and that it is never in the way."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from catalyst_dns_sync.core.notices import Format
from catalyst_dns_sync.settings.parsers import Secret
from catalyst_dns_sync.web.server import serve
from fakes.world import running, settle, world

pytestmark = pytest.mark.looptime

PATH = "/services/T000/B000/very-secret"


class Hook:
    """Takes messages; answers with the statuses in turn, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.bodies: list[Any] = []
        self.statuses = list(statuses)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@asynccontextmanager
async def hook(*statuses: int) -> AsyncIterator[tuple[Hook, Secret]]:
    taker, app = Hook(*statuses), web.Application()
    app.router.add_post(PATH, taker.take)
    async with serve(app, "127.0.0.1", 0) as port:
        yield taker, Secret(f"http://127.0.0.1:{port}{PATH}")


async def test_changes_come_in_one_batch_and_quiet_objects_are_left_out() -> None:
    async with world() as here, hook() as (taker, url):
        for name in "ab":
            here.route(name, f"Host(`{name}.lab.test`)")
        quiet = {"catalyst-dns-sync.io/notify": "false"}
        here.route("q", "Host(`q.lab.test`)", annotations=quiet)
        async with running(here, notify_url=url):
            await settle(5)
            first = list(taker.bodies)
            here.delete_route("a")
            await settle(20)

    assert first == [
        {
            "source": "catalyst-dns-sync",
            "notices": [_created("a"), _created("b")],
            "dropped": 0,
        }
    ]
    assert [(one["sort"], one["name"]) for one in taker.bodies[1]["notices"]] == [
        ("delete", "a.lab.test")
    ]


def _created(name: str) -> dict[str, str]:
    return {
        "sort": "create",
        "zone": "lab.test",
        "name": f"{name}.lab.test",
        "text": f"A 192.0.2.1, for IngressRoute/default/{name}",
    }


async def test_of_too_much_news_the_number_is_told_and_slack_gets_a_text() -> None:
    async with world() as here, hook() as (taker, url):
        for number in range(210):
            here.route(f"a{number}", f"Host(`a{number}.lab.test`)")
        async with running(here, notify_url=url, notify_format=Format.SLACK):
            await settle(60)

    lines = [line for body in taker.bodies for line in body["text"].splitlines()]
    assert len(lines) == 201
    assert lines[50] == "and 10 more"
    assert lines[0] == "create a0.lab.test: A 192.0.2.1, for IngressRoute/default/a0"


async def test_a_hook_that_fails_is_tried_again_a_few_times_and_its_url_is_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here, hook(500, 503, 500, 404) as (taker, url):
        async with running(here, notify_url=url):
            for name in "abc":
                here.route(name, f"Host(`{name}.lab.test`)")
                await settle(60)

        assert here.names() == {"a.lab.test", "b.lab.test", "c.lab.test"}
    told = [body["notices"][0]["name"] for body in taker.bodies]
    assert told == ["a.lab.test"] * 3 + ["b.lab.test", "c.lab.test"]
    assert "very-secret" not in caplog.text
    assert [record.message for record in caplog.records if "notification" in record.message] == [
        "notification not sent",
        "notifications are sent again",
    ]


async def test_a_description_stands_in_the_comment_with_what_a_person_wrote() -> None:
    async with world() as here:
        say = {"catalyst-dns-sync.io/description": "Graphs", "catalyst-dns-sync.io/owner": "ops"}
        here.route("app", "Host(`app.lab.test`)", annotations=say)
        async with running(here):
            (made,) = here.shown()["app.lab.test"]
            await here.console(
                "zones/records/update",
                zone="lab.test",
                domain="app.lab.test",
                type="A",
                ipAddress="192.0.2.1",
                ttl="300",
                comments=f"{made.comment} | ask Anna",
            )
            await settle(30)
            here.route("app", "Host(`app.lab.test`)")
            await settle(5)
            writes = here.writes
            await settle(600)

            assert here.writes == writes
        (left,) = here.shown()["app.lab.test"]
    assert made.comment.endswith(" | Graphs, owner: ops")
    assert left.comment.endswith(" kinds=IngressRoute | ask Anna")
