"""People and programs that ask the API of a daemon that runs."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from catalyst_dns_sync.settings.parsers import Secret
from fakes.world import Running, World, running

TOKEN = "a token that is long enough"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The answer's JSON."""
        return json.loads(self.text)


@dataclass(slots=True)
class Caller:
    """Asks a daemon; sends the same headers each time, and no cookies of its own."""

    daemon: Running
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.daemon.bound.ui}/api/v1/"

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask, with underscores in headers for their dashes."""
        sent = self.headers | {key.replace("_", "-"): value for key, value in headers.items()}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} | sent
        url = self.url + path
        async with self.session.request(method, url, data=data, headers=sent) as response:
            return Answer(response.status, response.headers, await response.text())


@asynccontextmanager
async def calling(here: World, *, known: bool = False, **settings: Any) -> AsyncIterator[Caller]:
    """Run a daemon whose token is TOKEN while the block runs, and yield somebody who asks it."""
    if "ui_token_file" not in settings:
        settings = {"ui_token": Secret(TOKEN)} | settings
    jar, connector = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(limit=0)
    async with (
        running(here, **settings) as daemon,
        aiohttp.ClientSession(cookie_jar=jar, connector=connector) as session,
    ):
        yield Caller(daemon, session, dict(BEARER) if known else {})
