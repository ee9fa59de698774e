"""The pages in a real browser, as a person uses them: real Chromium, a real daemon, real time."""

import json
import logging
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from catalyst_dns_sync.core.patterns import parse_host_pattern
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.web.sessions import COOKIE
from fakes.processes import program
from fakes.proxies import CLIENT, PREFIX, proxied
from fakes.world import TARGET, ZONE, Running, World, running, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.tool("chromium"),
    pytest.mark.timeout(150),
]

TOKEN = "open-sesame-open-sesame"
ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
PREVIEWS = (parse_host_pattern(f"pr-*.{ZONE}"),)
CERTIFICATE = {
    "apiVersion": "cert-manager.io/v1",
    "kind": "Certificate",
    "metadata": {"name": "wildcard", "namespace": "default"},
    "spec": {"dnsNames": [f"*.{ZONE}"], "secretName": "tls", "issuerRef": {"name": "acme"}},
}
ROUTE = f"""
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {{name: NAME, namespace: default}}
spec:
  routes:
  - {{kind: Rule, match: Host(`NAME.{ZONE}`), services: [{{name: web, port: 80}}]}}
"""
LOST = ("Failed to load resource", "[object Event]")
SLOW = 15_000
"""Milliseconds that a busy machine may take for what should be there at once."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ALONE)
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def serving(there: World, port: int = 0, **settings: Any) -> AsyncIterator[Running]:
    address = parsers.Address("127.0.0.1", port)
    given = {"ui_token": parsers.Secret(TOKEN), "metrics_bind_address": address, **settings}
    given["dns_query_port"] = there.ports.dns
    async with running(there, debounce_quiet=0.05, **given) as here:
        yield here


@asynccontextmanager
async def opened(
    browser: Browser, port: int, path: str = "", **options: Any
) -> AsyncIterator[Page]:
    """Open a page; what the browser complains of on the way is a fault."""
    complaints: list[str] = []
    # A dot that pulses makes this browser draw sixty times a second, without a graphics card.
    where = {"base_url": f"http://127.0.0.1:{port}/ui/", "reduced_motion": "reduce"}
    context = await browser.new_context(**where | options)
    context.set_default_timeout(SLOW)
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto(path)
    yield page
    await context.close()
    # What a lost connection makes the browser say is no fault of a page.
    assert [one for one in complaints if not one.startswith(LOST)] == []


@asynccontextmanager
async def visiting(
    browser: Browser, there: World, path: str = "", **options: Any
) -> AsyncIterator[Page]:
    async with serving(there) as here, opened(browser, here.bound.ui, path, **options) as page:
        yield page


async def log_in(page: Page) -> None:
    await page.goto("login")
    await page.get_by_label("Token").fill(TOKEN)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()


async def stumbling_blocks(page: Page) -> list[str]:
    """Return what axe-core finds that is serious or critical."""
    await page.evaluate(AXE)
    found = json.loads(await page.evaluate("axe.run().then(JSON.stringify)"))
    return [
        f"{one['id']}: {node['html']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


# Notes, by the page's own clock, when the row of each name is there.
WATCH = """() => {
  window.rows = {};
  new MutationObserver(() => {
    for (const link of document.querySelectorAll("tbody th a")) {
      window.rows[link.textContent] ??= performance.timeOrigin + performance.now();
    }
  }).observe(document.getElementById("live"), { childList: true, subtree: true });
}"""


@pytest.mark.tool("chromium", "kubectl")
async def test_a_name_appears_within_a_second_of_kubectl_in_the_open_page(
    browser: Browser,
) -> None:
    """The best of three counts: a machine that does something else meanwhile is no fault."""
    waited: list[float] = []
    async with world(ZONE) as there, visiting(browser, there, "records") as page:
        await expect(page.get_by_text("0 names")).to_be_visible()
        await page.evaluate(WATCH)
        for name in ("grafana", "plex", "radarr"):
            applied = await kubectl_apply(there, ROUTE.replace("NAME", name))
            await page.get_by_role("link", name=f"{name}.{ZONE}").wait_for()
            shown = await page.evaluate(f"window.rows['{name}.{ZONE}']") / 1000
            waited.append(shown - applied)
            if waited[-1] < 1.0:
                break

    # A page that was loaded anew would have forgotten when.
    assert min(waited) < 1.0, waited


async def kubectl_apply(there: World, manifest: str) -> float:
    """Apply it, and return the time of day at which kubectl came back."""
    config = str(there.folder / "kubeconfig")
    done = await program("kubectl", "--kubeconfig", config, "apply", "-f", "-", stdin=manifest)
    at = datetime.now(UTC).timestamp()
    assert done.code == 0, done.err
    return at


async def test_all_of_it_works_below_the_path_of_a_proxy(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    near = parsers.networks("127.0.0.0/8")
    async with (
        world(ZONE) as there,
        serving(there, ui_proxy_ranges=near) as here,
        proxied(here.bound.ui) as url,
        opened(browser, 0, url, base_url=f"{url}/ui/") as page,
    ):
        assert page.url == f"{url}/ui/"
        await log_in(page)
        (cookie,) = await page.context.cookies(page.url)
        # Others who live at the same host are not sent it.
        assert (cookie["name"], cookie["path"]) == (COOKIE, f"{PREFIX}/ui")
        assert await page.context.cookies(url.removesuffix(PREFIX)) == []

        for title in ("Records", "Events", "Sources", "Overview"):
            await page.get_by_role("link", name=title, exact=True).first.click()
            await expect(page.locator("nav [aria-current=page]")).to_have_text(title)
            assert page.url.startswith(f"{url}/ui/")
        await page.get_by_role("button", name="Dark or light").click()
        await page.goto(f"names/www.{ZONE}")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")

        await page.goto("custom")
        await page.get_by_label("Name", exact=True).fill(f"printer.{ZONE}")
        await page.get_by_label("Targets").fill("192.0.2.7")
        await page.get_by_role("button", name="Add the record").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"printer.{ZONE}")
        assert page.url == f"{url}/ui/names/printer.{ZONE}"

        await page.get_by_role("link", name="Records").first.click()
        await page.get_by_label("Search").fill("graf")
        await expect(page.get_by_text("0 of 1 names")).to_be_visible()
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        await page.get_by_role("link", name=f"grafana.{ZONE}").wait_for()
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("link", name="Log in").first).to_be_visible()

    told = [vars(one).get("who") for one in caplog.records if "was carried out" in one.message]
    assert told == [f"a session, from {CLIENT}"]


async def test_search_finds_as_one_types_and_live_changes_leave_the_search_alone(
    browser: Browser,
) -> None:
    async with world(ZONE) as there:
        for name in ("grafana", "plex"):
            there.route(name, f"Host(`{name}.{ZONE}`)")
        async with visiting(browser, there, "records") as page:
            await page.get_by_label("Search").press_sequentially("graf")
            await expect(page.get_by_text("1 of 2 names")).to_be_visible()
            await expect(page.get_by_role("link", name=f"plex.{ZONE}")).to_have_count(0)
            there.route("radarr", f"Host(`radarr.{ZONE}`)")
            await expect(page.get_by_text("1 of 3 names")).to_be_visible()
            await expect(page.get_by_label("Search")).to_have_value("graf")
            await expect(page.get_by_label("Search")).to_be_focused()
            assert "q=graf" in page.url


async def test_records_are_made_adopted_deleted_and_tested_by_clicks(browser: Browser) -> None:
    async with world(ZONE) as there:
        there.route("wiki", f"Host(`wiki.{ZONE}`)", annotations={})
        await there.by_hand(f"wiki.{ZONE}", TARGET)
        async with visiting(browser, there) as page:
            await expect(page.get_by_role("button", name="Read everything anew")).to_be_disabled()
            await log_in(page)

            await page.get_by_role("link", name="Add a custom record").click()
            await page.get_by_label("Name", exact=True).fill(f"printer.{ZONE}")
            await page.get_by_label("Targets").fill("192.0.2.7")
            await page.get_by_role("button", name="Add the record").click()
            await expect(page.get_by_text("192.0.2.7").first).to_be_visible()
            assert there.addresses(f"printer.{ZONE}") == {"192.0.2.7"}

            await page.get_by_role("link", name="Test DNS").click()
            await expect(page.get_by_text("A 192.0.2.7")).to_be_visible()
            await page.go_back()

            await page.get_by_role("link", name="Remove the custom record").click()
            await expect(page.get_by_text(f"- printer.{ZONE}")).to_be_visible()
            await page.get_by_role("button", name="Remove it").click()
            await expect(
                page.get_by_role("heading", name=f"printer.{ZONE}", level=1)
            ).to_be_visible()
            assert there.addresses(f"printer.{ZONE}") == set()

            await page.goto(f"names/wiki.{ZONE}")
            await page.get_by_role("link", name="Adopt it").click()
            await page.get_by_role("button", name="Adopt it").click()
            await expect(page.locator(".title .badge")).to_have_text("in step")

            await page.goto("")
            await page.get_by_role("button", name="Read everything anew").click()
            await page.get_by_role("button", name="Log out").click()
            await expect(page.get_by_role("link", name="Log in").first).to_be_visible()


async def test_a_record_without_an_object_is_deleted_and_the_daemon_paused_by_clicks(
    browser: Browser,
) -> None:
    async with world(ZONE) as there:
        there.route("wiki", f"Host(`wiki.{ZONE}`)")
        async with (
            serving(there, delete_grace=600.0, confirm_seconds=0.0) as here,
            opened(browser, here.bound.ui) as page,
        ):
            await log_in(page)
            there.delete_route("wiki")
            await page.goto(f"names/wiki.{ZONE}")
            await expect(page.locator(".title .badge")).to_have_text("waiting")
            await page.get_by_role("link", name="Delete the record").click()
            await expect(page.get_by_text(f"- wiki.{ZONE}")).to_be_visible()
            await page.get_by_role("button", name="Delete it").click()
            await expect(page.get_by_role("heading", name=f"wiki.{ZONE}", level=1)).to_be_visible()
            assert there.addresses(f"wiki.{ZONE}") == set()

            await page.goto("")
            await page.get_by_role("button", name="Pause").click()
            await expect(page.get_by_role("heading", name="Paused")).to_be_visible()
            there.route("late", f"Host(`late.{ZONE}`)")
            await expect(page.get_by_role("link", name=re.compile("^1 changing"))).to_be_visible()
            assert there.names() == set()
            await page.get_by_role("button", name="Resume").click()
            await expect(page.get_by_role("link", name=re.compile("^1 in step"))).to_be_visible()
            assert there.names() == {f"late.{ZONE}"}


async def test_a_killed_daemon_comes_back_to_the_open_page_which_then_releases_what_is_withheld(
    browser: Browser,
) -> None:
    port = free_port()
    settings = {"confirm_seconds": 0.5, "drift_interval": 0.5}
    async with world(ZONE) as there:
        for number in range(3):
            there.route(f"app-{number}", f"Host(`app-{number}.{ZONE}`)")
        async with serving(there, port, **settings):
            kept = opened(browser, port)
            page = await kept.__aenter__()
            await log_in(page)
            await expect(page.get_by_text("DNS is in step")).to_be_visible()
        await expect(page.get_by_text("Connection lost.")).to_be_visible()
        await expect(page.get_by_text("Live.")).to_be_hidden()
        for number in range(3):
            there.delete_route(f"app-{number}")
        async with serving(there, port, **settings):
            await expect(page.get_by_text("Connection lost.")).to_be_hidden()
            await expect(page.get_by_text("Live.")).to_be_visible()
            await expect(page.get_by_text("3 deletes are withheld")).to_be_visible(timeout=15_000)
            assert len(there.names()) == 3

            await page.get_by_role("link", name="Look at them and release").click()
            await page.get_by_role("checkbox", name=f"app-2.{ZONE}").uncheck()
            await page.get_by_role("button", name="Delete these records").click()
            await expect(page.get_by_text("Released: these names go")).to_be_visible()
            await page.get_by_role("link", name="Overview").first.click()
            await expect(page.get_by_text("1 delete is withheld")).to_be_visible()

            assert there.names() == {f"app-2.{ZONE}"}
            await kept.__aexit__(None, None, None)


async def test_the_keyboard_alone_leads_to_a_name(browser: Browser) -> None:
    async with world(ZONE) as there:
        there.route("grafana", f"Host(`grafana.{ZONE}`)")
        async with visiting(browser, there, "records") as page:
            await page.keyboard.press("Tab")
            await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
            await page.keyboard.press("Enter")
            for _ in range(20):
                await page.keyboard.press("Tab")
                if await page.evaluate("document.activeElement.textContent") == f"grafana.{ZONE}":
                    break
            # The table is another one then, and the focus is where it was.
            there.route("plex", f"Host(`plex.{ZONE}`)")
            await expect(page.get_by_role("link", name=f"plex.{ZONE}")).to_be_visible()
            await expect(page.get_by_role("link", name=f"grafana.{ZONE}")).to_be_focused()
            await page.keyboard.press("Enter")
            heading = page.get_by_role("heading", name=f"grafana.{ZONE}", level=1)
            await expect(heading).to_be_visible()


async def test_nothing_stands_in_a_screen_readers_way_and_nothing_overflows(
    browser: Browser,
) -> None:
    async with world(ZONE) as there:
        await there.by_hand(f"plex.{ZONE}", "192.0.2.99")
        for name in ("grafana", "plex"):
            there.route(name, f"Host(`{name}.{ZONE}`)")
        there.route("broken", "Host(`<script>document.title='run'</script>")
        there.ingress("pr", f"pr-1.{ZONE}", "pr-1")
        there.apply(CERTIFICATE)
        name, alone = f"names/grafana.{ZONE}", f"names/plex.{ZONE}"
        everywhere = ("", "records", "events", "sources", "custom", "release", "test", "login")
        switched = ("previews", "certificates")
        narrow = {"width": 360, "height": 780}
        async with (
            serving(there, certificates=True, preview_hosts=PREVIEWS) as here,
            opened(browser, here.bound.ui, viewport=narrow) as page,
        ):
            await log_in(page)
            faults = {
                path: await faults_of(page, path) for path in (*everywhere, *switched, name, alone)
            }
            await page.emulate_media(color_scheme="dark")
            faults |= {f"dark {path}": await faults_of(page, path) for path in ("", alone)}

            assert {path: found for path, found in faults.items() if found} == {}
            await page.goto("")
            await expect(page.get_by_text("<script>").first).to_be_visible()
            assert "run" not in await page.title()


async def faults_of(page: Page, path: str) -> list[str]:
    await page.goto(path)
    found = await stumbling_blocks(page)
    wide: int = await page.evaluate("document.documentElement.scrollWidth")
    return [*found, f"{wide} pixels wide"] if wide > 360 else found


async def test_everything_can_be_read_and_done_without_javascript(browser: Browser) -> None:
    async with world(ZONE) as there:
        for name in ("grafana", "plex"):
            there.route(name, f"Host(`{name}.{ZONE}`)")
        async with visiting(browser, there, java_script_enabled=False) as page:
            await log_in(page)
            # What can't be told of changes does not call itself live.
            await expect(page.get_by_text("Live.")).to_be_hidden()
            await expect(page.get_by_text(re.compile("Read at"))).to_be_visible()
            await page.get_by_role("link", name="Records").first.click()
            await page.get_by_label("Search").fill("graf")
            await page.get_by_label("Search").press("Enter")
            await expect(page.get_by_text("1 of 2 names")).to_be_visible()
            await page.get_by_role("link", name="Add a custom record").click()
            await page.get_by_label("Name", exact=True).fill(f"printer.{ZONE}")
            await page.get_by_label("Targets").fill("192.0.2.7")
            await page.get_by_role("button", name="Add the record").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(f"printer.{ZONE}")
            await page.get_by_role("button", name="Dark or light").click()
            await expect(page.locator("html")).to_have_attribute("data-theme", "dark")

            assert there.addresses(f"printer.{ZONE}") == {"192.0.2.7"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
