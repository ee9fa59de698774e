"""The 144 objects of a real cluster, and the names that people serve with them."""

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from catalyst_dns_sync.core.endpoints import watched_object
from catalyst_dns_sync.core.merge import Defaults, Demand, merge
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.records import parse_targets

HOMELAB = Path(__file__).parents[2] / "cases" / "homelab"
ZONE = parse_name("talos00")
KINDS = {"IngressRoute", "IngressRouteTCP"}


def raw_objects() -> list[dict[str, Any]]:
    routes = json.loads((HOMELAB / "ingressroutes.json").read_text())["items"]
    return [*routes, *yaml.safe_load_all((HOMELAB / "ingressroutetcp.yaml").read_text())]


def objects() -> list[WatchedObject]:
    read = [watched_object(raw, raw["kind"]) for raw in raw_objects()]
    return [obj for obj in read if obj is not None]


def wanted() -> Demand:
    defaults = Defaults(parse_targets("192.168.1.54"))
    return merge(objects(), zone=ZONE, zones=frozenset({ZONE}), defaults=defaults, markers={})


def test_each_object_claims_the_hosts_that_are_expected_of_it() -> None:
    with (HOMELAB / "expected-hosts.csv").open() as lines:
        expected = {
            (row["kind"], row["namespace"], row["name"]): set(row["hosts"].split())
            for row in csv.DictReader(lines)
            if row["kind"] in KINDS
        }

    found = {
        (obj.ref.kind, obj.ref.namespace, obj.ref.name): {str(name) for name in obj.names}
        for obj in objects()
    }

    assert len(found) == 144
    assert found == expected


def test_the_zone_gets_exactly_the_names_of_the_hosts_file() -> None:
    expected = (HOMELAB / "hosts-talos00.txt").read_text().split()

    demand = wanted()

    assert sorted(demand.endpoints) == expected
    assert len(expected) == 73
    assert (demand.unresolved, demand.skips) == ({}, ())


def test_twins_share_their_record() -> None:
    assert [str(origin) for origin in wanted().endpoints[parse_name("argocd.talos00")].origins] == [
        "IngressRoute/argocd/argocd-server",
        "IngressRoute/argocd/argocd-server-http",
    ]
