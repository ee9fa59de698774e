"""Writes tests/cases/kubernetes-1.32.json: the published schemas of the kinds in manifests/.

Its source is ``v1.32.0-local-strict/_definitions.json`` of the package kubernetes-validate (Apache
License 2.0), which is far too big to be installed for this: of that file, what the kinds need,
without descriptions.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KINDS = (
    "io.k8s.api.apps.v1.Deployment",
    "io.k8s.api.core.v1.ConfigMap",
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.Secret",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.core.v1.ServiceAccount",
    "io.k8s.api.networking.v1.NetworkPolicy",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
    "io.k8s.api.rbac.v1.ClusterRole",
    "io.k8s.api.rbac.v1.ClusterRoleBinding",
    "io.k8s.api.rbac.v1.Role",
    "io.k8s.api.rbac.v1.RoleBinding",
)
_PREFIX = "#/$defs/"
_TARGET = Path(__file__).parent.parent / "tests" / "cases" / "kubernetes-1.32.json"


def main() -> None:
    """Read the big file, write the small one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("definitions", type=Path, help="the _definitions.json")
    definitions = json.loads(parser.parse_args().definitions.read_text())["$defs"]
    needed: dict[str, Any] = {}
    open_ = list(KINDS)
    while open_:
        name = open_.pop()
        if name not in needed:
            needed[name] = _bare(definitions[name])
            open_ += _references(needed[name])
    lines = [f"  {json.dumps(name)}: {json.dumps(needed[name])}" for name in sorted(needed)]
    _TARGET.write_text('{"$defs": {\n' + ",\n".join(lines) + "\n}}\n")


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not key.startswith("x-")}
    if isinstance(kept.get("description"), str):
        del kept["description"]
    if "$ref" in kept:
        kept["$ref"] = _PREFIX + kept["$ref"].rpartition("/")[2]
    return {key: _bare(value) for key, value in kept.items()}


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _references(each)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(_PREFIX)
        for each in schema.values():
            yield from _references(each)


if __name__ == "__main__":
    main()
