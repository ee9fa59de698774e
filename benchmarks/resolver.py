"""A DNS client that asks over UDP: one name, all names, or all the time.

It reads and writes the few bytes itself (RFC 1035, 4.1): a library would take more time than the
server that is asked, on the cores that are measured.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count
from typing import cast

TYPE_A = 1
NOERROR, NXDOMAIN = 0, 3
LOST_AFTER = 2.0
IN_FLIGHT = 32
ASKED_EVERY = 0.004
"""Seconds between two questions of one who asks all the time: some 200 a second."""

Answer = tuple[str, ...] | None
"""The addresses, sorted; None where the server failed or did not answer."""


def query(number: int, name: str) -> bytes:
    """Return the question for a name's A records."""
    labels = b"".join(len(label).to_bytes(1, "big") + label.encode() for label in name.split("."))
    counts = b"\0\1\0\0\0\0\0\0"
    return number.to_bytes(2, "big") + b"\1\0" + counts + labels + b"\0\0\1\0\1"


def addresses(answer: bytes) -> Answer:
    """Return what an answer to one question says."""
    if answer[3] & 15 not in (NOERROR, NXDOMAIN):
        return None
    place = _after_name(answer, 12) + 4
    found = []
    for _ in range(int.from_bytes(answer[6:8], "big")):
        place = _after_name(answer, place)
        kind = int.from_bytes(answer[place : place + 2], "big")
        data = place + 10
        place = data + int.from_bytes(answer[data - 2 : data], "big")
        if kind == TYPE_A:
            found.append(str(IPv4Address(answer[data:place])))
    return tuple(sorted(found))


def _after_name(answer: bytes, place: int) -> int:
    while answer[place]:
        if answer[place] >= 192:
            return place + 2
        place += 1 + answer[place]
    return place + 1


class Resolver(asyncio.DatagramProtocol):
    """Asks one server for A records."""

    def __init__(self) -> None:
        self._ids = count()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Give an answer to who waits for it."""
        del addr
        waiting = self._waiting.pop(int.from_bytes(data[:2], "big"), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(data)

    async def ask(self, name: str) -> Answer:
        """Ask once; a name that does not exist has no addresses."""
        if self._transport is None:
            raise AssertionError("it is used while it is connected")
        number = next(self._ids) % 65536
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._transport.sendto(query(number, name))
        try:
            async with asyncio.timeout(LOST_AFTER):
                return addresses(await waiting)
        except TimeoutError:
            self._waiting.pop(number, None)
            return None

    async def wrong(self, names: Iterable[str], wanted: str) -> int:
        """Return how many of the names do not have exactly the wanted address."""
        left, found = iter(names), 0

        async def work() -> None:
            nonlocal found
            for name in left:
                found += await self.ask(name) != (wanted,)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(IN_FLIGHT):
                tasks.create_task(work())
        return found


@dataclass(slots=True)
class Watcher:
    """What somebody saw who asked all the time; the first failures by name."""

    asked: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Resolver]:
    """Yield a resolver that asks the port of the loopback interface."""
    loop = asyncio.get_running_loop()
    transport, resolver = await loop.create_datagram_endpoint(
        Resolver, remote_addr=("127.0.0.1", port)
    )
    try:
        yield resolver
    finally:
        transport.close()


@asynccontextmanager
async def asking(resolver: Resolver, names: Sequence[str]) -> AsyncIterator[Watcher]:
    """Ask for the names, at random, during the block; each must have an address all the time."""
    watcher = Watcher()
    dice = random.Random(1)  # noqa: S311 (it chooses names)

    async def ask() -> None:
        while True:
            name = dice.choice(names)
            answer = await resolver.ask(name)
            watcher.asked += 1
            if not answer:
                watcher.failed += 1
                watcher.failures.append(f"{name}: {answer}")
            await asyncio.sleep(ASKED_EVERY)

    async with asyncio.TaskGroup() as tasks:
        asker = tasks.create_task(ask())
        try:
            yield watcher
        finally:
            asker.cancel()
