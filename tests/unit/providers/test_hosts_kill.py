"""A process that is killed at each system call of a write, by the kernel's own tracing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tool("strace")

WRITER = """
import sys
from pathlib import Path
from catalyst_dns_sync.providers.hosts.files import HostsFileStore
store = HostsFileStore(Path(sys.argv[1]), Path(sys.argv[2]))
reading = store.read()
Path(sys.argv[2], "start").exists()
store.write(reading, reading.text + b"192.0.2.1  new.lab.test\\n")
Path(sys.argv[2], "end").exists()
"""
OLD = b"127.0.0.1 localhost\n"
NEW = OLD + b"192.0.2.1  new.lab.test\n"
CALL = re.compile(r"^(?:\d+ +)?([a-z0-9_]+)\(")


def traced(folder: Path, *options: str) -> int:
    # Bytecode of its own: what other processes compile meanwhile would change which calls it makes.
    python = [sys.executable, "-S", "-X", f"pycache_prefix={folder / 'bytecode'}"]
    command = [*python, "-c", _WITH_PATHS, str(folder / "hosts"), str(folder)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    traced = ["strace", *options, *command]
    return subprocess.run(traced, check=False, stderr=-1, env=environment).returncode


_WITH_PATHS = f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}\n{WRITER}"


def calls_of_a_write(folder: Path) -> list[tuple[str, int]]:
    """Return each system call of the write: its name, and how many of that name came before."""
    log = folder / "strace.log"
    # The first run may compile modules; all that are counted should make the same calls.
    assert [traced(folder, "-o", str(log)) for _ in range(2)] == [0, 0]
    counts: dict[str, int] = {}
    found: list[tuple[str, int]] = []
    inside = False
    for line in log.read_text().splitlines():
        match = CALL.match(line)
        if match is None:
            continue
        name = match[1]
        counts[name] = counts.get(name, 0) + 1
        inside = (inside or str(folder / "start") in line) and str(folder / "end") not in line
        if inside:
            found.append((name, counts[name]))
    return found


@pytest.mark.timeout(120)
def test_killed_at_each_system_call_the_file_is_old_or_new(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_bytes(OLD)
    calls = calls_of_a_write(tmp_path)
    assert hosts.read_bytes().startswith(NEW)
    seen: list[bytes] = []

    for name, number in calls:
        hosts.write_bytes(OLD)
        options = ("-o", "/dev/null", "-e", f"trace={name}")
        code = traced(tmp_path, *options, "-e", f"inject={name}:signal=KILL:when={number}")
        seen.append(hosts.read_bytes())
        assert code in (-signal.SIGKILL, 128 + signal.SIGKILL), (name, number)

    assert {"pwrite64", "fsync", "rename"} <= {name for name, _ in calls}
    assert set(seen) == {OLD, NEW}
