"""Two real processes that share a Lease: stopped, continued, killed; and the command `check`."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catalyst_dns_sync.sandbox.kube_api import kubeconfig
from fakes.processes import COMMAND, RunningSandbox, cli, program, stage

TARGET = {"192.168.1.54"}
ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: poor, namespace: default}
"""
ROUTE = """
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: NAME, namespace: default}
spec:
  routes:
  - {kind: Rule, match: Host(`NAME.lab.test`), services: [{name: web, port: 80}]}
"""


async def kubectl(here: RunningSandbox, *args: str, stdin: str = "") -> str:
    config = ("--kubeconfig", here.printed["kubeconfig"])
    ended = await program("kubectl", *config, *args, stdin=stdin)
    assert ended.code == 0, ended.err
    return ended.out


async def route(here: RunningSandbox, name: str) -> None:
    await kubectl(here, "apply", "-f", "-", stdin=ROUTE.replace("NAME", name))


async def leader(here: RunningSandbox) -> str:
    spec = json.loads(await kubectl(here, "get", "lease", "catalyst-dns-sync", "-o", "json"))[
        "spec"
    ]
    return str(spec["holderIdentity"]).partition("_")[0]


@asynccontextmanager
async def instance(
    here: RunningSandbox, folder: Path, name: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = here.environment | {
        "LEADER_ELECTION": "true",
        "LEASE_NAMESPACE": "default",
        "LEASE_DURATION": "3s",
        "POD_NAME": name,
        "METRICS_BIND_ADDRESS": "127.0.0.1:0",
        "HEALTH_PROBE_ADDRESS": "127.0.0.1:0",
        "CONTROL_SOCKET": str(folder / f"{name}.sock"),
    }
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "run", stdout=asyncio.subprocess.PIPE, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process, message: str) -> None:
    """Wait until the log says this."""
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while line := await process.stdout.readline():
            if json.loads(line)["msg"] == message:
                return
    raise AssertionError(f"it ended before it said {message!r}")


@pytest.mark.tool("kubectl")
async def test_a_stopped_leader_is_replaced_and_does_not_write_when_it_goes_on(
    tmp_path: Path,
) -> None:
    async with (
        stage("lab.test") as here,
        instance(here, tmp_path, "one") as one,
    ):
        await said(one, "this instance leads")
        await here.wait_for("grafana.lab.test", TARGET)
        async with instance(here, tmp_path, "two") as two:
            await said(two, "standing by")
            one.send_signal(signal.SIGSTOP)
            await route(here, "while-stopped")
            await said(two, "this instance leads")
            await here.wait_for("while-stopped.lab.test", TARGET)
            one.send_signal(signal.SIGCONT)
            await said(one, "this instance leads no more")
            led_by_two = await leader(here)
            two.send_signal(signal.SIGKILL)
            await route(here, "after-kill")
            await said(one, "this instance leads")
            await here.wait_for("after-kill.lab.test", TARGET)
        one.terminate()
        await one.wait()

        assert led_by_two == "two"
        assert one.returncode == 0
        assert await leader(here) == ""


@pytest.mark.tool("kubectl")
async def test_check_says_what_a_service_account_lacks(tmp_path: Path) -> None:
    async with stage("lab.test") as here:
        await kubectl(here, "apply", "-f", "-", stdin=ACCOUNT)
        token = (await kubectl(here, "create", "token", "poor")).strip()
        poor = tmp_path / "kubeconfig"
        poor.write_text(kubeconfig(here.printed["kubernetes_url"], token))
        fine = await cli("check", **here.environment)
        lacking = await cli("check", "-o", "json", **here.environment | {"KUBECONFIG": str(poor)})
        unset = await cli("check", KUBECONFIG=str(poor))

    assert (fine.code, lacking.code, unset.code) == (0, 1, 2), fine.out + fine.err
    assert "ok       zone lab.test: Primary, and the token may view, modify, delete" in fine.out
    assert "verbs: [list, watch]" in lacking.out
    assert "DNS_SERVER_URL" in unset.err
