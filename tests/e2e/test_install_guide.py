"""docs/install.md, run line by line on the embedded servers."""

import asyncio
import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from fakes.processes import RunningSandbox, stage
from fakes.shell import ROOT, Shell, checkout, shell

pytestmark = [pytest.mark.tool("bash", "curl", "dig", "jq", "kubectl", "make")]

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = "192.168.1.54"


def blocks(values: dict[str, str]) -> list[str]:
    """Return the guide's blocks, with other values."""
    first, *others = BLOCK.findall((ROOT / "docs" / "install.md").read_text())
    for name, value in values.items():
        first, count = re.subn(rf"^{name}=\S+", f'{name}="{value}"', first, flags=re.MULTILINE)
        assert count == 1, name
    return [first, *others]


class Kubelet:
    """Runs the pod of the Deployment as far as this needs: settings, and the Secret as a file."""

    def __init__(self, shell: Shell, kubeconfig: str, folder: Path) -> None:
        self._shell = shell
        self._kubeconfig = kubeconfig
        self._folder = folder

    async def write_token(self) -> Path:
        secret = await self._get("secret catalyst-dns-sync-token")
        self._folder.mkdir(exist_ok=True)
        for key, value in secret["data"].items():
            (self._folder / key).write_bytes(base64.b64decode(value))
        return self._folder / "token"

    async def start(self) -> asyncio.subprocess.Process:
        deployment = await self._get("deployment catalyst-dns-sync")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (source,) = container["envFrom"]
        config = await self._get(f"configmap {source['configMapRef']['name']}")
        token = await self.write_token()
        here = {
            "KUBECONFIG": self._kubeconfig,
            "DNS_API_TOKEN_FILE": str(token),
            "CONTROL_SOCKET": str(self._folder / "control.sock"),
            "METRICS_BIND_ADDRESS": "127.0.0.1:0",
            "HEALTH_PROBE_ADDRESS": "127.0.0.1:0",
            "DELETE_GRACE": "0",
        }
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "catalyst_dns_sync", *container.get("args", ["run"])),
            stdout=asyncio.subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"]} | config["data"] | here,
        )

    async def _get(self, what: str) -> dict[str, Any]:
        lines = await self._shell.type(f"kubectl -n infrastructure get {what} -o json")
        found: dict[str, Any] = json.loads("\n".join(lines))
        return found


@pytest.mark.timeout(120)
async def test_the_guide_installs_renews_the_token_and_uninstalls(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(checkout, tmp_path)
    async with (
        stage("home.arpa") as here,
        shell(folder, {"KUBECONFIG": here.printed["kubeconfig"]}) as bash,
    ):
        told = blocks(values_of(here))
        kubelet = Kubelet(bash, here.printed["kubeconfig"], tmp_path / "pod")
        said = [await bash.type(block) for block in told[:4]]
        pod = await kubelet.start()
        try:
            await here.wait_for("grafana.home.arpa", {TARGET})
            said.append(await patiently(bash, here, told[4], {TARGET}))
            said.append(await patiently(bash, here, told[5], set()))
            said.append(await bash.type(told[6]))
            await kubelet.write_token()
            said.append(await bash.type(told[7]))
        finally:
            pod.terminate()
            code = await pod.wait()
        namespace = await bash.type("kubectl get namespace infrastructure -o name")
        before = await here.dig("grafana.home.arpa")
        said.append(await bash.type(told[8]))
        after = await here.dig("grafana.home.arpa")

    values, account, planned, installed, made, gone, renewed, undone, purged = said
    assert len(told) == len(said)
    assert values == []
    assert account == ["ok", "ok"]
    assert "6 to create, 0 to update, 0 to delete" in planned[-1]
    assert installed[-1] == "networkpolicy.networking.k8s.io/catalyst-dns-sync created"
    assert (made[-1], gone) == (TARGET, ['ingressroute.traefik.io "hello" deleted'])
    assert renewed[-1].startswith("secret/catalyst-dns-sync-token ")
    assert 'deployment.apps "catalyst-dns-sync" deleted' in undone
    assert namespace == ["namespace/infrastructure"]
    assert code == 0
    assert (before, after) == (("NOERROR", {TARGET}), ("NXDOMAIN", set()))
    assert purged[-1] == "6 deleted"


async def patiently(bash: Shell, here: RunningSandbox, block: str, answer: set[str]) -> list[str]:
    """Type a block, but wait for the name instead of sleeping as the guide tells people to."""
    before, after = re.split(r"^sleep \d+$", block, flags=re.MULTILINE)
    said = await bash.type(before)
    await here.wait_for("hello.home.arpa", answer)
    return said + await bash.type(after)


def values_of(here: RunningSandbox) -> dict[str, str]:
    dns = f"@{here.printed['dns_host']} -p {here.printed['dns_port']}"
    return {
        "TECHNITIUM": here.printed["technitium_url"],
        "DNS": dns,
        "ADMIN_PASSWORD": here.printed["technitium_password"],
    }
