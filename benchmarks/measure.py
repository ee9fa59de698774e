"""The clients that measure: how long, or how many in a second."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any, cast

import aiohttp
import dns.message

Call = Callable[[int], Awaitable[object]]

ROUNDS = 7
IN_FLIGHT = 4
"""Requests of the one client that are under way at the same time."""

QUERIES_IN_FLIGHT = 32
LOST_AFTER = 2.0


async def seconds(call: Call) -> float:
    """Return the median time of a call."""
    times = []
    for number in range(ROUNDS):
        began = perf_counter()
        await call(number)
        times.append(perf_counter() - began)
    return median(times)


async def per_second(call: Call, total: int) -> float:
    """Return how many calls one client gets done in a second."""
    numbers = iter(range(total))

    async def work() -> None:
        for number in numbers:
            await call(number)

    began = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(IN_FLIGHT):
            tasks.create_task(work())
    return total / (perf_counter() - began)


async def delay(stream: aiohttp.StreamReader, cause: Call, times: int = 200) -> float:
    """Return the median time from before a call until its line is read from a stream."""
    delays = []
    for number in range(times):
        began = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_awaited(cause(number)))
            await stream.readline()
            delays.append(perf_counter() - began)
    return median(delays)


async def _awaited(call: Awaitable[object]) -> None:
    await call


async def queries_per_second(port: int, names: Sequence[str], total: int) -> float:
    """Return how many queries over UDP are answered in a second."""
    wires = [dns.message.make_query(name, "A", id=0).to_wire()[2:] for name in names]
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(
        lambda: _Client(wires, total), remote_addr=("127.0.0.1", port)
    )
    began = perf_counter()
    async with asyncio.timeout(60):
        await client.done.wait()
    took = perf_counter() - began
    transport.close()
    return total / took


class _Client(asyncio.DatagramProtocol):
    """Keeps a number of queries under way; each answer lets the next one go."""

    def __init__(self, wires: Sequence[bytes], total: int) -> None:
        self.done = asyncio.Event()
        self._wires, self._left, self._answers = wires, total, total
        self._ids = count()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        for _ in range(QUERIES_IN_FLIGHT):
            self._ask()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del data, addr
        self._answers -= 1
        if not self._answers:
            self.done.set()
        self._ask()

    def _ask(self) -> None:
        if self._left and self._transport is not None:
            self._left -= 1
            number = next(self._ids)
            wire = self._wires[number % len(self._wires)]
            self._transport.sendto((number % 65536).to_bytes(2, "big") + wire)


@asynccontextmanager
async def child(*command: str) -> AsyncIterator[dict[str, Any]]:
    """Run a process that serves something, and yield what it printed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise AssertionError("they were asked for as pipes")
    try:
        where: dict[str, Any] = json.loads(await stdout.readline())
        yield where
    finally:
        stdin.close()
        await process.wait()
