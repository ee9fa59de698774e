"""What the documentation tells people to type, typed into one sandbox."""

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fakes.documents import Step, documents, runnable
from fakes.processes import RunningSandbox, sandbox
from fakes.shell import ROOT, Shell, checkout, shell

pytestmark = [pytest.mark.tool("bash", "curl", "dig", "jq", "kubectl")]

ASKING = ("dig ", "curl ", "catalyst-dns-sync plan", "catalyst-dns-sync explain")
"""Commands that change nothing, but for a `curl` that adds a record: it prints so at once."""
PATIENCE = 30.0
FAILED = "--- failed:"
PAGES_WITH_BLOCKS = {
    "README.md",
    "docs/coming-from.md",
    "docs/custom-records.md",
    "docs/get-started.md",
    "docs/how-it-decides.md",
    "docs/previews.md",
}


@pytest.mark.timeout(120)
async def test_what_the_pages_tell_people_to_type_prints_what_they_say(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(checkout, tmp_path)
    pages = {page: await asyncio.to_thread(page.read_text) for page in documents()}
    steps = {str(page.relative_to(ROOT)): runnable(text) for page, text in pages.items()}
    async with sandbox() as here:
        for page, typed in steps.items():
            async with shell(folder, environment(here, folder)) as bash:
                for step in typed:
                    command = with_ports(step.command, here)
                    lines = await patiently(bash, command, step)
                    assert step.is_printed(lines), (page, command, lines)
                    assert not any(line.startswith(FAILED) for line in lines), (page, lines)

    assert {page for page, typed in steps.items() if typed} >= PAGES_WITH_BLOCKS


async def patiently(bash: Shell, command: str, step: Step) -> list[str]:
    """Type a command; where it only asks, again until the answer has come that the page says.

    The daemon needs a moment, and what it does after an adoption has up to DRIFT_INTERVAL.
    """
    if not command.startswith(ASKING):
        return await bash.type(command)
    until = asyncio.get_running_loop().time() + PATIENCE
    pause = 0.05
    while True:
        lines = await bash.type(f'{{\n{command}\n}} || echo "{FAILED} $?"')
        is_well = step.is_printed(lines) and not any(line.startswith(FAILED) for line in lines)
        if is_well or asyncio.get_running_loop().time() > until:
            return lines
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.4)


def environment(here: RunningSandbox, folder: Path) -> dict[str, str]:
    """Return the settings, as the pages have people export them, and the program on the path."""
    path = f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"
    return here.environment | {"PATH": path}


def with_ports(command: str, here: RunningSandbox) -> str:
    """Return the command with this sandbox's ports instead of the usual ones."""
    urls = ("kubernetes_url", "technitium_url", "dns", "metrics_url", "probes_url")
    for usual, what in enumerate(urls, 24530):
        port = here.printed["dns_port"] if what == "dns" else urlsplit(here.printed[what]).port
        command = command.replace(str(usual), str(port))
    return command
