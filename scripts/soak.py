"""Run the sandbox for a long time in real time, edit its cluster, break its servers, and look.

    python scripts/soak.py --minutes 60

At the end the zone must hold exactly the names of the living objects, a plan must be empty, and
memory, threads and file descriptors must not have grown. Prints a row every few minutes.
"""

import argparse
import asyncio
import json
import random
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

ROOT = Path(__file__).parent.parent
HOMELAB = ROOT / "tests" / "cases" / "homelab"
COMMAND = (sys.executable, "-m", "catalyst_dns_sync")
ROUTES = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"
ZONE = "talos00"
EDIT_EVERY = 2.0
BREAK_EVERY = 150.0
REPORT_EVERY = 300.0
BREAKAGES = (
    ("--what", "reset", "--server", "technitium", "--for", "20s"),
    ("--what", "half-open", "--server", "kubernetes", "--for", "20s"),
    ("--what", "drop-watches", "--times", "3"),
    ("--what", "status", "--server", "kubernetes", "--for", "15s"),
    (
        "--what",
        "expire-history",
    ),
    (
        "--what",
        "forget",
    ),
    ("--what", "refuse", "--server", "technitium", "--for", "15s"),
    ("--what", "lose-answer", "--server", "technitium", "--times", "5"),
    ("--what", "pause", "--server", "kubernetes", "--for", "10s"),
)


class Soak:
    """One sandbox, and what is done to it; ``wanted`` is what the routes of our own claim."""

    def __init__(self, printed: Mapping[str, Any], session: aiohttp.ClientSession) -> None:
        self.printed = printed
        self.wanted: dict[str, str] = {}
        self.edits = self.breakages = 0
        self._session = session
        config = json.loads(Path(printed["kubeconfig"]).read_text(encoding="utf-8"))
        url = urlsplit(config["clusters"][0]["cluster"]["server"])
        credentials = b64encode(f"{url.username}:{url.password}".encode()).decode()
        self._url = f"{url.scheme}://{url.hostname}:{url.port}"
        self._headers = {"Authorization": f"Basic {credentials}"}

    async def edit(self) -> None:
        """Make, change or delete one of our own routes; an API that is broken is tried later."""
        name = f"soak-{random.randrange(40)}"
        try:
            if name in self.wanted and random.random() < 0.5:
                await self._call("DELETE", f"/{name}")
                del self.wanted[name]
            else:
                host = f"s{random.randrange(60)}.soak.{ZONE}"
                if name in self.wanted:
                    await self._call("DELETE", f"/{name}")
                    del self.wanted[name]
                await self._call("POST", "", _route(name, host))
                self.wanted[name] = host
        except (aiohttp.ClientError, TimeoutError, OSError):
            await self.learn()
        self.edits += 1

    async def learn(self) -> None:
        """Ask what routes there are: an answer that was lost leaves us in doubt."""
        while True:
            try:
                found = await self._call("GET", "?labelSelector=soak=yes")
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(1)
                continue
            self.wanted = {
                item["metadata"]["name"]: item["metadata"]["annotations"]["soak/host"]
                for item in found["items"]
            }
            return

    async def names(self) -> set[str]:
        """Return the names in the zone."""
        form = {"zone": ZONE, "domain": ZONE, "listZone": "true"}
        form["token"] = self.printed["technitium_token"]
        url = f"{self.printed['technitium_url']}/api/zones/records/get"
        async with self._session.post(url, data=form) as response:
            body = await response.json()
        records = body["response"]["records"]
        names = [one["name"] for one in records if one["type"] not in ("SOA", "NS")]
        assert len(names) == len(set(names)), "a name has two records"
        return set(names)

    async def _call(self, method: str, what: str, body: object = None) -> Any:
        url = self._url + ROUTES + what
        async with self._session.request(method, url, json=body, headers=self._headers) as response:
            if response.status >= 400 and response.status not in (404, 409):
                response.raise_for_status()
            return await response.json()


async def soak(minutes: float) -> int:
    """Run it; returns the exit code."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "sandbox", "-o", "json", "--port-base", "0", "--breakable",
        "--objects", str(HOMELAB), "--zone", ZONE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    printed = json.loads(await process.stdout.readline())
    timeout = aiohttp.ClientTimeout(total=5)
    loop = asyncio.get_running_loop()
    end, broken_at, reported_at = loop.time() + minutes * 60, loop.time(), 0.0
    async with aiohttp.ClientSession(timeout=timeout) as session:
        here = Soak(printed, session)
        homelab = await here.names()
        first: dict[str, int] = {}
        while loop.time() < end:
            await here.edit()
            if loop.time() - broken_at >= BREAK_EVERY:
                broken_at = loop.time()
                here.breakages += 1
                await _break(printed)
            if loop.time() - reported_at >= REPORT_EVERY:
                reported_at = loop.time()
                seen = _usage(process.pid)
                _say(here, seen)
                # The first minutes fill caches; what counts is growth from then on.
                if here.edits > 200:
                    first = first or seen
            await asyncio.sleep(EDIT_EVERY)
        await asyncio.sleep(150)
        await here.learn()
        left, last = await here.names(), _usage(process.pid)
    _say(here, last)
    wanted = homelab | set(here.wanted.values())
    process.terminate()
    code = await process.wait()
    faults = [
        *(f"missing: {name}" for name in sorted(wanted - left)),
        *(f"orphaned: {name}" for name in sorted(left - wanted)),
        *(f"{key} grew: {first[key]} -> {last[key]}" for key in first if _grew(key, first, last)),
        *([f"exit code {code}"] if code else []),
    ]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "all is well\n")
    return int(bool(faults))


async def _break(printed: Mapping[str, Any]) -> None:
    how = random.choice(BREAKAGES)
    socket = ("--socket", str(printed["break_socket"]))
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "sandbox", "break", *how, *socket, stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()


def _usage(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {
        "resident_kib": int(fields["VmRSS"].split()[0]),
        "threads": int(fields["Threads"]),
        "descriptors": sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
    }


def _grew(key: str, first: Mapping[str, int], last: Mapping[str, int]) -> bool:
    # The embedded servers keep a bounded history; that is what the memory's tenth is for.
    allowed = {"resident_kib": first[key] // 4, "threads": 2, "descriptors": 12}
    return last[key] > first[key] + allowed[key]


def _say(here: Soak, usage: Mapping[str, int]) -> None:
    figures = " ".join(f"{key}={value}" for key, value in usage.items())
    sys.stdout.write(f"edits={here.edits} breakages={here.breakages} {figures}\n")
    sys.stdout.flush()


def _route(name: str, host: str) -> dict[str, object]:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {"soak": "yes"},
            "annotations": {"soak/host": host},
        },
        "spec": {"routes": [{"kind": "Rule", "match": f"Host(`{host}`)"}]},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=60.0)
    sys.exit(asyncio.run(soak(parser.parse_args().minutes)))
