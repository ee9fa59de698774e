"""The real kubectl on the embedded API server: each verb's exit code, and what people see."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi, kubeconfig, serve

pytestmark = pytest.mark.tool("kubectl")

ROUTE = """\
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata:
  name: grafana
  namespace: default
  labels: {app: grafana}
spec:
  entryPoints: [web]
  routes:
  - kind: Rule
    match: Host(`grafana.lab.test`)
    services: [{name: grafana, port: 80}]
"""
MOVED = ROUTE.replace("grafana.lab.test", "moved.lab.test")
CREATED = "ingressroute.traefik.io/grafana created\n"


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str


class Kubectl:
    """kubectl with a kubeconfig for one embedded server."""

    def __init__(self, api: KubeApi, folder: Path) -> None:
        self.api = api
        self._flags = ("--kubeconfig", str(folder / "config"), "--cache-dir", str(folder / "cache"))

    async def __call__(self, *args: str, stdin: str = "", **environment: str) -> Result:
        process = await self.start(*args, **environment)
        out, err = await process.communicate(stdin.encode())
        return Result(process.returncode or 0, out.decode(), err.decode())

    async def start(self, *args: str, **environment: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            "kubectl",
            *self._flags,
            *args,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=os.environ | environment,
        )

    async def out(self, *args: str, stdin: str = "") -> str:
        """Return what a call that must succeed prints."""
        result = await self(*args, stdin=stdin)
        assert result.code == 0, result.err
        return result.out

    def match(self) -> str:
        """Return the rule of the one route."""
        found = self.api.find("ingressroutes", "traefik.io/v1alpha1", "grafana")
        assert found is not None
        rule: str = found["spec"]["routes"][0]["match"]
        return rule


@asynccontextmanager
async def cluster(folder: Path, token: str | None = None) -> AsyncIterator[Kubectl]:
    api = KubeApi(token=token, timings=INSTANT)
    async with serve(api) as port:
        (folder / "config").write_text(kubeconfig(f"http://127.0.0.1:{port}", token))
        yield Kubectl(api, folder)


async def test_apply_creates_then_changes_then_has_nothing_to_do(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        said = [await kubectl.out("apply", "-f", "-", stdin=text) for text in (ROUTE, MOVED, MOVED)]
        rule = kubectl.match()

    assert said == [
        CREATED,
        "ingressroute.traefik.io/grafana configured\n",
        "ingressroute.traefik.io/grafana unchanged\n",
    ]
    assert rule == "Host(`moved.lab.test`)"


async def test_a_token_reaches_the_server_though_the_address_is_plain_http(
    tmp_path: Path,
) -> None:
    async with cluster(tmp_path, token="secret") as kubectl:
        allowed = await kubectl("get", "ns", "-o", "name")
        kubectl.api.access.token = "another"
        refused = await kubectl("get", "ns")

    assert allowed == Result(0, "namespace/default\nnamespace/kube-system\n", "")
    assert (refused.code, "You must be logged in to the server" in refused.err) == (1, True)


async def test_server_side_apply_tells_of_conflicts_and_can_be_forced(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        first = await kubectl.out("apply", "--server-side", "-f", "-", stdin=ROUTE)
        mine = ("apply", "--server-side", "--field-manager=me", "-f", "-")
        refused = await kubectl(*mine, stdin=MOVED)
        forced = await kubectl.out(*mine, "--force-conflicts", stdin=MOVED)
        rule = kubectl.match()

    assert first == forced == "ingressroute.traefik.io/grafana serverside-applied\n"
    assert (refused.code, 'conflict with "kubectl"' in refused.err) == (1, True)
    assert rule == "Host(`moved.lab.test`)"


async def test_a_route_that_was_applied_by_the_client_can_move_to_the_server_side(
    tmp_path: Path,
) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("apply", "-f", "-", stdin=ROUTE)
        said = await kubectl.out("apply", "--server-side", "-f", "-", stdin=MOVED)
        rule = kubectl.match()

    assert said == "ingressroute.traefik.io/grafana serverside-applied\n"
    assert rule == "Host(`moved.lab.test`)"


async def test_get_prints_what_was_asked_for(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        plain = await kubectl.out("get", "ingressroutes")
        everywhere = await kubectl.out("get", "ingressroute", "-A", "-o", "wide")
        by_label = [
            await kubectl.out("get", "ingressroute", "-o", "name", "-l", selector)
            for selector in ("app=grafana", "app in (a, grafana),!tier", "app=other")
        ]
        by_name = ("get", "ingressroute", "--field-selector", "metadata.name=grafana")
        named = await kubectl.out(*by_name, "-o", "name")
        whole: dict[str, Any] = json.loads(
            await kubectl.out("get", "ingressroute", "grafana", "-o", "json")
        )
        yaml = await kubectl.out("get", "ingressroute", "grafana", "-o", "yaml")
        missing = await kubectl("get", "ingressroute", "missing")

    assert plain.split() == ["NAME", "AGE", "grafana", plain.split()[-1]]
    assert everywhere.split()[:5] == ["NAMESPACE", "NAME", "AGE", "default", "grafana"]
    assert by_label == [named, named, ""]
    assert named == "ingressroute.traefik.io/grafana\n"
    assert whole["spec"]["routes"][0]["match"] == "Host(`grafana.lab.test`)"
    assert "match: Host(`grafana.lab.test`)" in yaml
    message = 'Error from server (NotFound): ingressroutes.traefik.io "missing" not found\n'
    assert missing == Result(1, "", message)


async def test_get_watch_prints_a_line_for_each_change(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        watching = await kubectl.start("get", "ingressroutes", "-w")
        assert watching.stdout is not None
        head = [(await watching.stdout.readline()).split()[0] for _ in range(2)]
        await kubectl.out("label", "ingressroute", "grafana", "x=y")
        changed = (await watching.stdout.readline()).split()[0]
        await kubectl.out("create", "-f", "-", stdin=ROUTE.replace("name: grafana", "name: b"))
        created = (await watching.stdout.readline()).split()[0]
        watching.terminate()
        await watching.communicate()

    assert (head, changed, created) == ([b"NAME", b"grafana"], b"grafana", b"b")


async def test_describe_shows_the_object(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        said = await kubectl.out("describe", "ingressroute", "grafana")

    assert "Match:  Host(`grafana.lab.test`)" in said
    assert said.splitlines()[0].split() == ["Name:", "grafana"]


KINDS = {
    "ingressroutes": ("traefik.io/v1alpha1", "IngressRoute", "NAME AGE"),
    "ingressroutetcps": ("traefik.io/v1alpha1", "IngressRouteTCP", "NAME AGE"),
    "httproutes": ("gateway.networking.k8s.io/v1", "HTTPRoute", "NAME HOSTNAMES AGE"),
    "gateways": ("gateway.networking.k8s.io/v1", "Gateway", "NAME CLASS ADDRESS PROGRAMMED AGE"),
    "ingresses": ("networking.k8s.io/v1", "Ingress", "NAME CLASS HOSTS ADDRESS PORTS AGE"),
    "services": ("v1", "Service", "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE"),
    "secrets": ("v1", "Secret", "NAME TYPE DATA AGE"),
    "leases": ("coordination.k8s.io/v1", "Lease", "NAME HOLDER AGE"),
    "certificates": ("cert-manager.io/v1", "Certificate", "NAME READY SECRET AGE"),
    "namespaces": ("v1", "Namespace", "NAME STATUS AGE"),
}
SPECS: dict[str, object] = {
    "IngressRoute": {"routes": [{"kind": "Rule", "match": "Host(`a.lab.test`)"}]},
    "HTTPRoute": {"hostnames": ["a.lab.test"]},
    "IngressRouteTCP": {"routes": [{"match": "HostSNI(`a.lab.test`)"}]},
    "Gateway": {
        "gatewayClassName": "traefik",
        "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}],
    },
    "Ingress": {"rules": [{"host": "a.lab.test"}]},
    "Service": {"ports": [{"port": 80}]},
    "Certificate": {"secretName": "a", "issuerRef": {"name": "b"}},
}


async def test_every_kind_is_created_shown_as_a_table_described_and_deleted(
    tmp_path: Path,
) -> None:
    objects = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": "a"}}
        | ({"spec": SPECS[kind]} if kind in SPECS else {})
        for version, kind, _ in KINDS.values()
    ]
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    async with cluster(tmp_path) as kubectl:
        created = await kubectl.out("create", "-f", "-", stdin=manifest)
        tables = {plural: await kubectl.out("get", plural) for plural in KINDS}
        described = await kubectl.out("describe", "-f", "-", stdin=manifest)
        deleted = await kubectl.out("delete", "-f", "-", "--wait=false", stdin=manifest)

    assert [line.split()[-1] for line in created.splitlines()] == ["created"] * len(KINDS)
    heads = {plural: " ".join(table.splitlines()[0].split()) for plural, table in tables.items()}
    assert heads == {plural: head for plural, (_, _, head) in KINDS.items()}
    assert all("a" in {row.split()[0] for row in table.splitlines()} for table in tables.values())
    assert [line.split() for line in described.splitlines()].count(["Name:", "a"]) == len(KINDS)
    assert deleted.count(" deleted") == len(KINDS)


async def test_delete_says_what_is_gone(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        by_file = await kubectl.out("delete", "-f", "-", stdin=ROUTE)
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        by_all = await kubectl.out("delete", "ingressroute", "--all")
        missing = await kubectl("delete", "ingressroute", "grafana")

    assert by_file == by_all == 'ingressroute.traefik.io "grafana" deleted\n'
    assert missing.code == 1


async def test_labels_and_annotations_are_set_and_taken_away(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        said = [
            await kubectl.out("label", "ingressroute", "grafana", "tier=front"),
            await kubectl.out("annotate", "ingressroute", "grafana", "a/b=c"),
            await kubectl.out("label", "ingressroute", "grafana", "app-"),
        ]
        found = kubectl.api.find("ingressroutes", "traefik.io/v1alpha1", "grafana")

    assert found is not None
    assert found["metadata"]["labels"] == {"tier": "front"}
    assert found["metadata"]["annotations"] == {"a/b": "c"}
    done = [text.removeprefix("ingressroute.traefik.io/grafana ") for text in said]
    assert done == ["labeled\n", "annotated\n", "unlabeled\n"]


@pytest.mark.parametrize(
    ("form", "patch"),
    [
        ("merge", {"spec": {"entryPoints": ["websecure"]}}),
        ("json", [{"op": "replace", "path": "/spec/entryPoints/0", "value": "websecure"}]),
    ],
)
async def test_patch_changes_the_object(tmp_path: Path, form: str, patch: object) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        text = json.dumps(patch)
        said = await kubectl.out("patch", "ingressroute", "grafana", "--type", form, "-p", text)
        found = kubectl.api.find("ingressroutes", "traefik.io/v1alpha1", "grafana")

    assert said == "ingressroute.traefik.io/grafana patched\n"
    assert found is not None
    assert found["spec"]["entryPoints"] == ["websecure"]


async def test_a_status_can_be_patched(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "service", "loadbalancer", "traefik", "--tcp=80:8080")
        pending = await kubectl.out("get", "service", "traefik", "--no-headers")
        status = '{"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}'
        patch = ("patch", "service", "traefik", "--subresource=status", "--type=merge", "-p")
        await kubectl.out(*patch, status)
        given = await kubectl.out("get", "service", "traefik", "--no-headers")

    assert (pending.split()[3], given.split()[3]) == ("<pending>", "192.0.2.1")


async def test_edit_opens_an_editor_and_stores_what_it_left(tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "file.write_text(file.read_text().replace('grafana.lab', 'edited.lab'))\n"
    )
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        editor = f"{sys.executable} {script}"
        result = await kubectl("edit", "ingressroute", "grafana", KUBE_EDITOR=editor)
        rule = kubectl.match()

    assert result == Result(0, "ingressroute.traefik.io/grafana edited\n", "")
    assert rule == "Host(`edited.lab.test`)"


async def test_diff_shows_the_change_and_makes_none(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("apply", "-f", "-", stdin=ROUTE)
        result = await kubectl("diff", "-f", "-", stdin=MOVED)
        rule = kubectl.match()

    assert result.code == 1
    assert "+    match: Host(`moved.lab.test`)" in result.out
    assert rule == "Host(`grafana.lab.test`)"


async def test_replace_keeps_the_object_and_with_force_makes_another(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        uid = ("get", "ingressroute", "grafana", "-o", "jsonpath={.metadata.uid}")
        first = await kubectl.out(*uid)
        said = await kubectl.out("replace", "-f", "-", stdin=MOVED)
        rule = kubectl.match()
        second = await kubectl.out(*uid)
        await kubectl.out("replace", "--force", "-f", "-", stdin=ROUTE)
        third = await kubectl.out(*uid)
        await kubectl.out("delete", "ingressroute", "grafana")
        missing = await kubectl("replace", "-f", "-", stdin=ROUTE)

    assert (said, rule) == (
        "ingressroute.traefik.io/grafana replaced\n",
        "Host(`moved.lab.test`)",
    )
    assert (first == second, second == third) == (True, False)
    assert missing.code == 1
    assert 'ingressroutes.traefik.io "grafana" not found' in missing.err


async def test_wait_waits_for_a_condition_and_for_a_deletion(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        crd = "crd/ingressroutes.traefik.io"
        met = await kubectl.out("wait", "--for=condition=established", crd, "--timeout=5s")
        gone = ("wait", "--for=delete", "ingressroute/grafana", "--timeout=5s")
        process = await kubectl.start(*gone)
        kubectl.api.delete("ingressroutes", "traefik.io/v1alpha1", "grafana")
        await process.communicate()

    assert met.endswith("condition met\n")
    assert process.returncode == 0


async def test_a_namespace_and_what_is_in_it_come_and_go(tmp_path: Path) -> None:
    moved = ROUTE.replace("namespace: default", "namespace: apps")
    async with cluster(tmp_path) as kubectl:
        created = await kubectl.out("create", "namespace", "apps")
        await kubectl.out("apply", "-f", "-", stdin=moved)
        await kubectl.out("delete", "namespace", "apps", "--timeout=10s")
        left = kubectl.api.names("ingressroutes", "traefik.io/v1alpha1")

    assert (created, left) == ("namespace/apps created\n", [])


async def test_objects_of_built_in_kinds_are_made_by_create(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        said = [
            await kubectl.out("create", "configmap", "c", "--from-literal=a=b"),
            await kubectl.out("create", "secret", "generic", "s", "--from-literal=a=b"),
            await kubectl.out("create", "ingress", "i", "--rule=a.lab.test/=web:80"),
        ]
        shown = await kubectl.out("get", "ingress", "i", "--no-headers")

    assert said == [
        "configmap/c created\n",
        "secret/s created\n",
        "ingress.networking.k8s.io/i created\n",
    ]
    assert shown.split()[:3] == ["i", "<none>", "a.lab.test"]


async def test_a_built_in_kind_is_applied_with_a_strategic_patch(tmp_path: Path) -> None:
    backend = "{service: {name: web, port: {number: 80}}}"
    text = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec:\n"
        "  rules:\n  - host: a.lab.test\n    http:\n      paths:\n"
        f"      - {{path: /, pathType: Prefix, backend: {backend}}}\n"
    )
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("apply", "-f", "-", stdin=text)
        said = await kubectl.out("apply", "-f", "-", stdin=text.replace("a.lab", "b.lab"))
        patch = ("patch", "ingress", "i", "-p", '{"metadata": {"labels": {"x": "y"}}}')
        patched, again = await kubectl.out(*patch), await kubectl.out(*patch)
        shown = await kubectl.out("get", "ingress", "i", "--no-headers")

    assert said == "ingress.networking.k8s.io/i configured\n"
    assert shown.split()[2] == "b.lab.test"
    assert patched == "ingress.networking.k8s.io/i patched\n"
    assert again == "ingress.networking.k8s.io/i patched (no change)\n"


async def test_api_resources_and_explain_know_the_kinds(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        names = await kubectl.out("api-resources", "-o", "name")
        explained = await kubectl.out("explain", "ingressroute.spec.routes.match")

    assert {"ingressroutes.traefik.io", "ingresses.networking.k8s.io"} <= set(names.split())
    assert "The router's rule: which requests it takes." in explained


async def test_auth_says_who_one_is_and_what_one_may(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        kubectl.api.forbid("delete", "ingressroutes")
        may = await kubectl("auth", "can-i", "list", "ingressroutes")
        may_not = await kubectl("auth", "can-i", "delete", "ingressroutes")
        who = await kubectl.out("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")

    assert (may.code, may.out) == (0, "yes\n")
    assert (may_not.code, may_not.out) == (1, "no\n")
    assert who == "sandbox"


async def test_a_removed_crd_takes_its_kind_along(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        await kubectl.out("create", "-f", "-", stdin=ROUTE)
        await kubectl.out("delete", "crd", "ingressroutes.traefik.io")
        after = await kubectl("get", "ingressroutes")

    assert after.code == 1
    assert "the server" in after.err


async def test_a_mistake_in_a_manifest_is_told_with_its_field(tmp_path: Path) -> None:
    async with cluster(tmp_path) as kubectl:
        wrong = await kubectl("apply", "-f", "-", stdin=ROUTE.replace("match:", "macth:"))
        named = await kubectl("create", "-f", "-", stdin=ROUTE.replace("name: grafana", "name: G_"))

    assert wrong.code == 1
    assert "spec.routes[0].macth" in wrong.err
    assert named.code == 1
    assert "a lowercase RFC 1123 subdomain" in named.err
