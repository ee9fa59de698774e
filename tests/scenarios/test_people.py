"""What people tell the daemon: release, pause, resume, adopt, purge."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import pytest

from catalyst_dns_sync.app.passes import settled
from catalyst_dns_sync.app.takeover import NotAllDoneError, Opening, adopt, purge_all, purge_orphans
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.selectors import parse_label_selector
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.telemetry import logs
from catalyst_dns_sync.web.control import LogLevel, control_app
from catalyst_dns_sync.web.controlsocket import NotRunningError, ask, serve_socket
from fakes.world import Shown, World, running, settle, world

LOG_LEVEL = LogLevel(("debug", "info"), lambda: "info", lambda _level: None)

pytestmark = pytest.mark.looptime

V1 = "apiextensions.k8s.io/v1"


async def yes(_changes: Sequence[Change]) -> bool:
    return True


def opening(settings: Settings) -> Opening:
    return partial(settled, settings)


def routes(here: World, count: int) -> set[str]:
    for number in range(count):
        here.route(f"r{number}", f"Host(`r{number}.lab.test`)")
    return {f"r{number}.lab.test" for number in range(count)}


async def test_a_release_lets_exactly_the_names_go_that_it_named() -> None:
    async with world() as here:
        names = routes(here, 10)
        async with running(here):
            pass
        for number in range(10):
            here.delete_route(f"r{number}")
        async with running(here) as daemon:
            socket = daemon.parts.settings.control_socket
            await settle(120)
            shown = (await ask(socket, "GET", "status"))["releasable"]
            chosen = ["r0.lab.test", "r1.lab.test", "never-heard-of.lab.test"]
            answer = await ask(socket, "POST", "release", {"names": chosen})
            await settle(600)

        assert set(shown) == names
        assert answer == {"released": ["r0.lab.test", "r1.lab.test"]}
        assert here.names() == names - {"r0.lab.test", "r1.lab.test"}


async def test_names_of_a_removed_crd_go_when_a_person_releases_them() -> None:
    async with world() as here:
        names = routes(here, 3)
        async with running(here) as daemon:
            socket = daemon.parts.settings.control_socket
            here.api.delete("customresourcedefinitions", V1, "ingressroutes.traefik.io", "")
            await settle(120)
            kept = here.names()
            shown = (await ask(socket, "GET", "status"))["releasable"]
            await ask(socket, "POST", "release", {"names": sorted(shown)})
            await settle(10)

        assert kept == set(shown) == names
        assert here.names() == set()


async def test_a_name_that_is_claimed_again_after_its_release_stays() -> None:
    async with world() as here:
        names = routes(here, 3)
        async with running(here):
            pass
        for number in range(3):
            here.delete_route(f"r{number}")
        async with running(here) as daemon:
            socket = daemon.parts.settings.control_socket
            await settle(120)
            await ask(socket, "POST", "pause")
            await ask(socket, "POST", "release", {"names": sorted(names)})
            routes(here, 1)
            await settle(10)
            await ask(socket, "POST", "resume")
            await settle(600)

        assert here.names() == {"r0.lab.test"}


async def test_a_pause_stops_every_write_and_nothing_is_forgotten() -> None:
    async with world() as here:
        routes(here, 2)
        async with running(here) as daemon:
            socket = daemon.parts.settings.control_socket
            await ask(socket, "POST", "pause")
            here.route("new", "Host(`new.lab.test`)")
            here.delete_route("r0")
            await settle(600)
            during = here.names()
            status, body = await daemon.get("/readyz")
            await ask(socket, "POST", "resume")
            await settle(2)

        assert status == 200
        assert '"state": "paused"' in body
        assert during == {"r0.lab.test", "r1.lab.test"}
        assert here.names() == {"r1.lab.test", "new.lab.test"}


async def test_the_level_of_the_log_is_set_and_read_over_the_socket() -> None:
    root = logging.getLogger()
    before = root.level
    async with world() as here, running(here) as daemon:
        socket = daemon.parts.settings.control_socket
        set_ = await ask(socket, "POST", "log-level", {"level": "debug"})
        read = await ask(socket, "GET", "log-level")
        wrong = await ask(socket, "POST", "log-level", {"level": "loud"})
        level = root.level
        logs.set_level(logging.getLevelName(before).lower())

    assert set_ == read == {"level": "debug"}
    assert "debug, info, warning, error" in wrong["error"]
    assert level == logging.DEBUG


async def test_a_socket_that_a_killed_daemon_left_is_replaced_and_a_live_one_is_not() -> None:
    async with world() as here, running(here) as daemon:
        socket = daemon.parts.settings.control_socket
        app = control_app(daemon.parts.reconciler, lambda: None, LOG_LEVEL)
        with pytest.raises(OSError, match="another daemon answers"):
            async with serve_socket(app, socket):
                pass
        left = here.folder / "left.sock"
        server = await asyncio.start_unix_server(lambda _reader, _writer: None, left)
        server.close()
        await server.wait_closed()
        async with serve_socket(app, left):
            assert (await ask(left, "GET", "status"))["paused"] is False


async def test_without_a_daemon_the_command_says_where_to_run_it() -> None:
    async with world() as here:
        with pytest.raises(NotRunningError, match="CONTROL_SOCKET"):
            await ask(here.folder / "none.sock", "GET", "status")


@pytest.mark.parametrize("body", [None, [], {"names": "a"}, {"names": [1]}, {"names": ["a..b"]}])
async def test_a_release_of_nonsense_is_refused(body: object) -> None:
    async with world() as here, running(here) as daemon:
        answer = await ask(
            daemon.parts.settings.control_socket,
            "POST",
            "release",
            body,  # type: ignore[arg-type]
        )

        assert answer.keys() == {"error"}


async def test_adopt_takes_over_what_already_says_the_right_thing_and_keeps_its_comment() -> None:
    async with world() as here:
        await here.by_hand("app.lab.test", "192.0.2.1", ttl="300", comments="the app")
        await here.by_hand("other.lab.test", "192.0.2.1", ttl="300")
        here.route("app", "Host(`app.lab.test`)")
        here.route("rest", "Host(`rest.lab.test`)")
        async with running(here):
            await settle(5)

        count = await adopt(opening(here.settings()), None, yes)

        (record,) = here.shown()["app.lab.test"]
        assert count == 1
        assert record.comment.startswith("catalyst-dns-sync/v1 owner=default cluster=")
        assert record.comment.endswith(" | the app")
        assert here.shown()["other.lab.test"][0].comment == ""


async def test_an_adopted_record_goes_when_its_end_is_seen_and_not_when_it_is_inferred() -> None:
    async with world() as here:
        for name in ("seen", "unseen", "rest"):
            await here.by_hand(f"{name}.lab.test", "192.0.2.1", ttl="300")
            here.route(name, f"Host(`{name}.lab.test`)")
        await adopt(opening(here.settings()), None, yes)
        here.delete_route("unseen")
        async with running(here):
            here.delete_route("seen")
            await settle(600)

        assert here.names() == {"unseen.lab.test", "rest.lab.test"}


async def test_adopt_shows_its_changes_first_and_does_nothing_without_a_yes() -> None:
    async with world() as here:
        await here.by_hand("app.lab.test", "192.0.2.1", ttl="300", comments="mine")
        here.route("app", "Host(`app.lab.test`)")
        shown: list[Change] = []

        async def no(changes: Sequence[Change]) -> bool:
            shown.extend(changes)
            return False

        count = await adopt(opening(here.settings()), None, no)

        assert count == 0
        assert [change.name for change in shown] == ["app.lab.test"]
        mine = Shown("A", "192.0.2.1", 300, "mine", disabled=False)
        assert here.shown() == {"app.lab.test": [mine]}


async def test_adopt_from_a_cluster_takes_what_is_claimed_and_leaves_the_rest() -> None:
    async with world() as here:
        routes(here, 2)
        async with running(here):
            pass
        kube_system = here.api.find("namespaces", "v1", "kube-system", "")
        assert kube_system is not None
        old = kube_system["metadata"]["uid"].replace("-", "")[:8]
        async with world() as rebuilt:
            rebuilt.ports, rebuilt.token, rebuilt.dns = here.ports, here.token, here.dns
            rebuilt.route("r0", "Host(`r0.lab.test`)")
            count = await adopt(opening(rebuilt.settings()), old, yes)
            async with running(rebuilt):
                await settle(600)

        clusters = {
            name: f"cluster={old}" in here.shown()[name][0].comment for name in here.names()
        }
        assert count == 1
        assert clusters == {"r0.lab.test": False, "r1.lab.test": True}


async def test_purge_deletes_orphans_and_nothing_else() -> None:
    async with world() as here:
        routes(here, 2)
        here.ingress("web", "web.lab.test")
        await here.by_hand("mine.lab.test", "192.0.2.1")
        async with running(here):
            pass

        count = await purge_orphans(opening(here.settings(sources=("ingress",))), yes)

        assert count == 2
        assert here.names() == {"web.lab.test", "mine.lab.test"}


async def test_purging_all_takes_every_record_of_ours_though_its_object_is_still_there() -> None:
    async with world() as here:
        routes(here, 2)
        await here.by_hand("mine.lab.test", "192.0.2.1")
        async with running(here):
            pass

        count = await purge_all(opening(here.settings()), yes)

        assert count == 2
        assert here.names() == {"mine.lab.test"}


async def test_an_orphan_that_is_claimed_while_the_person_thinks_is_not_purged() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)", labels={"tier": "old"})
        here.route("gone", "Host(`gone.lab.test`)", labels={"tier": "old"})
        async with running(here):
            pass
        settings = here.settings(label_selector=parse_label_selector("tier=new"))

        async def later(_changes: Sequence[Change]) -> bool:
            here.route("app", "Host(`app.lab.test`)", labels={"tier": "new"})
            return True

        with pytest.raises(NotAllDoneError, match=r"^app\.lab\.test: it was changed meanwhile"):
            await purge_orphans(opening(settings), later)

        assert here.names() == {"app.lab.test"}
