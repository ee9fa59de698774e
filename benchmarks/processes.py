"""Processes that are measured: started, watched from outside by /proc, and surely stopped."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parent.parent
STOP_WITHIN = 15.0
_MEGABYTE_OF_KB = 1024


class BenchError(Exception):
    """Something could not be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MB (2^20 bytes): now, and at its peak."""

    now: float
    peak: float


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``began`` is when it was started, on the monotonic clock."""

    name: str
    process: asyncio.subprocess.Process
    output: Path
    began: float

    def check(self) -> None:
        """Raise `BenchError` with its last words if it has ended."""
        if self.process.returncode is not None:
            code = self.process.returncode
            raise BenchError(f"{self.name} ended with {code}: {self.last_words()}")

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads until now (proc(5): utime, stime)."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> Memory:
        """Return its resident memory (proc(5): VmRSS, VmHWM)."""
        lines = (line.partition(":") for line in self._proc("status").splitlines())
        values = {key: value.split() for key, _, value in lines}
        kilobytes = [int(values[key][0]) for key in ("VmRSS", "VmHWM")]
        return Memory(*(each / _MEGABYTE_OF_KB for each in kilobytes))

    def last_words(self) -> str:
        """Return the last line that it wrote."""
        lines = self.output.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1][:300] if lines else "it wrote nothing"

    def _proc(self, what: str) -> str:
        try:
            return Path(f"/proc/{self.process.pid}/{what}").read_text(encoding="utf-8")
        except OSError as error:
            raise BenchError(f"{self.name}: {error}; this needs Linux's /proc") from error


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> AsyncIterator[Process]:
    """Run a process during the block, then end it by SIGTERM, and by SIGKILL if it must be."""
    output = folder / f"{name}.log"
    inherited = {
        key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ
    }
    with output.open("wb") as sink:
        began = monotonic()
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=inherited | dict(environment), stdout=sink, stderr=sink
        )
    try:
        yield Process(name, process, output, began)
    finally:
        await stop(process)


async def stop(process: asyncio.subprocess.Process) -> None:
    """End a process, and return when it is gone."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port() -> int:
    """Return a port of the loopback interface that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
