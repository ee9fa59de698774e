"""Who may do what by the Roles and bindings that were applied (Kubernetes' RBAC authorizer)."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalyst_dns_sync.sandbox.kube_api import resources
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.registry import Registry
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

SERVICE_ACCOUNT = "system:serviceaccount:"
_REVIEWS = frozenset({"authorization.k8s.io", "authentication.k8s.io"})


@dataclass(frozen=True, slots=True)
class Attributes:
    """What somebody wants to do; no namespace is the cluster scope, no name is the whole kind."""

    verb: str
    group: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class Rbac:
    """Looks at the bindings as they are at each request; what no rule allows is refused.

    As everywhere, whoever is authenticated may ask for their own rights
    (``system:basic-user``).
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def allows(self, user: str, wanted: Attributes) -> bool:
        """Tell whether a user may do something."""
        if wanted.group in _REVIEWS and wanted.plural.startswith("selfsubject"):
            return True
        return any(_allows(rule, wanted) for rule in self._rules(user, wanted.namespace))

    def _rules(self, user: str, namespace: str) -> Iterator[Json]:
        for binding in self._all(resources.CLUSTER_ROLE_BINDINGS):
            if _binds(binding, user):
                yield from self._rules_of(binding, "")
        for binding in self._all(resources.ROLE_BINDINGS):
            there = binding["metadata"]["namespace"]
            if there == namespace and _binds(binding, user):
                yield from self._rules_of(binding, there)

    def _rules_of(self, binding: Json, namespace: str) -> Iterator[Json]:
        ref = binding.get("roleRef", {})
        is_role = ref.get("kind") == "Role"
        wanted = resources.ROLES if is_role else resources.CLUSTER_ROLES
        for role in self._all(wanted):
            metadata = role["metadata"]
            if metadata["name"] == ref.get("name") and (
                not is_role or metadata["namespace"] == namespace
            ):
                yield from role.get("rules") or ()

    def _all(self, resource: Resource) -> Iterator[Json]:
        collection = self._registry.served(resource).collection
        return (stored.obj for stored in collection.between("", None))


def _binds(binding: Json, user: str) -> bool:
    _, _, account = user.partition(SERVICE_ACCOUNT)
    namespace, _, name = account.partition(":")
    groups = {"system:authenticated"}
    if account:
        groups |= {"system:serviceaccounts", f"system:serviceaccounts:{namespace}"}
    for subject in binding.get("subjects") or ():
        match subject.get("kind"):
            case "ServiceAccount" if account:
                there = subject.get("namespace") or binding["metadata"].get("namespace")
                if (there, subject.get("name")) == (namespace, name):
                    return True
            case "User" if subject.get("name") == user:
                return True
            case "Group" if subject.get("name") in groups:
                return True
    return False


def _allows(rule: Json, wanted: Attributes) -> bool:
    resource = f"{wanted.plural}/{wanted.subresource}" if wanted.subresource else wanted.plural
    names = rule.get("resourceNames") or ()
    return (
        not {wanted.verb, "*"}.isdisjoint(rule.get("verbs") or ())
        and not {wanted.group, "*"}.isdisjoint(rule.get("apiGroups") or ())
        and not {resource, "*"}.isdisjoint(rule.get("resources") or ())
        and (not names or wanted.name in names)
    )
