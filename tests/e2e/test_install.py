"""The manifests on the embedded API server, by the real kubectl."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, kubeconfig, serve
from fakes.manifests import overlay
from fakes.processes import Ended, program

pytestmark = pytest.mark.tool("kubectl")

EVERYTHING = """
namespace: infrastructure
resources: [MANIFESTS/base]
components:
- MANIFESTS/components/leader-election
- MANIFESTS/components/network-policy
- MANIFESTS/components/ingressroute-ui
configMapGenerator:
- {name: catalyst-dns-sync-config, behavior: merge, literals: [DNS_ZONES=home.arpa]}
"""
MISTYPED = f"""{EVERYTHING}
patches:
- target: {{kind: Deployment}}
  patch: |-
    - {{op: add, path: /spec/template/spec/containers/0/resource, value: {{}}}}
"""
KINDS = (
    "serviceaccount configmap service deployment role rolebinding clusterrole clusterrolebinding "
    "poddisruptionbudget networkpolicy ingressroute"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One embedded API server, and programs that reach it."""

    api: KubeApi
    config: Path

    async def run(self, *args: str, stdin: str = "") -> Ended:
        # kubectl keeps what a server serves in HOME, by its address: others had that one before.
        home = str(self.config.parent)
        return await program(*args, stdin=stdin, KUBECONFIG=str(self.config), HOME=home)

    async def kubectl(self, *args: str, stdin: str = "") -> str:
        ended = await self.run("kubectl", *args, stdin=stdin)
        assert ended.code == 0, ended.err
        return ended.out

    async def ours(self) -> list[str]:
        kinds = ",".join(KINDS.split())
        label = "app.kubernetes.io/name=catalyst-dns-sync"
        return (await self.kubectl("get", kinds, "-A", "-l", label, "-o", "name")).split()


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    api = KubeApi(timings=INSTANT)
    async with serve(api) as port:
        (folder / "config").write_text(kubeconfig(f"http://127.0.0.1:{port}", None))
        yield Cluster(api, folder / "config")


async def test_the_server_takes_every_object_and_takes_it_again_unchanged(tmp_path: Path) -> None:
    folder = str(overlay(tmp_path, EVERYTHING))
    async with cluster(tmp_path) as here:
        await here.kubectl("create", "namespace", "infrastructure")
        tried = await here.kubectl("apply", "-k", folder, "--dry-run=server")
        before = await here.ours()
        await here.kubectl("apply", "-k", folder)
        after = await here.ours()
        version = here.api.store.version
        await here.kubectl("apply", "-k", folder)
        unchanged = here.api.store.version == version
        mistyped = await here.run("kubectl", "apply", "-k", str(overlay(tmp_path, MISTYPED)))

    made = [line for line in tried.splitlines() if not line.startswith("namespace/")]
    assert [line.partition(" ")[2] for line in made] == ["created (server dry run)"] * len(made)
    assert before == []
    assert sorted(after) == sorted(line.partition(" ")[0] for line in made)
    # By its words kubectl configures the budget each time: its selector is always sent whole.
    assert unchanged
    assert mistyped.code == 1
    assert 'unknown field "spec.template.spec.containers[0].resource"' in mistyped.err
