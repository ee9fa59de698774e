"""Faults on request: what a network, or an API server in trouble, does to those who call it."""

from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a request."""

    STATUS = "status"
    HANG = "hang"
    RESET = "reset"
    CUT = "cut"
    SILENT_WATCH = "silent-watch"


@dataclass(slots=True)
class Fault:
    """One fault, for the next ``times`` requests that match; ``*`` matches every one."""

    kind: FaultKind
    verb: str
    resource: str
    times: int
    status: int = 503
    retry_after: int | None = None
    after_bytes: int = 0


@dataclass(slots=True)
class Faults:
    """The faults that are waiting for their requests; none unless a test asks for one."""

    waiting: list[Fault] = field(default_factory=list)

    def answer(
        self,
        status: int,
        verb: str = "*",
        resource: str = "*",
        *,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next requests with this status."""
        fault = Fault(FaultKind.STATUS, verb, resource, times, status, retry_after)
        self.waiting.append(fault)

    def hang(self, verb: str = "*", resource: str = "*", *, times: int = 1) -> None:
        """Accept the next requests and never answer."""
        self.waiting.append(Fault(FaultKind.HANG, verb, resource, times))

    def reset(self, verb: str = "*", resource: str = "*", *, times: int = 1) -> None:
        """Close the connection of the next requests without an answer."""
        self.waiting.append(Fault(FaultKind.RESET, verb, resource, times))

    def cut(
        self, after_bytes: int, verb: str = "*", resource: str = "*", *, times: int = 1
    ) -> None:
        """Close the connection of the next requests after so many bytes of the body."""
        fault = Fault(FaultKind.CUT, verb, resource, times, after_bytes=after_bytes)
        self.waiting.append(fault)

    def silence_watch(self, resource: str = "*", *, times: int = 1) -> None:
        """Begin to answer the next watches, and never send a line: a half-open connection."""
        self.waiting.append(Fault(FaultKind.SILENT_WATCH, "watch", resource, times))

    def clear(self) -> None:
        """Forget the faults that have not happened yet."""
        self.waiting.clear()

    def take(self, verb: str, resource: str) -> Fault | None:
        """Return the fault that hits this request, and count it off."""
        for fault in self.waiting:
            if fault.verb in {verb, "*"} and fault.resource in {resource, "*"}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
