"""The main job as its user sees it: the command, real kubectl, real DNS queries."""

import asyncio
import json
import signal
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fakes.processes import COMMAND, RunningSandbox, cli, program, sandbox, stage

HOMELAB = Path(__file__).parent.parent / "cases" / "homelab"
TARGET = {"192.168.1.54"}
NXDOMAIN = ("NXDOMAIN", set[str]())

ROUTE = """
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: NAME, namespace: default}
spec:
  entryPoints: [websecure]
  routes:
  - {kind: Rule, match: "RULE", services: [{name: web, port: 80}]}
"""


def route(name: str, rule: str) -> str:
    return ROUTE.replace("NAME", name).replace("RULE", rule)


async def kubectl(here: RunningSandbox, *args: str, stdin: str = "") -> str:
    config = ("--kubeconfig", here.printed["kubeconfig"])
    ended = await program("kubectl", *config, *args, stdin=stdin)
    assert ended.code == 0, ended.err
    return ended.out


async def listed(here: RunningSandbox, zone: str) -> dict[str, Any]:
    url = f"{here.printed['technitium_url']}/api/zones/records/get"
    token = here.printed["technitium_token"]
    form = {"zone": zone, "domain": zone, "listZone": "true", "token": token}
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        answer: dict[str, Any] = await response.json()
    return answer


async def all_names(here: RunningSandbox, zone: str) -> set[str]:
    records = (await listed(here, zone))["response"]["records"]
    return {record["name"] for record in records if record["type"] not in ("SOA", "NS")}


async def test_the_homelab_gets_exactly_its_73_names_and_then_nothing_is_left_to_do() -> None:
    wanted = set((HOMELAB / "hosts-talos00.txt").read_text().split())
    async with sandbox("--objects", str(HOMELAB), "--zone", "talos00") as here:
        answers = {name: await here.dig(name) for name in wanted}
        found = await all_names(here, "talos00")
        missing = await here.dig("no-such-name.talos00")
        planned = await cli("plan", **here.environment)
        port = str(here.printed["dns_port"])
        asked = ("explain", "argocd.talos00", "--dns-port", port, "-o", "json")
        explained = await cli(*asked, **here.environment)

    assert len(wanted) == 73
    assert answers == dict.fromkeys(wanted, ("NOERROR", TARGET))
    assert found == wanted
    assert missing == NXDOMAIN
    assert planned.code == 0, planned.out + planned.err
    assert "0 to create, 0 to update, 0 to delete, 0 later" in planned.out
    assert explained.code == 0, explained.out + explained.err
    assert json.loads(explained.out)["verdict"] == (
        "argocd.talos00 is in DNS as the cluster wants it"
    )


@pytest.mark.tool("kubectl", "dig")
async def test_the_story_of_a_name_with_kubectl_and_dig() -> None:
    async with sandbox("--zone", "lab.test") as here:
        await kubectl(here, "apply", "-f", "-", stdin=route("a", "Host(`one.lab.test`)"))
        await here.wait_for("one.lab.test", TARGET)
        dig = ("dig", f"@{here.printed['dns_host']}", "-p", str(here.printed["dns_port"]))
        asked = await program(*dig, "+short", "one.lab.test")
        over_tcp = await program(*dig, "+short", "+tcp", "ONE.lab.test")

        await kubectl(here, "apply", "-f", "-", stdin=route("a", "Host(`two.lab.test`)"))
        await here.wait_for("two.lab.test", TARGET)
        await here.wait_for("one.lab.test", set())

        await kubectl(here, "apply", "-f", "-", stdin=route("b", "Host(`two.lab.test`)"))
        await kubectl(here, "delete", "ingressroute", "a")
        await asyncio.sleep(1)
        with_one_of_two = await here.dig("two.lab.test")
        await kubectl(here, "delete", "ingressroute", "b")
        await here.wait_for("two.lab.test", set())

        assert asked.out.split() == over_tcp.out.split() == list(TARGET)
        assert with_one_of_two == ("NOERROR", TARGET)
        assert await here.dig("two.lab.test") == NXDOMAIN


