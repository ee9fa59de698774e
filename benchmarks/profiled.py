"""The command line under cProfile; its first two arguments are for this module.

    python -m benchmarks.profiled FILE start|signal run ...

With ``start`` all is profiled, with ``signal`` what happens between two SIGUSR2. The profile is
written to FILE at the end.
"""

import cProfile
import signal
import sys
from types import FrameType

from catalyst_dns_sync.__main__ import main


class Profiler:
    """One profile, which is taken while it is on."""

    def __init__(self) -> None:
        self.profile = cProfile.Profile()
        self._is_on = False

    def toggle(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Begin, or end."""
        self._is_on = not self._is_on
        if self._is_on:
            self.profile.enable()
        else:
            self.profile.disable()


def _run(file: str, when: str) -> None:
    profiler = Profiler()
    signal.signal(signal.SIGUSR2, profiler.toggle)
    try:
        if when == "start":
            profiler.toggle()
        main()
    finally:
        profiler.profile.disable()
        profiler.profile.dump_stats(file)


if __name__ == "__main__":
    own = sys.argv[1:3]
    del sys.argv[1:3]
    _run(*own)
