"""Two instances, of which one writes: stopped, killed, paused, cut off, on a slow API server."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import dns.asyncquery
import dns.message
import pytest
from aiohttp import web

from catalyst_dns_sync.app import daemon, passes
from catalyst_dns_sync.app.build import build
from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api import kubeconfig
from catalyst_dns_sync.sandbox.kube_api.faults import Fault, FaultKind
from catalyst_dns_sync.sandbox.technitium.faults import Fault as DnsFault
from catalyst_dns_sync.sandbox.technitium.faults import Kind
from catalyst_dns_sync.settings.model import SettingsError
from catalyst_dns_sync.settings.parsers import Secret
from catalyst_dns_sync.web.controlsocket import StandsByError, ask, ask_leader
from fakes.callers import BEARER, TOKEN, Caller
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

LEASES = "coordination.k8s.io/v1"


@dataclass(slots=True)
class Instance:
    """One of several daemons; its own way to the API server goes through ``door``."""

    parts: Parts
    door: Door
    stop: asyncio.Event
    task: asyncio.Task[None]

    @property
    def leads(self) -> bool:
        return not self.parts.stands_by

    @property
    def identity(self) -> str:
        assert self.parts.elector is not None
        return self.parts.elector.identity

    async def ends(self) -> None:
        """Stop it as SIGTERM does."""
        self.stop.set()
        await self.task

    async def dies(self) -> None:
        """Kill it: nothing that it would do at the end is done."""
        self.task.cancel()
        await asyncio.wait([self.task])


@asynccontextmanager
async def api_port(here: World, door: Door) -> AsyncIterator[int]:
    """Serve the cluster's API on one more port."""
    runner = web.AppRunner(here.api.app(), handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        async with door.opened(runner, "127.0.0.1", 0, logging.getLogger(__name__)) as port:
            yield port
    finally:
        await runner.cleanup()


@asynccontextmanager
async def instance(here: World, name: str, **settings: Any) -> AsyncIterator[Instance]:
    """Run an instance while the block runs."""
    door = Door()
    async with api_port(here, door) as port:
        config = here.folder / f"{name}.kubeconfig"
        config.write_text(kubeconfig(f"http://127.0.0.1:{port}", "kube-token"))
        settings |= {"kubeconfig": config}
        async with _running(here, name, door, settings) as one:
            yield one


@asynccontextmanager
async def _running(
    here: World, name: str, door: Door, settings: dict[str, Any]
) -> AsyncIterator[Instance]:
    values: dict[str, Any] = {
        "leader_election": True,
        "lease_namespace": "default",
        "pod_name": name,
        "control_socket": here.folder / f"{name}.sock",
    }
    async with build(here.settings(**values | settings)) as parts, asyncio.TaskGroup() as tasks:
        stop = asyncio.Event()
        one = Instance(parts, door, stop, tasks.create_task(daemon.work(parts, stop)))
        try:
            yield one
        finally:
            stop.set()


@asynccontextmanager
async def two(here: World, **settings: Any) -> AsyncIterator[tuple[Instance, Instance]]:
    """Run two instances; the first one leads."""
    async with instance(here, "one", **settings) as first:
        await settle(5)
        async with instance(here, "two", **settings) as second:
            await settle(5)
            assert (first.leads, second.leads) == (True, False)
            yield first, second


def lease(here: World) -> dict[str, Any]:
    found = here.api.find("leases", LEASES, "catalyst-dns-sync")
    assert found is not None
    spec: dict[str, Any] = found["spec"]
    return spec


async def seconds_until_led_by(one: Instance) -> float:
    assert one.parts.elector is not None
    loop = asyncio.get_running_loop()
    began = loop.time()
    await one.parts.elector.leadership.wait_begun()
    return loop.time() - began


async def test_one_of_two_instances_writes_and_the_lease_says_which() -> None:
    async with world() as here, two(here) as (first, second):
        here.route("a", "Host(`a.lab.test`)")
        await settle(5)

        assert here.names() == {"a.lab.test"}
        assert here.writes == 1
        assert len(second.parts.sources.objects()) == 1
        spec = lease(here)
        assert spec["holderIdentity"] == first.identity
        assert spec["leaseDurationSeconds"] == 15
        assert spec["leaseTransitions"] == 0
        assert spec["acquireTime"] < spec["renewTime"]


async def test_after_a_clean_stop_the_other_one_writes_within_two_seconds() -> None:
    async with world() as here, two(here) as (first, second):
        await first.ends()
        released = lease(here)
        here.route("a", "Host(`a.lab.test`)")
        took = await seconds_until_led_by(second)
        await settle(0.5)

        assert (released["holderIdentity"], released["leaseDurationSeconds"]) == ("", 1)
        assert took + 0.5 < 2
        assert here.names() == {"a.lab.test"}
        assert lease(here)["holderIdentity"] == second.identity
        assert lease(here)["leaseTransitions"] == 1


@asynccontextmanager
async def resolver(here: World, *names: str) -> AsyncIterator[list[str]]:
    """Ask for the names again and again while the block runs; yield those without an answer."""
    failed: list[str] = []

    async def ask() -> None:
        while True:
            for name in names:
                query = dns.message.make_query(name, "A")
                reply = await dns.asyncquery.udp(query, here.ports.host, 5, here.ports.dns)
                if not reply.answer:
                    failed.append(name)
            await settle(0.1)

    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(ask())
        yield failed
        asking.cancel()


async def test_a_rolling_update_and_a_drain_leave_every_name_resolvable() -> None:
    moved = {"catalyst-dns-sync.io/target": "192.0.2.9"}
    async with world() as here, AsyncExitStack() as pods:
        asked = ["r0.lab.test", "r1.lab.test", "r2.lab.test"]
        for name in asked:
            here.route(name.partition(".")[0], f"Host(`{name}`)")
        first = await pods.enter_async_context(instance(here, "old-one"))
        await settle(5)
        second = await pods.enter_async_context(instance(here, "old-two"))
        await settle(5)
        failed = await pods.enter_async_context(resolver(here, *asked))

        # manifests/overlays/ha: a new pod is ready before an old one is told to go.
        third = await pods.enter_async_context(instance(here, "new-one"))
        await settle(5)
        here.route("r0", "Host(`r0.lab.test`)", annotations=moved)
        await first.ends()
        await settle(3)
        between = here.addresses("r0.lab.test")
        fourth = await pods.enter_async_context(instance(here, "new-two"))
        await settle(5)
        here.route("late", "Host(`late.lab.test`)")
        await second.ends()
        await settle(3)
        # A drain evicts whoever leads, and the pod comes back elsewhere.
        leading, standing = (third, fourth) if third.leads else (fourth, third)
        here.route("r1", "Host(`r1.lab.test`)", annotations=moved)
        await leading.ends()
        moved_pod = await pods.enter_async_context(instance(here, "elsewhere"))
        await settle(5)

        assert failed == []
        assert between == {"192.0.2.9"}
        assert here.names() == {*asked, "late.lab.test"}
        assert here.addresses("r1.lab.test") == {"192.0.2.9"}
        assert [standing.leads, moved_pod.leads].count(True) == 1
        # Three new names and one more, and two that moved: nothing was made twice.
        assert here.writes == 6


async def test_after_a_kill_the_other_one_writes_within_twenty_seconds() -> None:
    async with world() as here:
        here.route("old", "Host(`old.lab.test`)")
        here.route("stays", "Host(`stays.lab.test`)")
        async with two(here) as (first, second):
            await first.dies()
            here.route("new", "Host(`new.lab.test`)")
            here.delete_route("old")
            took = await seconds_until_led_by(second)
            await settle(0.5)

            assert 10 < took < 19
            # The standby saw the object's end, so that nothing has to be inferred.
            assert here.names() == {"new.lab.test", "stays.lab.test"}


async def test_a_leader_that_is_cut_off_stops_before_the_other_one_begins() -> None:
    async with world() as here, two(here) as (first, second):
        assert first.parts.elector is not None
        first.door.shut()
        await first.parts.elector.leadership.wait_over()
        between = await seconds_until_led_by(second)
        await first.door.open()
        here.route("a", "Host(`a.lab.test`)")
        await settle(30)

        assert 3 < between < 10
        assert (first.leads, second.leads) == (False, True)
        assert here.writes == 1


async def test_a_leader_goes_on_where_each_call_of_the_api_takes_seconds() -> None:
    async with world() as here, two(here) as (first, second):
        slow = Fault(FaultKind.DELAY, resource="leases", times=None, seconds=4.0)
        here.api.faults.add(slow)
        for _ in range(60):
            await settle(1)
            assert (first.leads, second.leads) == (True, False)


async def test_a_leader_that_loses_the_lease_in_the_middle_of_a_plan_begins_no_more() -> None:
    async with world() as here, two(here, dns_concurrency=1) as (first, _):
        assert first.parts.elector is not None
        here.dns_faults.add(DnsFault(Kind.DELAY, "records/add", times=None, seconds=1.0))
        for number in range(20):
            here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
        await settle(3.5)
        under_way = len(here.names())
        first.door.shut()
        first.parts.elector.leadership.ends()
        await settle(10)

        assert 0 < under_way < 10
        assert len(here.names()) <= under_way + 1


async def test_a_process_that_slept_longer_than_the_lease_does_not_write_when_it_goes_on() -> None:
    async with world() as here, two(here) as (first, _):
        leadership = first.parts.elector.leadership  # type: ignore[union-attr]
        clock = leadership.clock
        reading = DnsFault(Kind.PAUSE, "records/get", times=None)
        here.route("a", "Host(`a.lab.test`)")
        here.route("b", "Host(`b.lab.test`)")
        here.route("c", "Host(`c.lab.test`)")
        await settle(0.2)
        here.dns_faults.add(reading)
        await settle(1)
        # The changes have begun and were found to be right; the process stops before it sends them.
        first.door.shut()
        leadership.clock = lambda: clock() + 60.0
        here.dns_faults.end(reading)
        await settle(5)

        assert (here.names(), here.writes) == (set(), 0)


async def test_an_instance_that_led_before_reports_no_drift_for_what_the_other_one_wrote() -> None:
    async with world() as here, two(here) as (first, second):
        here.route("a", "Host(`a.lab.test`)")
        await settle(5)
        leadership = first.parts.elector.leadership  # type: ignore[union-attr]
        first.door.shut()
        await leadership.wait_over()
        await settle(10)
        await first.door.open()
        here.route("a", "Host(`b.lab.test`)")
        await settle(10)
        assert here.names() == {"b.lab.test"}
        await second.ends()
        await settle(10)

        assert first.leads
        _, metrics = 0, first.parts.metrics.render("")[0].decode()
        drifts = [line for line in metrics.splitlines() if "_drift_detected_total{" in line]
        assert drifts
        assert all(line.endswith(" 0.0") for line in drifts)


async def test_probes_and_metrics_tell_who_leads() -> None:
    async with world() as here, instance(here, "one"):
        await settle(5)
        other: dict[str, Any] = {
            "control_socket": here.folder / "two.sock",
            "lease_namespace": "default",
        }
        async with running(here, wait=False, leader_election=True, **other) as second:
            await settle(5)
            code, ready = await second.get("/readyz")
            _, metrics = await second.get("/metrics")

            assert code == 200
            assert '"state": "standby"' in ready
            assert "catalyst_dns_sync_leader 0.0" in metrics


async def test_who_led_before_tells_nothing_of_the_zones_any_more() -> None:
    def told(one: Instance) -> list[str]:
        lines = one.parts.metrics.render("")[0].decode().splitlines()
        kinds = ("managed_records{", "skips{", "withheld_deletes{")
        return [line for line in lines if any(kind in line for kind in kinds)]

    async with world() as here, two(here) as (first, _):
        assert first.parts.elector is not None
        here.route("a", "Host(`a.lab.test`)")
        here.route("b", "Host(`b.lab.test`) && Hst(`c`)")
        await settle(5)
        before = told(first)
        first.door.shut()
        await first.parts.elector.leadership.wait_over()

        assert sum(not line.endswith(" 0.0") for line in before) == 2
        assert all(line.endswith(" 0.0") for line in told(first))


async def test_a_lease_that_somebody_deletes_stays_with_its_holder() -> None:
    async with world() as here, two(here) as (first, second):
        here.api.delete("leases", LEASES, "catalyst-dns-sync")
        for _ in range(30):
            await settle(0.5)
            assert not second.leads

        assert first.leads
        assert lease(here)["holderIdentity"] == first.identity


async def test_a_lease_needs_a_namespace() -> None:
    async with world() as here:
        with pytest.raises(SettingsError, match="LEASE_NAMESPACE"):
            async with build(here.settings(leader_election=True)):
                pass


async def test_the_name_of_a_lease_that_is_left_over_does_not_matter() -> None:
    async with world() as here:
        body = {
            "apiVersion": LEASES,
            "kind": "Lease",
            "metadata": {"name": "catalyst-dns-sync", "namespace": "default"},
            "spec": {},
        }
        here.api.create(body)
        async with instance(here, "one") as only:
            await settle(3)

            assert only.leads
            assert lease(here)["holderIdentity"] == only.identity


async def test_one_pass_is_not_made_beside_a_leader() -> None:
    async with world() as here:
        with pytest.raises(SettingsError, match="--once"):
            await passes.once(here.settings(leader_election=True), dry_run=False)


async def test_who_speaks_to_a_standby_is_sent_to_the_leader() -> None:
    async with world() as here, instance(here, "one") as first:
        await settle(5)
        socket = here.folder / "two.sock"
        other: dict[str, Any] = {"control_socket": socket, "lease_namespace": "default"}
        async with running(here, wait=False, leader_election=True, **other):
            await settle(5)

            with pytest.raises(StandsByError, match=f"{first.identity} leads"):
                await ask_leader(socket)


CHANGES: list[tuple[str, str, object]] = [
    ("POST", "pause", None),
    ("POST", "resume", None),
    ("POST", "resync", None),
    ("POST", "release", {"names": ["a.lab.test"]}),
    ("POST", "custom-records", {"name": "b.lab.test", "targets": ["192.0.2.9"]}),
    ("DELETE", "custom-records/a.lab.test", None),
    ("DELETE", "records/a.lab.test", None),
    ("POST", "records/a.lab.test/adopt", None),
]
FORMS = ("pause", "resume", "resync", "release", "custom", "act")


@asynccontextmanager
async def asking_standby(here: World) -> AsyncIterator[Caller]:
    """Run an instance that serves pages and stands by, and yield somebody who asks it."""
    lease: dict[str, Any] = {"lease_namespace": "default", "pod_name": "two"}
    async with (
        running(here, wait=False, leader_election=True, ui_token=Secret(TOKEN), **lease) as daemon,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        await settle(5)
        yield Caller(daemon, session, dict(BEARER))


async def test_a_standby_says_which_pod_leads_to_whoever_wants_a_change_of_it() -> None:
    async with world() as here, instance(here, "one") as first:
        here.route("a", "Host(`a.lab.test`)")
        await settle(5)
        async with asking_standby(here) as caller:
            refused = [await caller.ask(*change) for change in CHANGES]
            pages = [await caller.ask("POST", f"../../ui/{form}", b"") for form in FORMS]
            form = await caller.ask("GET", "../../ui/custom")
            read = await caller.ask("GET", "overview")
            socket = caller.daemon.parts.settings.control_socket
            told = await ask(socket, "POST", "pause")

    words = f"this instance stands by, and {first.identity} leads: tell that one, the pod one"
    assert [(one.status, one.body["detail"]) for one in refused] == [(503, words)] * len(CHANGES)
    assert [(one.status, words in one.text) for one in pages] == [(503, True)] * len(FORMS)
    assert f"Nothing can be changed here: {words}." in form.text
    assert (read.status, read.body["leader"]) == (200, first.identity)
    assert told == {"error": words}
    assert here.names() == {"a.lab.test"}
