"""Certificates beside the records: told of, and wildcard ones kept."""

import base64
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.core.certificates import Issuer
from fakes.world import Running, World, running, settle, world

pytestmark = pytest.mark.looptime

API = "cert-manager.io/v1"
NAME = "wildcard-lab.test"
PEM = Path(__file__).parent.parent / "cases" / "wildcard.pem"
KEPT: dict[str, Any] = {
    "certificates": True,
    "wildcard_certificate": True,
    "certificate_issuer": Issuer("ClusterIssuer", "acme"),
    "certificate_namespace": "web",
}


def certificate(here: World, name: str, *names: str, ends: str = "2030-01-01T00:00:00Z") -> None:
    here.apply(
        {
            "apiVersion": API,
            "kind": "Certificate",
            "metadata": {"name": name, "namespace": "web"},
            "spec": {
                "dnsNames": list(names),
                "secretName": f"{name}-tls",
                "issuerRef": {"name": "acme"},
            },
        }
    )
    status = {"notAfter": ends, "conditions": [{"type": "Ready", "status": "True"}]}
    current = here.api.find("certificates", API, name, "web")
    here.api.replace({**(current or {}), "status": status}, "status")


def secret(here: World, name: str) -> None:
    text = base64.b64encode(PEM.read_bytes()).decode()
    here.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "web"},
            "type": "kubernetes.io/tls",
            "data": {"tls.crt": text, "tls.key": base64.b64encode(b"very secret").decode()},
        }
    )


async def told(daemon: Running) -> dict[str, float]:
    """Return when which certificate ends, and what is ready, as the metrics say."""
    _, text = await daemon.get("/metrics")
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("catalyst_dns_sync_certificate_"):
            key, _, value = line.removeprefix("catalyst_dns_sync_certificate_").rpartition(" ")
            found[key] = float(value)
    return found


async def test_metrics_tell_when_certificates_of_our_zones_end() -> None:
    async with world() as here:
        certificate(here, "app", "app.lab.test")
        certificate(here, "other", "app.example.org")
        secret(here, "own")
        secret(here, "app-tls")
        async with running(here, certificates=True) as daemon:
            await settle(5)
            at_first = await told(daemon)
            certificate(here, "app", "app.lab.test", ends="2031-01-01T00:00:00Z")
            here.api.delete("secrets", "v1", "own", "web")
            await settle(5)
            later = await told(daemon)

    assert at_first == {
        'expiry_timestamp_seconds{name="app",namespace="web"}': 1893456000.0,
        'expiry_timestamp_seconds{name="own",namespace="web"}': 4949197953.0,
        'ready{name="app",namespace="web"}': 1.0,
    }
    assert later == {
        'expiry_timestamp_seconds{name="app",namespace="web"}': 1924992000.0,
        'ready{name="app",namespace="web"}': 1.0,
    }


async def test_nobody_looks_at_certificates_unless_they_are_asked_for() -> None:
    async with world() as here:
        certificate(here, "app", "app.lab.test")
        here.api.forbid("list", "secrets")
        async with running(here) as daemon:
            await settle(5)
            assert await told(daemon) == {}
            assert daemon.parts.certificates is None


async def test_a_wildcard_certificate_is_made_and_put_right_again() -> None:
    async with world() as here:
        here.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}})
        async with running(here, **KEPT):
            await settle(5)
            made = here.api.find("certificates", API, NAME, "web")
            assert made is not None
            changed = {**made, "spec": {**made["spec"], "dnsNames": ["lab.test"], "duration": "9h"}}
            here.api.replace(changed)
            await settle(5)
            mended = here.api.find("certificates", API, NAME, "web")

    assert made["spec"] == {
        "secretName": f"{NAME}-tls",
        "dnsNames": ["lab.test", "*.lab.test"],
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "acme"},
    }
    assert mended is not None
    assert mended["spec"] == {**made["spec"], "duration": "9h"}


async def test_a_certificate_of_somebody_else_is_left_alone_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world() as here:
        certificate(here, NAME, "lab.test")
        before = here.api.find("certificates", API, NAME, "web")
        async with running(here, **KEPT):
            await settle(1000)
            after = here.api.find("certificates", API, NAME, "web")

    said = [line.getMessage() for line in caplog.records]
    assert after == before
    assert said.count("certificate is not ours and left alone") == 1


async def test_a_definition_that_comes_later_gets_its_certificate_and_costs_no_record() -> None:
    async with world() as here:
        here.route("app", "Host(`app.lab.test`)")
        here.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}})
        crd = here.api.find(
            "customresourcedefinitions", "apiextensions.k8s.io/v1", "certificates.cert-manager.io"
        )
        assert crd is not None
        here.api.delete(
            "customresourcedefinitions", "apiextensions.k8s.io/v1", crd["metadata"]["name"]
        )
        async with running(here, **KEPT) as daemon:
            await settle(30)
            ready, _ = await daemon.get("/readyz")
            here.api.create(
                {key: crd[key] for key in ("apiVersion", "kind", "spec")}
                | {"metadata": {"name": crd["metadata"]["name"]}}
            )
            await settle(130)
            made = here.api.find("certificates", API, NAME, "web")

    assert ready == 200
    assert made is not None
    assert here.names() == {"app.lab.test"}


async def test_a_refused_write_is_told_once_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world() as here, running(here, **KEPT):
        await settle(300)
        here.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}})
        await settle(70)
        made = here.api.find("certificates", API, NAME, "web")

    said = [line.getMessage() for line in caplog.records]
    assert made is not None
    assert said.count("certificate can't be kept") == 1
