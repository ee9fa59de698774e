"""Each way to break the two servers, as a client of theirs meets it, and that it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from catalyst_dns_sync.sandbox.breaking.breakage import BreakageError, Server, parse_breakage
from catalyst_dns_sync.sandbox.breaking.breaker import Breaker
from catalyst_dns_sync.sandbox.breaking.targets import BreakableKubernetes, BreakableTechnitium
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api import INSTANT, KubeApi
from catalyst_dns_sync.sandbox.kube_api import serve as serve_kube
from catalyst_dns_sync.sandbox.technitium import Faults, Technitium
from catalyst_dns_sync.sandbox.technitium import serve as serve_dns

ROUTES = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"
ZONE = "lab.test"
PATIENCE = 0.2


@dataclass
class Here:
    """A sandbox's two servers, and clients of theirs."""

    breaker: Breaker
    api: KubeApi
    server: Technitium
    client: aiohttp.ClientSession
    kube_url: str
    dns_url: str
    token: str

    async def break_(self, what: str, **options: Any) -> list[str]:
        options = {key.rstrip("_"): value for key, value in options.items()}
        return await self.breaker.break_(parse_breakage({"what": what} | options))

    async def kubernetes(self, query: str = "") -> str:
        """List the routes: the status, or what became of the request."""
        headers = {"Authorization": "Bearer secret"}
        return await self._outcome("GET", self.kube_url + ROUTES + query, headers=headers)

    async def technitium(self, path: str = "zones/list", **parameters: str) -> str:
        """Make a call: the status, or what became of the request."""
        form = {"token": self.token} | parameters
        return await self._outcome("POST", f"{self.dns_url}/api/{path}", data=form)

    async def add(self, name: str) -> str:
        return await self.technitium(
            "zones/records/add", domain=f"{name}.{ZONE}", type="A", ipAddress="192.0.2.1"
        )

    def names(self) -> list[str]:
        records = self.server.records(ZONE)
        return [record.name.partition(".")[0] for record in records if record.type == "A"]

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[aiohttp.StreamReader]:
        headers = {"Authorization": "Bearer secret"}
        version = str(self.api.store.version)
        query = {"watch": "1", "resourceVersion": version}
        url = self.kube_url + ROUTES
        async with self.client.get(url, params=query, headers=headers) as response:
            yield response.content

    async def _outcome(self, method: str, url: str, **more: Any) -> str:
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self.client.request(method, url, **more) as response,
            ):
                if response.content_type == "application/json" and response.status == 200:
                    return str((await response.json()).get("status", 200))
                return str(response.status)
        except TimeoutError:
            return "silence"
        except aiohttp.ClientConnectorError:
            return "refused"
        except aiohttp.ClientPayloadError:
            return "cut"
        except aiohttp.ClientError:
            return "reset"


@asynccontextmanager
async def sandbox() -> AsyncIterator[Here]:
    api, server = KubeApi(token="secret", timings=INSTANT), Technitium()
    server.create_zone(ZONE)
    token, faults = server.create_token(), Faults()
    doors = Door(), Door()
    breaker = Breaker(
        {
            Server.KUBERNETES: BreakableKubernetes(api, doors[0]),
            Server.TECHNITIUM: BreakableTechnitium(server, faults, doors[1], token),
        }
    )
    async with (
        serve_kube(api, door=doors[0]) as port,
        serve_dns(server, faults=faults, door=doors[1]) as ports,
        breaker.ready(),
        aiohttp.ClientSession() as client,
    ):
        yield Here(breaker, api, server, client, f"http://127.0.0.1:{port}", ports.url, token)


@pytest.mark.parametrize(
    ("what", "options", "kubernetes", "technitium"),
    [
        ("refuse", {}, "refused", "refused"),
        ("reset", {}, "reset", "reset"),
        ("half-open", {}, "silence", "silence"),
        ("status", {"status": 429}, "429", "429"),
        ("status", {}, "503", "503"),
        ("cut", {"bytes": 10}, "cut", "cut"),
        ("delay", {"delay": 9}, "silence", "silence"),
        ("pause", {}, "silence", "silence"),
        ("revoke-token", {}, "401", "invalid-token"),
    ],
)
async def test_each_way_is_met_at_both_servers_until_it_is_mended(
    what: str, options: dict[str, object], kubernetes: str, technitium: str
) -> None:
    async with sandbox() as here:
        # So that there is a connection that was open before.
        before = await here.kubernetes(), await here.technitium()
        await here.break_(what, **options)
        broken = await here.kubernetes(), await here.technitium()
        again = await here.kubernetes(), await here.technitium()
        mended = await here.breaker.mend()
        after = await here.kubernetes(), await here.technitium()

    assert broken == again == (kubernetes, technitium)
    assert before == after == ("200", "ok")
    assert len(mended) == 2


@pytest.mark.looptime
@pytest.mark.parametrize("what", ["refuse", "status", "revoke-token", "half-open"])
async def test_what_has_a_duration_ends_by_itself(what: str) -> None:
    async with sandbox() as here:
        await here.break_(what, for_=30)
        await asyncio.sleep(29)
        broken = await here.kubernetes(), await here.technitium()
        in_force = here.breaker.in_force()
        await asyncio.sleep(2)
        after = await here.kubernetes(), await here.technitium()
        left = here.breaker.in_force()

    assert "200" not in broken
    assert "ok" not in broken
    assert len(in_force) == 2
    assert (after, left) == (("200", "ok"), [])


