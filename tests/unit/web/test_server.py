"""What is served where a handler has a bug."""

import logging

import aiohttp
import pytest
from aiohttp import web

from catalyst_dns_sync.web.server import serve


async def test_a_bug_is_told_to_programs_as_a_problem_and_to_the_log_in_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise ZeroDivisionError("a secret")

    app = web.Application()
    app.router.add_get("/api/v1/broken", broken)
    async with (
        serve(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/api/v1/broken") as response,
    ):
        body = await response.json(content_type="application/problem+json")

    assert (response.status, body["status"]) == (500, 500)
    assert "secret" not in str(body)
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.exc_info is not None
