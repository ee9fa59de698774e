"""Run each command of docs/runbook.md on a sandbox in which things go wrong, and say what it said.

    python scripts/try_runbook.py

The daemon runs beside the sandbox with its log in a file, as in the examples; its ports and files
take the place of those that the page names. A command is in order if its exit code is 0, or if it
says something else by its code: `plan` 2, `grep` 1 where nothing is found.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROGRAM = f"{sys.executable} -m catalyst_dns_sync"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = 6
METRICS, PROBES = "18080", "18081"

BROKEN = """
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: broken, namespace: default}
spec: {routes: [{kind: Rule, match: "Hots(`broken.home.arpa`)"}]}
"""


def commands(text: str) -> list[str]:
    """Return the commands of the page, in its order."""
    return [line for block in BLOCK.findall(text) for line in block.splitlines() if line]


async def main() -> int:
    """Run them all; returns how many were not in order."""
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sandbox, printed = await _sandbox()
        environment = os.environ | _settings(printed, folder)
        log = Path("daemon.log")
        daemon = await asyncio.create_subprocess_shell(
            f"exec {PROGRAM} run > {log}", env=environment
        )
        try:
            await _said(log, "every zone had its first pass")
            await _go_wrong(printed, log, environment)
            failed = [line for line in commands(text) if not await _run(line, environment)]
        finally:
            for process in (daemon, sandbox):
                process.terminate()
                await process.wait()
            os.chdir(ROOT)
    sys.stdout.write(f"{len(commands(text))} commands, {len(failed)} failed\n")
    return len(failed)


async def _sandbox() -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_shell(
        f"exec {PROGRAM} sandbox -o json --port-base 0 --no-daemon --breakable",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())


def _settings(printed: dict[str, Any], folder: str) -> dict[str, str]:
    return {
        "KUBECONFIG": printed["kubeconfig"],
        "DNS_SERVER_URL": printed["technitium_url"],
        "DNS_API_TOKEN": printed["technitium_token"],
        "DNS_ZONES": ",".join(printed["zones"]),
        "DNS_IP_ADDRESS": printed["target"],
        "CONTROL_SOCKET": f"{folder}/daemon.sock",
        "METRICS_BIND_ADDRESS": f"127.0.0.1:{METRICS}",
        "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{PROBES}",
        "DELETE_GRACE": "0",
    }


async def _go_wrong(printed: dict[str, Any], log: Path, environment: dict[str, str]) -> None:
    """Let a rule be wrong, a record be edited, both servers be away, and the token be refused."""
    await _shell(f"echo '{BROKEN}' | kubectl apply -f -", environment)
    await _said(log, "left alone")
    form = "zone=home.arpa&domain=grafana.home.arpa&type=A&ipAddress=192.168.1.54"
    url = f"{printed['technitium_url']}/api/zones/records/delete"
    await _shell(f"curl -s -d '{form}&token={printed['technitium_token']}' {url}", environment)
    await _said(log, "somebody changed a record of ours")
    for what, message in (
        ("--server kubernetes --what status --status 403 --for 3s", "source out of touch"),
        ("--server technitium --what revoke-token --for 3s", "zone can't be synced"),
    ):
        break_ = f"{PROGRAM} sandbox break --socket {printed['break_socket']}"
        await _shell(f"{break_} {what}", environment)
        await _shell(f"{break_} --what drop-watches", environment)
        await _shell(f"{PROGRAM} resume", environment)
        await _said(log, message)


async def _said(log: Path, message: str) -> None:
    async with asyncio.timeout(60):
        while message not in await asyncio.to_thread(_text, log):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""


async def _run(line: str, environment: dict[str, str]) -> bool:
    command = line.replace("localhost:8080", f"localhost:{METRICS}")
    command = command.replace("localhost:8081", f"localhost:{PROBES}")
    code, out = await _shell(command, environment)
    first = line.partition(" ")[0]
    fine = code == 0 or (first == "grep" and code == 1) or (" plan" in line and code == 2)
    sys.stdout.write(f"{'ok ' if fine else 'NO '} {line}\n")
    sys.stdout.write("".join(f"      {each[:150]}\n" for each in out.splitlines()[:SHOWN]))
    return fine


async def _shell(command: str, environment: dict[str, str]) -> tuple[int, str]:
    words = command.replace("catalyst-dns-sync ", f"{PROGRAM} ", 1)
    process = await asyncio.create_subprocess_shell(
        words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
