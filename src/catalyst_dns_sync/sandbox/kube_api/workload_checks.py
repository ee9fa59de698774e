"""What makes the objects of an installation valid, as `k8s.io/kubernetes/pkg/apis` has it.

The rules that a person who writes manifests runs into; the real server has more.
"""

import json
from collections.abc import Callable, Iterator, Mapping

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource
from catalyst_dns_sync.sandbox.kube_api.status import Cause, invalid_value, required

_POD = "spec.template.spec"


def _deployment_problems(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec", {})
    strategy = spec.get("strategy", {})
    if strategy.get("type") == "Recreate" and "rollingUpdate" in strategy:
        why = "may not be specified when strategy `type` is 'Recreate'"
        yield Cause("spec.strategy.rollingUpdate", "FieldValueForbidden", f"Forbidden: {why}")
    labels = spec.get("template", {}).get("metadata", {}).get("labels", {})
    selector = spec.get("selector", {})
    wanted = selector.get("matchLabels", {})
    if not wanted and not selector.get("matchExpressions"):
        yield required("spec.selector")
    elif not wanted.items() <= labels.items():
        why = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", json.dumps(labels), why)
    yield from _pod_problems(spec.get("template", {}).get("spec", {}))


def _pod_problems(pod: Json) -> Iterator[Cause]:
    volumes = {volume.get("name") for volume in pod.get("volumes", [])}
    if not pod.get("containers"):
        yield required(f"{_POD}.containers")
    for field in ("initContainers", "containers"):
        for at, container in enumerate(pod.get(field, [])):
            yield from _container_problems(container, f"{_POD}.{field}[{at}]", volumes)


def _container_problems(container: Json, path: str, volumes: set[str | None]) -> Iterator[Cause]:
    yield from (required(f"{path}.{key}") for key in ("name", "image") if not container.get(key))
    for at, mount in enumerate(container.get("volumeMounts", [])):
        if mount.get("name") not in volumes:
            shown = json.dumps(mount.get("name"))
            where = f"{path}.volumeMounts[{at}].name"
            yield Cause(where, "FieldValueNotFound", f"Not found: {shown}")


def _role_problems(obj: Json) -> Iterator[Cause]:
    for at, rule in enumerate(obj.get("rules") or []):
        path = f"rules[{at}]"
        if not rule.get("verbs"):
            yield required(f"{path}.verbs", "verbs must contain at least one value")
        if rule.get("nonResourceURLs"):
            continue
        if not rule.get("apiGroups"):
            why = "resource rules must supply at least one api group"
            yield required(f"{path}.apiGroups", why)
        if not rule.get("resources"):
            yield required(f"{path}.resources", "resource rules must supply at least one resource")


def _binding_problems(obj: Json) -> Iterator[Cause]:
    reference = obj.get("roleRef", {})
    if not reference.get("name"):
        yield required("roleRef.name")
    if reference.get("kind") not in {"Role", "ClusterRole"}:
        shown = json.dumps(reference.get("kind", ""))
        message = f'Unsupported value: {shown}: supported values: "ClusterRole", "Role"'
        yield Cause("roleRef.kind", "FieldValueNotSupported", message)
    for at, subject in enumerate(obj.get("subjects") or []):
        if not subject.get("name"):
            yield required(f"subjects[{at}].name")
        if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
            yield required(f"subjects[{at}].namespace")


def _budget_problems(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec", {})
    if "minAvailable" in spec and "maxUnavailable" in spec:
        why = "minAvailable and maxUnavailable cannot be both set"
        yield invalid_value("spec", json.dumps(spec), why)


CHECKS: Mapping[Resource, Callable[[Json], Iterator[Cause]]] = {
    resources.DEPLOYMENTS: _deployment_problems,
    resources.ROLES: _role_problems,
    resources.CLUSTER_ROLES: _role_problems,
    resources.ROLE_BINDINGS: _binding_problems,
    resources.CLUSTER_ROLE_BINDINGS: _binding_problems,
    resources.DISRUPTION_BUDGETS: _budget_problems,
}
