"""A DNS client that asks over UDP: one name, all names, or all the time."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import dns.message
import dns.rcode
import dns.rdatatype

LOST_AFTER = 2.0
IN_FLIGHT = 32
ASKED_EVERY = 0.004
"""Seconds between two questions of one who asks all the time: some 200 a second."""

Answer = tuple[str, ...] | None
"""The addresses, sorted; None where the server failed or did not answer."""


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
        query = dns.message.make_query(name, "A", id=number)
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._transport.sendto(query.to_wire())
        try:
            async with asyncio.timeout(LOST_AFTER):
                answer = dns.message.from_wire(await waiting)
        except TimeoutError:
            self._waiting.pop(number, None)
            return None
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return None
        sets = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.A]
        return tuple(sorted(str(record) for rrset in sets for record in rrset))

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
