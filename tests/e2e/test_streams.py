"""The stream of events with as many readers as it takes, on real sockets and in real time."""

import asyncio
import resource
from collections.abc import Iterator

import pytest

from catalyst_dns_sync.web.api.stream import STREAMS
from fakes.callers import calling
from fakes.world import world

REQUEST = b"GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
AT_ONCE = 50
FILES = resource.RLIMIT_NOFILE


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """Allow 1024 open files, as most systems do, and then what was allowed before."""
    before = resource.getrlimit(FILES)
    resource.setrlimit(FILES, (1024, before[1]))
    yield
    resource.setrlimit(FILES, before)


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.skipif(resource.getrlimit(FILES)[1] < 4096, reason="needs 4096 open files")
async def test_passes_are_on_time_while_a_thousand_read_the_stream() -> None:
    clock = asyncio.get_running_loop().time
    # Where no more connections are taken, those who ask would wait for ever.
    async with asyncio.timeout(20), world() as here, calling(here) as caller:
        port, readers = caller.daemon.bound.ui, list[asyncio.StreamReader]()
        writers = list[asyncio.StreamWriter]()
        while len(readers) < STREAMS:
            opening = (_opened(port) for _ in range(AT_ONCE))
            for reader, writer in await asyncio.gather(*opening):
                readers.append(reader)
                writers.append(writer)

        refused = await caller.ask("GET", "events/stream")
        began = clock()
        here.route("app", "Host(`app.lab.test`)")
        await asyncio.gather(*(reader.readuntil(b"app.lab.test") for reader in readers))
        told = clock() - began
        names = here.names()
        for writer in writers:
            writer.close()

    assert (len(readers), refused.status) == (STREAMS, 503)
    assert names == {"app.lab.test"}
    # 0.2 s of it are DEBOUNCE_QUIET; the rest is for a busy machine.
    assert told < 3.0


async def _opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    await reader.readuntil(b"retry: 3000\n\n")
    return reader, writer
