"""Faults on request: what a network, or an API server in trouble, does to those who call it."""

import asyncio
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a request."""

    STATUS = "status"
    DELAY = "delay"
    HANG = "hang"
    RESET = "reset"
    CUT = "cut"
    SILENT_WATCH = "silent-watch"
    PAUSE = "pause"


@dataclass(slots=True, eq=False)
class Fault:
    """One fault, aimed at requests for a resource (the plural) with a verb.

    ``times`` None means all of them, ``path`` is a pattern that is searched in the path.
    """

    kind: FaultKind
    verb: str = "*"
    resource: str = "*"
    times: int | None = 1
    skip: int = 0
    status: int = 503
    retry_after: int | None = None
    after_bytes: int = 0
    seconds: float = 0.0
    path: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the fault has ended: what a pause holds up goes on then."""

    def fits(self, verb: str, resource: str, path: str) -> bool:
        """Tell whether the fault is aimed at such a request."""
        return (
            self.verb in {verb, "*"}
            and self.resource in {resource, "*"}
            and re.search(self.path, path) is not None
        )


@dataclass(slots=True)
class Faults:
    """The faults that are waiting for their requests; none unless somebody asks for one.

    ``times`` requests are hit, after ``skip`` that go through; ``*`` is any verb or resource.
    """

    waiting: list[Fault] = field(default_factory=list)

    def answer(
        self,
        status: int,
        verb: str = "*",
        resource: str = "*",
        *,
        times: int = 1,
        skip: int = 0,
        retry_after: int | None = None,
    ) -> None:
        """Answer with this status instead of doing anything."""
        fault = Fault(FaultKind.STATUS, verb, resource, times, skip)
        self.waiting.append(replace(fault, status=status, retry_after=retry_after))

    def delay(
        self, seconds: float, verb: str = "*", resource: str = "*", *, times: int = 1, skip: int = 0
    ) -> None:
        """Answer, but later."""
        fault = Fault(FaultKind.DELAY, verb, resource, times, skip)
        self.waiting.append(replace(fault, seconds=seconds))

    def hang(self, verb: str = "*", resource: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Accept the request and never answer."""
        self.waiting.append(Fault(FaultKind.HANG, verb, resource, times, skip))

    def reset(self, verb: str = "*", resource: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Reset the connection without an answer."""
        self.waiting.append(Fault(FaultKind.RESET, verb, resource, times, skip))

    def cut(
        self, after: int, verb: str = "*", resource: str = "*", *, times: int = 1, skip: int = 0
    ) -> None:
        """Close the connection after so many bytes of the body, also of a watch."""
        fault = Fault(FaultKind.CUT, verb, resource, times, skip)
        self.waiting.append(replace(fault, after_bytes=after))

    def silence_watch(self, resource: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Begin to answer a watch, and never send a line: a half-open connection."""
        self.waiting.append(Fault(FaultKind.SILENT_WATCH, "watch", resource, times, skip))

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.waiting.append(fault)

    def end(self, fault: Fault) -> None:
        """End a fault, and let go on what it holds up."""
        if fault in self.waiting:
            self.waiting.remove(fault)
        fault.over.set()

    def clear(self) -> None:
        """End all faults."""
        for fault in tuple(self.waiting):
            self.end(fault)

    def take(self, verb: str, resource: str, path: str = "") -> Fault | None:
        """Return the fault that hits this request, and count it off."""
        for fault in self.waiting:
            if not fault.fits(verb, resource, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault
        return None

    async def passage(self, verb: str, resource: str, path: str) -> None:
        """Wait until no pause holds such requests, for an answer that is under way."""
        while held := self._pause_of(verb, resource, path):
            await held.over.wait()

    def _pause_of(self, verb: str, resource: str, path: str) -> Fault | None:
        pauses = (each for each in self.waiting if each.kind == FaultKind.PAUSE)
        return next((each for each in pauses if each.fits(verb, resource, path)), None)
