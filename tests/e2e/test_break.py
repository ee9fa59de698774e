"""A running sandbox, broken by hand: what the daemon's probe says, and that it heals."""

import asyncio
import os
import stat
from pathlib import Path

import aiohttp

from fakes.processes import Ended, RunningSandbox, cli, sandbox, stage

TARGET = {"192.168.1.54"}


async def break_(here: RunningSandbox, *args: str) -> Ended:
    return await cli("sandbox", "break", "--socket", here.printed["break_socket"], *args)


def mode_of(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


async def look_again(here: RunningSandbox) -> Ended:
    """Make the daemon look now; its own rhythm is slower than this test."""
    return await cli("resume", "--control-socket", here.printed["control_socket"])


async def ready(here: RunningSandbox) -> int:
    async with aiohttp.ClientSession() as client, client.get(here.printed["probes_url"]) as answer:
        return answer.status


async def wait_until_ready_is(here: RunningSandbox, status: int) -> None:
    async with asyncio.timeout(15):
        while await ready(here) != status:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)


async def refused(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as client, client.get(url):
            return False
    except aiohttp.ClientConnectorError:
        return True


async def test_a_broken_technitium_is_told_by_the_probe_and_healed_afterwards() -> None:
    async with sandbox("--zone", "lab.test", "--breakable") as here:
        before = await ready(here)
        broken = await break_(here, "--what", "refuse", "--server", "technitium", "--for", "60s")
        is_refused = await refused(here.printed["technitium_url"])
        shown = await break_(here)
        told = await look_again(here)
        await wait_until_ready_is(here, 503)
        mended = await cli("sandbox", "mend", "--socket", here.printed["break_socket"])
        await wait_until_ready_is(here, 200)

        # What a crash has lost is written again.
        lost = await break_(here, "--what", "forget", "--writes", "3")
        names = {name: (await here.dig(f"{name}.lab.test"))[1] for name in ("ha", "postgres")}
        await look_again(here)
        await here.wait_for("postgres.lab.test", TARGET)

    assert before == 200
    assert broken == Ended(0, "technitium: refuse, for 60 s\n", "")
    assert is_refused
    assert shown.out.startswith("technitium: refuse, ")
    assert told == Ended(0, "resumed\n", "")
    assert mended.out.startswith("technitium: refuse, ")
    assert lost.out == "technitium: forget the last 3 writes, done\n"
    assert set() in names.values()


async def test_faults_in_what_is_asked_for_are_told_together() -> None:
    async with stage("lab.test", breakable=True) as here:
        wrong = await break_(here, "--what", "refuse", "--times", "2", "--path", "x")
        duration = await break_(here, "--what", "refuse", "--for", "soon")
        mode = await asyncio.to_thread(mode_of, here.printed["break_socket"])

    assert wrong == Ended(
        2,
        "",
        "error: --path: refuse does not take it: leave it out\n"
        "error: --times: refuse does not take it: leave it out\n",
    )
    assert (duration.code, duration.err.count("\n")) == (2, 1)
    assert mode == 0o600


async def test_a_sandbox_can_only_be_broken_when_it_says_so() -> None:
    # Below the ports that systems give away by themselves, and another one for each run.
    port = ("--port-base", str(21_000 + os.getpid() % 2000 * 5))
    async with sandbox("--no-daemon", *port) as here:
        closed = await cli("sandbox", "break", *port, "--what", "refuse")
        socket_path = here.printed["break_socket"]
    async with sandbox("--no-daemon", "--breakable", *port):
        opened = await cli("sandbox", "break", *port)
        second = await cli("sandbox", "mend", *port)

    assert socket_path is None
    assert closed.code == 1
    assert "start one with `sandbox --breakable`" in closed.err
    assert opened == Ended(0, "nothing is broken\n", "")
    assert second == Ended(0, "nothing was broken\n", "")
