"""Cells of Tables: ages, paths, and the columns of built-in kinds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalyst_dns_sync.sandbox.kube_api.cells import age, human_duration, json_path
from catalyst_dns_sync.sandbox.kube_api.resources import INGRESSES, SERVICES, Resource
from catalyst_dns_sync.sandbox.kube_api.store import stamped
from catalyst_dns_sync.sandbox.kube_api.table import TableForm, TableWriter

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OBJECT = {
    "spec": {"hostnames": ["a", "b"]},
    "status": {
        "addresses": [{"value": "192.0.2.1"}, {"value": "192.0.2.2"}],
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Issuing"}],
    },
}


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(seconds=-1), "0s"),
        (timedelta(seconds=-2), "<invalid>"),
        (timedelta(0), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(seconds=120), "2m"),
        (timedelta(minutes=9, seconds=59), "9m59s"),
        (timedelta(minutes=10, seconds=5), "10m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=7, minutes=5), "7h5m"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=7, hours=3), "7d3h"),
        (timedelta(days=100), "100d"),
        (timedelta(days=800), "2y70d"),
        (timedelta(days=3650), "10y"),
    ],
)
def test_durations_are_written_as_kubectl_writes_them(duration: timedelta, text: str) -> None:
    assert human_duration(duration) == text


def test_an_age_counts_from_the_creation() -> None:
    assert age("2026-11-24T11:58:00Z", NOW) == "2m"
    assert age("nonsense", NOW) == "<unknown>"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.hostnames", [["a", "b"]]),
        (".spec.hostnames[0]", ["a"]),
        (".spec.hostnames[7]", []),
        (".status.addresses[*].value", ["192.0.2.1", "192.0.2.2"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        ('.status.conditions[?(@.type == "Issuing")].status', []),
        (".missing.deeper", []),
        (".spec.hostnames.x", []),
        ("nonsense(", []),
    ],
)
def test_columns_of_crds_point_into_the_object(path: str, found: list[object]) -> None:
    assert json_path(OBJECT, path) == found


@pytest.mark.parametrize(
    ("resource", "obj", "cells"),
    [
        (
            SERVICES,
            {"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "ports": [{"port": 80}]}},
            ["LoadBalancer", "10.0.0.1", "<pending>", "80/TCP"],
        ),
        (
            SERVICES,
            {"spec": {"type": "ExternalName", "externalName": "a.example"}},
            ["ExternalName", "<none>", "a.example", "<none>"],
        ),
        (
            SERVICES,
            {
                "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}},
            },
            ["NodePort", "<none>", "192.0.2.1", "80:30080/TCP"],
        ),
        (
            INGRESSES,
            {"spec": {"rules": [{"host": name} for name in "abcd"], "tls": [{}]}},
            ["<none>", "a,b,c + 1 more...", "", "80, 443"],
        ),
        (
            INGRESSES,
            {"spec": {"ingressClassName": "traefik", "rules": [{}]}},
            ["traefik", "*", "", "80"],
        ),
    ],
)
def test_built_in_kinds_show_what_kubectl_users_know(
    resource: Resource, obj: dict[str, Any], cells: list[object]
) -> None:
    metadata = {"name": "x", "creationTimestamp": "2026-11-24T11:59:00Z"}
    stored = stamped(resource, "default/x", obj | {"metadata": metadata}, 1)

    row = TableWriter(resource, TableForm(), NOW).row(stored)

    assert row["cells"] == ["x", *cells, "60s"]


def test_a_table_can_leave_the_objects_out() -> None:
    stored = stamped(INGRESSES, "default/x", {"metadata": {"name": "x"}}, 1)

    assert TableWriter(INGRESSES, TableForm("None"), NOW).row(stored)["object"] is None
