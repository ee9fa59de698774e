"""Signals to the running daemon."""

import asyncio
import json
import signal
from pathlib import Path

from fakes.processes import COMMAND, stage


async def test_a_hangup_makes_the_daemon_read_its_token_again_and_usr1_debugs_it(
    tmp_path: Path,
) -> None:
    async with stage("lab.test") as here:
        file = tmp_path / "token"
        file.write_text("not-the-token")
        environment = here.environment | {
            "DNS_API_TOKEN": "",
            "DNS_API_TOKEN_FILE": str(file),
            "METRICS_BIND_ADDRESS": "127.0.0.1:0",
            "HEALTH_PROBE_ADDRESS": "127.0.0.1:0",
            "CONTROL_SOCKET": str(tmp_path / "control.sock"),
        }
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", stdout=asyncio.subprocess.PIPE, env=environment
        )
        try:
            refused = await said(process, "zone can't be synced")
            file.write_text(here.printed["technitium_token"])
            process.send_signal(signal.SIGHUP)
            read = await said(process, "token read again")
            made = await said(process, "record created")
            process.send_signal(signal.SIGUSR1)
            louder = await said(process, "log level changed")
            process.send_signal(signal.SIGHUP)
            called = await said(process, "called")
            process.send_signal(signal.SIGUSR1)
            softer = await said(process, "log level changed")
        finally:
            process.terminate()
            await process.communicate()

    assert "DNS_API_TOKEN" in str(refused["error"])
    assert read["changed"] is True
    assert str(made["dns_name"]).endswith(".lab.test")
    assert (louder["log_level"], softer["log_level"]) == ("debug", "info")
    assert called["level"] == "DEBUG"
    assert (called["zone"], called["endpoint"]) == ("lab.test", "/api/zones/list")
    assert process.returncode == 0


async def said(process: asyncio.subprocess.Process, message: str) -> dict[str, object]:
    """Return the next line of the log that says this."""
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while line := await process.stdout.readline():
            entry: dict[str, object] = json.loads(line)
            if entry["msg"] == message:
                return entry
    raise AssertionError(f"the daemon ended before it said {message!r}")
