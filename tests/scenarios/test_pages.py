"""The pages, asked for without a browser: what they show, and how they are served."""

import asyncio
import gzip
import re
import socket
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from catalyst_dns_sync.app.pages import DaemonReader
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.web.server import serve
from catalyst_dns_sync.web.ui import add_pages
from catalyst_dns_sync.web.ui.model import Query, Row, State, Table
from catalyst_dns_sync.web.ui.rendering import render
from catalyst_dns_sync.web.ui.routes import Pages
from catalyst_dns_sync.web.ui.views import records_context
from fakes.world import ZONE, Running, running, settle, world

pytestmark = pytest.mark.looptime

PREFIX = "catalyst-dns-sync.io/"
PAGES = ("", "records", "events", "sources", f"names/grafana.{ZONE}", "nowhere")
VOID = {"meta", "link", "input", "img", "br", "hr", "wbr"}


class Page(HTMLParser):
    """Reads a page; ``faults`` are tags that do not match, and what the policy would block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.is_broken = False
        self.feed(text)
        self.faults += [f"open: {tag}" for tag in self.open]
        self.faults += [f"twice: {one}" for one in self.ids if self.ids.count(one) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # A place where a word may be broken is still in one word.
        self.is_broken = tag == "wbr"
        if tag not in VOID:
            self.open.append(tag)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"inline {tag}")
        self.faults += [key for key in given if key == "style" or key.startswith(("on", "hx-on"))]
        self.links += [given[key] or "" for key in ("href", "src", "action") if key in given]
        self.ids += [given["id"] or ""] if "id" in given else []

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"closed: {tag}")

    def handle_data(self, data: str) -> None:
        if self.is_broken:
            self.words[-1] += data
        else:
            self.words.append(data)
        self.is_broken = False

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


async def fetched(here: Running, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    url = f"http://127.0.0.1:{here.bound.metrics}/ui/{path}"
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers={"Accept-Encoding": "identity"} | headers) as response,
    ):
        return response.status, response.headers, await response.read()


async def page(here: Running, path: str) -> Page:
    return Page((await fetched(here, path))[2].decode())


async def test_each_page_is_well_formed_small_and_says_what_the_browser_may_do() -> None:
    async with world(ZONE) as there:
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        async with running(there) as here:
            answers = {path: await fetched(here, path) for path in PAGES}

    for path, (status, headers, body) in answers.items():
        read = Page(body.decode())
        assert (status, read.faults) == (404 if path == "nowhere" else 200, []), path
        assert all(not link.startswith(("/", "http")) for link in read.links), path
        assert len(body) < 20_000, path
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_the_first_page_takes_less_than_100_kilobytes_with_all_that_belongs_to_it() -> None:
    async with world(ZONE) as there, running(there) as here:
        _, _, body = await fetched(here, "", **{"Accept-Encoding": "gzip"})
        links = {link for link in Page(gzip.decompress(body).decode()).links if "static" in link}
        files = [
            await fetched(here, link.removeprefix("./"), **{"Accept-Encoding": "gzip"})
            for link in links
        ]

    assert len(links) == 6
    assert [status for status, _, _ in files] == [200] * 6
    assert len(body) + sum(len(content) for _, _, content in files) < 100_000


@pytest.mark.parametrize(
    ("path", "prefix", "where"),
    [
        ("/", "", "ui/"),
        ("/ui", "/tools/dns", "ui/"),
        ("/", "/tools/dns", "/tools/dns/ui/"),
        ("/", "//evil.example.com", "ui/"),
        ("/", "https://evil.example.com", "ui/"),
        ("/", "/\\evil.example.com", "ui/"),
    ],
)
async def test_the_way_to_the_pages_stays_under_the_path_of_a_proxy(
    path: str, prefix: str, where: str
) -> None:
    app = web.Application()
    add_pages(app, _nobody)
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}{path}"
        sent = {"X-Forwarded-Prefix": prefix}
        async with session.get(url, headers=sent, allow_redirects=False) as answer:
            found = answer.status, answer.headers["Location"]

    assert found == (302, where)


def _nobody() -> Pages:
    raise AssertionError("the way there needs no page")


async def test_names_are_found_by_plain_links_and_forms() -> None:
    async with world(ZONE) as there:
        for number in range(60):
            there.route(f"app-{number}", f"Host(`app-{number:02}.{ZONE}`)", f"ns-{number % 2}")
        async with running(there) as here:
            first = await page(here, "records")
            second = await page(here, "records?page=2")
            found = await page(here, "records?q=APP-07")
            filtered = await page(here, "records?namespace=ns-1&sort=-name")
            none = await page(here, "records?q=nothing-like-it")

    assert "60 names" in first.text
    assert f"app-49.{ZONE}" in first.text
    assert f"app-50.{ZONE}" not in first.text
    assert f"app-50.{ZONE}" in second.text
    assert "1 of 60 names" in found.text
    assert f"app-07.{ZONE}" in found.text
    assert "30 of 60 names" in filtered.text
    assert filtered.text.index(f"app-59.{ZONE}") < filtered.text.index(f"app-01.{ZONE}")
    assert "No name is like that" in none.text


async def test_what_is_left_alone_is_told_with_its_reason_and_what_to_do() -> None:
    async with world(ZONE) as there:
        await there.by_hand(f"grafana.{ZONE}", "192.0.2.99")
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        there.route("broken", "Host(`")
        async with running(there) as here:
            overview = await page(here, "")
            records = await page(here, "records?state=left+alone")
            name = await page(here, f"names/grafana.{ZONE}")

    for shown in (overview.text, records.text):
        assert "not-ours" in shown
        assert "delete it by hand" in shown
        assert "IngressRoute/default/broken" in shown
        assert "mend the rule" in shown
    assert "IngressRoute/default/broken IngressRoute/default/broken" not in overview.text
    assert "is stopped at record" in name.text
    assert "Delete the record" not in name.text


@pytest.mark.parametrize(
    "path", ["records?q=<b>x</b>", "nowhere/<b>x</b>", "records?kind=<b>x</b>"]
)
async def test_markup_in_an_address_is_text(path: str) -> None:
    async with world(ZONE) as there, running(there) as here:
        _, _, body = await fetched(here, path)

    assert b"<b>x" not in body


async def test_markup_in_an_annotation_is_text() -> None:
    value = "<b>value</b>"
    paths = ("", "records", "events", f"names/odd.{ZONE}")
    async with world(ZONE) as there:
        there.route("odd", f"Host(`odd.{ZONE}`)", annotations={f"{PREFIX}ttl": value})
        async with running(there) as here:
            bodies = [(await fetched(here, path))[2].decode() for path in paths]

    assert [value in Page(body).text for body in bodies] == [True] * 4
    assert [value in body for body in bodies] == [False] * 4


def test_markup_in_an_objects_name_is_text() -> None:
    # Kubernetes refuses such a name; who answers in its place may not.
    origin = "Ingress/default/<b>name</b>"
    row = Row(origin, "", State.LEFT_ALONE, origin=origin)
    context = records_context(Table([row], 1, 1, 1, 1), Query())

    told = render("records_live.html", {"base": "./", **context})

    assert origin in Page(told).text
    assert "<b>name" not in told


async def test_htmx_gets_the_part_of_a_page_that_lives() -> None:
    async with world(ZONE) as there:
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        async with running(there) as here:
            bodies = [
                (await fetched(here, path, **{"HX-Request": "true"}))[2] for path in PAGES[:-1]
            ]

    assert all(b"<html" not in body and Page(body.decode()).faults == [] for body in bodies)
    assert all(f"grafana.{ZONE}".encode() in body for body in bodies[:3])


async def test_the_theme_is_remembered_without_a_script() -> None:
    async with world(ZONE) as there, running(there) as here:
        url = f"http://127.0.0.1:{here.bound.metrics}/ui/"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(f"{url}theme?to=dark") as response:
                dark = await response.text()
            async with session.get(f"{url}theme?to=nonsense") as response:
                still = await response.text()

    assert 'data-theme="dark"' in dark
    assert 'data-theme="dark"' in still


async def test_nothing_but_the_pages_files_is_served() -> None:
    async with world(ZONE) as there, running(there) as here:
        answers = [
            (await fetched(here, f"static/{path}"))[0]
            for path in ("../routes.py", "%2e%2e/routes.py", "vendor/SHA256SUMS", "", "app.css")
        ]

    assert answers == [404, 404, 404, 404, 200]


async def test_switched_off_there_are_no_pages() -> None:
    async with world(ZONE) as there, running(there, ui=False) as here:
        status, _, _ = await fetched(here, "")

    assert status == 404


async def test_an_open_page_shows_what_a_pass_made_before_all_of_it_is_logged() -> None:
    hosts = [f"app-{number:03}.{ZONE}" for number in range(250)]
    async with world(ZONE) as there:
        there.apply(ingress_of("all", hosts))
        async with running(there, wait=False) as here:
            happenings = here.parts.happenings
            assert happenings is not None
            reader = DaemonReader(here.parts, happenings, asyncio.get_running_loop().time)
            while here.parts.board.working_since is None:  # noqa: ASYNC110 (nobody tells of it)
                await asyncio.sleep(0)
            before = await reader.table(Query())
            await here.parts.board.wait_first_passes()
            after = await reader.table(Query())

    assert (before.total, after.total) == (0, 250)


async def test_no_record_is_said_to_be_in_step_before_a_pass_looked_at_it() -> None:
    async with world(ZONE) as there:
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        async with running(there):
            pass
        there.api.faults.hang("list", "ingressroutes")
        async with running(there, wait=False) as here:
            await settle(2)
            before = await page(here, "records")
            assert len(here.parts.reconciler.contents(parse_name(ZONE)).names) > 1
            await settle(120)
            after = await page(here, "records")

    assert f"grafana.{ZONE}" not in before.text
    assert f"grafana.{ZONE}" in after.text


async def test_previews_have_a_page_while_they_are_switched_on() -> None:
    hosts = (parse_host_pattern(f"pr-*.{ZONE}"),)
    end = {"annotations": {"catalyst-dns-sync.io/ttl-after": "90m"}}
    async with world(ZONE) as there:
        there.ingress("web", f"pr-1.{ZONE}", "pr-1", **end)
        there.ingress("web", f"pr-2.{ZONE}", "pr-2")
        async with running(there, preview_hosts=hosts, preview_limit=1) as here:
            found = await page(here, "previews")
            live, _, _ = await fetched(here, "previews", **{"HX-Request": "true"})
            certificates, _, _ = await fetched(here, "certificates")
        async with running(there) as here:
            without, _, body = await fetched(here, "previews")

    rows = f"pr-1.{ZONE} live 0 s in 1 h 30 min 60 s Ingress/pr-1/web "
    rows += f"pr-2.{ZONE} over limit 0 s with its object 60 s Ingress/pr-2/web"
    assert (found.faults, live, certificates, without) == ([], 200, 404, 404)
    assert rows in found.text
    assert "./previews" in found.links
    assert "./certificates" not in found.links
    assert "PREVIEW_HOSTS" in body.decode()
    assert "previews" not in " ".join(Page(body.decode()).links)


async def test_certificates_have_a_page_and_a_word_at_each_name_while_they_are_switched_on() -> (
    None
):
    async with world(ZONE) as there:
        there.ingress("web", f"app.{ZONE}")
        there.apply(certificate_of("wild", f"*.{ZONE}"))
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        current = there.api.find("certificates", "cert-manager.io/v1", "wild", "default") or {}
        there.api.replace(
            {**current, "status": {"notAfter": "2099-01-01T00:00:00Z", **ready}}, "status"
        )
        there.apply(certificate_of("wanted", ZONE))
        async with running(there, certificates=True) as here:
            await settle(1)
            found = await page(here, "certificates")
            name = await page(here, f"names/app.{ZONE}")
        async with running(there) as here:
            without, _, _ = await fetched(here, "certificates")
            plain = await page(here, f"names/app.{ZONE}")

    covers = "Certificate/default/wild covers it until 2099-01-01"
    assert (found.faults, name.faults, without) == ([], [], 404)
    assert f"Certificate/default/wanted not ready {ZONE} not yet Issuer/acme" in found.text
    assert f"Certificate/default/wild valid *.{ZONE} 2099-01-01" in found.text
    assert "./certificates" in found.links
    assert covers in name.text
    assert "Certificate" not in plain.text


def certificate_of(name: str, host: str) -> dict[str, Any]:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"dnsNames": [host], "secretName": name, "issuerRef": {"name": "acme"}},
    }


async def test_a_name_is_shown_at_once_while_dns_does_not_answer_and_then_what_it_says() -> None:
    clock = asyncio.get_running_loop().time
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        async with world(ZONE) as there:
            there.route("grafana", f"Host(`grafana.{ZONE}`)")
            async with running(there, dns_query_port=silent.getsockname()[1]) as here:
                began = clock()
                first = await page(here, f"names/grafana.{ZONE}")
                took = clock() - began
                then = await page(here, f"names/grafana.{ZONE}?wait")

    told = "gave no answer: nothing within 2 s"
    assert took == pytest.approx(0.3, abs=0.2)
    assert f"../names/grafana.{ZONE}?wait" in first.links
    assert "has not answered yet" in first.text
    assert told not in first.text
    assert told in then.text
    assert "has not answered yet" not in then.text


async def test_an_open_page_is_told_of_a_pause_from_the_command_line() -> None:
    async with world(ZONE) as there, running(there) as here:
        happenings, path = here.parts.happenings, str(here.parts.settings.control_socket)
        assert happenings is not None
        await settle(1)
        seen = happenings.number
        connector = aiohttp.UnixConnector(path)
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.post("http://daemon/api/v1/pause", json={}) as answer:
                told = await answer.json()
            async with asyncio.timeout(2):
                await happenings.changed(seen)
        found = await page(here, "")

    assert told == {"paused": True}
    assert "Paused Nothing is written" in found.text
    assert "./resume" in found.links


def ingress_of(name: str, hosts: list[str]) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"rules": [{"host": host} for host in hosts]},
    }


async def test_a_dry_run_is_called_one_on_the_first_page() -> None:
    async with world(ZONE) as there:
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        async with running(there, dry_run=True) as here:
            overview = await page(here, "")

    assert "Dry run" in overview.text
    assert "Nothing is written to DNS: 1 of 1 name would be changed." in overview.text
