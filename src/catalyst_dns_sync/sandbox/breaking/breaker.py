"""Keeps account of what is broken, and mends each thing when its time is over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from catalyst_dns_sync.sandbox.breaking.breakage import (
    Breakage,
    BreakageError,
    Server,
    What,
)
from catalyst_dns_sync.sandbox.breaking.targets import InForce, Target

_ONE_AT_A_TIME = frozenset({What.REFUSE, What.REVOKE_TOKEN})
"""Of these there is one per server: asking again takes the place of the first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Broken:
    wanted: Breakage
    server: Server
    in_force: InForce
    until: float | None
    timer: asyncio.Task[None] | None


class Breaker:
    """Breaks the servers of one sandbox on request."""

    def __init__(self, targets: Mapping[Server, Target]) -> None:
        self._targets = targets
        self._broken: list[_Broken] = []
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        """Take requests while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                for broken in self._broken:
                    if broken.timer is not None:
                        broken.timer.cancel()

    async def break_(self, wanted: Breakage) -> list[str]:
        """Break what is wanted; returns a line for each server that is there.

        Raises `BreakageError` where none of them is.
        """
        servers = [server for server in wanted.servers if server in self._targets]
        if not servers:
            raise BreakageError(
                f"--server: there is no {wanted.servers[0]}: start the sandbox with --dns-servers 2"
            )
        if wanted.what in _ONE_AT_A_TIME:
            for broken in tuple(self._broken):
                if broken.wanted.what is wanted.what and broken.server in servers:
                    await self._mend(broken)
        lines = []
        for server in servers:
            in_force = await self._targets[server].begin(wanted)
            if in_force is not None:
                self._remember(wanted, server, in_force)
            lines.append(f"{server}: {_told(wanted, lasts=in_force is not None)}")
            log.warning("broken on request", extra={"server": server, "what": wanted.what})
        return lines

    async def mend(self) -> list[str]:
        """Mend everything; returns a line for each thing that was broken."""
        found = self._live()
        lines = [_line(broken) for broken in found]
        for broken in found:
            await self._mend(broken)
        return lines

    def in_force(self) -> list[str]:
        """Return a line for each thing that is broken."""
        return [_line(broken) for broken in self._live()]

    def _live(self) -> list[_Broken]:
        self._broken = [each for each in self._broken if each.in_force.left() != 0]
        return self._broken

    def _remember(self, wanted: Breakage, server: Server, in_force: InForce) -> None:
        until, timer = None, None
        if wanted.seconds is not None and self._tasks is not None:
            until = asyncio.get_running_loop().time() + wanted.seconds
            timer = self._tasks.create_task(self._mend_at(until, in_force))
        self._broken.append(_Broken(wanted, server, in_force, until, timer))

    async def _mend_at(self, until: float, in_force: InForce) -> None:
        await asyncio.sleep(until - asyncio.get_running_loop().time())
        for broken in tuple(self._broken):
            if broken.in_force is in_force:
                await self._mend(broken)

    async def _mend(self, broken: _Broken) -> None:
        self._broken = [each for each in self._broken if each is not broken]
        if broken.timer is not None and broken.timer is not asyncio.current_task():
            broken.timer.cancel()
        await broken.in_force.mend()
        log.warning("mended", extra={"server": broken.server, "what": broken.wanted.what})


def _line(broken: _Broken) -> str:
    left = broken.in_force.left()
    details: dict[str, Any] = {}
    if left is not None:
        details["requests left"] = left
    if broken.until is not None:
        details["seconds left"] = round(broken.until - asyncio.get_running_loop().time(), 1)
    said = ", ".join(f"{value} {what}" for what, value in details.items())
    return f"{broken.server}: {_aimed(broken.wanted)}, {said or 'until it is mended'}"


def _told(wanted: Breakage, *, lasts: bool) -> str:
    if not lasts:
        return f"{_aimed(wanted)}, done"
    limits = []
    if wanted.skip:
        limits.append(f"after {wanted.skip} that go well")
    if wanted.times is not None:
        limits.append(f"{wanted.times} times")
    if wanted.seconds is not None:
        limits.append(f"for {wanted.seconds:g} s")
    return f"{_aimed(wanted)}, {', '.join(limits) or 'until `sandbox mend`'}"


def _aimed(wanted: Breakage) -> str:
    words: list[str] = [wanted.what]
    words += [str(wanted.status)] if wanted.what is What.STATUS else []
    words += [f"of {wanted.delay:g} s"] if wanted.what is What.DELAY else []
    words += [f"after {wanted.after_bytes} bytes"] if wanted.what is What.CUT else []
    if wanted.what is What.FORGET:
        number = wanted.writes
        words += [f"the last {number} writes" if number else "the writes of the last 5 s"]
    words += [wanted.verb] if wanted.verb != "*" else []
    words += [wanted.resource] if wanted.resource != "*" else []
    words += [f"at {wanted.path}"] if wanted.path else []
    return " ".join(words)
