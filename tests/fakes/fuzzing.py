"""Lets schemathesis ask a daemon's API all that its document allows, and what it does not allow."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.settings.parsers import networks
from fakes.callers import TOKEN, Caller, calling
from fakes.world import TARGET, World

ZONE = "home.arpa"
"""The zone of the document's examples."""
HOOKS = Path(__file__).with_name("fuzz_hooks.py")
# A stream does not end.
ARGUMENTS = ("--exclude-path", "/events/stream", "--checks", "all", "--no-color")


@asynccontextmanager
async def fuzzed(here: World) -> AsyncIterator[Caller]:
    """Run a daemon that has something of each sort to tell, and believes its proxy."""
    for name in ("app", "adopt", "other"):
        here.route(name, f"Host(`{name}.home.arpa`)")
    here.route("broken", "Host(`broken.home.arpa`")
    await here.by_hand("adopt.home.arpa", TARGET, ZONE, ttl="300")
    await here.by_hand("other.home.arpa", "192.0.2.77", ZONE)
    settings: dict[str, Any] = {
        "dns_zones": frozenset({parse_name(ZONE)}),
        "dns_query_port": here.ports.dns,
        "dns_rate_limit": 1000.0,
        "ui_proxy_ranges": networks("127.0.0.0/8"),
    }
    async with calling(here, known=True, **settings) as caller:
        yield caller


async def fuzz(caller: Caller, folder: Path, *arguments: str) -> tuple[int, str]:
    """Let schemathesis ask; return its exit code and what it says. It keeps notes in the folder."""
    url = caller.url.removesuffix("/")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--url", url),
        *("-H", f"Authorization: Bearer {TOKEN}", *ARGUMENTS, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS)},
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, said.decode()