async def test_a_number_of_requests_is_hit_after_those_that_shall_go_well() -> None:
    async with sandbox() as here:
        told = await here.break_("status", server="technitium", times=2, skip=1, path="records/add")
        others = await here.technitium()
        found = [await here.add(name) for name in "abcd"]
        in_force = here.breaker.in_force()
        names = here.names()

    assert told == [
        "technitium: status 503 at records/add, after 1 that go well, 2 times",
    ]
    assert (others, found) == ("ok", ["ok", "503", "503", "ok"])
    assert (names, in_force) == (["a", "d"], [])


async def test_a_verb_and_a_resource_aim_at_kubernetes() -> None:
    async with sandbox() as here:
        await here.break_("reset", verb="list", resource="ingresses")
        other = await here.kubernetes()
        await here.break_("reset", verb="list", resource="ingressroutes")
        hit = await here.kubernetes()
        elsewhere = await here.technitium()

    assert (other, hit, elsewhere) == ("200", "reset", "ok")


@pytest.mark.parametrize("server", [Server.KUBERNETES, Server.TECHNITIUM])
async def test_what_a_pause_holds_up_is_done_when_it_is_over(server: Server) -> None:
    async with sandbox() as here, asyncio.TaskGroup() as tasks:
        await here.break_("pause", server=server)
        ask = here.kubernetes if server is Server.KUBERNETES else here.technitium
        waiting = tasks.create_task(ask())
        await asyncio.sleep(PATIENCE / 4)
        was_done = waiting.done()
        await here.breaker.mend()
        outcome = await waiting

    assert (was_done, outcome) == (False, "200" if server is Server.KUBERNETES else "ok")


async def test_a_pause_holds_up_the_events_of_open_watches() -> None:
    async with sandbox() as here, here.watch() as events:
        await here.break_("pause", server="kubernetes")
        here.api.create(
            {
                "apiVersion": "traefik.io/v1alpha1",
                "kind": "IngressRoute",
                "metadata": {"name": "a"},
                "spec": {"routes": [{"kind": "Rule", "match": "Host(`a.lab.test`)"}]},
            }
        )
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await events.readline()
        await here.breaker.mend()
        event = await events.readline()

    assert b'"ADDED"' in event


async def test_open_watches_are_dropped_and_so_are_the_next_ones() -> None:
    async with sandbox() as here:
        async with here.watch() as events:
            # Two, because the client asks once more by itself.
            await here.break_("drop-watches", times=2)
            with pytest.raises(aiohttp.ClientPayloadError):
                await events.readline()
        lists = await here.kubernetes()
        next_watch = await here.kubernetes("?watch=1&resourceVersion=0&timeoutSeconds=1")
        in_force = here.breaker.in_force()

    assert (lists, next_watch, in_force) == ("200", "reset", [])


async def test_watches_of_another_resource_stay_open() -> None:
    async with sandbox() as here, here.watch() as events:
        await here.break_("drop-watches", resource="ingresses")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(PATIENCE / 4):
                await events.readline()


async def test_a_half_open_watch_begins_and_says_nothing() -> None:
    async with sandbox() as here:
        await here.break_("half-open", verb="watch")
        lists = await here.kubernetes()
        async with here.watch() as events:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await events.readline()

    assert lists == "200"


async def test_expired_history_is_a_410_for_those_who_come_with_an_old_version() -> None:
    async with sandbox() as here:
        version = here.api.store.version
        here.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}})
        told = await here.break_("expire-history")
        old = await here.kubernetes(f"?resourceVersion={version}&resourceVersionMatch=Exact")

    assert (told, old) == (["kubernetes: expire-history, done"], "410")


async def test_a_crash_forgets_the_last_writes_and_resets_connections() -> None:
    async with sandbox() as here:
        for name in "abc":
            await here.add(name)
        started = here.server.started
        told = await here.break_("forget", writes=2)
        names = here.names()
        after = await here.add("d")

    assert told == ["technitium: forget the last 2 writes, done"]
    assert (names, after) == (["a"], "ok")
    assert here.server.started > started


async def test_a_lost_answer_is_a_write_that_was_done() -> None:
    async with sandbox() as here:
        await here.break_("lose-answer", times=1)
        outcome = await here.add("a")
        names = here.names()

    assert (outcome, names) == ("reset", ["a"])


async def test_a_server_that_is_not_there_cannot_be_broken() -> None:
    async with sandbox() as here:
        told = await here.break_("refuse")
        with pytest.raises(BreakageError, match="no technitium-2: start the sandbox with"):
            await here.break_("refuse", server="technitium-2")

    assert [line.partition(":")[0] for line in told] == ["kubernetes", "technitium"]


@pytest.mark.looptime
async def test_a_second_refusal_takes_the_place_of_the_first() -> None:
    async with sandbox() as here:
        await here.break_("refuse", server="technitium", for_=10)
        await here.break_("refuse", server="technitium", for_=30)
        await asyncio.sleep(20)
        still = await here.technitium()
        await asyncio.sleep(11)
        after = await here.technitium()

    assert (still, after) == ("refused", "ok")


async def test_a_port_that_somebody_took_meanwhile_is_taken_back_later() -> None:
    async with sandbox() as here, asyncio.TaskGroup() as tasks:
        await here.break_("refuse", server="technitium")
        port = int(here.dns_url.rpartition(":")[2])
        other = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", port)
        mending = tasks.create_task(here.breaker.mend())
        await asyncio.sleep(0.05)
        other.close()
        await other.wait_closed()
        await mending
        after = await here.technitium()

    assert after == "ok"


async def test_what_is_still_broken_does_not_hold_up_the_stop() -> None:
    async with asyncio.timeout(5), sandbox() as here:
        for what in ("pause", "refuse", "revoke-token"):
            await here.break_(what, for_=600)
