"""Export and import, moving in and out: the commands as people run them, on one sandbox."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fakes.processes import Ended, RunningSandbox, cli, stage

ZONE = "home.arpa"
TARGET = "192.168.1.54"
HERITAGE = "heritage=external-dns,external-dns/owner=k8s,external-dns/resource=ingress/x/y"


@dataclass
class Desk:
    """Somebody with the settings in the environment, and the DNS console open."""

    here: RunningSandbox

    async def run(self, *args: str, code: int = 0, stdin: str = "", **more: str) -> Ended:
        """Run a command; it must end with this exit code."""
        ended = await cli(*args, stdin=stdin, **self.here.environment | more)
        assert ended.code == code, (args, ended)
        return ended

    async def console(self, path: str, **form: str) -> dict[str, Any]:
        """Do something in the console; it must go well."""
        url = f"{self.here.printed['technitium_url']}/api/zones/{path}"
        token = self.here.printed["technitium_token"]
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data={"token": token, "zone": ZONE, **form}) as response,
        ):
            body: dict[str, Any] = await response.json()
        assert body["status"] == "ok", body
        return body

    async def records(self) -> dict[str, list[tuple[str, str]]]:
        """Return each name's types and comments, but for the zone's own records."""
        body = await self.console("records/get", domain=ZONE, listZone="true")
        found: dict[str, list[tuple[str, str]]] = {}
        for one in body["response"]["records"]:
            if one["type"] not in ("SOA", "NS"):
                found.setdefault(one["name"], []).append((one["type"], one.get("comments", "")))
        return found

    async def add(self, label: str, kind: str = "A", **form: str) -> None:
        """Add a record by hand."""
        await self.console("records/add", domain=f"{label}.{ZONE}", type=kind, **form)


@pytest.mark.timeout(120)
async def test_records_go_out_and_come_back_and_change_hands(tmp_path: Path) -> None:
    backup, hosts = tmp_path / "backup.yaml", tmp_path / "hosts"
    async with stage() as here:
        desk = Desk(here)
        await desk.run("run", "--once")
        whole = await desk.records()
        exported = await desk.run("export")
        backup.write_text(exported.out)

        purged = await desk.run("purge", "--all", "--yes")
        assert (purged.out.splitlines()[-1], await desk.records()) == (
            f"{len(whole)} deleted",
            {},
        )

        await desk.add("ha", ipAddress="10.0.0.9")
        refused = await desk.run("import", "-", "--yes", code=1, stdin=exported.out)
        assert f"! ha.{ZONE} refused: it holds what is not ours: A 10.0.0.9" in refused.out
        assert refused.out.splitlines()[-1] == f"{len(whole) - 1} written, 1 refused"
        by_hand = {f"ha.{ZONE}": [("A", "")]}
        assert await desk.records() == whole | by_hand

        left = await desk.run("purge", "--all", "--keep-records", "--yes")
        assert left.out.splitlines()[-1] == f"{len(whole) - 1} unmarked"
        assert await desk.records() == {name: [("A", "")] for name in whole}

        await desk.add("a-grafana", "TXT", text=HERITAGE)
        options = ("--from", "external-dns", "--txt-owner-id", "k8s", "--remove-txt", "--yes")
        taken = await desk.run("adopt", *options)
        assert taken.out.splitlines() == [
            f"~ grafana.{ZONE} A {TARGET} ttl 300 (its marker)",
            f"- a-grafana.{ZONE} TXT {HERITAGE}",
            "1 adopted, 0 left as they are, 1 TXT removed",
        ]

        hosts.write_text(f"127.0.0.1 localhost\n{TARGET} jellyfin.{ZONE} printer.{ZONE} # old\n")
        taken = await desk.run("adopt", "--from", "hosts-file", str(hosts), "--yes")
        assert taken.out.splitlines()[0] == "in none of DNS_ZONES: localhost"
        assert taken.out.splitlines()[-1] == "1 adopted, 1 left as they are"

        again = await desk.run("import", str(backup), "--restore-markers", "--yes", code=1)
        assert again.out.splitlines()[-1].endswith(" written, 1 refused")
        assert {comment for held in (await desk.records()).values() for _, comment in held} == {
            comment for held in (whole | by_hand).values() for _, comment in held
        }

        taken = await desk.run("adopt", "--from-owner", "default", "--yes", OWNER_ID="second")
        assert taken.out.splitlines()[-1] == f"{len(whole) - 1} adopted, 0 left as they are"
        assert " owner=second " in (await desk.records())[f"grafana.{ZONE}"][0][1]
