"""The command line as people run it: real processes on real ports and in real time."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.message
import dns.rcode

from catalyst_dns_sync.app.sandbox import run_sandbox
from catalyst_dns_sync.app.sandbox_options import (
    DEFAULT_SOURCES,
    DEFAULT_ZONE,
    Sandbox,
    parse_options,
)

COMMAND = (sys.executable, "-m", "catalyst_dns_sync")
START_TIMEOUT = 20.0
NO_AUTHORITIES = {"SSL_CERT_FILE": os.devnull}
"""Nothing here speaks TLS to the world; each process would read all its authorities, twice."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


async def cli(*args: str, stdin: str = "", **environment: str) -> Ended:
    """Run the command line to its end, with no settings but the given ones."""
    return await program(*COMMAND, *args, stdin=stdin, **environment)


async def program(*args: str, stdin: str = "", **environment: str) -> Ended:
    """Run a program to its end."""
    process = await asyncio.create_subprocess_exec(
        *args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(environment),
    )
    out, err = await process.communicate(stdin.encode())
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that runs, and what it printed, or would print as a process of its own."""

    printed: dict[str, Any]

    async def dig(self, name: str, kind: str = "A", server: int = 0) -> tuple[str, set[str]]:
        """Ask one of the DNS servers: the response code, and the values."""
        query = dns.message.make_query(name, kind)
        host, port = self.printed["dns_host"], self.printed["dns_servers"][server]["dns_port"]
        answer = await dns.asyncquery.udp(query, host, port=port, timeout=5)
        values = {str(value) for rrset in answer.answer for value in rrset}
        return dns.rcode.to_text(answer.rcode()), values

    async def wait_for(self, name: str, values: set[str], kind: str = "A", server: int = 0) -> None:
        """Wait until the name has these values; no values: until it does not exist."""
        async with asyncio.timeout(10):
            while (await self.dig(name, kind, server))[1] != values:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a daemon for this sandbox."""
        return {
            "KUBECONFIG": self.printed["kubeconfig"],
            "DNS_SERVER_URL": self.printed["technitium_url"],
            "DNS_API_TOKEN": self.printed["technitium_token"],
            "DNS_ZONES": ",".join(self.printed["zones"]),
            "DNS_IP_ADDRESS": self.printed["target"],
            "CONTROL_SOCKET": self.printed["control_socket"],
            **NO_AUTHORITIES,
        }


@asynccontextmanager
async def stage(
    *zones: str, sources: str = DEFAULT_SOURCES, **options: Any
) -> AsyncIterator[RunningSandbox]:
    """Run the sandbox's servers in this process while the block runs, with a daemon if asked to.

    For tests of other processes, which need not wait for the start of this one.
    """
    given = parse_options(
        zones=zones or (DEFAULT_ZONE,), target="192.168.1.54", delete_grace="0", sources=sources
    )
    wanted = replace(given, **{"with_daemon": False} | options)
    stop = asyncio.Event()
    ready: asyncio.Future[Sandbox] = asyncio.get_running_loop().create_future()
    tracebacks = _Tracebacks()
    logging.getLogger().addHandler(tracebacks)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_sandbox(wanted, stop, ready.set_result))
            try:
                yield RunningSandbox(json.loads((await ready).as_json()))
            finally:
                stop.set()
    finally:
        logging.getLogger().removeHandler(tracebacks)
    assert tracebacks.found == []


@dataclass(eq=False)
class _Tracebacks(logging.Handler):
    """Keeps what is logged with a traceback."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(logging.Formatter().format(record))


@asynccontextmanager
async def sandbox(
    *args: str, command: tuple[str, ...] = COMMAND, cwd: Path | None = None
) -> AsyncIterator[RunningSandbox]:
    """Run ``sandbox`` on free ports while the block runs; it must end cleanly on SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        *command,
        "sandbox",
        "-o",
        "json",
        "--port-base",
        "0",
        *args,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment({}),
        cwd=cwd,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as tasks:
        said = tasks.create_task(process.stderr.read())
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await process.stdout.readline()
            assert line, (await said).decode()
            yield RunningSandbox(json.loads(line))
            process.terminate()
            async with asyncio.timeout(START_TIMEOUT):
                assert await process.wait() == 0, said.result().decode()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert "Traceback" not in said.result().decode(), said.result().decode()


def _environment(given: dict[str, str]) -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LANG") if key in os.environ}
    return kept | NO_AUTHORITIES | given
