"""Takes the pictures of the pages for docs/web-ui.md, from a sandbox with the homelab's objects.

Needs Chromium, and kubectl. `make ui-pictures` runs it; look at each picture afterwards.
"""

import asyncio
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ALONE = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
ZONE = "talos00"
HEIGHTS = {360: 760, 768: 900, 1280: 800}

# The page, what its pictures are called, and the widths and themes that are taken.
SHOTS = (
    ("", "ui-overview", (360, 768, 1280), ("light", "dark")),
    ("records", "ui-records", (360, 1280), ("light", "dark")),
    (f"names/plex.{ZONE}", "ui-name", (768, 1280), ("light", "dark")),
)
BROKEN = """
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: paperless, namespace: media}
spec:
  routes:
  - {kind: Rule, match: "Host(`paperless.talos00`"}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: nas, namespace: default}
spec:
  routes:
  - {kind: Rule, match: "Host(`nas.talos00`)"}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: plex, namespace: media}
spec:
  routes:
  - {kind: Rule, match: "Host(`plex.talos00`) && !PathPrefix(`/web`)"}
"""


@contextmanager
def sandbox() -> Iterator[dict[str, Any]]:
    """Run the sandbox while the block runs; yields what it prints."""
    command = (
        *(sys.executable, "-m", "catalyst_dns_sync", "sandbox", "-o", "json", "--port-base", "0"),
        *("--objects", str(ROOT / "tests/cases/homelab"), "--zone", ZONE),
    )
    process = subprocess.Popen(  # noqa: S603 (our own program)
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def make_a_mess(here: dict[str, Any]) -> None:
    """Let there be something to see: a record of somebody's own, and a rule that is wrong."""
    record = {"domain": f"nas.{ZONE}", "zone": ZONE, "type": "A", "ipAddress": "192.168.1.10"}
    form = urllib.parse.urlencode({**record, "token": here["technitium_token"]}).encode()
    urllib.request.urlopen(f"{here['technitium_url']}/api/zones/records/add", form)  # noqa: S310
    subprocess.run(  # noqa: S603 (the words are those below)
        ("kubectl", "--kubeconfig", here["kubeconfig"], "apply", "-f", "-"),  # noqa: S607
        input=BROKEN,
        check=True,
        text=True,
        stdout=subprocess.DEVNULL,
    )


async def shoot(browser: Browser, here: dict[str, Any], shot: tuple[Any, ...]) -> None:
    """Take the pictures of one page."""
    path, name, widths, themes = shot
    base = here["metrics_url"].replace("/metrics", "/ui/")
    for width in widths:
        for theme in themes:
            context = await browser.new_context(
                viewport={"width": width, "height": HEIGHTS[width]},
                color_scheme=theme,
                base_url=base,
                reduced_motion="reduce",
            )
            page = await context.new_page()
            await page.goto("login")
            await page.get_by_label("Token").fill(here["technitium_token"])
            await page.get_by_role("button", name="Log in").click()
            await page.goto(path)
            await page.wait_for_timeout(500)
            await page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
            await context.close()


async def take(here: dict[str, Any]) -> None:
    """Take all pictures."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ALONE)
        )
        for shot in SHOTS:
            await shoot(browser, here, shot)
        await browser.close()


def main() -> None:
    """Run the sandbox, and take the pictures."""
    with sandbox() as here:
        make_a_mess(here)
        asyncio.run(take(here))


if __name__ == "__main__":
    main()
