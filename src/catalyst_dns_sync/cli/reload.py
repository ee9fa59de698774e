"""The daemon in dev mode, started again at each saved file.

The daemon is a process of its own, so that a syntax error ends only that, and a restart is what a
restart is in production: a signal, the pass under way finished, and a new process.
"""

import asyncio
import json
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchfiles import Change, DefaultFilter, awatch

from catalyst_dns_sync.core.errors import CatalystError

FOLDER = Path(".dev")
QUIET, AT_MOST = 0.1, 2.0
"""Seconds without another save after which the daemon is started, and how long that may take."""

STEP_MS = 50
STOP_TIMEOUT = 12.0
SANDBOX_TIMEOUT = 30.0

_COMMAND = (sys.executable, "-m", "catalyst_dns_sync")
_DEFAULTS = {
    "HOSTS_FILE": str(FOLDER / "hosts"),
    "LOG_FORMAT": "text",
    "LOG_LEVEL": "debug",
    "METRICS_BIND_ADDRESS": "127.0.0.1:24533",
    "HEALTH_PROBE_ADDRESS": "127.0.0.1:24534",
    "CONTROL_SOCKET": str(FOLDER / "daemon.sock"),
}
# Two saves within a second can leave byte code that Python takes for that of the newer file.
_ALWAYS = {"DNS_PROVIDER": "hosts", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


class DevError(CatalystError):
    """The sandbox did not start."""


async def run_reloading(root: Path, source: Path) -> None:
    """Run until SIGINT or SIGTERM; ``root`` has .env and .dev, ``source`` is what is watched."""
    loop, stop, changed = asyncio.get_running_loop(), asyncio.Event(), _Changes()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread((root / FOLDER).mkdir, exist_ok=True)
    async with asyncio.TaskGroup() as tasks:
        watching = [
            tasks.create_task(_watch(source, changed, stop)),
            tasks.create_task(_watch(root, changed, stop, only=".env")),
        ]
        try:
            async with _cluster(root) as extra:
                await _supervise(root, extra, changed, stop)
        finally:
            stop.set()
            for task in watching:
                task.cancel()


@dataclass(slots=True)
class _Changes:
    """The files that were saved and not yet acted on."""

    files: set[str] = field(default_factory=set)
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, files: Iterable[str]) -> None:
        self.files.update(files)
        self.event.set()

    def take(self) -> list[str]:
        files = sorted(self.files)
        self.files.clear()
        self.event.clear()
        return files


async def _watch(
    folder: Path, changed: _Changes, stop: asyncio.Event, only: str | None = None
) -> None:
    """Tell what was saved in a folder: one file of it, or all below it that may matter."""
    usual = DefaultFilter()

    def matters(change: Change, path: str) -> bool:
        return Path(path).name == only if only is not None else usual(change, path)

    watch = awatch(
        folder,
        watch_filter=matters,
        debounce=2 * STEP_MS,
        step=STEP_MS,
        stop_event=stop,
        recursive=only is None,
    )
    async for changes in watch:
        changed.add(path for _, path in changes)


async def _supervise(
    root: Path, extra: Mapping[str, str], changed: _Changes, stop: asyncio.Event
) -> None:
    while not stop.is_set():
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, "run", env=environment(root, extra), cwd=root
        )
        _say(f"started process {process.pid}")
        try:
            reason = await _first(changed, stop, process)
            if reason == "ended" and not stop.is_set():
                _say(f"it ended with exit code {process.returncode}; waiting for the next save")
                await _first(changed, stop, None)
        finally:
            await _end(process)
        await _rest(changed)
        if files := changed.take():
            shown = ", ".join(_short(file, root) for file in files[:3]) + (
                ", ..." if len(files) > 3 else ""
            )
            _say(f"{shown} changed")


async def _first(
    changed: _Changes, stop: asyncio.Event, process: asyncio.subprocess.Process | None
) -> str:
    """Wait until something was saved, a signal came, or the process ended; say which."""
    async with asyncio.TaskGroup() as tasks:
        waiting = {
            tasks.create_task(_ended(changed.event.wait())): "changed",
            tasks.create_task(_ended(stop.wait())): "stop",
        }
        if process is not None:
            waiting[tasks.create_task(_ended(process.wait()))] = "ended"
        done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
    return waiting[done.pop()]


async def _rest(changed: _Changes) -> None:
    """Wait until no more is saved: an editor, or git, seldom writes one file alone."""
    with suppress(TimeoutError):
        async with asyncio.timeout(AT_MOST):
            while changed.event.is_set():
                changed.event.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(QUIET):
                        await changed.event.wait()


async def _ended(waiting: Awaitable[object]) -> None:
    await waiting


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        _say(f"process {process.pid} did not stop in time, killing it")
        process.kill()
        await process.wait()


def environment(root: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the daemon's environment: the defaults, the sandbox's, .env and, above all, ours."""
    ours = {key: value for key, value in os.environ.items() if value.strip()}
    return {**_DEFAULTS, **extra, **dotenv(root / ".env"), **ours, **_ALWAYS}


def dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a file with a ``KEY=value`` a line; what is no such line is said."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        assignment = line.strip().removeprefix("export ").lstrip()
        key, equals, value = assignment.partition("=")
        if not assignment or assignment.startswith("#"):
            continue
        try:
            words = shlex.split(value, comments=True)
        except ValueError:
            words = []
            equals = ""
        if not equals or not key.strip().isidentifier():
            _say(f"{path.name}, line {number}: KEY=value is wanted; left out")
            continue
        found[key.strip()] = " ".join(words)
    return found


@asynccontextmanager
async def _cluster(root: Path) -> AsyncIterator[dict[str, str]]:
    """Yield the settings of the sandbox while it runs, or none where there is a cluster."""
    known = environment(root, {})
    has_default = await asyncio.to_thread((Path.home() / ".kube" / "config").exists)
    if has_default or known.get("KUBECONFIG") or known.get("KUBERNETES_SERVICE_HOST"):
        yield {}
        return
    config = FOLDER / "kubeconfig"
    args = ("sandbox", "--no-daemon", "--port-base", "0", "-o", "json", "--log-level", "warning")
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        *args,
        "--kubeconfig",
        str(config),
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        # Ctrl-C is for the daemon first.
        start_new_session=True,
    )
    try:
        printed = await _printed(process)
        _say(
            f"no kubeconfig, so this is the sandbox; try: kubectl --kubeconfig {config} get ing -A"
        )
        yield {"KUBECONFIG": str(config), "DNS_IP_ADDRESS": printed["target"]}
    finally:
        await _end(process)


async def _printed(process: asyncio.subprocess.Process) -> dict[str, Any]:
    try:
        async with asyncio.timeout(SANDBOX_TIMEOUT):
            line = await process.stdout.readline() if process.stdout is not None else b""
    except TimeoutError as error:
        raise DevError("the sandbox did not start in time") from error
    if not line:
        raise DevError("the sandbox did not start: see above")
    printed: dict[str, Any] = json.loads(line)
    return printed


def _short(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else file


def _say(text: str) -> None:
    sys.stderr.write(f"dev: {text}\n")
    sys.stderr.flush()
