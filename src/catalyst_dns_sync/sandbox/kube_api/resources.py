"""What kinds of objects there are: the built-in ones as a table, custom ones made from CRDs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalyst_dns_sync.sandbox.kube_api import schemas, workload_schemas


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a CRD asks `kubectl get` to print."""

    name: str
    type: str
    json_path: str
    format: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource in one version: where it is served, and how its objects behave."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    singular: str = ""
    list_kind: str = ""
    custom: bool = False
    has_generation: bool = False
    has_status: bool = False
    storage_version: str = ""
    columns: tuple[Column, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        defaults = {
            "singular": self.kind.lower(),
            "list_kind": f"{self.kind}List",
            "storage_version": self.version,
        }
        for name, value in defaults.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)

    @property
    def group_version(self) -> str:
        """Return what stands in ``apiVersion``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """Return the resource as messages call it, such as ``ingressroutes.traefik.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def storage_key(self) -> tuple[str, str]:
        """Return what all versions of the resource share: their objects are the same ones."""
        return (self.group, self.plural)


NAMESPACES = Resource(
    "",
    "v1",
    "namespaces",
    "Namespace",
    namespaced=False,
    short_names=("ns",),
    has_status=True,
    schema=schemas.NAMESPACE,
)
EVENTS = Resource("", "v1", "events", "Event", short_names=("ev",), schema=schemas.EVENT)
SERVICES = Resource(
    "",
    "v1",
    "services",
    "Service",
    short_names=("svc",),
    categories=("all",),
    has_status=True,
    schema=schemas.SERVICE,
)
SECRETS = Resource("", "v1", "secrets", "Secret", schema=schemas.SECRET)
CONFIG_MAPS = Resource(
    "", "v1", "configmaps", "ConfigMap", short_names=("cm",), schema=schemas.CONFIG_MAP
)
INGRESSES = Resource(
    "networking.k8s.io",
    "v1",
    "ingresses",
    "Ingress",
    short_names=("ing",),
    has_generation=True,
    has_status=True,
    schema=schemas.INGRESS,
)
ENDPOINT_SLICES = Resource(
    "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", schema=schemas.ENDPOINT_SLICE
)
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease", schema=schemas.LEASE)
CRDS = Resource(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    has_generation=True,
    has_status=True,
    schema=schemas.CRD,
)
DEPLOYMENTS = Resource(
    "apps",
    "v1",
    "deployments",
    "Deployment",
    short_names=("deploy",),
    categories=("all",),
    has_generation=True,
    has_status=True,
    schema=workload_schemas.DEPLOYMENT,
)
SERVICE_ACCOUNTS = Resource(
    "",
    "v1",
    "serviceaccounts",
    "ServiceAccount",
    short_names=("sa",),
    schema=workload_schemas.SERVICE_ACCOUNT,
)
_RBAC = "rbac.authorization.k8s.io"
ROLES = Resource(_RBAC, "v1", "roles", "Role", schema=workload_schemas.ROLE)
ROLE_BINDINGS = Resource(
    _RBAC, "v1", "rolebindings", "RoleBinding", schema=workload_schemas.BINDING
)
CLUSTER_ROLES = Resource(
    _RBAC,
    "v1",
    "clusterroles",
    "ClusterRole",
    namespaced=False,
    schema=workload_schemas.CLUSTER_ROLE,
)
CLUSTER_ROLE_BINDINGS = Resource(
    _RBAC,
    "v1",
    "clusterrolebindings",
    "ClusterRoleBinding",
    namespaced=False,
    schema=workload_schemas.BINDING,
)
DISRUPTION_BUDGETS = Resource(
    "policy",
    "v1",
    "poddisruptionbudgets",
    "PodDisruptionBudget",
    short_names=("pdb",),
    has_generation=True,
    has_status=True,
    schema=workload_schemas.DISRUPTION_BUDGET,
)
NETWORK_POLICIES = Resource(
    "networking.k8s.io",
    "v1",
    "networkpolicies",
    "NetworkPolicy",
    short_names=("netpol",),
    has_generation=True,
    schema=workload_schemas.NETWORK_POLICY,
)

BUILT_IN = (
    CONFIG_MAPS,
    EVENTS,
    NAMESPACES,
    SECRETS,
    SERVICES,
    ENDPOINT_SLICES,
    INGRESSES,
    LEASES,
    CRDS,
    DEPLOYMENTS,
    SERVICE_ACCOUNTS,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
    DISRUPTION_BUDGETS,
    NETWORK_POLICIES,
)
