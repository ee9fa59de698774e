"""The manifests as kustomize makes them: valid, restricted, with no right too many."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from catalyst_dns_sync import __version__
from catalyst_dns_sync.kube.resources import RESOURCES, watched_resources
from catalyst_dns_sync.kube.survey import rights_to_certificates, rights_to_follow
from catalyst_dns_sync.settings.loading import load
from catalyst_dns_sync.settings.model import ALL, Settings
from catalyst_dns_sync.settings.requirements import require_dns
from fakes.manifests import MANIFESTS, built, one, overlay, rendered

pytestmark = pytest.mark.tool("kubectl")

LEGACY = {name for name, resource in RESOURCES.items() if resource.legacy}
OVERLAYS = ("overlays/homelab", "overlays/ha", "overlays/dev")
EVERYTHING = """
namespace: dns
resources: [MANIFESTS/base]
components:
- MANIFESTS/components/leader-election
- MANIFESTS/components/network-policy
- MANIFESTS/components/ingressroute-ui
- MANIFESTS/components/monitoring
"""


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    text = (Path(__file__).parent.parent / "cases" / "kubernetes-1.32.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def test_every_object_is_valid_by_the_schemas_that_kubernetes_published(
    definitions: dict[str, Any],
) -> None:
    example = yaml.safe_load((MANIFESTS / "base" / "secret.example.yaml").read_text())
    objects = [example, *rendered("namespaced")]
    objects += [each for folder in OVERLAYS for each in rendered(folder)]

    faults = [
        f"{each['kind']}/{each['metadata']['name']}: {error.json_path}: {error.message}"
        for each in objects
        for error in schema_of(each, definitions).iter_errors(each)
    ]

    assert faults == []


def schema_of(obj: dict[str, Any], definitions: dict[str, Any]) -> jsonschema.Draft202012Validator:
    (name,) = (
        name
        for name, schema in definitions["$defs"].items()
        if schema.get("properties", {}).get("kind", {}).get("enum") == [obj["kind"]]
        and schema["properties"]["apiVersion"]["enum"] == [obj["apiVersion"]]
    )
    return jsonschema.Draft202012Validator(definitions | {"$ref": f"#/$defs/{name}"})


@pytest.mark.parametrize("folder", OVERLAYS)
def test_the_pod_keeps_to_the_restricted_pod_security_standard(folder: str) -> None:
    pod = one(rendered(folder), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys()
    assert {kind for volume in pod["volumes"] for kind in volume} == {"name", "secret", "emptyDir"}
    assert not any("hostPort" in port for port in container["ports"])
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_cluster_role_gives_what_the_default_sources_need_and_nothing_else() -> None:
    role = one(rendered("base"), "ClusterRole")

    assert grants(role["rules"]) == needed_for(Settings().sources) | {
        ("get", "", "namespaces", "kube-system")
    }


def test_the_component_for_traefik_v2_adds_what_its_sources_need(tmp_path: Path) -> None:
    text = "resources: [MANIFESTS/base]\ncomponents: [MANIFESTS/components/traefik-v2]\n"
    objects = built(overlay(tmp_path, text))

    sources = one(objects, "ConfigMap")["data"]["SOURCES"].split(",")
    assert set(sources) == {*Settings().sources, *LEGACY}
    assert grants(one(objects, "ClusterRole")["rules"]) == needed_for(sources) | {
        ("get", "", "namespaces", "kube-system")
    }


def test_the_component_for_other_sources_adds_what_they_need(tmp_path: Path) -> None:
    text = "resources: [MANIFESTS/base]\ncomponents: [MANIFESTS/components/other-sources]\n"
    objects = built(overlay(tmp_path, text))

    sources = one(objects, "ConfigMap")["data"]["SOURCES"].split(",")
    assert set(sources) == RESOURCES.keys() - LEGACY
    assert grants(one(objects, "ClusterRole")["rules"]) == needed_for(sources) | {
        ("get", "", "namespaces", "kube-system")
    }


def test_events_are_written_with_the_component_for_them_only(tmp_path: Path) -> None:
    text = "resources: [MANIFESTS/base]\ncomponents: [MANIFESTS/components/events]\n"
    objects = built(overlay(tmp_path, text))

    before = grants(one(rendered("base"), "ClusterRole")["rules"])
    added = grants(one(objects, "ClusterRole")["rules"]) - before
    assert added == {(verb, "", "events", "*") for verb in ("create", "get", "update")}
    assert load(one(objects, "ConfigMap")["data"], {}).events


def test_certificates_and_secrets_are_read_with_the_components_for_them_only(
    tmp_path: Path,
) -> None:
    names = "[MANIFESTS/components/certificates, MANIFESTS/components/wildcard-certificate]"
    objects = built(overlay(tmp_path, f"resources: [MANIFESTS/base]\ncomponents: {names}\n"))

    before = grants(one(rendered("base"), "ClusterRole")["rules"])
    added = grants(one(objects, "ClusterRole")["rules"]) - before
    needed = rights_to_certificates((), "web")
    assert added == {(right.verb, right.group, right.resource, "*") for right in needed}
    values = {"CERTIFICATE_ISSUER": "Issuer/acme", "CERTIFICATE_NAMESPACE": "web"}
    settings = load(one(objects, "ConfigMap")["data"] | values, {})
    assert (settings.certificates, settings.wildcard_certificate) == (True, True)


def test_one_service_is_followed_with_the_component_for_it_only(tmp_path: Path) -> None:
    text = "resources: [MANIFESTS/base]\ncomponents: [MANIFESTS/components/target-service]\n"
    objects = built(overlay(tmp_path, text))

    settings = load(one(objects, "ConfigMap")["data"], {})
    before = grants(one(rendered("base"), "ClusterRole")["rules"])
    added = grants(one(objects, "ClusterRole")["rules"]) - before
    assert settings.dns_target_service is not None
    wanted = rights_to_follow(*settings.dns_target_service)
    assert added == {(each.verb, each.group, each.resource, each.name) for each in wanted}


def test_for_chosen_namespaces_a_role_in_each_takes_the_place_of_the_cluster_role(
    tmp_path: Path,
) -> None:
    text = "resources: [MANIFESTS/base]\ncomponents: [MANIFESTS/components/watch-namespaces]\n"
    everywhere = grants(one(rendered("base"), "ClusterRole")["rules"])
    left = grants(one(built(overlay(tmp_path, text)), "ClusterRole")["rules"])
    there = grants(one(rendered("namespaced"), "Role")["rules"])

    assert left | there == everywhere
    assert {verb for verb, *_ in left} == {"get"}
    assert {verb for verb, *_ in there} == {"list", "watch"}


def grants(rules: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    return {
        (verb, group, resource, name)
        for rule in rules
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
    }


def needed_for(sources: tuple[str, ...] | list[str]) -> set[tuple[str, str, str, str]]:
    found = set()
    for resource in watched_resources(sources):
        found |= {(verb, resource.group, resource.plural, "*") for verb in ("list", "watch")}
        if resource.crd is not None:
            group = "apiextensions.k8s.io"
            found.add(("get", group, "customresourcedefinitions", resource.crd))
    return found


def test_the_namespace_is_changed_in_one_place(tmp_path: Path) -> None:
    objects = built(overlay(tmp_path, EVERYTHING))

    cluster_wide = {"Namespace", "ClusterRole", "ClusterRoleBinding"}
    found = {
        each["metadata"].get("namespace") for each in objects if each["kind"] not in cluster_wide
    }
    subjects = [subject for each in objects for subject in each.get("subjects", [])]
    assert one(objects, "Namespace")["metadata"]["name"] == "dns"
    assert found == {subject["namespace"] for subject in subjects} == {"dns"}
    assert "infrastructure" not in json.dumps(objects)


@pytest.mark.parametrize("folder", OVERLAYS)
def test_the_config_map_holds_settings_that_the_program_takes(folder: str) -> None:
    objects = rendered(folder)
    config = one(objects, "ConfigMap")
    (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]

    known = {info.variable for info in ALL}
    settings = load(config["data"], {})
    require_dns(settings)
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(config["data"]) <= known
    assert container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
    assert settings.dns_api_token_file is not None
    assert {str(settings.dns_api_token_file.parent), str(settings.control_socket.parent)} == mounts


def test_a_changed_setting_rolls_the_pod(tmp_path: Path) -> None:
    text = """
    resources: [MANIFESTS/base]
    configMapGenerator:
    - {name: catalyst-dns-sync-config, behavior: merge, literals: [DNS_ZONES=ZONE]}
    """
    names = {
        one(built(overlay(tmp_path, text.replace("ZONE", zone))), "ConfigMap")["metadata"]["name"]
        for zone in ("a.test", "b.test")
    }

    assert len(names) == 2


def test_the_probes_and_the_grace_period_fit_the_defaults_of_the_program() -> None:
    pod = one(rendered("base"), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    paths = {
        probe: (container[probe]["httpGet"]["path"], container[probe]["httpGet"]["port"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    defaults = Settings()
    assert ports == {
        "metrics": defaults.metrics_bind_address.port,
        "probes": defaults.health_probe_address.port,
    }
    assert paths == {
        "startupProbe": ("/healthz", "probes"),
        "livenessProbe": ("/healthz", "probes"),
        "readinessProbe": ("/readyz", "probes"),
    }
    assert pod["terminationGracePeriodSeconds"] >= defaults.grace + 5


def test_one_pod_never_overlaps_another_and_two_are_for_leader_election_only() -> None:
    alone = one(rendered("overlays/homelab"), "Deployment")["spec"]
    pair = one(rendered("overlays/ha"), "Deployment")["spec"]

    assert (alone["replicas"], alone["strategy"]) == (1, {"type": "Recreate"})
    assert pair["replicas"] == 2
    assert pair["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }
    assert load(one(rendered("overlays/ha"), "ConfigMap")["data"], {}).leader_election


def test_two_pods_may_share_the_lease_that_the_program_asks_for() -> None:
    role = one(rendered("overlays/ha"), "Role")

    group, lease = "coordination.k8s.io", Settings().lease_name
    assert grants(role["rules"]) == {
        ("create", group, "leases", "*"),
        ("get", group, "leases", lease),
        ("update", group, "leases", lease),
    }


def test_prometheus_and_traefik_find_the_service(tmp_path: Path) -> None:
    objects = built(overlay(tmp_path, EVERYTHING))
    service = one(objects, "Service")
    pod = one(objects, "Deployment")["spec"]["template"]

    ports = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
    monitor = one(objects, "ServiceMonitor")["spec"]
    (route,) = one(objects, "IngressRoute")["spec"]["routes"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [endpoint["port"] for endpoint in monitor["endpoints"]] == ["metrics"]
    assert route["services"] == [{"name": service["metadata"]["name"], "port": "metrics"}]
    assert ports["metrics"] in {port["name"] for port in pod["spec"]["containers"][0]["ports"]}


def test_the_image_is_that_of_this_version() -> None:
    (container,) = one(rendered("base"), "Deployment")["spec"]["template"]["spec"]["containers"]

    assert container["image"] == f"catalyst-dns-sync:{__version__}"


@pytest.mark.tool("kube-score")
@pytest.mark.parametrize("folder", OVERLAYS)
def test_kube_score_has_nothing_to_say_that_is_not_answered_in_place(folder: str) -> None:
    text = yaml.safe_dump_all(rendered(folder))

    scored = subprocess.run(
        ["kube-score", "score", "--exit-one-on-warning", "--output-format=ci", "-"],
        input=text,
        check=False,
        capture_output=True,
        text=True,
    )

    assert scored.returncode == 0, scored.stdout + scored.stderr
