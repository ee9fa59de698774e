"""How long the server's own steps take, as they were measured on a running API server."""

import asyncio
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Timings:
    """Delays in seconds; the defaults are a real server's."""

    bookmark_interval: float = 60.0
    too_large_version: float = 3.0
    namespace_content: float = 5.0
    crd_object_deletion: float = 0.003
    crd_lists_after_removal: float = 0.4
    crd_watches_after_removal: float = 1.0
    crd_not_found_at_birth: float = 0.015
    crd_initializing: float = 0.03
    crd_creates_held: float = 2.0


INSTANT = Timings(
    too_large_version=0.0,
    namespace_content=0.0,
    crd_object_deletion=0.0,
    crd_lists_after_removal=0.0,
    crd_watches_after_removal=0.0,
    crd_not_found_at_birth=0.0,
    crd_initializing=0.0,
    crd_creates_held=0.0,
)
"""For tests and sandboxes that do not want to wait: the same steps, without the delays."""


def clock() -> float:
    """Return the running loop's time, which tests make virtual, or the same clock without one."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return monotonic()