async def test_without_a_daemon_run_can_be_started_by_hand_and_ends_on_a_signal() -> None:
    async with sandbox("--zone", "lab.test", "--no-daemon") as here:
        before = await all_names(here, "lab.test")
        planned = await cli("plan", "-o", "json", **here.environment)
        dry = await cli("run", "--once", "--dry-run", **here.environment)
        untouched = await all_names(here, "lab.test")
        once = await cli("run", "--once", **here.environment)
        made = await all_names(here, "lab.test")
        again = await cli("plan", **here.environment)
        zones = here.environment | {"DNS_ZONES": "lab.test,nowhere.test"}
        partly = await cli("plan", **zones)
        not_at_all = await cli("plan", "--zone", "nowhere.test", **zones)

    assert before == untouched == set()
    assert planned.code == 2
    changes = json.loads(planned.out)["zones"][0]["changes"]
    assert {change["name"] for change in changes} == made
    assert dry.code == once.code == again.code == 0, dry.err + once.err + again.err
    assert (partly.code, partly.out) == (1, again.out)
    assert (not_at_all.code, not_at_all.out) == (1, "")
    assert partly.err == not_at_all.err
    assert partly.err.startswith("error: zone nowhere.test is not among the zones")
    assert "dry run" in dry.out
    assert "grafana.lab.test" in made


async def test_the_daemon_ends_with_exit_code_0_on_each_signal() -> None:
    async with stage("lab.test") as here:
        for number in (signal.SIGTERM, signal.SIGINT):
            ports = {"METRICS_BIND_ADDRESS": "127.0.0.1:0", "HEALTH_PROBE_ADDRESS": "127.0.0.1:0"}
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "run", stdout=asyncio.subprocess.PIPE, env=here.environment | ports
            )
            assert process.stdout is not None
            while b"first pass" not in (line := await process.stdout.readline()):
                assert line
            process.send_signal(number)
            rest, _ = await process.communicate()

            assert process.returncode == 0
            assert json.loads(rest.splitlines()[-1])["msg"] == "stopped"


async def test_the_daemon_works_with_an_older_technitium_and_listens_on_its_own_socket() -> None:
    async with sandbox("--zone", "lab.test", "--technitium-version", "13.6") as here:
        answer = await listed(here, "lab.test")
        paused = await cli("pause", "--control-socket", here.printed["control_socket"])
        again = await cli("plan", **here.environment)

    assert here.printed["technitium_version"] == "13.6"
    assert "server" not in answer
    assert (paused.code, paused.out) == (0, "paused\n")
    assert again.code == 0, again.out + again.err


async def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await cli("sandbox", "--port-base", str(port))

    assert ended.code == 1
    (line,) = ended.err.strip().splitlines()
    assert f"port {port} of 127.0.0.1 can't be had" in line
    assert "--port-base" in line


async def test_objects_that_cannot_be_had_are_named_and_the_rest_is_created(
    tmp_path: Path,
) -> None:
    (tmp_path / "all.yaml").write_text(
        route("a", "Host(`a.lab.test`)")
        + "---\napiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n"
        + "---\n"
        + route("Bad_Name", "Host(`b.lab.test`)")
    )
    (tmp_path / "list.json").write_text(
        json.dumps({"kind": "List", "apiVersion": "v1", "items": [_ingress("c.lab.test")]})
    )
    async with sandbox("--zone", "lab.test", "--objects", str(tmp_path)) as here:
        found = await all_names(here, "lab.test")

    assert found == {"a.lab.test", "c.lab.test"}
    assert here.printed["objects"] == 2
    unknown, refused = here.printed["skipped"]
    assert "example.org/v1 Widget is not served here, skipped" in unknown
    assert "Bad_Name" in refused


async def test_somebody_elses_kubeconfig_is_not_overwritten(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("apiVersion: v1\nkind: Config\ncurrent-context: production\n")
    ended = await cli("sandbox", "--port-base", "0", "--kubeconfig", str(config))

    assert ended.code == 1
    assert "somebody else's file" in ended.err
    assert "production" in config.read_text()


def _ingress(host: str) -> dict[str, object]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "c", "namespace": "web"},
        "spec": {"rules": [{"host": host}]},
    }
