"""The baseline: what a small program does that works, and does not think of size.

    python -m benchmarks.naive

On each event, and once a minute, it waits 0.2 s, lists all objects and the whole zone, compares
them, and makes one call after the other. It knows one zone and A records, owns what has its
comment, reads rules by a regular expression, and forgets all between two passes. Settings are
those of the daemon. There is no safety in it, which makes it faster, not slower.
"""

import asyncio
import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.objects import TARGET_ANNOTATION

RESOURCES = (
    "/apis/networking.k8s.io/v1/ingresses",
    "/apis/traefik.io/v1alpha1/ingressroutes",
)
DEBOUNCE = 0.2
INTERVAL = 60.0
COMMENT = "naive"
TTL = "300"
READ_BUFFER = 2**20
HOST = re.compile(r"Host\(`([^`]+)`\)")


@dataclass(frozen=True, slots=True)
class Where:
    """The two servers, and what names shall get."""

    kubernetes: str
    technitium: str
    token: str
    zone: str
    target: str


class Naive:
    """The whole program."""

    def __init__(self, where: Where, session: aiohttp.ClientSession) -> None:
        self._where = where
        self._session = session
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for resource in RESOURCES:
                tasks.create_task(self._watch(resource))
            while True:
                self._changed.clear()
                await self._pass()
                try:
                    async with asyncio.timeout(INTERVAL):
                        await self._changed.wait()
                    await asyncio.sleep(DEBOUNCE)
                except TimeoutError:
                    continue

    async def _watch(self, resource: str) -> None:
        url = self._where.kubernetes + resource
        while True:
            listed = await self._get(url, limit="1")
            version = listed["metadata"]["resourceVersion"]
            parameters = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "300"}
            # What came between the pass's list and this watch is in no other event.
            self._changed.set()
            async with self._session.get(url, params=parameters) as stream:
                async for _ in stream.content:
                    self._changed.set()

    async def _pass(self) -> None:
        wanted: dict[str, str] = {}
        for resource in RESOURCES:
            listed = await self._get(self._where.kubernetes + resource)
            for item in listed["items"]:
                annotations = item["metadata"].get("annotations", {})
                target = annotations.get(TARGET_ANNOTATION, self._where.target)
                wanted |= dict.fromkeys(_hosts(item), target)
        zone = self._where.zone
        answer = await self._call("zones/records/get", domain=zone, zone=zone, listZone="true")
        held = {
            record["name"]: record["rData"]["ipAddress"]
            for record in answer["response"]["records"]
            if record["type"] == "A" and record.get("comments") == COMMENT
        }
        for name, address in wanted.items():
            if held.get(name) != address:
                await self._change("add", name, address, overwrite="true")
        for name, address in held.items():
            if name not in wanted:
                await self._change("delete", name, address)

    async def _change(self, what: str, name: str, address: str, **others: str) -> None:
        form = {"zone": self._where.zone, "domain": name, "type": "A", "ipAddress": address}
        if what == "add":
            form |= {"ttl": TTL, "comments": COMMENT}
        await self._call(f"zones/records/{what}", **form, **others)

    async def _call(self, path: str, **form: str) -> Any:  # noqa: ANN401 (JSON)
        url = f"{self._where.technitium}/api/{path}"
        async with self._session.post(url, data={"token": self._where.token} | form) as response:
            return json.loads(await response.read())

    async def _get(self, url: str, **parameters: str) -> Any:  # noqa: ANN401 (JSON)
        async with self._session.get(url, params=parameters) as response:
            return json.loads(await response.read())


def _hosts(item: dict[str, Any]) -> Iterator[str]:
    for rule in item["spec"].get("rules", ()):
        yield rule["host"]
    for route in item["spec"].get("routes", ()):
        yield from HOST.findall(route["match"])


async def main() -> None:
    """Run until SIGTERM."""
    config = json.loads(await asyncio.to_thread(Path(os.environ["KUBECONFIG"]).read_text))
    where = Where(
        kubernetes=config["clusters"][0]["cluster"]["server"],
        technitium=os.environ["DNS_SERVER_URL"],
        token=os.environ["DNS_API_TOKEN"],
        zone=os.environ["DNS_ZONES"],
        target=os.environ["DNS_IP_ADDRESS"],
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(read_bufsize=READ_BUFFER, timeout=timeout) as session,
        asyncio.TaskGroup() as tasks,
    ):
        running = tasks.create_task(Naive(where, session).run())
        await stop.wait()
        running.cancel()


if __name__ == "__main__":
    asyncio.run(main())
