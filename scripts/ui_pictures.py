"""Takes the pictures of the pages for docs/web-ui.md, from a sandbox with the homelab's objects.

Needs Chromium, and kubectl. `make ui-pictures` runs it, with ARGS="ui-name" only for pictures whose
names begin so; look at each picture afterwards.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ALONE = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
ZONE = "talos00"
PROGRAM = (sys.executable, "-m", "catalyst_dns_sync")
HEIGHTS = {360: 760, 768: 900, 1280: 800}

# The page, what its pictures are called, and the widths and themes that are taken.
SHOTS = (
    ("", "ui-overview", (360, 768, 1280), ("light", "dark")),
    ("records", "ui-records", (360, 1280), ("light", "dark")),
    (f"names/plex.{ZONE}", "ui-name", (768, 1280), ("light", "dark")),
    ("previews", "ui-previews", (360, 768, 1280), ("light", "dark")),
    ("certificates", "ui-certificates", (360, 768, 1280), ("light", "dark")),
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
# What previews are called, and the annotations that say when they end.
PREVIEWS = {
    "pr-41": {},
    "pr-57": {"catalyst-dns-sync.io/ttl-after": "7d"},
    "pr-58-dark-mode": {"catalyst-dns-sync.io/ttl-after": "36h"},
    "pr-12": {"catalyst-dns-sync.io/expires-at": "2026-01-31T18:00:00Z"},
}
# What each certificate covers, and the days until it ends; None where it is not issued yet.
CERTIFICATES = {
    "wildcard": ([f"*.{ZONE}", ZONE], 71),
    "argocd": ([f"argocd.{ZONE}"], 9),
    "legacy": ([f"legacy.{ZONE}", f"old.legacy.{ZONE}"], -3),
    "immich": ([f"immich.{ZONE}"], None),
}


@contextmanager
def sandbox() -> Iterator[dict[str, Any]]:
    """Run the sandbox while the block runs; yields what it prints."""
    command = (
        *(*PROGRAM, "sandbox", "-o", "json", "--port-base", "0", "--no-daemon"),
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


@contextmanager
def daemon(here: dict[str, Any]) -> Iterator[str]:
    """Run a daemon that has all its pages while the block runs; yields where they are."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as found:
            ports.append(found.getsockname()[1])
    settings = {
        "KUBECONFIG": here["kubeconfig"],
        "DNS_SERVER_URL": here["technitium_url"],
        "DNS_API_TOKEN": here["technitium_token"],
        "DNS_ZONES": ZONE,
        "DNS_IP_ADDRESS": here["target"],
        "DNS_QUERY_PORT": str(here["dns_port"]),
        "CONTROL_SOCKET": here["control_socket"],
        "METRICS_BIND_ADDRESS": f"127.0.0.1:{ports[0]}",
        "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{ports[1]}",
        "UI_TOKEN": here["technitium_token"],
        "PREVIEW_HOSTS": f"pr-*.app.{ZONE}",
        "CERTIFICATES": "true",
    }
    process = subprocess.Popen(  # noqa: S603 (our own program)
        (*PROGRAM, "run"), env=os.environ | settings, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{ports[1]}/readyz")
        yield f"http://127.0.0.1:{ports[0]}/ui/"
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    """Ask until the answer is good."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 (our own program)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


def make_a_mess(here: dict[str, Any]) -> None:
    """Let there be something to see: a record of somebody's own, and a rule that is wrong."""
    record = {"domain": f"nas.{ZONE}", "zone": ZONE, "type": "A", "ipAddress": "192.168.1.10"}
    form = urllib.parse.urlencode({**record, "token": here["technitium_token"]}).encode()
    urllib.request.urlopen(f"{here['technitium_url']}/api/zones/records/add", form)  # noqa: S310
    kubectl(here, "apply", "-f", "-", stdin=BROKEN)
    for name, annotations in PREVIEWS.items():
        kubectl(here, "apply", "-f", "-", stdin=json.dumps(preview(name, annotations)))
    for name, (covers, days) in CERTIFICATES.items():
        kubectl(here, "apply", "-f", "-", stdin=json.dumps(certificate(name, covers)))
        if days is not None:
            ends = datetime.now(UTC) + timedelta(days=days)
            ready = [{"type": "Ready", "status": "True"}]
            status = {"notAfter": f"{ends:%Y-%m-%dT%H:%M:%SZ}", "conditions": ready}
            patch = ("certificate", name, "--subresource=status", "--type=merge")
            kubectl(here, "patch", *patch, "-p", json.dumps({"status": status}))


def preview(name: str, annotations: Mapping[str, str]) -> dict[str, Any]:
    """Return an Ingress with its namespace, as `kubectl apply` takes them."""
    metadata = {"name": "web", "namespace": name, "annotations": annotations}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": {"rules": [{"host": f"{name}.app.{ZONE}"}]},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    return {"apiVersion": "v1", "kind": "List", "items": [namespace, ingress]}


def certificate(name: str, covers: Sequence[str]) -> dict[str, Any]:
    """Return a Certificate of cert-manager."""
    issuer = {"kind": "ClusterIssuer", "name": "acme"}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"dnsNames": covers, "secretName": f"{name}-tls", "issuerRef": issuer},
    }


def kubectl(here: dict[str, Any], *words: str, stdin: str = "") -> None:
    """Run kubectl on the sandbox."""
    subprocess.run(  # noqa: S603 (the words are those above)
        ("kubectl", "--kubeconfig", here["kubeconfig"], *words),  # noqa: S607
        input=stdin,
        check=True,
        text=True,
        stdout=subprocess.DEVNULL,
    )


async def shoot(browser: Browser, base: str, token: str, shot: tuple[Any, ...]) -> None:
    """Take the pictures of one page."""
    path, name, widths, themes = shot
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
            await page.get_by_label("Token").fill(token)
            await page.get_by_role("button", name="Log in").click()
            await page.goto(path)
            await page.wait_for_timeout(500)
            await page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
            await context.close()


async def take(base: str, token: str, only: str) -> None:
    """Take all pictures whose names begin so."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ALONE)
        )
        for shot in SHOTS:
            if shot[1].startswith(only):
                await shoot(browser, base, token, shot)
        await browser.close()


def main() -> None:
    """Run the sandbox, and take the pictures."""
    with sandbox() as here:
        make_a_mess(here)
        with daemon(here) as base:
            asyncio.run(take(base, here["technitium_token"], "".join(sys.argv[1:2])))


if __name__ == "__main__":
    main()
